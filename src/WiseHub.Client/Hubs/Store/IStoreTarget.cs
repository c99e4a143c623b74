using WiseHub.Client.Contents;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// What writes to a store, a folder or a bucket, for one repo and revision: what is there already, and how things get there.
/// </summary>
internal interface IStoreTarget : IAsyncDisposable
{
    /// <summary>Files that are added at once.</summary>
    int Parallelism { get; }

    /// <summary>Reads whether the place is a store, of a version that this one knows. Writes nothing.</summary>
    Task LookAsync(CancellationToken cancel);

    /// <summary>Makes the place a store if the look found none.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>The commit that the revision is at now, and what <see cref="TryMoveRefAsync"/> compares with.</summary>
    Task<string?> ReadRefAsync(CancellationToken cancel);

    Task<TreeFile?> ReadTreeAsync(string commit, CancellationToken cancel);

    /// <summary>Whether a content is there, as far as the place can tell without giving it out.</summary>
    Task<bool> HasAsync(LocalFile file, CancellationToken cancel);

    /// <summary>Brings a content there.</summary>
    /// <param name="file">The content on this machine.</param>
    /// <param name="sent">Told how many bytes went out; of a try that came to nothing, how many less.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>
    /// What it was, and how many bytes of it were there from an earlier try. Where it is not what it must be,
    /// nothing of it is kept.
    /// </returns>
    Task<(Digest Sha256, long Kept)> AddAsync(LocalFile file, Action<long>? sent, CancellationToken cancel);

    /// <summary>Writes a tree, when all that it lists is there for good.</summary>
    Task WriteTreeAsync(string commit, TreeFile tree, byte[] bytes, CancellationToken cancel);

    /// <summary>Moves the ref from the commit that was read to another one; the last step, which makes a push visible.</summary>
    /// <returns>Null when it is done; else the commit that somebody else moved it to.</returns>
    Task<string?> TryMoveRefAsync(string? parent, string commit, CancellationToken cancel);
}
