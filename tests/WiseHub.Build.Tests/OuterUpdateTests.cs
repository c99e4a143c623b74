using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary><c>WiseUpdate</c> of a project with several target frameworks obeys the settings that it obeys with one.</summary>
public sealed class OuterUpdateTests(SdkFixture sdk)
{
    private async Task<SdkWorkspace> WorkspaceAsync()
    {
        SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/wisehub.json", """
            {
              "defaultHub": "local",
              "hubs": { "local": { "protocol": "store", "path": "../hub" }, "disk": { "protocol": "store", "path": "../disk" } },
              "mirrors": [ { "hub": "disk", "write": true } ]
            }
            """);
        w.Write("Lib", ProjectBuilder.Library().Property("TargetFrameworks", "netstandard2.0;net10.0").Model("acme/tiny"));
        (await w.DotnetAsync("Lib", "restore")).Succeeded();
        return w;
    }

    [Theory]
    [InlineData("", true)]
    [InlineData(" -p:WiseMirrorWrite=false", false)]
    public async Task A_mirror_is_written_unless_WiseMirrorWrite_is_false(string arguments, bool isWritten)
    {
        using SdkWorkspace w = await WorkspaceAsync();

        (await w.DotnetAsync("Lib", "msbuild -t:WiseUpdate" + arguments)).Succeeded();

        Assert.Equal(isWritten, w.Tree("disk").Any(f => f.StartsWith("blobs/", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("WiseConnectionsPerFile", "9", "a whole number from 1 to 8")]
    [InlineData("WiseMirrorWrite", "maybe", "true or false")]
    public async Task A_wrong_value_is_an_error(string property, string value, string allowed)
    {
        using SdkWorkspace w = await WorkspaceAsync();

        SdkRun run = (await w.DotnetAsync("Lib", $"msbuild -t:WiseUpdate -p:{property}={value}")).Failed();

        Assert.Equal($"$/src/Lib/Lib.csproj : error WISE1004: {property} is '{value}'; it must be {allowed}.\n", w.Log(run));
    }
}
