using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>One file of a copy.</summary>
/// <param name="Path">Path in the copy, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest, where our checksum object or this machine's own hash says it.</param>
/// <param name="Mark">
/// Without a digest: what changes when the content does (an ETag, the digest of the archive it came in).
/// </param>
internal sealed record HgFile(string Path, long Size, Digest? Sha256, string Mark)
{
    /// <summary>
    /// Bucket and endpoint of a copy. Their archives hold it, too; it says where somebody's storage is and is never delivered.
    /// </summary>
    public const string BucketMetadata = ".hg_localization_bucket_metadata.json";

    /// <summary>Whether a path is content, and not what one of the two tools keeps beside it.</summary>
    public static bool IsContent(string path) => path is not (BucketMetadata or HgChecksums.FileName);

    /// <summary>
    /// The identity of a list of files. This protocol has no commits; a changed list is another commit, and the same bytes with
    /// digests are the same commit wherever they are.
    /// </summary>
    public static string Commit(IEnumerable<HgFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (HgFile file in files.OrderBy(f => f.Path, Utf8Ordinal.Instance))
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\0{file.Size}\0{file.Sha256?.Hex ?? file.Mark}\n"));
        // As long as a commit of git, so that nobody takes it for the digest of a tree file, which is what 64
        // characters are in a store.
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..40];
    }
}
