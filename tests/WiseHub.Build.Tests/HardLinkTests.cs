using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A hard link is the store's own content: nothing that a project does later may write through it.</summary>
public sealed class HardLinkTests(SdkFixture sdk)
{
    private const int Nobody = 65534;

    private const string Placed = "src/App/bin/Debug/net10.0/models/tiny/config.json";

    [Fact]
    public async Task Another_file_on_the_path_of_a_hard_link_leaves_the_store_unhurt_for_root()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows(), "Only root writes through read-only links; this process is not root.");
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await ReplaceAsync(w, []);
    }

    [Fact]
    public async Task Another_file_on_the_path_of_a_hard_link_leaves_the_store_unhurt_for_an_ordinary_user()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        if (!Environment.IsPrivilegedProcess)
        {
            await ReplaceAsync(w, []);
            return;
        }
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "This process is root, and there is no setpriv to become an ordinary user.");
        w.Environment["HOME"] = w.PathOf("home");
        w.Environment["DOTNET_CLI_HOME"] = w.PathOf("home");
        // The compiler server of root is not the user's.
        w.Environment["UseSharedCompilation"] = "false";
        Directory.CreateDirectory(w.PathOf("home"));
        await ReplaceAsync(w, ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"]);
    }

    private static async Task ReplaceAsync(SdkWorkspace w, string[] asUser)
    {
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("src/App/other.txt", "another file on that path");
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "hardlink")));
        (await w.DotnetAsync("App", "restore")).Succeeded();
        await OwnAsync();
        await BuildAsync();
        string blob = w.Tree("cache/blobs").Single(b => w.Read($"cache/blobs/{b}") == "{\"size\":1}");
        Assert.Equal(2, await LinksAsync(blob));

        w.Write("App", new ProjectBuilder().Property("OutputType", "Exe").Item("None", "other.txt", ("Link", "models/tiny/config.json"), ("CopyToOutputDirectory", "Always")));
        w.Delete("src/App/obj");
        (await w.DotnetAsync("App", "restore")).Succeeded();
        await OwnAsync();
        await BuildAsync();

        Assert.Equal("another file on that path", w.Read(Placed));
        Assert.Equal("{\"size\":1}", w.Read($"cache/blobs/{blob}"));
        Assert.Equal(1, await LinksAsync(blob));

        Task<SdkRun> OwnAsync() => asUser.Length == 0 ? Task.FromResult(new SdkRun("", 0, "")) : w.RunAsync("", "chown", "-R", $"{Nobody}:{Nobody}", w.Root);

        async Task BuildAsync()
        {
            string[] command = [.. asUser, "dotnet", "build", "--no-restore", "-nologo", "-v:q", "-tl:off"];
            Assert.Equal("", w.Log((await w.RunAsync("App", command[0], command[1..])).Succeeded()));
        }

        async Task<int> LinksAsync(string path) =>
            int.Parse((await w.RunAsync("", "stat", "-c", "%h", w.PathOf($"cache/blobs/{path}"))).Succeeded().Output, System.Globalization.CultureInfo.InvariantCulture);
    }
}
