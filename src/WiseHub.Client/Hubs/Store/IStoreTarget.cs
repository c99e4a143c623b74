using WiseHub.Client.Contents;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Reads and writes one repo and revision of a store, which is a folder or a bucket.
/// </summary>
internal interface IStoreTarget : IAsyncDisposable
{
    /// <summary>The number of files to add at the same time.</summary>
    int Parallelism { get; }

    /// <summary>Checks that the place, if it is a store, has a supported version. Writes nothing.</summary>
    Task LookAsync(CancellationToken cancel);

    /// <summary>Makes the place a store if it is not one yet.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>Reads the current commit of the revision. <see cref="TryMoveRefAsync"/> compares with this state.</summary>
    Task<string?> ReadRefAsync(CancellationToken cancel);

    Task<TreeFile?> ReadTreeAsync(string commit, CancellationToken cancel);

    /// <summary>Says whether the store has a content, as far as it can tell without a download.</summary>
    Task<bool> HasAsync(LocalFile file, CancellationToken cancel);

    /// <summary>Adds a content.</summary>
    /// <param name="file">The content on this machine.</param>
    /// <param name="sent">Receives the number of bytes sent; negative for an attempt that failed and is repeated.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>
    /// The digest of the bytes read, and the number of bytes kept from an earlier attempt. If the digest is not the expected
    /// one, nothing is kept.
    /// </returns>
    Task<(Digest Sha256, long Kept)> AddAsync(LocalFile file, Action<long>? sent, CancellationToken cancel);

    /// <summary>Writes a file list, once everything it lists is stored durably.</summary>
    Task WriteTreeAsync(string commit, TreeFile tree, byte[] bytes, CancellationToken cancel);

    /// <summary>Moves the ref from the commit that was read to a new one. This last step makes a push visible.</summary>
    /// <returns>Null on success; else the commit that another push moved it to.</returns>
    Task<string?> TryMoveRefAsync(string? parent, string commit, CancellationToken cancel);
}
