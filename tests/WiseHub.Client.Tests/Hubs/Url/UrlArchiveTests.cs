using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>References to the files of an archive by its URL.</summary>
public sealed class UrlArchiveTests : IAsyncLifetime
{
    private readonly RestoreBench _bench = new();
    private readonly byte[] _zip = Zip(("config.json", "{}"), ("sub/model.bin", "weights"));
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _server.Serve("/model.zip", _zip).Etag = "\"1\"";
        _bench.Log.Hiding(_server.Url(""), "<web>");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string path, string text) in files)
            {
                using Stream entry = archive.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return memory.ToArray();
    }

    private static byte[] TarGz(params (string Path, string Text)[] files)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach ((string path, string text) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path)
                { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }
        return memory.ToArray();
    }

    private RepoReference Reference(string path = "/model.zip", byte[]? required = null)
    {
        using HubClient client = _bench.NewClient();
        return client.ParseReference(_server.Url(path), unpack: true) with
        {
            Sha256 = required is null ? null : Digest.Parse(RestoreBench.Sha256(required))
        };
    }

    [Fact]
    public async Task The_files_of_an_archive_are_locked_under_its_digest()
    {
        RestoreResult result = await _bench.RestoreAsync(Reference());
        Assert.Equal("config.json={}\nsub/model.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal("GET /model.zip 200", _server.Requests);
        string zip = RestoreBench.Sha256(_zip);
        Assert.Equal($$"""
            {"version":1,"references":[
            {"repoType":"model","repoId":"<web>/model.zip","hub":"archive","commit":"{{zip}}","selections":[{}],"files":[
            {"path":"config.json","size":2,"sha256":"{{RestoreBench.Sha256("{}")}}"},
            {"path":"sub/model.bin","size":7,"sha256":"{{RestoreBench.Sha256("weights")}}"}]}]}

            """, _bench.Log.Hide(_bench.LockText));
    }

    [Fact]
    public async Task A_tar_gz_is_downloaded_unchanged_and_unpacked_by_the_client()
    {
        ServedFile file = _server.Serve("/model.tar.gz", TarGz(("a.txt", "1"), ("b/c.txt", "2")));
        (file.ContentType, file.ContentEncoding) = ("application/x-tar", "gzip");
        Assert.Equal("a.txt=1\nb/c.txt=2",
            RestoreBench.Contents((await _bench.RestoreAsync(Reference("/model.tar.gz"))).Snapshots[0]));
    }

    [Fact]
    public async Task Only_selected_files_of_an_archive_are_restored()
    {
        RestoreResult result = await _bench.RestoreAsync(Reference() with { Files = new FileSelection(["*.json"], []) });
        Assert.Equal("config.json={}", RestoreBench.Contents(result.Snapshots[0]));
    }

    [Fact]
    public async Task A_locked_restore_with_an_empty_cache_fetches_the_archive_once()
    {
        await _bench.RestoreAsync(Reference());
        Directory.Delete(_bench.Cache, recursive: true);
        _server.Forget();
        RestoreResult result = await _bench.RestoreAsync(_bench.Request(Reference()) with { Locked = true });
        Assert.Equal("config.json={}\nsub/model.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal("GET /model.zip 200", _server.Requests);
    }

    [Fact]
    public async Task A_locked_restore_rejects_a_changed_archive()
    {
        await _bench.RestoreAsync(Reference());
        Directory.Delete(_bench.Cache, recursive: true);
        _server["/model.zip"].Content = Zip(("config.json", "{}"), ("sub/model.bin", "WEIGHTS"));
        Assert.StartsWith("WISE3001: <web>/model.zip (archive): <web>/model.zip gave bytes whose sha256 is ",
            await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_file_of_a_locked_archive_comes_from_the_cached_archive()
    {
        await _bench.RestoreAsync(Reference() with { Files = new FileSelection(["*.json"], []) });
        _server.Forget();
        RestoreResult result = await _bench.RestoreAsync(Reference() with { Files = new FileSelection(["*.bin"], []) });
        Assert.Equal("sub/model.bin=weights", RestoreBench.Contents(result.Snapshots[0]));
        Assert.Equal("", _server.Requests);
    }

    [Fact]
    public async Task The_required_digest_is_that_of_the_archive()
    {
        await _bench.RestoreAsync(Reference(required: _zip));
        Assert.NotNull(_bench.TryRestoreLocally(_bench.Request(Reference(required: _zip))));
        string wrong = RestoreBench.Sha256("x");
        Assert.Equal($"WISE3012: <web>/model.zip: the archive has the sha256 {RestoreBench.Sha256(_zip)}, "
            + $"but the project requires {wrong}. Correct Sha256, or run WiseUpdate.",
            await _bench.FailureAsync(Reference(required: "x"u8.ToArray())));
        File.Delete(_bench.LockFile);
        Directory.Delete(_bench.Cache, recursive: true);
        Assert.StartsWith($"WISE3012: <web>/model.zip: <web>/model.zip gave bytes whose sha256 is {RestoreBench.Sha256(_zip)}, "
            + $"but {wrong} is required.",
            await _bench.FailureAsync(Reference(required: "x"u8.ToArray())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_an_archive_is_an_error()
    {
        _server["/model.zip"].Content = Encoding.UTF8.GetBytes("weights");
        Assert.StartsWith("WISE3030: <web>/model.zip is not a complete, readable archive: it is not a .zip, .tar or .tar.gz file"
            + ".", await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task An_entry_that_leaves_the_target_folder_is_an_error()
    {
        _server["/model.zip"].Content = Zip(("../evil.txt", "x"));
        Assert.StartsWith("WISE3003: <web>/model.zip: the file name '../evil.txt' cannot be used: it has the part '..'. "
            + "Leave the file out with IgnorePatterns", await _bench.FailureAsync(Reference()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_entries_with_invalid_names_are_reported_and_patterns_exclude_them()
    {
        _server["/model.zip"].Content = Zip(("../evil.txt", "x"), ("good", "1"), ("NUL", "y"));

        Assert.Equal("WISE3003: <web>/model.zip: 2 file names cannot be used: '../evil.txt' (it has the part '..'), "
            + "'NUL' ('NUL' is a device name on Windows). Leave the files out with IgnorePatterns, "
            + "or ask the owner of the repo to rename them.", await _bench.FailureAsync(Reference()));
        Assert.Equal("good=1", RestoreBench.Contents(
            (await _bench.RestoreAsync(Reference() with { Files = new FileSelection([], ["*evil*", "NUL"]) })).Snapshots[0]));
    }

    [Fact]
    public async Task An_entry_in_a_git_folder_is_an_error()
    {
        _server["/model.zip"].Content = Zip(("a.txt", "x"), (".git/hooks/post-checkout", "#!/bin/sh"));
        string failure = await _bench.FailureAsync(Reference());
        Assert.StartsWith("WISE3003: ", failure, StringComparison.Ordinal);
        Assert.Contains("'.git/hooks/post-checkout' cannot be used: '.git' is a folder of git", failure,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Only_URLs_of_files_can_be_unpacked()
    {
        using HubClient client = _bench.NewClient();
        string Failure(string text) => _bench.Show(Assert.Throws<HubException>(() => client.ParseReference(text, unpack: true)));
        Assert.Equal("WISE1040: 'acme/tiny' is not a URL, so there is nothing to unpack. Remove Unpack.", Failure("acme/tiny"));
        Assert.Equal("WISE1040: 'https://huggingface.co/acme/tiny/resolve/main/a.zip' is a page of the hub 'huggingface', "
            + "whose files are never unpacked. Remove Unpack.",
            Failure("https://huggingface.co/acme/tiny/resolve/main/a.zip"));
    }

    [Fact]
    public async Task An_archive_and_its_unpacked_files_are_two_references()
    {
        using HubClient client = _bench.NewClient();
        RestoreResult result = await _bench.RestoreAsync(Reference(), client.ParseReference(_server.Url("/model.zip")));
        Assert.Equal(["config.json", "sub/model.bin", "model.zip"], result.Snapshots.SelectMany(s => s.Files)
            .Select(f => f.Path));
    }
}
