using System.Text.Json;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Work that an up-to-date build and a design-time build avoid.</summary>
public sealed partial class NoOpTests(SdkFixture sdk)
{
    [Fact]
    public async Task An_up_to_date_build_opens_no_socket_and_reads_no_model_file()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed.");
        await using TestHub hub = await SdkFixture.TestHubAsync();
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);
        (await w.DotnetAsync("App", "restore")).Succeeded();
        string[] command =
            ["-f", "-y", "-e", "trace=socket,open,openat,openat2,rename,renameat,renameat2,link,linkat,unlink,unlinkat",
                "-o", w.PathOf("trace"), "dotnet", "build", "--no-restore", "-v:q", "-nologo"];
        SdkRun first = await w.RunAsync("App", "strace", command);
        Assert.SkipWhen(first.Output.Contains("PTRACE", StringComparison.OrdinalIgnoreCase),
            "strace is not allowed here: " + first.Output);
        first.Succeeded();
        // The same look at a build that has work to do, so that an empty answer below means something.
        Assert.NotEmpty(BlobCalls(w));
        Assert.NotEmpty(InternetSockets(w));
        hub.Requests.Clear();

        (await w.RunAsync("App", "strace", command)).Succeeded();

        Assert.Empty(BlobCalls(w));
        Assert.Empty(InternetSockets(w));
        Assert.Empty(hub.Requests.All);
        Assert.Contains(File.ReadLines(w.PathOf("trace")), l => l.Contains("wise.lock.json", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_build_reads_configuration_and_lock_file_once()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed.");
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);
        (await w.DotnetAsync("App", "restore")).Succeeded();

        (int, int) first = await ReadsAsync();
        w.Delete("cache");
        // A file as young as it is now might change again within the same tick of the clock, and is read again for that.
        File.SetLastWriteTimeUtc(w.PathOf("src/App/wise.lock.json"), DateTime.UtcNow.AddHours(-1));
        (int, int) fetching = await ReadsAsync();
        (int, int) nothingToDo = await ReadsAsync();

        Assert.Equal(((1, 0), (1, 1), (1, 1)), (first, fetching, nothingToDo));

        async Task<(int Configuration, int LockFile)> ReadsAsync()
        {
            SdkRun run = await w.RunAsync("App", "strace", "-f", "-y", "-e", "trace=open,openat,openat2", "-o", w.PathOf("trace"),
                "dotnet", "build", "--no-restore", "-v:q", "-nologo");
            Assert.SkipWhen(run.Output.Contains("PTRACE", StringComparison.OrdinalIgnoreCase),
                "strace is not allowed here: " + run.Output);
            run.Succeeded();
            return (Opened("wisehub.json"), Opened("wise.lock.json"));
        }

        int Opened(string name) => File.ReadLines(w.PathOf("trace"))
            .Count(l => l.Contains($"/{name}\"", StringComparison.Ordinal) && l.Contains("O_RDONLY", StringComparison.Ordinal)
                && !l.Contains("ENOENT", StringComparison.Ordinal));
    }

    private static IEnumerable<string> InternetSockets(SdkWorkspace w) =>
        File.ReadLines(w.PathOf("trace")).Where(l => l.Contains("socket(AF_INET", StringComparison.Ordinal));

    private static IEnumerable<string> BlobCalls(SdkWorkspace w) =>
        File.ReadLines(w.PathOf("trace")).Where(l => Blob().IsMatch(l));

    [Fact]
    public async Task A_design_time_build_touches_neither_hub_nor_cache_and_has_the_accessor()
    {
        await using TestHub hub = await SdkFixture.TestHubAsync();
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "restore")).Succeeded();

        SdkRun run = (await w.DotnetAsync("App",
            "msbuild -t:Compile -p:DesignTimeBuild=true -p:SkipCompilerExecution=true -p:ProvideCommandLineArgs=true "
            + "-getItem:Compile -getItem:CscCommandLineArgs")).Succeeded();

        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(["Program.cs", w.PathOf("src/App/obj/Debug/net10.0/WiseModels.g.cs")],
            Identities(json, "Compile").Where(c => !c.EndsWith("AssemblyInfo.cs", StringComparison.Ordinal)
                && !c.EndsWith("AssemblyAttributes.cs", StringComparison.Ordinal)));
        Assert.Contains(w.PathOf("src/App/obj/Debug/net10.0/WiseModels.g.cs"), Identities(json, "CscCommandLineArgs"));
        Assert.Equal("""
            // <auto-generated>
            // Written by WiseHub.Build from the WiseModelReference items and wise.lock.json. Do not edit.
            // </auto-generated>

            """, string.Join('\n', w.Read("src/App/obj/Debug/net10.0/WiseModels.g.cs").Split('\n')[..3]) + "\n");
        Assert.Empty(hub.Requests.All);
        Assert.False(Directory.Exists(w.Cache));
        Assert.False(File.Exists(w.PathOf("src/App/wise.lock.json")));
        Assert.Empty(w.Tree("src/App/bin"));
    }

    private static IEnumerable<string> Identities(JsonDocument json, string item) =>
        json.RootElement.GetProperty("Items").GetProperty(item).EnumerateArray()
            .Select(i => i.GetProperty("Identity").GetString()!);

    [Fact]
    public async Task A_second_build_writes_nothing()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);
        (await w.DotnetAsync("App", "build")).Succeeded();
        DateTime[] before = Times();

        Assert.Equal("  App -> $/src/App/bin/Debug/net10.0/App.dll\n",
            w.Log((await w.DotnetAsync("App", "build --no-restore", "m")).Succeeded()));

        Assert.Equal(before, Times());

        DateTime[] Times() =>
            [.. w.Tree("").Where(f => f.StartsWith("cache/", StringComparison.Ordinal)
                || f.EndsWith("WiseModels.g.cs", StringComparison.Ordinal)
                    || f.EndsWith("App.dll", StringComparison.Ordinal) || f.EndsWith("wise.lock.json", StringComparison.Ordinal)
                    || f.Contains("/models/", StringComparison.Ordinal))
                .Select(f => File.GetLastWriteTimeUtc(w.PathOf(f)))];
    }

    // A call with the path of a blob: two hexadecimal digits, a slash, 62 of them.
    [GeneratedRegex(
        "(open|openat|openat2|link|linkat|rename|renameat|renameat2|unlink|unlinkat)\\(.*blobs/[0-9a-f]{2}/[0-9a-f]{62}")]
    private static partial Regex Blob();
}
