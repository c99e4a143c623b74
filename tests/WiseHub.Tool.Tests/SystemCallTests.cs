using System.Globalization;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// System calls for files, counted by strace: the cost of a snapshot of thousands of small files beside the network.
/// </summary>
[Needs(Need.Strace)]
public sealed class SystemCallTests : IAsyncLifetime
{
    private const int Few = 20, Many = 220;

    // Each opens, reads, writes, looks at or changes a file; mkdir is counted apart, because up to 256 folders of blobs are made.
    private const string OfFiles = "open,openat,creat,write,writev,pwrite64,ftruncate,fallocate,lseek,flock,fsync,fdatasync,stat,"
        + "lstat,fstat,newfstatat,statx,access,faccessat,faccessat2,readlink,readlinkat,rename,renameat,renameat2,link,linkat,"
        + "symlink,unlink,unlinkat,chmod,fchmod,utimensat,geteuid,getuid";

    private readonly ToolWorkspace _workspace = new();
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        foreach (int count in (int[])[Few, Many])
        {
            _hub.CreateRepo($"acme/m{count}").Commit(Enumerable.Range(0, count).ToDictionary(
                i => string.Create(CultureInfo.InvariantCulture, $"d{i % 4}/{i}.txt"), i => (byte[]?)RandomBytes.Of(2000, i)));
        }
        _workspace.Configure(_hub);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _workspace.Dispose();
    }

    private async Task<int> CountAsync(int files)
    {
        string trace = _workspace.PathOf($"trace{files}");
        ProcessResult result = await ProcessRunner.RunAsync("strace", ["-f", "-qq", "-e", $"trace={OfFiles}", "-o", trace,
            .. ToolProgram.Command, "download", $"acme/m{files}", "--hub", "net"],
            _workspace.Work, _workspace.Environment);
        Assert.True(result.ExitCode == 0, result.Error);
        // A call during which another thread is shown takes two lines.
        return File.ReadLines(trace).Count(l => l.Contains('(', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_small_file_of_a_cold_download_takes_five_calls()
    {
        // Created, written, stamped, renamed, linked; close is not counted here.
        await CountAsync(Few);
        Directory.Delete(_workspace.Cache, recursive: true);
        int few = await CountAsync(Few), many = await CountAsync(Many);
        Assert.InRange((many - few) / (double)(Many - Few), 4.9, 5.5);
    }

    [Fact]
    public async Task A_small_file_that_is_there_takes_two_looks()
    {
        await CountAsync(Few);
        await CountAsync(Many);
        int few = await CountAsync(Few), many = await CountAsync(Many);
        Assert.InRange((many - few) / (double)(Many - Few), 1.9, 2.5);
    }
}
