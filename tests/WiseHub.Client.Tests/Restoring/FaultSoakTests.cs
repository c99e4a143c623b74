using System.Globalization;
using System.Security.Cryptography;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Restores in one process against a hub whose answers go wrong at random, with a cache that is left as the last one left it. 500
/// of them here; <c>WISEHUB_SOAK=10000 dotnet test tests/WiseHub.Client.Tests --filter FaultSoakTests</c> is the whole. What
/// fails is run again with <c>WISEHUB_SOAK_SEED</c>.
/// </summary>
public sealed class FaultSoakTests : IAsyncLifetime
{
    // Long enough for a busy machine: 15 s of patience are half a second.
    private const int Faster = 30;

    private static readonly TimeSpan Hanging = TimeSpan.FromMinutes(2);

    private static readonly int[] Statuses = [400, 401, 403, 404, 408, 410, 429, 500, 502, 503, 504];

    private static readonly string[] Headers =
        ["ETag", "Content-Length", "Accept-Ranges", "X-Linked-Size", "X-Linked-Etag", "X-Repo-Commit", "Content-Range"];

    private readonly TempFolder _temp = new();
    private readonly FasterTime _time = new(Faster);
    private readonly Dictionary<string, Dictionary<string, string>> _expected = [];
    private readonly int _seed = Number("WISEHUB_SOAK_SEED") ?? Random.Shared.Next();
    private readonly int _rounds = Number("WISEHUB_SOAK") ?? 500;
    private readonly Random _random;
    private TestHub _hub = null!;

    public FaultSoakTests() => _random = new Random(_seed);

    private string Cache => _temp["cache"];

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        Publish("acme/small", [0, 1, 700, 40_000, 65_536, 65_537, 40_000]);
        Publish("acme/middle", [10, 900_000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_500_000]);
        Publish("acme/large", [100, (17 << 20) + 5]);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Any_fault_gives_right_bytes_or_an_error_code_and_the_next_restore_succeeds()
    {
        int succeeded = 0;
        for (int round = 0; round < _rounds; round++)
        {
            string repo = _random.Next(20) switch { 0 => "acme/large", < 6 => "acme/middle", _ => "acme/small" };
            string what = $"round {round} of seed {_seed}: {repo}, {Spoil()}";
            try
            {
                Leave();
                if (await TryRestoreAsync(repo, what, mayFail: true))
                    succeeded++;
                _hub.Faults.Clear();
                await TryRestoreAsync(repo, what, mayFail: false);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{what}: {e}");
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{_rounds} rounds of seed {_seed}: {succeeded} arrived in spite of the "
            + "faults, the others after them");
        // Else the faults would hide what they are to show.
        Assert.InRange(succeeded, _rounds / 10, _rounds);
    }

    private async Task<bool> TryRestoreAsync(string repo, string what, bool mayFail)
    {
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = null,
            CacheDirectory = Cache,
            Environment = new TestEnvironment(_temp["home"], ("HF_ENDPOINT", _hub.Endpoint.OriginalString)).Read,
            Time = _time,
            MaxParallelDownloads = _random.Next(1, 9),
        });
        using var cancel = new CancellationTokenSource();
        if (mayFail && _random.Next(20) == 0)
            cancel.CancelAfter(_random.Next(1, 60));
        RestoreResult result;
        try
        {
            var request = new RestoreRequest
            {
                References = [new RepoReference { RepoId = repo, Hubs = ["huggingface"], Revision = "main" }]
            };
            result = await client.RestoreAsync(request, cancel.Token).WaitAsync(Hanging, CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return false;
        }
        catch (HubException e) when (mayFail)
        {
            Assert.StartsWith("WISE", e.Code, StringComparison.Ordinal);
            return false;
        }
        Assert.True(_expected[repo].OrderBy(f => f.Key, StringComparer.Ordinal).SequenceEqual(
            result.Snapshots[0].Files.Select(f => KeyValuePair.Create(f.Path, HashOf(f.BlobPath)))
                .OrderBy(f => f.Key, StringComparer.Ordinal)), what);
        if (!mayFail && Directory.Exists(_temp["cache/partial"]))
            Assert.True(Directory.GetFileSystemEntries(_temp["cache/partial"]).Length == 0, what);
        return true;
    }

    /// <summary>
    /// What the last round left is taken away: everything, or the contents, or the contents and something of what else
    /// is there is damaged.
    /// </summary>
    private void Leave()
    {
        if (!Directory.Exists(Cache))
            return;
        switch (_random.Next(4))
        {
            case 0:
                Directory.Delete(Cache, recursive: true);
                return;
            case 1:
                foreach (string file in Directory.GetFiles(Cache, "*", SearchOption.AllDirectories)
                    .Where(f => _random.Next(4) == 0 && !f.EndsWith(".json", StringComparison.Ordinal)))
                    File.Delete(file);
                return;
            case 2:
                foreach (string file in Directory.GetFiles(_temp["cache/blobs"], "*", SearchOption.AllDirectories)
                    .Where(_ => _random.Next(2) == 0))
                    File.WriteAllText(file, "something else");
                return;
            default:
                Directory.Delete(_temp["cache/blobs"], recursive: true);
                return;
        }
    }

    private string Spoil()
    {
        var said = new List<string>();
        for (int count = _random.Next(4); count > 0; count--)
        {
            string path = _random.Next(4) switch { 0 => "/api/", 1 => "/resolve/", _ => "/content/" };
            Fault fault = NewFault();
            // A server that moves forward is never given up, and by such small steps it would take until tomorrow.
            int times = _random.Next(8) == 0 && fault is not Fault.CutAfter { Bytes: < 70_000 }
                ? int.MaxValue : _random.Next(1, 5);
            _hub.Faults.On(path, fault, times);
            said.Add($"{path} {fault} × {times}");
        }
        return said.Count == 0 ? "all well" : string.Join(", ", said);
    }

    private Fault NewFault()
    {
        long at = _random.Next(3) == 0 ? _random.Next(20 << 20) : _random.Next(70_000);
        return _random.Next(14) switch
        {
            0 => new Fault.CutAfter(at),
            1 => new Fault.Stall(at, Hanging),
            2 => new Fault.Status(Statuses[_random.Next(Statuses.Length)]),
            3 => new Fault.Status(429, _random.Next(3) switch { 0 => "1", 1 => "600", _ => "soon" }),
            4 => new Fault.IgnoreRange(),
            5 => new Fault.RangeNotSatisfiable(),
            6 => new Fault.WrongRange(_random.Next(-3, 4)),
            7 => new Fault.WrongBytes(at),
            8 => new Fault.WrongLength(_random.Next(-5, 6)),
            9 => new Fault.Gzip(),
            10 => new Fault.ExpiredUrl(),
            11 => new Fault.RedirectTo(new Uri("http://127.0.0.1:1/nobody")),
            12 => new Fault.Delay(TimeSpan.FromMilliseconds(_random.Next(50))),
            _ => new Fault.OmitHeaders(Headers[_random.Next(Headers.Length)]),
        };
    }

    private void Publish(string repo, int[] sizes)
    {
        var files = new Dictionary<string, byte[]?>();
        for (int i = 0; i < sizes.Length; i++)
        {
            byte[] content = new byte[sizes[i]];
            new Random(sizes[i]).NextBytes(content);
            // Both kinds: known by sha256, and known by git's blob id.
            files[i % 2 == 0 ? $"folder/{i}.bin" : $"{i}.txt"] = content;
        }
        _hub.CreateRepo(repo).Commit(files);
        _expected[repo] = files.ToDictionary(f => f.Key, f => Convert.ToHexStringLower(SHA256.HashData(f.Value!)));
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;
}
