namespace WiseHub.Client;

/// <summary>Finds contradictions between two file lists of one commit.</summary>
internal static class TreeEntryDifference
{
    /// <returns>The contradiction in words, to be followed by the source of the second value; null if the lists agree.</returns>
    public static string? Find(TreeEntry known, TreeEntry other) =>
        known.Sha256 is Digest right && other.Sha256 is Digest digest && right != digest
            ? (Text)$"the sha256 {digest.Hex}, but {right.Hex}"
        : known.Oid is string id && other.Oid is string oid && id != oid ? (Text)$"the git id {oid}, but {id}"
        : known.Size is long size && other.Size is long length && size != length ? (Text)$"{length} bytes, but {size}"
        : null;
}
