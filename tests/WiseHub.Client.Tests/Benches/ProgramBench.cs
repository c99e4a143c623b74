using System.Reflection;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// A program that fetches a model at run time: a build has locked it on a <see cref="TestHub"/>, the hub <c>team</c>, and the
/// program is in a folder of its own, with a cache of its own.
/// </summary>
internal sealed class ProgramBench : IAsyncDisposable
{
    public const string Alias = "tiny", ManifestName = "wise-models/tiny.json";

    private readonly TestEnvironment _environment;

    private ProgramBench(HubBench build)
    {
        Build = build;
        Build.Project.Configure($$$"""
            {"defaultHub":"team",
             "hubs":{"team":{"protocol":"huggingface","endpoint":"{{{build.Hub.Endpoint.OriginalString}}}"} } }
            """);
        _environment = new TestEnvironment(App["home"]);
        Log = new RecordingLog().Hiding(App.Path, "<app>").Hiding(build.Hub.Endpoint.GetLeftPart(UriPartial.Authority), "<hub>");
    }

    public HubBench Build { get; }

    public TestHub Hub => Build.Hub;

    /// <summary>The folder of the program and what is beside it.</summary>
    public TempFolder App { get; } = new();

    public RecordingLog Log { get; }

    public string Cache => App["cache"];

    public string ManifestPath => App["program/" + ManifestName];

    public RunTimeManifest Manifest { get; private set; } = null!;

    public RunTimeModel Model { get; private set; } = null!;

    public RunTimeOptions Options => new()
    {
        ApplicationDirectory = App["program"],
        CacheDirectory = Cache,
        Environment = _environment.Read,
        Log = Log,
        Retries = 2,
    };

    /// <summary>The program as a process.</summary>
    public static string Program { get; } = typeof(ProgramBench).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == "TestModel").Value!;

    /// <summary>Starts a hub with these files, locks them, and makes the program.</summary>
    public static async Task<ProgramBench> StartAsync(params (string Path, string Text)[] files)
    {
        var bench = new ProgramBench(await HubBench.StartAsync());
        bench.Build.Repo(files);
        await bench.PublishAsync();
        return bench;
    }

    /// <summary>The same, with one file of random bytes.</summary>
    public static async Task<ProgramBench> StartBigAsync(int size)
    {
        var bench = new ProgramBench(await HubBench.StartAsync());
        bench.Build.BigRepo(size);
        await bench.PublishAsync();
        return bench;
    }

    /// <summary>Builds the program again.</summary>
    public async Task PublishAsync(RepoReference? reference = null)
    {
        using (HubClient client = Build.NewClient(o => o with { Time = TimeProvider.System, Retries = 2 }))
        {
            RestoreResult result = await client.RestoreAsync(new RestoreRequest
            {
                References = [reference ?? HubBench.Reference()],
                LockFilePath = Build.Project.LockFile,
            });
            Manifest = RunTimeManifest.Create(client.Config, result.Snapshots[0]);
        }
        Ship(Manifest.ToBytes());
        Hub.Requests.Clear();
    }

    /// <summary>Writes any manifest, which the program accepts.</summary>
    public void Ship(byte[] manifest)
    {
        App.Write("program/" + ManifestName, manifest);
        Model = new RunTimeModel(Alias, ManifestName, RestoreBench.Sha256(manifest));
    }

    public void Ship(string manifest) => Ship(Encoding.UTF8.GetBytes(manifest));

    public void SetEnvironment(string name, string value) => _environment[name] = value;

    public Task<string> EnsureAsync(Func<RunTimeOptions, RunTimeOptions>? change = null, CancellationToken cancel = default) =>
        Model.EnsureAsync(null, change?.Invoke(Options) ?? Options, cancel);

    public string? TryFind() => Model.TryFind(Options);

    public async Task<string> FailureAsync(Func<RunTimeOptions, RunTimeOptions>? change = null)
    {
        HubException e = await Assert.ThrowsAsync<HubException>(() => EnsureAsync(change));
        return Log.Hide($"{e.Code}: {e.Message}");
    }

    /// <summary>Runs the program as a process.</summary>
    public Task<ProcessResult> RunAsync(string verb, params IEnumerable<string> before)
    {
        string[] line = [.. before, "dotnet", Program, verb, Alias, ManifestPath, Model.ManifestSha256];
        return ProcessRunner.RunAsync(line[0], line[1..], App.Path, ProcessEnvironment);
    }

    public Dictionary<string, string?> ProcessEnvironment => new()
    {
        ["WISEHUB_CACHE"] = Cache,
        ["HOME"] = App["home"],
        ["WISEHUB_CONFIG"] = null,
        ["WISEHUB_OFFLINE"] = null,
        ["HF_HUB_OFFLINE"] = null,
    };

    /// <summary>The files of a folder, as <c>path=text</c>.</summary>
    public static string Files(string folder) => string.Join('\n', Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(f => $"{Path.GetRelativePath(folder, f).Replace('\\', '/')}={File.ReadAllText(f)}")
        .Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await Build.DisposeAsync();
        App.Dispose();
    }
}
