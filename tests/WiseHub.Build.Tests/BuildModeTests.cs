using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Multi-targeting, publish without build, packing and read-only outputs.</summary>
public sealed partial class BuildModeTests(SdkFixture sdk)
{
    private static readonly string[] TinyFiles = ["config.json", "weights/a.bin"];

    private static int Downloads(SdkRun run) => run.Output.Split("WiseHub: Fetching ").Length - 1;

    [Fact]
    public async Task A_multi_targeted_project_downloads_once_and_its_lock_file_is_stable()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/new", ("n.txt", "for net10.0"));
        await w.PushAsync("acme/gone", ("g.txt", "soon removed"));
        ProjectBuilder Lib() => new ProjectBuilder().Property("TargetFrameworks", "netstandard2.0;net10.0").UseWiseHub()
            .Model("acme/tiny").Model("acme/new", ("Condition", "'$(TargetFramework)' == 'net10.0'"));
        w.Write("Lib", Lib().Model("acme/gone", ("Condition", "'$(TargetFramework)' == 'netstandard2.0'")));
        SdkRun first = (await w.DotnetAsync("Lib", "build -m:4", "m")).Succeeded();
        // Two of acme/tiny, which both inner builds want, and one each of the others.
        Assert.Equal(4, FetchedFiles().Matches(first.Output)
            .Sum(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.Equal(TinyFiles, w.Tree("src/Lib/bin/Debug/netstandard2.0/models/tiny"));
        Assert.Equal(["n.txt"], w.Tree("src/Lib/bin/Debug/net10.0/models/new"));
        Assert.Empty(w.Tree("src/Lib/bin/Debug/netstandard2.0/models/new"));
        string locked = w.Read("src/Lib/wise.lock.json");
        Assert.Equal(["acme/gone", "acme/new", "acme/tiny"], RepoIds(locked));

        w.Write("Lib", Lib());
        foreach (string arguments in (string[])["build --no-restore -m:4", "build --no-restore -f net10.0",
            "build --no-restore -f netstandard2.0"])
        {
            (await w.DotnetAsync("Lib", arguments)).Succeeded();
            Assert.Equal(locked, w.Read("src/Lib/wise.lock.json"));
        }

        string gone = locked.Split("\"repoId\":\"acme/gone\"")[1].Split("\"commit\":\"")[1].Split('"')[0];
        Assert.Equal("  WiseHub: $/src/Lib/wise.lock.json keeps entries that are not used here: model acme/gone from local at "
            + $"the default branch, commit {gone}. Another configuration, target framework, runtime or project may use them. "
            + "'wisehub update --remove-unused' removes those that none of them uses.\n",
            w.Log((await w.DotnetAsync("Lib", "msbuild -t:WiseUpdate", "m")).Succeeded()));
        Assert.Equal(locked, w.Read("src/Lib/wise.lock.json"));
        Assert.Equal("$/src/Lib/Lib.csproj : error WISE4010: Nothing was removed from $/src/Lib/wise.lock.json, although "
            + "WiseRemoveUnused is true: this build sees only one of several target frameworks. Update the whole project, "
            + "without -f, or omit WiseRemoveUnused. [TargetFramework=net10.0]\n", w.Log((await w.DotnetAsync("Lib",
                "msbuild -t:WiseUpdate -p:WiseRemoveUnused=true -p:TargetFramework=net10.0")).Failed()));
        Assert.Equal("  WiseHub: Removed from $/src/Lib/wise.lock.json, because nothing uses it: model acme/gone from local at "
            + $"the default branch, commit {gone}.\n  WiseHub: Wrote $/src/Lib/wise.lock.json. Commit it.\n",
            w.Log((await w.DotnetAsync("Lib", "msbuild -t:WiseUpdate -p:WiseRemoveUnused=true", "m")).Succeeded()));
        Assert.Equal(["acme/new", "acme/tiny"], RepoIds(w.Read("src/Lib/wise.lock.json")));
        Assert.Equal("  WiseHub: Verified 4 files against the lock file.\n  WiseHub: Verified 6 files against the lock file.\n",
            w.Log((await w.DotnetAsync("Lib", "msbuild -t:WiseVerify", "m")).Succeeded()));
    }

    [GeneratedRegex("WiseHub: Fetched ([0-9]+) files?,")]
    private static partial Regex FetchedFiles();

    private static IEnumerable<string> RepoIds(string lockFile) =>
        lockFile.Split("\"repoId\":\"")[1..].Select(p => p.Split('"')[0]);

    [Fact]
    public async Task Publish_without_build_downloads_locked_content_but_resolves_nothing()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);
        (await w.DotnetAsync("App", "build")).Succeeded();
        w.Delete("cache");

        SdkRun published = (await w.DotnetAsync("App", "publish --no-build -c Debug -o ../../published", "m")).Succeeded();
        Assert.Equal(1, Downloads(published));
        Assert.Equal(TinyFiles, w.Tree("published/models/tiny"));

        w.Delete("src/App/wise.lock.json");
        Assert.Equal(
            "$/src/App/App.csproj(5,15): error WISE4007: model acme/tiny from local at the default branch: "
            + "$/src/App/wise.lock.json has no entry for it, and a --no-build publish resolves nothing. "
            + "Build once without --no-build.\n",
            w.Log((await w.DotnetAsync("App", "publish --no-build -c Debug -o ../../published")).Failed()));
        Assert.False(File.Exists(w.PathOf("src/App/wise.lock.json")));
    }

    [Fact]
    public async Task A_packed_library_carries_no_models()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        // NU5104: the packed WiseHub.Build has a test version.
        w.Write("Lib", ProjectBuilder.Library().Property("NoWarn", "NU5104").Model("acme/tiny"));

        Assert.Equal("", w.Log((await w.DotnetAsync("Lib", "pack -o ../../feed")).Succeeded()));

        Assert.Equal(TinyFiles, w.Tree("src/Lib/bin/Release/net10.0/models/tiny"));
        using ZipArchive package = ZipFile.OpenRead(w.PathOf("feed/Lib.1.0.0.nupkg"));
        Assert.Equal(["Lib.nuspec", "[Content_Types].xml", "_rels/.rels", "lib/net10.0/Lib.dll"],
            package.Entries.Select(e => e.FullName).Where(n => !n.EndsWith(".psmdcp", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Read_only_outputs_do_not_break_the_next_build()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = w.Read("hub/models/acme/tiny/refs/main");
        await w.PushAsync("acme/tiny", ("config.json", "{\"size\":2}"));
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "copy")));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "build")).Succeeded();
        string placed = w.PathOf("src/App/bin/Debug/net10.0/models/tiny/config.json");
        File.SetAttributes(placed, FileAttributes.ReadOnly);

        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "copy"), ("Revision", first)));
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));

        Assert.Equal("{\"size\":1}", await File.ReadAllTextAsync(placed));
    }
}
