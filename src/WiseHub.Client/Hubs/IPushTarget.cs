using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>Where a push to a store goes, for one repo and revision: what is there already, and how things get there.</summary>
internal interface IPushTarget : IAsyncDisposable
{
    /// <summary>Files that are added at once.</summary>
    int Parallelism { get; }

    /// <summary>Makes the place a store if it is none yet.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>The commit that the revision is at now, and what <see cref="TryMoveRefAsync"/> compares with.</summary>
    Task<string?> ReadRefAsync(CancellationToken cancel);

    Task<TreeFile?> ReadTreeAsync(string commit, CancellationToken cancel);

    /// <summary>Makes sure that a content is there.</summary>
    Task<(Digest Digest, long Size)> AddAsync(string file, CancellationToken cancel);

    /// <summary>Writes a tree, when all that it lists is there for good.</summary>
    Task WriteTreeAsync(string commit, TreeFile tree, byte[] bytes, CancellationToken cancel);

    /// <summary>Moves the ref from the commit that was read to another one; the last step, which makes a push visible.</summary>
    /// <returns>Null when it is done; else the commit that somebody else moved it to.</returns>
    Task<string?> TryMoveRefAsync(string? parent, string commit, CancellationToken cancel);
}
