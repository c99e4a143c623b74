namespace WiseHub.Client;

/// <summary>One file of a commit, as its hub lists it. A value that the hub does not state is null.</summary>
/// <param name="Path">Path in the repo, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Oid">Git blob id (40 hex).</param>
/// <param name="Sha256">Digest of the content: as the hub states it, or from the bytes once they were hashed.</param>
public sealed record TreeEntry(string Path, long? Size, string? Oid, Digest? Sha256);
