namespace WiseHub.Client;

/// <summary>The files of a revision.</summary>
/// <param name="Hub">The hub that was asked.</param>
/// <param name="Commit">What the revision is.</param>
/// <param name="Files">In ordinal UTF-8 order.</param>
public sealed record RepoListing(string Hub, string Commit, IReadOnlyList<ListedFile> Files);

/// <summary>A file as the hub lists it. What it does not state is null.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
/// <param name="Oid">Git's id of the content.</param>
public sealed record ListedFile(string Path, long? Size, Digest? Sha256, string? Oid);
