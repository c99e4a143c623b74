using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Changes of the project or the hub between builds reach the output.</summary>
public sealed class ChangeTests(SdkFixture sdk)
{
    private const string Bin = "src/App/bin/Debug/net10.0";

    private static void WriteApp(SdkWorkspace w, params (string Name, string Value)[] attributes)
    {
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", attributes));
        w.Write("src/App/Program.cs", "return;\n");
    }

    [Fact]
    public async Task A_rollback_to_an_older_revision_leaves_no_stale_content()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = w.Read("hub/models/acme/tiny/refs/main");
        // The same length: only the time stamp can tell the two contents apart.
        string second = await w.PushAsync("acme/tiny", ("config.json", "{\"size\":2}"), ("new.txt", "only in the second"));
        WriteApp(w, ("Revision", second));
        (await w.DotnetAsync("App", "build")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-build -c Debug")).Succeeded();
        Assert.Equal(["config.json", "new.txt"], w.Tree($"{Bin}/models/tiny"));
        Assert.Equal("{\"size\":2}", w.Read($"{Bin}/publish/models/tiny/config.json"));

        WriteApp(w, ("Revision", first));
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-build -c Debug")).Succeeded();

        Assert.Equal(["config.json", "weights/a.bin"], w.Tree($"{Bin}/models/tiny"));
        Assert.Equal("{\"size\":1}", w.Read($"{Bin}/models/tiny/config.json"));
        Assert.Equal("{\"size\":1}", w.Read($"{Bin}/publish/models/tiny/config.json"));
    }

    [Fact]
    public async Task A_moved_branch_is_followed_by_WiseUpdate_and_not_by_a_build()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = w.Read("hub/models/acme/tiny/refs/main");
        WriteApp(w, ("Revision", "main"));
        (await w.DotnetAsync("App", "build")).Succeeded();
        string second = await w.PushAsync("acme/tiny", ("config.json", "{\"size\":2}"));

        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Contains(first, w.Read("src/App/wise.lock.json"), StringComparison.Ordinal);

        const string Changes = "1 file changed, 10 B (config.json); 1 file removed, 13 B (weights/a.bin)";
        SdkRun update = (await w.DotnetAsync("App", "msbuild -t:WiseUpdate", "m")).Succeeded();
        Assert.Equal($"""
              WiseHub: Fetching 1 file, 10 B, from local …
              WiseHub: Fetched 1 file, 10 B, in N s; every byte was verified.
              WiseHub: Updated model acme/tiny from local at main: commit {first.Trim()} → {second}; {Changes}.
              WiseHub: Wrote $/src/App/wise.lock.json. Commit it.

            """, w.Log(update));
        Assert.Contains(second, w.Read("src/App/wise.lock.json"), StringComparison.Ordinal);
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Equal(["config.json"], w.Tree($"{Bin}/models/tiny"));
        Assert.Equal("{\"size\":2}", w.Read($"{Bin}/models/tiny/config.json"));
    }

    [Fact]
    public async Task Removing_a_reference_removes_its_files_and_its_accessor()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        WriteApp(w);
        (await w.DotnetAsync("App", "build")).Succeeded();
        Assert.True(File.Exists(w.PathOf("src/App/obj/Debug/net10.0/WiseModels.g.cs")));

        w.Write("App", ProjectBuilder.App());
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));

        Assert.Empty(w.Tree($"{Bin}/models"));
        Assert.False(File.Exists(w.PathOf("src/App/obj/Debug/net10.0/WiseModels.g.cs")));
    }

    [Fact]
    public async Task Two_paths_with_the_same_content_are_both_copied_and_both_removed()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/tiny", ("a.txt", "same"), ("b/a.txt", "same"), ("c.txt", "same"));
        WriteApp(w);
        (await w.DotnetAsync("App", "publish -c Debug")).Succeeded();
        Assert.Equal(["a.txt", "b/a.txt", "c.txt"], w.Tree($"{Bin}/models/tiny"));
        Assert.Equal(["a.txt", "b/a.txt", "c.txt"], w.Tree($"{Bin}/publish/models/tiny"));
        Assert.Single(w.Tree("cache/blobs"));

        WriteApp(w, ("AllowPatterns", "b/*"));
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Equal(["b/a.txt"], w.Tree($"{Bin}/models/tiny"));

        w.Write("App", ProjectBuilder.App());
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Empty(w.Tree($"{Bin}/models"));
    }

    [Fact]
    public async Task Two_snapshots_with_the_same_path_are_an_error_in_build_and_publish()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = w.Read("hub/models/acme/tiny/refs/main");
        string second = await w.PushAsync("acme/tiny", ("config.json", "{\"size\":2}"));
        string[] blobs = [.. w.Tree("hub/blobs")];
        w.Write("Old", ProjectBuilder.Library().Model("acme/tiny", ("Revision", first), ("AllowPatterns", "config.json")));
        w.Write("New", ProjectBuilder.Library().Model("acme/tiny", ("Revision", first), ("AllowPatterns", "config.json")));
        w.Write("App", ProjectBuilder.App().Reference("../Old/Old.csproj").Reference("../New/New.csproj"));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "build")).Succeeded();
        w.Write("New", ProjectBuilder.Library().Model("acme/tiny", ("Revision", second), ("AllowPatterns", "config.json")));
        (await w.DotnetAsync("New", "build --no-restore")).Succeeded();
        string old = Blob("{\"size\":1}"), changed = Blob("{\"size\":2}");
        string expected =
            "$/src/App/App.csproj : error WISE3010: Two files have the same path 'models/tiny/config.json' in the output: "
            + $"$/cache/blobs/{old} and $/cache/blobs/{changed}. The usual cause is that two projects reference different "
            + "snapshots of one model. Give them the same Revision and commit, or give one of them a different Alias or "
            + "TargetPath.\n";

        Assert.Equal(expected, w.Log((await w.DotnetAsync("App", "publish --no-build -c Debug")).Failed())
            .Replace(" [$/src/App/App.csproj]", "", StringComparison.Ordinal));
        Assert.Equal(expected, w.Log((await w.DotnetAsync("App", "build --no-restore")).Failed())
            .Replace(" [$/src/App/App.csproj]", "", StringComparison.Ordinal));

        string Blob(string content) => blobs.Single(b => w.Read($"hub/blobs/{b}") == content);
    }

    [Fact]
    public async Task File_names_with_MSBuild_characters_are_copied_unchanged()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string[] names =
            ["100%/a%3bb.txt", "at@(Compile).txt", "dollar$(OutDir).txt", "it's.txt", "semi;colon.txt", "ünï/模型 1.txt"];
        await w.PushAsync("acme/tiny", [.. names.Select(n => (n, "content of " + n))]);
        WriteApp(w);

        Assert.Equal("", w.Log((await w.DotnetAsync("App", "publish -c Debug")).Succeeded()));

        Assert.Equal(names.Order(StringComparer.Ordinal), w.Tree($"{Bin}/models/tiny"));
        Assert.Equal(names.Order(StringComparer.Ordinal), w.Tree($"{Bin}/publish/models/tiny"));
        Assert.All(names, n => Assert.Equal("content of " + n, w.Read($"{Bin}/models/tiny/{n}")));
        (await w.DotnetAsync("App", "clean")).Succeeded();
        Assert.Empty(w.Tree($"{Bin}/models"));
    }
}
