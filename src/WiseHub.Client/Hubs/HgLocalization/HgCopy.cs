using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>One copy that was found.</summary>
/// <param name="Name">Id, configuration, revision.</param>
/// <param name="Where">Folder or address, for messages.</param>
/// <param name="Presence">How much is there.</param>
/// <param name="Files">Its content.</param>
/// <param name="LocateAsync">Path → where its bytes are.</param>
internal sealed record HgCopy(HgCopyName Name, string Where, HgPresence Presence, IReadOnlyList<HgFile> Files,
    Func<string, CancellationToken, Task<BlobLocation>> LocateAsync)
{
    /// <summary>The folder of a local copy.</summary>
    public string? Folder { get; init; }

    /// <summary>It came, or can be had, without credentials.</summary>
    public bool IsPublic { get; init; }

    /// <summary>What the hub that it is a mirror of calls it; null for a copy of its own.</summary>
    public string? MirroredCommit { get; init; }

    public string Commit => MirroredCommit ?? _own;

    private readonly string _own = HgFile.Commit(Files);
}
