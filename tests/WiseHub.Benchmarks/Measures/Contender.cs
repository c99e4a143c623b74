using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>One line of a table, before it has run.</summary>
/// <param name="Name">Of the line.</param>
/// <param name="Kind">Of the line.</param>
/// <param name="Repo">The repo that it fetches.</param>
/// <param name="Run">The timed commands; they run at once.</param>
internal sealed record Contender(string Name, Kind Kind, HubRepo Repo, Func<Job, IReadOnlyList<Command>> Run)
{
    public bool? Verifies { get; init; }

    public int Connections { get; init; } = 16;

    /// <summary>Starts without work, all at once; their time in the same round is subtracted.</summary>
    public IReadOnlyList<Command> Starts { get; init; } = [];

    /// <summary>Prepares a repo before the rounds; returns the reason if the contender cannot run here.</summary>
    public Func<Uri, CancellationToken, Task<string?>> Prepare { get; init; } = (_, _) => Task.FromResult<string?>(null);

    /// <summary>A command that runs first in a fresh folder, untimed.</summary>
    public Func<Job, Command>? Before { get; init; }

    /// <summary>Another program that fetches a repo.</summary>
    public static Contender Of(IPeer peer, HubRepo repo) =>
        new(peer.Name, peer.Verifies is null ? Kind.Limit : Kind.Peer, repo, job => [peer.Fetch(job)])
        {
            Verifies = peer.Verifies,
            Prepare = (endpoint, cancel) => peer.PrepareAsync(repo, endpoint, cancel),
        };

    /// <summary>Our tool fetches a repo.</summary>
    public static Contender Of(Wisehub tool, HubRepo repo, string name = Wisehub.Name) =>
        new(name, Kind.Ours, repo, job => [tool.Download(job)])
        {
            Verifies = true,
        };
}
