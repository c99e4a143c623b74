using System.Text;
using WiseHub.Client;

namespace WiseHub.Testing;

/// <summary>Makes a folder a store hub and pushes to it, the way a program would.</summary>
public sealed class StoreBuilder(string folder)
{
    /// <summary>When the commits of a builder were made: ids of commits depend on it, and tests name them.</summary>
    public static readonly DateTimeOffset CommitTime = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);

    public string Folder { get; } = folder;

    /// <summary>Pushes texts as one commit.</summary>
    /// <returns>The commit.</returns>
    public Task<string> PushAsync(string repoId, params (string Path, string Text)[] files) => PushAsync(repoId, "main", files);

    /// <inheritdoc cref="PushAsync(string, ValueTuple{string, string}[])"/>
    public Task<string> PushAsync(string repoId, string revision, params (string Path, string Text)[] files) =>
        PushAsync(repoId, revision, [.. files.Select(f => (f.Path, Encoding.UTF8.GetBytes(f.Text)))]);

    /// <summary>Pushes contents as one commit.</summary>
    public async Task<string> PushAsync(
        string repoId, string revision, IReadOnlyList<(string Path, byte[] Content)> files, RepoType type = RepoType.Model)
    {
        using var sources = new TempFolder();
        var push = new PushRequest
        {
            Hub = "built",
            RepoId = repoId,
            RepoType = type,
            Revision = revision,
            Message = "made by a test",
            Prune = true,
            Files = [.. files.Select((f, i) => new PushFile(sources.Write($"{i}", f.Content), f.Path))],
        };
        string config = sources.Write("wisehub.json", "{\"hubs\":{\"built\":{\"protocol\":\"store\",\"path\":"
            + System.Text.Json.JsonSerializer.Serialize(Folder) + "}}}");
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = config,
            CacheDirectory = sources["cache"],
            Environment = TestEnvironment.Empty,
            Time = new FixedTime(CommitTime),
        });
        return (await client.PushAsync(push)).Commit;
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
