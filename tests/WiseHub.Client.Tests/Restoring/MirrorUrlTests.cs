using System.IO.Compression;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files of URLs have no repo in a store: a mirror stores them under their digests, which the lock file has.</summary>
public sealed class MirrorUrlTests : IAsyncLifetime
{
    private const string Expected = "model.bin=weights\nconfig.json={}\nsub/big.bin=WEIGHTS";

    private readonly RestoreBench _bench = new();
    private FileServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FileServer.StartAsync();
        _server.Serve("/model.bin", "weights"u8.ToArray()).Etag = "\"1\"";
        _server.Serve("/more.zip", Zip(("config.json", "{}"), ("sub/big.bin", "WEIGHTS"))).Etag = "\"2\"";
        _bench.Log.Hiding(_server.Url(""), "<web>");
        Configure("[]");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _bench.Dispose();
    }

    private void Configure(string mirrors, bool only = false) => _bench.Configure($$"""
        {"hubs":{"disk":{"protocol":"store","path":"mirror"},"own":{"protocol":"store","path":"own"} },"mirrors":{{mirrors}},
         "mirrorsOnly":{{(only ? "true" : "false")}} }
        """);

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

    private RepoReference[] Both()
    {
        using HubClient client = _bench.NewClient();
        return [client.ParseReference(_server.Url("/model.bin")), client.ParseReference(_server.Url("/more.zip"), unpack: true)];
    }

    private static string Contents(RestoreResult result) => string.Join('\n', result.Snapshots.Select(RestoreBench.Contents));

    /// <summary>Only the lock file is left on this side, and of the server nothing.</summary>
    private void Forget()
    {
        Directory.Delete(_bench.Cache, recursive: true);
        _server.Forget();
        (_server["/model.bin"].Status, _server["/more.zip"].Status) = (404, 404);
        _bench.Log.Clear();
    }

    private static string[] Names(params string[] texts) => [.. texts.Select(t => RestoreBench.Sha256(t))
        .Select(d => $"blobs/{d[..2]}/{d[2..]}").Append("wisehub-store.json").Order(StringComparer.Ordinal)];

    private string[] Files(string folder) => [.. Directory.EnumerateFiles(_bench.Temp[folder], "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(_bench.Temp[folder], f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_and_the_files_of_an_archive_are_written_to_and_read_from_a_mirror(bool only)
    {
        Configure("""[{"hub":"disk","write":true}]""");
        await _bench.RestoreAsync(Both());
        Assert.Contains("info: <web>/model.bin: wrote 1 file, 7 B, of commit ", _bench.Log.Visible, StringComparison.Ordinal);
        Assert.Contains("info: <web>/more.zip: wrote 2 files, 9 B, of commit ", _bench.Log.Visible, StringComparison.Ordinal);
        Assert.Equal(Names("weights", "{}", "WEIGHTS"), Files("mirror"));
        Forget();
        Configure("""[{"hub":"disk"}]""", only);
        Assert.Equal(Expected, Contents(await _bench.RestoreAsync(_bench.Request(Both()) with { Locked = true })));
        Assert.Equal("", _server.Requests);
        Assert.StartsWith("info: Fetching 3 files, 16 B, from disk …", _bench.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_bytes_from_a_mirror_are_a_warning_and_the_file_comes_from_the_URL()
    {
        Configure("""[{"hub":"disk","write":true}]""");
        await _bench.RestoreAsync(Both()[0]);
        string digest = RestoreBench.Sha256("weights");
        RestoreBench.Damage(_bench.Temp[$"mirror/blobs/{digest[..2]}/{digest[2..]}"], "WRONGLY");
        Directory.Delete(_bench.Cache, recursive: true);
        Configure("""[{"hub":"disk"}]""");
        Assert.Equal("model.bin=weights", Contents(await _bench.RestoreAsync(_bench.Request(Both()[0]) with { Locked = true })));
        Assert.Contains("warning WISE3001: ", _bench.Log.Visible, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_mirrorsOnly_a_URL_needs_a_lock_file()
    {
        Configure("""[{"hub":"disk"}]""", only: true);
        Assert.Equal("WISE2070: <web>/model.bin: 'url' must not be contacted (\"mirrorsOnly\" in <temp>/wisehub.json), "
            + "and a mirror finds the content of a URL only by the digest in a lock file. Create the lock file on a machine that "
            + "can reach the URL. Mirror it from a machine that reaches the hub: run wisehub mirror pull, "
            + "or restore with a mirror that has \"write\": true.", await _bench.FailureAsync(Both()[0]));
        Assert.Equal("", _server.Requests);
    }

    [Fact]
    public async Task Files_of_a_lock_file_are_copied_by_digest()
    {
        await _bench.RestoreAsync(Both());
        using (HubClient client = _bench.NewClient())
        {
            MirrorResult result = await client.Mirrors.PushAsync(new MirrorRequest { LockFilePath = _bench.LockFile, To = "own" },
                TestContext.Current.CancellationToken);
            Assert.Equal((3, 16L), (result.FilesWritten, result.BytesWritten));
        }
        Assert.Equal(Names("weights", "{}", "WEIGHTS"), Files("own"));
    }

    [Fact]
    public async Task A_bundle_carries_the_files_of_URLs_to_where_the_server_is_unreachable()
    {
        await _bench.RestoreAsync(Both());
        using (HubClient client = _bench.NewClient())
        {
            await client.Mirrors.ExportBundleAsync(
                new ExportBundleRequest { LockFilePath = _bench.LockFile, BundlePath = _bench.Temp["carried.tar"] },
                TestContext.Current.CancellationToken);
            MirrorResult imported = await client.Mirrors.ImportBundleAsync(
                new ImportBundleRequest { BundlePath = _bench.Temp["carried.tar"], To = "own" },
                TestContext.Current.CancellationToken);
            Assert.Equal((3, 16L), (imported.FilesWritten, imported.BytesWritten));
        }
        Forget();
        Configure("""[{"hub":"own"}]""", only: true);
        Assert.Equal(Expected, Contents(await _bench.RestoreAsync(_bench.Request(Both()) with { Locked = true })));
        Assert.Equal("", _server.Requests);
    }
}
