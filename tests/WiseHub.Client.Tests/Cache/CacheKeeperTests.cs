using System.Globalization;
using WiseHub.Client.Store;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class CacheKeeperTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly RestoreBench _bench = new();

    private string Blob(string text) => _bench.BlobPath(RestoreBench.Sha256(text));

    private string Blobs => string.Join(' ', ((string[])["hello", "world!", "more", "x"]).Where(t => File.Exists(Blob(t))));

    private HubClient Client(TimeSpan later) => _bench.NewClient(o => o with { Time = new LaterTime(later), BootId = "a" });

    /// <summary>Restores with a lock file of its own for each repo, so long after now.</summary>
    private async Task RestoreAsync(string repoId, TimeSpan later = default, string? revision = null)
    {
        using HubClient client = Client(later);
        await client.RestoreAsync(new RestoreRequest
        {
            References = [new RepoReference { RepoId = repoId, Revision = revision }],
            LockFilePath = LockOf(repoId)
        });
    }

    private async Task DownloadAsync(string repoId, TimeSpan later = default)
    {
        using HubClient client = Client(later);
        await client.DownloadAsync(new RepoReference { RepoId = repoId });
    }

    private string LockOf(string repoId) => _bench.Temp[repoId.Replace('/', '-') + ".lock.json"];

    private async Task<CacheRemoval> PruneAsync(TimeSpan later, CachePruneRequest? request = null)
    {
        using HubClient client = Client(later);
        return await client.Cache.PruneAsync(request);
    }

    private async Task<CacheVerification> VerifyAsync()
    {
        using HubClient client = Client(default);
        return await client.Cache.VerifyAsync();
    }

    private async Task<string> ListAsync()
    {
        using HubClient client = Client(default);
        CacheReport report = await client.Cache.ListAsync();
        Assert.Equal(_bench.Cache, report.Root);
        return string.Join('\n', [
            .. report.Repos.SelectMany(r => r.Commits.Select(c => _bench.Log.Hide(string.Create(CultureInfo.InvariantCulture,
                $"{r.Hub} {r.RepoType} {r.RepoId} {r.Files}/{r.Size} {c.Commit} ({string.Join(' ', c.Revisions)}) "
                + $"{c.Files}/{c.Size} {string.Join(' ', c.LockFiles)}").TrimEnd()))),
            string.Create(CultureInfo.InvariantCulture,
                $"{report.Files}/{report.Size} unused {report.UnusedFiles}/{report.UnusedSize} partial {report.PartialSize}")]);
    }

    private Task<string> PushTinyAsync() => _bench.Hub.PushAsync("acme/tiny", ("a", "hello"), ("b", "world!"));

    private Task<string> PushOtherAsync() => _bench.Hub.PushAsync("acme/other", ("a", "hello"), ("c", "more"));

    private string TreeOf(string repoId, string commit) =>
        Directory.GetFiles(Path.Combine(_bench.Cache, "hubs"), $"{commit}.json", SearchOption.AllDirectories)
            .Single(f => f.Replace(Path.DirectorySeparatorChar, '/').Contains(repoId, StringComparison.Ordinal));

    private string[] Marks => Directory.GetFiles(Path.Combine(_bench.Cache, "roots"));

    // ── ls

    [Fact]
    public async Task A_blob_shared_by_two_repos_is_counted_once_in_the_total()
    {
        string tiny = await PushTinyAsync(), other = await PushOtherAsync();
        await RestoreAsync("acme/tiny");
        await DownloadAsync("acme/other");
        Assert.Equal($"local Model acme/other 2/9 {other} (HEAD) 2/9\n"
            + $"local Model acme/tiny 2/11 {tiny} (HEAD) 2/11 <temp>/acme-tiny.lock.json\n3/15 unused 0/0 partial 0",
            await ListAsync());
    }

    [Fact]
    public async Task A_repo_known_only_from_a_lock_file_is_listed()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        Directory.Delete(Path.Combine(_bench.Cache, "hubs"), recursive: true);
        Assert.Equal($"local Model acme/tiny 2/11 {commit} () 2/11 <temp>/acme-tiny.lock.json\n2/11 unused 0/0 partial 0",
            await ListAsync());
    }

    [Fact]
    public async Task Unreferenced_blobs_and_partial_downloads_are_counted()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        Directory.Delete(Path.Combine(_bench.Cache, "hubs"), recursive: true);
        File.Delete(LockOf("acme/tiny"));
        _bench.Temp.Write("cache/partial/" + RestoreBench.Sha256("part"), "part");
        Assert.Equal("2/11 unused 2/11 partial 4", await ListAsync());
    }

    /// <summary>
    /// A file that has the name and place of a blob, and one that is old and stands where broken-off downloads do.
    /// </summary>
    private void WriteForeign(string folder)
    {
        string digest = RestoreBench.Sha256("hello");
        _bench.Temp.Write($"{folder}/blobs/{digest[..2]}/{digest[2..]}", "hello");
        _bench.Temp.Write($"{folder}/partial/{digest}", "x");
        File.SetLastWriteTimeUtc(_bench.Temp[$"{folder}/partial/{digest}"], DateTime.UnixEpoch);
    }

    private async Task AssertNotACacheAsync()
    {
        string before = TempFolder.Tree(_bench.Cache);
        using HubClient client = Client(10 * Day);
        foreach (Func<Task> work in (Func<Task>[])[() => client.Cache.ListAsync(), () => client.Cache.VerifyAsync(),
            () => client.Cache.PruneAsync(new CachePruneRequest { MaxSize = 0 }),
            () => client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" })])
        {
            Assert.Equal("WISE3005: <temp>/cache is not a WiseHub cache: a cache contains wisehub-store.json and CACHEDIR.TAG. "
                + ""
                + "Nothing was changed. Set WISEHUB_CACHE or WiseCacheDirectory to the cache folder. If this folder is the "
                + "cache, the next build completes it.", await _bench.FailureOfAsync(work));
        }
        Assert.Equal(before, TempFolder.Tree(_bench.Cache));
    }

    [Fact]
    public async Task A_folder_that_is_not_a_cache_is_neither_listed_nor_cleaned()
    {
        WriteForeign("cache");
        await AssertNotACacheAsync();
    }

    [Fact]
    public async Task A_published_store_is_not_accepted_as_a_cache()
    {
        await new StoreBuilder(_bench.Cache).PushAsync("acme/tiny", ("a", "hello"));
        WriteForeign("cache");
        await AssertNotACacheAsync();
    }

    [Fact]
    public async Task A_file_is_not_accepted_as_a_cache()
    {
        _bench.Temp.Write("cache", "hello");
        await AssertNotACacheAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [InlineData(true, "partial/0123", ".0123456789abcdef0123456789abcdef.tmp")]
    [InlineData(true, "CACHEDIR.TAG", "wisehub-store.json")]
    public async Task A_missing_or_incomplete_cache_is_empty_and_no_command_creates_it(bool folder, params string[] files)
    {
        if (folder)
            Directory.CreateDirectory(_bench.Cache);
        foreach (string file in files)
            _bench.Temp.Write("cache/" + file, "");
        string before = TempFolder.Tree(_bench.Cache);
        Assert.Equal("0/0 unused 0/0 partial 0", await ListAsync());
        Assert.Equal((0, 0), ((await PruneAsync(Day)).Files, (await VerifyAsync()).Files));
        Assert.Equal("WISE3022: The cache has no files of acme/tiny. 'wisehub cache ls' lists its repos.",
            await RemoveFailureAsync(new CacheRemoveRequest { RepoId = "acme/tiny" }));
        Assert.Equal((before, folder), (TempFolder.Tree(_bench.Cache), Directory.Exists(_bench.Cache)));
    }

    [Fact]
    public async Task A_cache_of_a_newer_version_is_an_error_and_not_changed()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        string marker = _bench.Temp.Write("cache/wisehub-store.json", "{\"version\":2}"), before = TempFolder.Tree(_bench.Cache);
        using HubClient client = Client(Day);
        Assert.Equal("WISE3005: <temp>/cache/wisehub-store.json has version 2; this WiseHub reads version 1. "
            + "Update the WiseHub.Build package.",
            await _bench.FailureOfAsync(() => client.Cache.PruneAsync(new CachePruneRequest { MaxSize = 0 })));
        Assert.Equal(before, TempFolder.Tree(_bench.Cache));
        Assert.Equal("{\"version\":2}", await File.ReadAllTextAsync(marker));
    }

    // ── what is not ours

    [Fact]
    public async Task Foreign_files_in_the_cache_are_never_removed()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string repo = Directory.GetDirectories(_bench.Cache, "tiny", SearchOption.AllDirectories).Single(), other = new('e', 40);
        string[] foreign =
        [
            _bench.Temp.Write("cache/notes.txt", "1"), _bench.Temp.Write("cache/blobs/notes.txt", "2"),
            _bench.Temp.Write("cache/blobs/2c/notes.txt", "3"),
            _bench.Temp.Write($"cache/blobs/2C/{new string('A', 62)}", "4"), _bench.Temp.Write("cache/roots/notes.txt", "5"),
            _bench.Temp.Write("cache/partial/notes.txt", "6"),
            _bench.Temp.Write("cache/unsynced.txt", "7"), _bench.Temp.Write("cache/hubs/mine/notes.txt", "8"),
            _bench.Temp.Write($"{repo}/trees/notes.json", "9"), _bench.Temp.Write($"{repo}/trees/sub/{other}.json", "10"),
            _bench.Temp.Write($"{repo}/refs/.notes", "11"), _bench.Temp.Write($"{repo}/snapshots/notes/a", "12"),
            _bench.Temp.Write($"{repo}/snapshots/{commit}-notes/a", "13"), _bench.Temp.Write($"{repo}/notes.txt", "14"),
        ];
        foreach (string file in foreign)
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        string empty = Directory.CreateDirectory(Path.Combine(repo, "mine")).FullName;

        Assert.Empty((await VerifyAsync()).Problems);
        CacheRemoval removal = await PruneAsync(100 * Day, new CachePruneRequest { OlderThan = Day, MaxSize = 0 });

        Assert.Equal((1, 2, 0), (removal.Commits.Count, removal.Files, removal.Leftovers));
        Assert.Equal(foreign, foreign.Where(File.Exists));
        Assert.True(Directory.Exists(empty));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public async Task Nothing_is_removed_through_a_symbolic_link()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string repo = Directory.GetDirectories(_bench.Cache, "tiny", SearchOption.AllDirectories).Single();
        // A whole store, with everything that a store of a hub in a cache has.
        await new StoreBuilder(_bench.Temp["mine/hub"]).PushAsync("acme/mine", ("m", "more"));
        string stray = RestoreBench.Sha256("stray"), published = _bench.Temp["mine/hub"];
        _bench.Temp.Write($"mine/shard/{stray[2..]}", "stray");
        _bench.Temp.Write($"mine/partial/{stray}", "part");
        _bench.Temp.Write($"mine/snapshot/{commit}/a", "mine");
        Directory.CreateDirectory(_bench.Temp["mine/empty/below"]);
        Directory.CreateDirectory(_bench.Temp["mine/refs/below"]);
        foreach (string file in Directory.GetFiles(_bench.Temp["mine"], "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Directory.CreateSymbolicLink(_bench.Temp["cache/hubs/mine-01234567"], published);
        Directory.CreateSymbolicLink(_bench.Temp[$"cache/blobs/{stray[..2]}"], _bench.Temp["mine/shard"]);
        File.CreateSymbolicLink(_bench.Temp[$"cache/partial/{stray}"], _bench.Temp[$"mine/partial/{stray}"]);
        Directory.CreateSymbolicLink(Path.Combine(repo, "snapshots", commit, "linked"), _bench.Temp["mine/empty"]);
        Directory.CreateSymbolicLink(Path.Combine(repo, "refs", "linked"), _bench.Temp["mine/refs"]);
        Directory.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(repo)!, "linked"), _bench.Temp["mine/snapshot"]);
        string before = TempFolder.Tree(_bench.Temp["mine"]);

        await VerifyAsync();
        await PruneAsync(100 * Day, new CachePruneRequest { OlderThan = Day, MaxSize = 0 });

        Assert.Equal(before, TempFolder.Tree(_bench.Temp["mine"]));
        Assert.Equal("", Blobs);
    }

    [Fact]
    public async Task Blobs_listed_by_a_foreign_store_among_the_hubs_are_kept()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        await new StoreBuilder(_bench.Temp["cache/hubs/mine-01234567"]).PushAsync("acme/mine", ("m", "hello"));
        string mine = TempFolder.Tree(_bench.Temp["cache/hubs/mine-01234567"]),
            tree = Directory.GetFiles(_bench.Temp["cache/hubs/mine-01234567"], "*.json", SearchOption.AllDirectories)
                .Single(f => f.Contains("trees", StringComparison.Ordinal));

        await PruneAsync(100 * Day, new CachePruneRequest { OlderThan = Day, MaxSize = 0 });
        Assert.Equal(("hello", mine), (Blobs, TempFolder.Tree(_bench.Temp["cache/hubs/mine-01234567"])));

        await File.WriteAllTextAsync(tree, "{");
        CacheProblem problem = (await VerifyAsync()).Problems.Single();
        Assert.Equal((tree, true), (problem.Path, File.Exists(tree)));
        Assert.EndsWith(" It was not removed, because it belongs to a published "
            + "store.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_reports_a_damaged_published_file_and_does_not_remove_it()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        await new StoreBuilder(_bench.Cache).PushAsync("acme/mine", ("m", "more"));
        RestoreBench.Damage(Blob("more"), "mroe");
        Assert.Equal($"{Blob("more")} does not match its digest. It was not removed, because a store published in this folder "
            + "lists it: push its file again. Nothing refers to it.",
            (await VerifyAsync()).Problems.Single().Message);
        Assert.True(File.Exists(Blob("more")));
    }

    [Fact]
    public async Task A_push_into_the_cache_folder_waits_for_a_running_prune()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        _bench.Configure("""{"hubs":{"local":{"protocol":"store","path":"cache"}}}""");
        using HubClient client = _bench.NewClient(o => o with { Time = new SkippingTime() });
        using var pruning = new FileStream(Path.Combine(_bench.Cache, "locks", "store"), FileMode.Open,
            FileAccess.ReadWrite, FileShare.None);
        _bench.Log.Clear();
        _bench.Log.OnLine = _ => pruning.Dispose();
        await client.PushAsync(
            new PushRequest { Hub = "local", RepoId = "acme/mine", Files = [new PushFile(_bench.Temp.Write("m", "more"), "m")] });
        Assert.StartsWith("info: Waiting for another process that is working on <temp>/cache …\n", _bench.Log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cache_has_a_CACHEDIR_TAG_for_backup_programs()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        Assert.StartsWith("Signature: 8a477f597d28d172789f06886806bc55\n",
            await File.ReadAllTextAsync(Path.Combine(_bench.Cache, "CACHEDIR.TAG")), StringComparison.Ordinal);
    }

    // ── marks of last use

    [Fact]
    public async Task An_up_to_date_build_marks_its_lock_file_as_used_once_an_hour()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        string mark = Directory.GetFiles(Path.Combine(_bench.Cache, "roots")).Single();
        Assert.Equal(LockOf("acme/tiny") + "\n" + await File.ReadAllTextAsync(LockOf("acme/tiny")),
            await File.ReadAllTextAsync(mark));
        Assert.Matches("/[0-9a-f]{16}$", mark.Replace('\\', '/'));
        DateTime first = File.GetLastWriteTimeUtc(mark);

        Look(TimeSpan.FromMinutes(59));
        Assert.Equal(first, File.GetLastWriteTimeUtc(mark));
        Look(TimeSpan.FromMinutes(61));
        Assert.InRange(File.GetLastWriteTimeUtc(mark) - first, TimeSpan.FromMinutes(61), TimeSpan.FromMinutes(70));

        void Look(TimeSpan later)
        {
            using HubClient client = Client(later);
            Assert.NotNull(client.TryRestoreLocally(new RestoreRequest
            {
                References = [new RepoReference { RepoId = "acme/tiny" }],
                LockFilePath = LockOf("acme/tiny")
            }));
        }
    }

    [Fact]
    public async Task A_download_marks_its_file_list_as_used_once_an_hour()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string tree = TreeOf("acme/tiny", commit);
        DateTime first = File.GetLastWriteTimeUtc(tree);
        await DownloadAsync("acme/tiny", TimeSpan.FromMinutes(50));
        Assert.Equal(first, File.GetLastWriteTimeUtc(tree));
        await DownloadAsync("acme/tiny", TimeSpan.FromMinutes(70));
        Assert.InRange(File.GetLastWriteTimeUtc(tree) - first, TimeSpan.FromMinutes(69), TimeSpan.FromMinutes(80));
        Assert.False(Directory.Exists(Path.Combine(_bench.Cache, "roots")));
    }

    [Fact]
    public async Task A_build_with_an_old_mark_does_not_trust_the_cache_during_a_prune()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        using HubClient later = Client(Day);
        var request =
            new RestoreRequest { References = [new RepoReference { RepoId = "acme/tiny" }], LockFilePath = LockOf("acme/tiny") };
        using (new FileStream(Path.Combine(_bench.Cache, "locks", "store"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            Assert.Null(later.TryRestoreLocally(request));
        Assert.NotNull(later.TryRestoreLocally(request));
    }

    // ── verify

    [Fact]
    public async Task Verify_of_an_intact_cache_clears_the_list_of_unsynced_files()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        File.SetLastWriteTimeUtc(Blob("hello"), DateTime.UnixEpoch);

        CacheVerification result = await VerifyAsync();

        Assert.Equal((2, 11L, 0), (result.Files, result.Size, result.Problems.Count));
        Assert.Equal([], Directory.GetFiles(Path.Combine(_bench.Cache, "unsynced")));
        // What was touched and is right is marked as right.
        using HubClient next = _bench.NewClient(o => o with { BootId = "b" });
        Assert.NotNull(next.TryRestoreLocally(new RestoreRequest
        {
            References = [new RepoReference { RepoId = "acme/tiny" }],
            LockFilePath = LockOf("acme/tiny")
        }));
    }

    [Fact]
    public async Task Verify_keeps_the_unsynced_list_of_a_running_restore()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        using var running = new SnapshotStore(_bench.Cache, "a");
        using (running.Unsynced.Use())
            await VerifyAsync();
        Assert.Single(Directory.GetFiles(Path.Combine(_bench.Cache, "unsynced")));
    }

    [Fact]
    public async Task A_corrupted_blob_is_reported_removed_and_fetched_again()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        string linked = _bench.Temp["bin/a"];
        using (HubClient client = _bench.NewClient())
            new FilePlacer(_bench.Log).Place(Blob("hello"), linked, LinkMode.Hardlink);
        DateTime mtime = File.GetLastWriteTimeUtc(Blob("hello"));
        await File.WriteAllTextAsync(Blob("hello"), "hellp");
        File.SetLastWriteTimeUtc(Blob("hello"), mtime);

        CacheVerification result = await VerifyAsync();

        Assert.Equal($"{Blob("hello")}: {Blob("hello")} does not match its digest. It was removed; "
            + $"the next build that needs it downloads it again. It is 'a' of acme/tiny (local, {commit}).",
            string.Join('\n', result.Problems.Select(p => $"{p.Path}: {p.Message}")));
        Assert.Equal("world!", Blobs);
        Assert.Single(Directory.GetFiles(Path.Combine(_bench.Cache, "unsynced")));
        // The SDK takes equal size and time for equal content.
        Assert.NotEqual(mtime, File.GetLastWriteTimeUtc(linked));
        await RestoreAsync("acme/tiny");
        Assert.Equal("hello", await File.ReadAllTextAsync(Blob("hello")));
        Assert.Empty((await VerifyAsync()).Problems);
    }

    [Fact]
    public async Task Verify_finds_a_blob_of_the_wrong_size_and_an_unreferenced_blob()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        string stray = _bench.Temp.Write($"cache/blobs/00/{new string('0', 62)}", "stray");
        RestoreBench.Damage(Blob("world!"), "w");

        CacheVerification result = await VerifyAsync();

        Assert.Equal([stray, Blob("world!")], result.Problems.Select(p => p.Path));
        Assert.EndsWith("downloads it again. Nothing refers to it.", result.Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_file_lists_and_refs_are_removed()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string tree = TreeOf("acme/tiny", commit),
            head = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(tree))!, "refs", "HEAD");
        await File.WriteAllTextAsync(tree, "{");
        await File.WriteAllTextAsync(head, "");

        CacheVerification result = await VerifyAsync();

        Assert.Equal(new[] { tree, head }.Order(StringComparer.Ordinal), result.Problems.Select(p => p.Path)
            .Order(StringComparer.Ordinal));
        Assert.All(result.Problems, p => Assert.EndsWith("It was removed; the next build that needs it requests it from the "
            + "hub.", p.Message,
            StringComparison.Ordinal));
        Assert.Equal((false, false), (File.Exists(tree), File.Exists(head)));
    }

    // ── prune

    [Fact]
    public async Task Unreferenced_blobs_are_pruned_only_after_an_hour()
    {
        await PushTinyAsync();
        await PushOtherAsync();
        await RestoreAsync("acme/tiny");
        await DownloadAsync("acme/other");
        using (HubClient client = Client(default))
            await client.Cache.RemoveAsync(new CacheRemoveRequest { RepoId = "acme/other" });
        using (var store = new SnapshotStore(_bench.Cache, "a"))
            store.Blobs.Ingest(_bench.Temp.Write("x", "x"), Digest.Parse(RestoreBench.Sha256("x")));

        Assert.Equal(0, (await PruneAsync(TimeSpan.FromMinutes(50))).Files);
        Assert.Equal("hello world! x", Blobs);
        CacheRemoval removal = await PruneAsync(TimeSpan.FromMinutes(70));
        Assert.Equal((1, 1L, 11L), (removal.Files, removal.Size, removal.SizeLeft));
        Assert.Equal("hello world!", Blobs);
    }

    [Fact]
    public async Task Blobs_listed_in_a_lock_file_are_kept_without_a_file_list()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        Directory.Delete(Path.Combine(_bench.Cache, "hubs"), recursive: true);
        Assert.Equal(0, (await PruneAsync(TimeSpan.FromDays(1000))).Files);
        Assert.Equal("hello world!", Blobs);
    }

    [Fact]
    public async Task Blobs_of_a_deleted_lock_file_are_pruned()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        File.Delete(LockOf("acme/tiny"));
        File.Delete(TreeOf("acme/tiny", commit));

        CacheRemoval early = await PruneAsync(TimeSpan.FromMinutes(110)), late = await PruneAsync(TimeSpan.FromMinutes(130));

        Assert.Equal((0, 0), (early.LockFiles.Count, early.Files));
        Assert.Equal((LockOf("acme/tiny"), false), (late.LockFiles.Single().Path, late.LockFiles.Single().Exists));
        Assert.Equal((2, 11L, 0L), (late.Files, late.Size, late.SizeLeft));
        Assert.Equal(("", 0), (Blobs, Marks.Length));
        Assert.Equal("", string.Join('\n', TempFolder.Tree(Path.Combine(_bench.Cache, "hubs")).Split('\n')
            .Where(l => l.Contains("models", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task An_unreadable_lock_file_keeps_the_blobs_that_it_last_listed()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        Directory.Delete(Path.Combine(_bench.Cache, "hubs"), recursive: true);
        // Root may look into every folder, but nobody reads a folder as a file.
        File.Delete(LockOf("acme/tiny"));
        Directory.CreateDirectory(LockOf("acme/tiny"));

        Assert.Equal($"local Model acme/tiny 2/11 {commit} () 2/11 <temp>/acme-tiny.lock.json\n2/11 unused 0/0 partial 0",
            await ListAsync());
        Assert.Equal(0, (await PruneAsync(1000 * Day)).Files);
        Assert.Equal(2, (await PruneAsync(1000 * Day, new CachePruneRequest { OlderThan = Day })).Files);
    }

    [Fact]
    public async Task A_changed_lock_file_is_registered_at_once()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        await _bench.Hub.PushAsync("acme/tiny", "dev", ("b", "x"));
        await RestoreAsync("acme/tiny", revision: "dev");
        Assert.Equal(LockOf("acme/tiny") + "\n" + await File.ReadAllTextAsync(LockOf("acme/tiny")),
            await File.ReadAllTextAsync(Marks.Single()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/some/where/else\n{}")]
    [InlineData("relative\n")]
    [InlineData("\0\0\0\0")]
    public async Task A_mark_damaged_by_a_crash_keeps_nothing_and_is_removed(string text)
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        string mark = Marks.Single();
        await File.WriteAllTextAsync(mark, text);

        Assert.Empty((await PruneAsync(TimeSpan.FromMinutes(110))).LockFiles);
        Assert.Equal(new RemovedLockFile("", false, File.GetLastWriteTimeUtc(mark)),
            (await PruneAsync(TimeSpan.FromMinutes(130))).LockFiles.Single());
        Assert.Equal((0, "hello world!"), (Marks.Length, Blobs));
    }

    [Fact]
    public async Task A_damaged_file_list_keeps_the_blobs_that_it_names()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string tree = TreeOf("acme/tiny", commit);
        await File.WriteAllTextAsync(tree, "<" + await File.ReadAllTextAsync(tree));
        Assert.Equal(0, (await PruneAsync(Day)).Files);
        Assert.Equal("hello world!", Blobs);
    }

    [Fact]
    public async Task A_cache_path_with_dots_and_double_slashes_is_normalized()
    {
        await PushTinyAsync();
        _bench.SetEnvironment(OperatingSystem.IsWindows() ? "LOCALAPPDATA" : "XDG_CACHE_HOME", _bench.Temp["a/../b//"]);
        using (HubClient client = _bench.NewClient(o => o with { CacheDirectory = null }))
        {
            await client.RestoreAsync(_bench.Request(new RepoReference { RepoId = "acme/tiny" }));
            Assert.Equal(_bench.Temp["b/wisehub"], client.Cache.Root);
        }
        using HubClient later = _bench.NewClient(o => o with { CacheDirectory = null, Time = new LaterTime(Day) });
        Assert.Equal((0, 0), ((await later.Cache.PruneAsync()).LockFiles.Count, (await later.Cache.PruneAsync()).Files));
        Assert.Equal(2, (await later.Cache.ListAsync()).Files);
    }

    [Fact]
    public async Task A_lock_file_with_merge_conflicts_keeps_the_blobs_that_it_names()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        File.Delete(TreeOf("acme/tiny", commit));
        await File.WriteAllTextAsync(LockOf("acme/tiny"), "<<<<<<< ours\n" + await File.ReadAllTextAsync(LockOf("acme/tiny")));
        _bench.Log.Clear();

        await PruneAsync(Day);

        Assert.Equal("hello world!", Blobs);
        Assert.StartsWith("warning WISE4001: <temp>/acme-tiny.lock.json(1,1) is not valid JSON: ", _bench.Log.Text,
            StringComparison.Ordinal);
        Assert.EndsWith(" All sha256 digests in it count as used.", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repos_unused_for_too_long_are_pruned_and_shared_blobs_stay()
    {
        string tiny = await PushTinyAsync();
        await PushOtherAsync();
        await DownloadAsync("acme/tiny");
        await RestoreAsync("acme/other", 20 * Day);

        CacheRemoval removal = await PruneAsync(31 * Day, new CachePruneRequest { OlderThan = 30 * Day });

        Assert.Equal($"local acme/tiny {tiny}", string.Join('\n', removal.Commits.Select(c => $"{c.Hub} {c.RepoId} {c.Commit}")));
        Assert.Equal((0, 1, 6L, 9L), (removal.LockFiles.Count, removal.Files, removal.Size, removal.SizeLeft));
        Assert.Equal("hello more", Blobs);
        Assert.False(Directory.Exists(Directory.GetDirectories(Path.Combine(_bench.Cache, "hubs")).Single()
            + "/models/acme/tiny"));
    }

    [Fact]
    public async Task A_lock_file_unused_for_too_long_keeps_nothing()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        CacheRemoval removal = await PruneAsync(31 * Day, new CachePruneRequest { OlderThan = 30 * Day });
        Assert.Equal((LockOf("acme/tiny"), true), (removal.LockFiles.Single().Path, removal.LockFiles.Single().Exists));
        Assert.Equal(("", 1), (Blobs, removal.Commits.Count));
        Assert.True(File.Exists(LockOf("acme/tiny")));
        await RestoreAsync("acme/tiny");
        Assert.Equal("hello world!", Blobs);
    }

    [Fact]
    public async Task A_commit_in_a_recently_used_lock_file_counts_as_used()
    {
        string commit = await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        await RestoreAsync("acme/tiny", 25 * Day);
        File.SetLastWriteTimeUtc(TreeOf("acme/tiny", commit), DateTime.UtcNow);
        Assert.Empty((await PruneAsync(31 * Day, new CachePruneRequest { OlderThan = 30 * Day })).Commits);
    }

    [Fact]
    public async Task The_least_recently_used_repos_are_pruned_until_the_rest_fits()
    {
        foreach ((string repo, string text,
            int day) in new[] { ("acme/b", "hello", 2), ("acme/a", "world!", 3), ("acme/c", "more", 1) })
        {
            await _bench.Hub.PushAsync(repo, ("f", text));
            await DownloadAsync(repo, day * Day);
            File.SetLastWriteTimeUtc(Directory.GetFiles(Path.Combine(_bench.Cache, "hubs"), "*.json", SearchOption.AllDirectories)
                .Single(f => f.Contains(repo.Replace('/', Path.DirectorySeparatorChar), StringComparison.Ordinal)
                    && f.Contains("trees", StringComparison.Ordinal)),
                DateTime.UtcNow + day * Day);
        }

        Assert.Empty((await PruneAsync(4 * Day, new CachePruneRequest { MaxSize = 15 })).Commits);
        Assert.Equal("acme/c",
            string.Join(' ', (await PruneAsync(4 * Day, new CachePruneRequest { MaxSize = 14 })).Commits.Select(c => c.RepoId)));
        Assert.Equal("hello world!", Blobs);
        CacheRemoval removal = await PruneAsync(4 * Day, new CachePruneRequest { MaxSize = 6 });
        Assert.Equal(("acme/b", "world!", 6L),
            (string.Join(' ', removal.Commits.Select(c => c.RepoId)), Blobs, removal.SizeLeft));
    }

    [Fact]
    public async Task Recently_used_blobs_are_kept_whatever_the_maximum_size()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny", Day);
        CacheRemoval removal = await PruneAsync(Day + TimeSpan.FromMinutes(100),
            new CachePruneRequest { MaxSize = 0, OlderThan = TimeSpan.FromHours(1) });
        Assert.Equal((0, 0, "hello world!"), (removal.Files, removal.LockFiles.Count, Blobs));
    }

    [Fact]
    public async Task A_dry_run_of_prune_reports_the_same_and_removes_nothing()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        File.Delete(LockOf("acme/tiny"));
        _bench.Temp.Write("cache/partial/" + RestoreBench.Sha256("part"), "part");
        var request = new CachePruneRequest { OlderThan = Day, MaxSize = 0 };
        string before = TempFolder.Tree(_bench.Cache);

        CacheRemoval dry = await PruneAsync(3 * Day, request with { DryRun = true });

        Assert.Equal(before, TempFolder.Tree(_bench.Cache));
        CacheRemoval real = await PruneAsync(3 * Day, request);
        // The interrupted download, and the mark that the restore has passed the check of its contents.
        Assert.Equal((2, 11L, 1, 1, 2, 4L, 0L),
            (real.Files, real.Size, real.Commits.Count, real.LockFiles.Count, real.Leftovers, real.LeftoverSize, real.SizeLeft));
        Assert.Equal((2, 11L, 1, 1, 2, 4L, 0L),
            (dry.Files, dry.Size, dry.Commits.Count, dry.LockFiles.Count, dry.Leftovers, dry.LeftoverSize, dry.SizeLeft));
    }

    [Fact]
    public async Task Prune_removes_leftovers_older_than_a_day_and_keeps_recent_or_open_ones()
    {
        string commit = await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string repo = Directory.GetDirectories(_bench.Cache, "tiny", SearchOption.AllDirectories).Single(),
            temporary = $".{Guid.NewGuid():N}.tmp", part = RestoreBench.Sha256("part");
        string[] old = [_bench.Temp.Write($"cache/partial/{part}", "1"), _bench.Temp.Write($"cache/partial/{part}.blocks", "1"),
            _bench.Temp.Write($"cache/partial/git-{new string('a', 40)}", "1"),
            _bench.Temp.Write($"cache/blobs/{temporary}", "2"), _bench.Temp.Write($"{repo}/trees/{temporary}", "3"),
            _bench.Temp.Write($"{repo}/snapshots/{temporary}", "4")];
        string[] stay = [_bench.Temp.Write($"cache/partial/{Guid.NewGuid():N}.tmp", "5"), _bench.Temp.Write(
            $"{repo}/snapshots/of-the-repo.tmp", "6"), _bench.Temp.Write($"cache/partial/{RestoreBench.Sha256("young")}", "7")];
        foreach (string file in old.Concat(stay))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow);
        File.SetLastWriteTimeUtc(stay[2], DateTime.UtcNow + Day);
        string empty = Directory.CreateDirectory(Path.Combine(repo, "snapshots", new string('e', 40), "sub")).Parent!.FullName;
        string emptyOfCommit =
            Directory.CreateDirectory(Path.Combine(repo, "snapshots", $"{commit}-01234567", "sub")).Parent!.FullName;

        using (new FileStream(stay[0], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            CacheRemoval removal = await PruneAsync(1.5 * Day);
            // The folder of a commit that nothing knows is no leftover: it goes as a commit.
            Assert.Equal((7, 6L, 1), (removal.Leftovers, removal.LeftoverSize, removal.Commits.Count));
        }
        Assert.Equal([], old.Where(File.Exists));
        Assert.Equal(stay, stay.Where(File.Exists));
        Assert.Equal((false, false), (Directory.Exists(empty), Directory.Exists(emptyOfCommit)));
    }

    [Fact]
    public async Task A_hard_link_in_an_output_keeps_its_content_after_a_prune()
    {
        await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        string linked = _bench.Temp["bin/a"];
        new FilePlacer(_bench.Log).Place(Blob("hello"), linked, LinkMode.Hardlink);
        await PruneAsync(10 * Day, new CachePruneRequest { OlderThan = Day });
        Assert.Equal(("", "hello"), (Blobs, await File.ReadAllTextAsync(linked)));
    }

    [Fact]
    public async Task Blobs_published_in_the_cache_folder_are_not_pruned()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        await new StoreBuilder(_bench.Cache).PushAsync("acme/mine", ("m", "more"));
        await PruneAsync(100 * Day, new CachePruneRequest { OlderThan = Day, MaxSize = 0 });
        Assert.Equal("more", Blobs);
    }

    [Fact]
    public async Task Prune_waits_for_a_running_restore_and_logs_that()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        File.Delete(LockOf("acme/tiny"));
        _bench.Log.Clear();
        FileLock restore = FileLock.TryShare(Path.Combine(_bench.Cache, "locks", "store"))!;
        _bench.Log.OnLine = _ => restore.Dispose();
        using HubClient client = _bench.NewClient(o => o with { Time = new SkippingTime() });
        await client.Cache.PruneAsync();
        Assert.Equal("info: Waiting for another process that is working on this cache …", _bench.Log.Text);
    }

    [Fact]
    public async Task Concurrent_restores_and_prunes_succeed()
    {
        await PushTinyAsync();
        await PushOtherAsync();
        using var stop = new CancellationTokenSource();
        // Somebody whose clock is a week ahead removes whatever no restore is working on.
        Task prunes = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await PruneAsync(7 * Day, new CachePruneRequest { MaxSize = 0 });
        });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            for (int round = 0; round < 5; round++)
                await RestoreAsync(i % 2 == 0 ? "acme/tiny" : "acme/other");
        }));
        await stop.CancelAsync();
        await prunes;
        await RestoreAsync("acme/tiny");
        Assert.Equal(("hello", "world!"),
            (await File.ReadAllTextAsync(Blob("hello")), await File.ReadAllTextAsync(Blob("world!"))));
    }

    // ── rm

    private async Task<CacheRemoval> RemoveAsync(CacheRemoveRequest request)
    {
        using HubClient client = Client(default);
        return await client.Cache.RemoveAsync(request);
    }

    private async Task<string> RemoveFailureAsync(CacheRemoveRequest request) =>
        await _bench.FailureOfAsync(() => RemoveAsync(request));

    [Fact]
    public async Task Removing_a_repo_deletes_the_blobs_that_only_it_uses()
    {
        string commit = await PushTinyAsync();
        await PushOtherAsync();
        await DownloadAsync("acme/tiny");
        await DownloadAsync("acme/other");

        CacheRemoval removal = await RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" });

        Assert.Equal((commit, 1, 6L, 9L, 0),
            (removal.Commits.Single().Commit, removal.Files, removal.Size, removal.SizeLeft, removal.KeptBy.Count));
        Assert.Equal("hello more", Blobs);
        Assert.DoesNotContain("tiny", TempFolder.Tree(_bench.Cache), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removing_one_revision_keeps_the_other()
    {
        await PushTinyAsync();
        string dev = await _bench.Hub.PushAsync("acme/tiny", "dev", ("a", "hello"), ("b", "x"));
        await RestoreAsync("acme/tiny");
        await RestoreAsync("acme/tiny", revision: "dev");
        File.Delete(LockOf("acme/tiny"));

        CacheRemoval removal = await RemoveAsync(
            new CacheRemoveRequest { RepoId = "acme/tiny", Revision = "dev", Hub = "LOCAL", RepoType = RepoType.Model });

        Assert.Equal((dev, "hello world!"), (removal.Commits.Single().Commit, Blobs));
        Assert.Equal($"WISE3022: The cache has no files of acme/tiny at '{dev}'. 'wisehub cache ls' lists its repos.",
            await RemoveFailureAsync(new CacheRemoveRequest { RepoId = "acme/tiny", Revision = dev }));
    }

    [Fact]
    public async Task Removing_a_repo_keeps_the_blobs_of_a_lock_file_and_names_that_file()
    {
        await PushTinyAsync();
        await RestoreAsync("acme/tiny");
        CacheRemoval removal = await RemoveAsync(new CacheRemoveRequest { RepoId = "acme/tiny" });
        Assert.Equal((0, "hello world!", LockOf("acme/tiny")), (removal.Files, Blobs, removal.KeptBy.Single()));
        Assert.Equal("WISE3022: The cache has no file list of acme/tiny; it keeps the contents because "
            + "<temp>/acme-tiny.lock.json lists them. Remove the reference and that entry, then run 'wisehub cache prune'.",
            await RemoveFailureAsync(new CacheRemoveRequest { RepoId = "acme/tiny" }));
    }

    [Theory]
    [InlineData("acme/nothing", null, null)]
    [InlineData("acme/tiny", "huggingface", null)]
    [InlineData("acme/tiny", null, RepoType.Dataset)]
    public async Task Removing_a_repo_that_is_not_in_the_cache_is_an_error(string repoId, string? hub, RepoType? type)
    {
        await PushTinyAsync();
        await DownloadAsync("acme/tiny");
        Assert.Equal($"WISE3022: The cache has no files of {repoId}{(hub is null ? "" : $" from '{hub}'")}. "
            + "'wisehub cache ls' lists its repos.",
            await RemoveFailureAsync(new CacheRemoveRequest { RepoId = repoId, Hub = hub, RepoType = type }));
        Assert.Equal("hello world!", Blobs);
    }

    public void Dispose() => _bench.Dispose();
}
