using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>A copy of a dataset or model.</summary>
/// <param name="Name">Id, configuration, revision.</param>
/// <param name="Where">Folder or URL, for messages.</param>
/// <param name="Presence">Its completeness.</param>
/// <param name="Files">Its files.</param>
/// <param name="LocateAsync">The location of a file, by its path.</param>
internal sealed record HgCopy(HgCopyName Name, string Where, HgPresence Presence, IReadOnlyList<HgFile> Files,
    Func<string, CancellationToken, Task<BlobLocation>> LocateAsync)
{
    /// <summary>The folder of a local copy.</summary>
    public string? Folder { get; init; }

    /// <summary>The copy can be read, or was read, without credentials.</summary>
    public bool IsPublic { get; init; }

    /// <summary>The id of the mirrored commit; null for a copy that is no mirror.</summary>
    public string? MirroredCommit { get; init; }

    public string Commit => MirroredCommit ?? _own;

    private readonly string _own = HgFile.Commit(Files);
}
