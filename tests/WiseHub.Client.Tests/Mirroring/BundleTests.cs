using System.Formats.Tar;
using System.Text;
using WiseHub.Client.Mirroring;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Bundles: commits exported to one file are imported unchanged or not at all.</summary>
public sealed class BundleTests : IAsyncLifetime
{
    private const string Both = "config.json={}\nmodel.bin=weights";

    private MirrorBench _mirror = null!;

    private HubBench Bench => _mirror.Bench;

    private string Bundle => _mirror.Project.Temp["carried/a.tar"];

    private string Own => _mirror.Project.Temp["own"];

    public async ValueTask InitializeAsync()
    {
        _mirror = await MirrorBench.StartAsync();
        Bench.Repo(("config.json", "{}"), ("model.bin", "weights"));
        _mirror.Configure("[]");
    }

    public ValueTask DisposeAsync() => _mirror.DisposeAsync();

    private async Task<MirrorResult> ExportAsync(string? to = null, params string[] have)
    {
        using HubClient client = Bench.NewClient();
        return await client.Mirrors.ExportBundleAsync(
            new ExportBundleRequest { References = [HubBench.Reference()], BundlePath = to ?? Bundle, HavePaths = have });
    }

    private async Task<MirrorResult> ImportAsync(string? bundle = null)
    {
        using HubClient client = Bench.NewClient();
        return await client.Mirrors.ImportBundleAsync(new ImportBundleRequest { BundlePath = bundle ?? Bundle, To = "own" });
    }

    private async Task<string> FailureAsync(string? bundle = null) =>
        MirrorBench.Show(await _mirror.Project.FailureOfAsync(() => ImportAsync(bundle)));

    private async Task<string> ContentsInsideAsync()
    {
        _mirror.Forget();
        _mirror.Configure("""[{"hub":"own"}]""", only: true);
        return RestoreBench.Contents((await Bench.RestoreAsync()).Snapshots[0]);
    }

    private string Names() =>
        string.Join('\n', TempFolder.Tree(Own).Split('\n').Where(l => l.StartsWith("models/", StringComparison.Ordinal)));

    private sealed record Entry(string Name, byte[] Content, TarEntryType Type = TarEntryType.RegularFile, string Link = "");

    private List<Entry> Read()
    {
        using FileStream file = File.OpenRead(Bundle);
        using var tar = new TarReader(file);
        var entries = new List<Entry>();
        while (tar.GetNextEntry() is TarEntry entry)
        {
            var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            entries.Add(new Entry(entry.Name, content.ToArray()));
        }
        return entries;
    }

    private void Write(IEnumerable<Entry> entries)
    {
        using FileStream file = File.Create(Bundle);
        using var tar = new TarWriter(file, TarEntryFormat.Gnu);
        foreach (Entry entry in entries)
        {
            var written = new GnuTarEntry(entry.Type, entry.Name);
            if (entry.Type == TarEntryType.RegularFile)
                written.DataStream = new MemoryStream(entry.Content);
            else
                written.LinkName = entry.Link;
            tar.WriteEntry(written);
        }
    }

    /// <summary>A bundle whose own list says what is in it, whatever that is.</summary>
    private void WriteListed(IEnumerable<Entry> entries)
    {
        List<Entry> all = [.. entries];
        var manifest = new BundleManifest(
            [.. all.Select(e => new BundleFile(e.Name, e.Content.Length, Digest.Parse(RestoreBench.Sha256(e.Content))))], []);
        Write([new Entry(BundleManifest.Name, manifest.ToBytes()), .. all]);
    }

    [Fact]
    public async Task An_exported_bundle_is_imported_and_restored_without_the_hub()
    {
        MirrorResult exported = await ExportAsync();
        Assert.Equal((2, 9L, 0), (exported.FilesWritten, exported.BytesWritten, exported.FilesLeftOut));
        MirrorResult imported = await ImportAsync();
        Assert.Equal((2, 9L), (imported.FilesWritten, imported.BytesWritten));
        Assert.Equal(exported.Commits, imported.Commits);
        Assert.Equal(new MirroredRevision(RepoType.Model, "acme/tiny", "huggingface", "main", Bench.Hub.FindRepo("acme/tiny")!
            .Head()), Assert.Single(imported.Commits));
        Assert.Equal(Both, await ContentsInsideAsync());
        Assert.Equal("", _mirror.HubRequests);
    }

    [Fact]
    public async Task A_bundle_has_its_manifest_first_and_then_the_store_files_in_order()
    {
        await ExportAsync();
        string commit = Bench.Hub.FindRepo("acme/tiny")!.Head();
        string[] blobs = [.. new[] { RestoreBench.Sha256("{}"), RestoreBench.Sha256("weights") }.Order(StringComparer.Ordinal)
            .Select(d => $"blobs/{d[..2]}/{d[2..]}")];
        Assert.Equal(["wisehub-bundle.json", .. blobs, "models/acme/tiny/refs/main",
            $"models/acme/tiny/trees/{commit}.json", "wisehub-store.json"], Read().Select(e => e.Name));
    }

    [Fact]
    public async Task The_same_commits_produce_identical_bundles()
    {
        await ExportAsync();
        _mirror.Forget();
        string second = _mirror.Project.Temp["b.tar"];
        await ExportAsync(second);
        Assert.Equal(await File.ReadAllBytesAsync(Bundle), await File.ReadAllBytesAsync(second));
        Assert.Equal(["a.tar"], Directory.GetFiles(_mirror.Project.Temp["carried"]).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_unpacked_bundle_is_a_store()
    {
        await ExportAsync();
        Directory.CreateDirectory(Own);
        TarFile.ExtractToDirectory(Bundle, Own, overwriteFiles: false);
        Assert.Equal(Both, await ContentsInsideAsync());
    }

    [Fact]
    public async Task An_export_omits_the_files_of_an_earlier_bundle()
    {
        await ExportAsync();
        await ImportAsync();
        string moved = Bench.Repo(("model.bin", "WEIGHTS")).Head(), second = _mirror.Project.Temp["b.tar"];
        MirrorResult exported = await ExportAsync(second, Bundle);
        Assert.Equal((1, 7L, 1), (exported.FilesWritten, exported.BytesWritten, exported.FilesLeftOut));
        await ImportAsync(second);
        Assert.Equal(moved, await File.ReadAllTextAsync(Path.Combine(Own, "models/acme/tiny/refs/main")));
        Assert.Equal("config.json={}\nmodel.bin=WEIGHTS", await ContentsInsideAsync());
    }

    [Fact]
    public async Task An_export_omits_the_files_of_a_digest_list()
    {
        await _mirror.Store.PushAsync("somebody/else", ("x", "weights"));
        using HubClient client = Bench.NewClient();
        string list = _mirror.Project.Temp.Write("have.txt", string.Join('\n', (await client.Mirrors.ListAsync("disk")).Digests));
        Assert.Equal((1, 2L, 1),
            await ExportAsync(null, list) is var e ? (e.FilesWritten, e.BytesWritten, e.FilesLeftOut) : default);
    }

    [Fact]
    public async Task A_digest_list_without_a_digest_is_an_error()
    {
        string list = _mirror.Project.Temp.Write("have.txt", "everything\n");
        var e = await Assert.ThrowsAsync<HubException>(() => ExportAsync(null, list));
        Assert.Equal("WISE3061: <temp>/have.txt is neither a bundle nor a text with sha256 digests. "
            + "Make it with wisehub mirror ls --digests.", _mirror.Project.Show(e));
        Assert.False(File.Exists(Bundle));
    }

    [Fact]
    public async Task An_import_that_lacks_an_omitted_file_is_an_error_and_imports_nothing()
    {
        string list = _mirror.Project.Temp.Write("have.txt", RestoreBench.Sha256("weights"));
        await ExportAsync(null, list);
        Assert.Equal("WISE3063: <temp>/carried/a.tar omits 1 file that 'own' should already have, but 1 of them cannot be "
            + $"found there: {RestoreBench.Sha256("weights")}. No commit was imported. Import the earlier bundle first, or "
            + "make this one with the current list of the hub's files (wisehub mirror ls --digests).", await FailureAsync());
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task A_second_import_changes_nothing()
    {
        await ExportAsync();
        await ImportAsync();
        string before = TempFolder.Tree(Own);
        MirrorResult again = await ImportAsync();
        Assert.Equal((0, 0L, before), (again.FilesWritten, again.BytesWritten, TempFolder.Tree(Own)));
    }

    [Theory]
    [InlineData("blobs/", "WISE3062")]
    [InlineData("models/acme/tiny/trees/", "WISE3062")]
    [InlineData("models/acme/tiny/refs/main", "WISE3062")]
    [InlineData("wisehub-store.json", "WISE3062")]
    [InlineData("wisehub-bundle.json", "WISE3061")]
    public async Task A_changed_byte_is_an_error_naming_the_file_and_nothing_is_imported(string path, string code)
    {
        await ExportAsync();
        List<Entry> entries = Read();
        Entry hit = entries.Find(e => e.Name.StartsWith(path, StringComparison.Ordinal))!;
        hit.Content[0] ^= 1;
        Write(entries);
        string failure = await FailureAsync();
        Assert.StartsWith(code, failure, StringComparison.Ordinal);
        Assert.Contains(MirrorBench.Show(hit.Name), failure, StringComparison.Ordinal);
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task A_truncated_bundle_is_an_error_and_changes_no_visible_file()
    {
        await ExportAsync();
        await ImportAsync();
        Bench.Repo(("model.bin", "WEIGHTS"));
        await ExportAsync();
        string before = Names();
        byte[] whole = await File.ReadAllBytesAsync(Bundle);
        // Behind the last file there are only zeros.
        int content = Array.FindLastIndex(whole, b => b != 0) + 1;
        for (int length = 100; length < content; length += 200)
        {
            await File.WriteAllBytesAsync(Bundle, whole[..length]);
            string failure = await FailureAsync();
            Assert.True(failure.StartsWith("WISE3061", StringComparison.Ordinal)
                || failure.StartsWith("WISE3062", StringComparison.Ordinal), $"{length}: {failure}");
            Assert.Equal(before, Names());
        }
        Assert.DoesNotContain(".tmp", TempFolder.Tree(Own), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_names_a_file_missing_from_the_bundle()
    {
        await ExportAsync();
        List<Entry> entries = Read();
        Write(entries.Take(2));
        Assert.Equal($"WISE3062: The bundle <temp>/carried/a.tar is damaged: it ends after {entries[1].Name}, "
            + $"and {entries[2].Name} is missing. No commit was imported. Copy it again from its source, or make it again.",
            await FailureAsync());
    }

    [Theory]
    [InlineData("../../escaped")]
    [InlineData("/etc/escaped")]
    [InlineData("blobs/../../escaped")]
    [InlineData("blobs/00/11")]
    [InlineData("models/acme/tiny/refs/../../../../../escaped")]
    [InlineData("models/acme/tiny/refs/a.lock")]
    [InlineData("models/acme/../trees/0000000000000000000000000000000000000000.json")]
    [InlineData("models/acme/tiny/trees/main.json")]
    [InlineData("models/acme/tiny/snapshots/x")]
    [InlineData("models/CON/tiny/refs/main")]
    [InlineData("others/acme/tiny/refs/main")]
    [InlineData("hubs/x")]
    [InlineData("models\\acme\\tiny\\refs\\main")]
    public async Task A_file_name_that_no_store_has_is_refused_before_its_content_is_read(string name)
    {
        await ExportAsync();
        WriteListed([.. Read().Skip(1), new Entry(name, "x"u8.ToArray())]);
        Assert.StartsWith("WISE3061: <temp>/carried/a.tar/wisehub-bundle.json(", await FailureAsync(), StringComparison.Ordinal);
        Assert.Equal("", TempFolder.Tree(Own));
        Assert.False(File.Exists(_mirror.Project.Temp["escaped"]));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    public async Task A_link_is_refused(TarEntryType type)
    {
        await ExportAsync();
        List<Entry> entries = Read();
        entries[1] = new Entry(entries[1].Name, [], type, "/etc/passwd");
        Write(entries);
        Assert.Equal($"WISE3061: <temp>/carried/a.tar has the link '{entries[1].Name}' instead of {entries[1].Name}. "
            + "No commit was imported. WiseHub never writes this: find out where the bundle comes from.", await FailureAsync());
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task A_file_that_is_not_listed_is_refused()
    {
        await ExportAsync();
        Write([.. Read(), new Entry("models/acme/tiny/refs/evil", "x"u8.ToArray())]);
        Assert.StartsWith("WISE3061: <temp>/carried/a.tar has the entry 'models/acme/tiny/refs/evil' after its last file.",
            await FailureAsync(), StringComparison.Ordinal);
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task A_file_list_of_another_commit_is_refused()
    {
        await ExportAsync();
        string commit = Bench.Hub.FindRepo("acme/tiny")!.Head(), other = new('b', 40);
        WriteListed(Read().Skip(1).Select(e => e with
        {
            Name = e.Name.Replace(commit, other, StringComparison.Ordinal),
            Content = e.Name.Contains("/refs/", StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(other) : e.Content
        }));
        Assert.StartsWith("WISE3006: <temp>/carried/a.tar/models/acme/tiny/trees/#.json is not the file list of commit #",
            await FailureAsync(), StringComparison.Ordinal);
        Assert.Equal("", Names());
    }

    [Theory]
    [InlineData("../m.bin")]
    [InlineData(".git/config")]
    public async Task A_file_list_with_a_hostile_name_is_refused(string name)
    {
        await ExportAsync();
        WriteListed(Read().Skip(1).Select(e => e.Name.Contains("/trees/", StringComparison.Ordinal)
            ? e with
            {
                Content = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(e.Content)
                    .Replace("model.bin", name, StringComparison.Ordinal))
            }
            : e));
        Assert.StartsWith($"WISE3003: acme/tiny: the file name '{name}' cannot be used", await FailureAsync(),
            StringComparison.Ordinal);
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task A_ref_to_a_commit_outside_the_bundle_is_refused()
    {
        await ExportAsync();
        WriteListed(Read().Skip(1).Select(e => e.Name.Contains("/refs/", StringComparison.Ordinal)
            ? e with { Content = Encoding.ASCII.GetBytes(new string('b', 40)) } : e));
        Assert.StartsWith("WISE3061: <temp>/carried/a.tar has a ref to a commit that is not in the bundle.",
            await FailureAsync(), StringComparison.Ordinal);
        Assert.Equal("", Names());
    }

    [Fact]
    public async Task Another_file_or_a_missing_one_is_not_a_bundle()
    {
        string zip = _mirror.Project.Temp.Write("some.tar", "PK\u0003\u0004 and so on");
        Assert.StartsWith("WISE306", await FailureAsync(zip), StringComparison.Ordinal);
        Assert.StartsWith("WISE3013: The bundle <temp>/none.tar could not be imported into 'own'",
            await FailureAsync(_mirror.Project.Temp["none.tar"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_of_a_newer_version_is_an_error()
    {
        _mirror.Project.Temp.Write("carried/x", "");
        Write([new Entry(BundleManifest.Name, """{"version":2}"""u8.ToArray())]);
        Assert.Equal("WISE3061: <temp>/carried/a.tar is a bundle of version 2; this WiseHub reads version 1. Update WiseHub.",
            await FailureAsync());
    }

    [Fact]
    public async Task A_bundle_can_be_listed()
    {
        await ExportAsync();
        using HubClient client = Bench.NewClient();
        MirrorListing listing = await client.Mirrors.ListAsync(Bundle);
        MirrorCommit commit = Assert.Single(listing.Commits);
        Assert.Equal(("acme/tiny", "main", 2, 9L, 0, 2),
            (commit.RepoId, Assert.Single(commit.Revisions), commit.Files, commit.Bytes, commit.Missing, listing.Digests.Count));
    }

    [Fact]
    public async Task A_failed_export_keeps_the_earlier_bundle()
    {
        await ExportAsync();
        byte[] before = await File.ReadAllBytesAsync(Bundle);
        _mirror.Forget();
        Bench.Hub.Faults.On("/resolve/", new Fault.Status(404), times: 100);
        await Assert.ThrowsAsync<HubException>(() => ExportAsync());
        Assert.Equal(before, await File.ReadAllBytesAsync(Bundle));
        Assert.Single(Directory.GetFiles(_mirror.Project.Temp["carried"]));
    }
}
