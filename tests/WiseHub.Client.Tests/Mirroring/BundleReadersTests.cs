using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>A bundle unpacked by common archive programs is a store.</summary>
public sealed class BundleReadersTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    private TempFolder Temp => _bench.Project.Temp;

    public async ValueTask InitializeAsync()
    {
        _bench = await HubBench.StartAsync();
        // A name that is too long for the header, in a file list; contents of every size.
        _bench.Repo(("config.json", "{}"), ("empty.txt", ""), ("model.bin", new string('w', 100_000)));
        using HubClient client = _bench.NewClient();
        await client.Mirrors.ExportBundleAsync(new ExportBundleRequest
        {
            References =
                [HubBench.Reference(), HubBench.Reference() with { Revision = _bench.Hub.FindRepo(HubBench.Id)!.Head() }],
            BundlePath = Temp["a.tar"]
        });
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("tar", "-xf", "a.tar", "-C", "out")]
    [InlineData("busybox", "tar", "-xf", "a.tar", "-C", "out")]
    [InlineData("bsdtar", "-xf", "a.tar", "-C", "out")]
    [InlineData("7z", "x", "-y", "-oout", "a.tar")]
    [InlineData("python3", "-m", "tarfile", "-e", "a.tar", "out")]
    public async Task An_unpacked_bundle_is_a_store_whichever_program_unpacks_it(string program, params string[] arguments)
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync(program), $"'{program}' is not installed.");
        Directory.CreateDirectory(Temp["out"]);
        ProcessResult result = await ProcessRunner.RunAsync(program, arguments, Temp.Path);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal(["blobs", "models", "wisehub-bundle.json", "wisehub-store.json"], Directory.GetFileSystemEntries(Temp["out"])
            .Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal));

        _bench.Project.Configure("""{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"out"}}}""");
        RestoreResult restored = await _bench.RestoreAsync(
            _bench.Project.Request(new RepoReference { RepoId = HubBench.Id, Revision = "main" }) with { LockFilePath = null });
        Assert.Equal($"config.json={{}}\nempty.txt=\nmodel.bin={new string('w', 100_000)}",
            RestoreBench.Contents(restored.Snapshots[0]));
    }
}
