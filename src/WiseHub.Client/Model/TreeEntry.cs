namespace WiseHub.Client;

/// <summary>A file of a commit, as its hub lists it. Facts that the hub does not report are null.</summary>
/// <param name="Path">Path in the repo, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Oid">Git blob id (40 hex).</param>
/// <param name="Sha256">Digest of the content, reported by the hub or computed from the bytes.</param>
public sealed record TreeEntry(string Path, long? Size, string? Oid, Digest? Sha256);
