using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>A mirror that keeps contents by their sha256. It accepts bundles and can be listed.</summary>
internal interface IBundleTarget : IMirrorTarget
{
    /// <summary>The folder of the mirror on this machine; null for a server.</summary>
    string? Folder { get; }

    /// <inheritdoc cref="IContentStore.LocalContents"/>
    BlobStore? LocalContents();

    /// <summary>Says whether it has a content. In a folder, the content is verified.</summary>
    Task<bool> HasAsync(Digest digest, CancellationToken cancel);

    /// <summary>Reads a small content and verifies it.</summary>
    /// <param name="digest">The content.</param>
    /// <param name="limit">The most bytes that are read.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Null if it is not there, or has more bytes.</returns>
    /// <exception cref="HubException">WISE3001: it was changed; WISE3005; a code of the file system or of the bucket.</exception>
    Task<byte[]?> ReadAsync(Digest digest, int limit, CancellationToken cancel);

    /// <summary>Writes contents before the commits that list them.</summary>
    /// <exception cref="HubException">A code of the file system or of the bucket.</exception>
    Task<MirrorOutcome> WriteAsync(IReadOnlyList<MirroredContent> contents, CancellationToken cancel);

    /// <summary>Lists its commits and contents. It reads names and file lists, no contents.</summary>
    /// <exception cref="HubException">WISE3005, WISE3006, or a code of the file system or of the bucket.</exception>
    Task<MirrorListing> ListAsync(CancellationToken cancel);
}
