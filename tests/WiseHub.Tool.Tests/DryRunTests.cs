using System.Text;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub download --dry-run</c>: what it prints, and that it writes nothing.</summary>
public sealed class DryRunTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_plan_tells_what_is_in_the_cache_and_what_would_be_downloaded()
    {
        string commit = await _workspace.PushAsync("acme/m", ("a.txt", "hello"), ("b.txt", "world!"), ("c.md", "c"));
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m", "a.txt")).ExitCode);
        IReadOnlyList<string> before = Everything();

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--include", "*.txt", "--dry-run");

        Assert.Equal(new ProcessResult(0, $"""
            in cache       5 B  a.txt
            download       6 B  b.txt
            Would download 1 file, 6 B, of acme/m at {commit} from local; in the cache: 1 file.

            """.ReplaceLineEndings("\n"), ""), result);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public async Task Without_a_cache_none_is_made()
    {
        string commit = await _workspace.PushAsync("acme/m", ("a.txt", "hello"), ("b.txt", "hello"));
        // Publishing to the folder hub above used it.
        if (Directory.Exists(_workspace.Cache))
            Directory.Delete(_workspace.Cache, recursive: true);

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--dry-run", "--local-dir", "out", "--json");

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "dryRun": true,
              "repoId": "acme/m",
              "repoType": "model",
              "hub": "local",
              "revision": null,
              "commit": "{{commit}}",
              "files": [
                {
                  "path": "a.txt",
                  "size": 5,
                  "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                  "inCache": false
                },
                {
                  "path": "b.txt",
                  "size": 5,
                  "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                  "inCache": false
                }
              ],
              "filesToDownload": 1,
              "bytesToDownload": 5,
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), result);
        Assert.Equal((false, false), (Directory.Exists(_workspace.Cache), Directory.Exists(_workspace.PathOf("work/out"))));
    }

    [Fact]
    public async Task A_hub_is_asked_for_the_list_and_for_no_file()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["big.bin"] = RandomBytes.Of(5_000_000, 1) });
        _workspace.Configure(hub);

        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--hub", "net", "--dry-run");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("download    5.0 MB  big.bin\nWould download 1 file, 5.0 MB, of acme/m at ", result.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain(hub.Requests.All, r => r.Path.Contains("/resolve/", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_workspace.Cache));
    }

    [Fact]
    public async Task With_force_everything_would_be_downloaded()
    {
        string commit = await _workspace.PushAsync("acme/m", ("a.txt", "hello"));
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m")).ExitCode);

        Assert.Equal(new ProcessResult(0, "download       5 B  a.txt\n"
            + $"Would download 1 file, 5 B, of acme/m at {commit} from local.\n", ""),
            await _workspace.RunAsync("download", "acme/m", "--dry-run", "--force"));
    }

    [Fact]
    public async Task A_url_is_not_requested() =>
        Assert.Equal(new ProcessResult(0, "download   unknown  w.bin\nWould download 1 file, 0 B, besides unknown sizes, of "
            + "https://127.0.0.1:9/w.bin from url.\n", ""),
            await _workspace.RunAsync("download", "https://127.0.0.1:9/w.bin", "--dry-run"));

    [Fact]
    public async Task A_file_that_the_repo_lacks_is_an_error_as_without_the_option()
    {
        await _workspace.PushAsync("acme/m", ("a.txt", "hello"));

        Assert.Equal(await _workspace.RunAsync("download", "acme/m", "b.txt"),
            await _workspace.RunAsync("download", "acme/m", "b.txt", "--dry-run"));
    }

    [Fact]
    public async Task Offline_the_last_known_commit_is_planned_from_the_cache()
    {
        await using TestHub hub = await TestHub.StartAsync();
        string commit = hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["a.txt"] = "hello"u8.ToArray() });
        _workspace.Configure(hub);
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/m", "--hub", "net")).ExitCode);
        int requests = hub.Requests.All.Count;

        Assert.Equal(new ProcessResult(0, "in cache       5 B  a.txt\n"
            + $"Would download 0 files, 0 B, of acme/m at {commit} from net; in the cache: 1 file.\n", ""),
            await _workspace.RunAsync("download", "acme/m", "--hub", "net", "--dry-run", "--offline"));
        Assert.Equal(requests, hub.Requests.All.Count);
        ProcessResult gone = await _workspace.RunAsync("download", "acme/n", "--hub", "net", "--dry-run", "--offline");
        Assert.Equal(1, gone.ExitCode);
        Assert.StartsWith("error WISE2014: acme/n: the network must not be used", gone.Error, StringComparison.Ordinal);
    }

    // Names, contents and times: a plan must not even mark a use.
    private IReadOnlyList<string> Everything() => [.. Directory.EnumerateFileSystemEntries(_workspace.Root, "*",
        SearchOption.AllDirectories).Select(p => $"{p} {File.GetLastWriteTimeUtc(p).Ticks} "
            + (File.Exists(p) ? Convert.ToHexString(Encoding.UTF8.GetBytes(File.ReadAllText(p))) : ""))
            .Order(StringComparer.Ordinal)];
}
