using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A hard link is the store's own content: nothing that a project does later may write through it.</summary>
public sealed class HardLinkTests(SdkFixture sdk)
{
    private const int Nobody = 65534;

    private const string Placed = "src/App/bin/Debug/net10.0/models/tiny/config.json";

    [Fact]
    public async Task Replacing_a_hard_link_in_the_output_as_root_does_not_change_the_store()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows(),
            "Only root writes through read-only links; this process is not root.");
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await ReplaceAsync(w, []);
    }

    [Fact]
    public async Task Replacing_a_hard_link_in_the_output_as_a_user_does_not_change_the_store()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        if (!Environment.IsPrivilegedProcess)
        {
            await ReplaceAsync(w, []);
            return;
        }
        Assert.SkipUnless(File.Exists("/usr/bin/setpriv"),
            "This process is root, and there is no setpriv to become an ordinary user.");
        w.Environment["HOME"] = w.PathOf("home");
        w.Environment["DOTNET_CLI_HOME"] = w.PathOf("home");
        // The compiler server of root is not the user's.
        w.Environment["UseSharedCompilation"] = "false";
        NuGetProfile.Make(w.PathOf("home"));
        await ReplaceAsync(w, ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"]);
    }

    [Fact]
    public async Task The_next_build_reports_and_repairs_an_edit_in_bin_that_changed_the_store()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string blob = await EditAsync(w);

        SdkRun healing = (await w.DotnetAsync("App", "build --no-restore", "m")).Succeeded();

        string log = w.Log(healing);
        Assert.Contains("warning WISE3009: acme/tiny: 'config.json' was changed inside the cache "
            + $"($/cache/blobs/{blob}); fetching it again.", log, StringComparison.Ordinal);
        Assert.Equal(("{\"size\":1}", "{\"size\":1}"), (w.Read(Placed), w.Read($"cache/blobs/{blob}")));
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));
    }

    [Fact]
    public async Task Offline_an_edit_that_changed_the_store_is_an_error_with_file_and_remedy()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string blob = await EditAsync(w);
        // The hub is no folder any more. Port 9 of loopback: whoever asked it in spite of being offline would get another error.
        w.Write("src/wisehub.json",
            """{ "defaultHub": "local", "hubs": { "local": { "protocol": "store", "endpoint": "http://127.0.0.1:9/" } } }""");

        string log = w.Log((await w.DotnetAsync("App", "build --no-restore -p:WiseOffline=true")).Failed());

        Assert.Contains("error WISE2014: acme/tiny: the network must not be used (WiseOffline, WISEHUB_OFFLINE or "
            + $"HF_HUB_OFFLINE), but the cache lacks 'config.json' ({blob.Replace("/", "", StringComparison.Ordinal)}, "
            + $"last seen on 'local'; $/cache/blobs/{blob} was changed). Build once online, or put the files into a store hub.",
            log, StringComparison.Ordinal);
        Assert.DoesNotContain("WISE3009", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_from_hardlink_to_copy_replaces_the_existing_hard_links()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "hardlink")));
        (await w.DotnetAsync("App", "build")).Succeeded();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "copy")));
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));

        File.AppendAllText(w.PathOf(Placed), " edited");

        Assert.Equal(["{\"size\":1}"], w.Tree("cache/blobs").Select(b => w.Read($"cache/blobs/{b}"))
            .Where(c => c.Contains("size", StringComparison.Ordinal)));
    }

    /// <summary>Builds, and edits a file in bin the way most programs save: in place, through the link.</summary>
    private static async Task<string> EditAsync(SdkWorkspace w)
    {
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "hardlink")));
        (await w.DotnetAsync("App", "build")).Succeeded();
        string blob = w.Tree("cache/blobs").Single(b => w.Read($"cache/blobs/{b}") == "{\"size\":1}");
        File.WriteAllText(w.PathOf(Placed), "{\"size\":9}");
        Assert.Equal("{\"size\":9}", w.Read($"cache/blobs/{blob}"));
        return blob;
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

        w.Write("App", new ProjectBuilder().Property("OutputType", "Exe")
            .Item("None", "other.txt", ("Link", "models/tiny/config.json"), ("CopyToOutputDirectory", "Always")));
        w.Delete("src/App/obj");
        (await w.DotnetAsync("App", "restore")).Succeeded();
        await OwnAsync();
        await BuildAsync();

        Assert.Equal("another file on that path", w.Read(Placed));
        Assert.Equal("{\"size\":1}", w.Read($"cache/blobs/{blob}"));
        Assert.Equal(1, await LinksAsync(blob));

        Task<SdkRun> OwnAsync() => asUser.Length == 0 ? Task.FromResult(new SdkRun("", 0, ""))
            : w.RunAsync("", "chown", "-R", $"{Nobody}:{Nobody}", w.Root);

        async Task BuildAsync()
        {
            string[] command = [.. asUser, "dotnet", "build", "--no-restore", "-nologo", "-v:q", "-tl:off"];
            Assert.Equal("", w.Log((await w.RunAsync("App", command[0], command[1..])).Succeeded()));
        }

        async Task<int> LinksAsync(string path) =>
            int.Parse((await w.RunAsync("", "stat", "-c", "%h", w.PathOf($"cache/blobs/{path}"))).Succeeded().Output,
                System.Globalization.CultureInfo.InvariantCulture);
    }
}
