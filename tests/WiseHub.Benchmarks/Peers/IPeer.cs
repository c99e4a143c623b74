using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Peers;

/// <summary>What is to be done.</summary>
/// <param name="Repo">Of the hub.</param>
/// <param name="Endpoint">Of the hub.</param>
/// <param name="Folder">A fresh one, for whatever is made.</param>
internal sealed record Job(HubRepo Repo, Uri Endpoint, string Folder)
{
    /// <summary>Connections at once, for programs that let one say.</summary>
    public int Connections { get; init; } = 16;
}

/// <summary>Another program, or a limit of the machine, that does the same work or a part of it.</summary>
internal interface IPeer
{
    string Name { get; }

    /// <summary>It checks the contents' hashes before it says that it is done; null for limits, which deliver nothing.</summary>
    bool? Verifies { get; }

    /// <summary>Makes what it needs for a repo; not timed.</summary>
    /// <returns>Why it cannot run here; null when it can.</returns>
    Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel);

    /// <summary>What is timed.</summary>
    Command Fetch(Job job);
}
