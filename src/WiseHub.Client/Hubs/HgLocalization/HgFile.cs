using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>One file of a copy.</summary>
/// <param name="Path">Path in the copy, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest, if our checksum file has it or this machine computed it.</param>
/// <param name="Mark">
/// Without a digest: a text that changes with the content (an ETag, the digest of the archive).
/// </param>
internal sealed record HgFile(string Path, long Size, Digest? Sha256, string Mark)
{
    /// <summary>
    /// Bucket and endpoint of a copy. The other tool's archives have it, too. It reveals where a storage is, so it is never
    /// restored.
    /// </summary>
    public const string BucketMetadata = ".hg_localization_bucket_metadata.json";

    /// <summary>False for the files that one of the two tools keeps beside the content.</summary>
    public static bool IsContent(string path) => path is not (BucketMetadata or HgChecksums.FileName);

    /// <summary>
    /// The commit id of a list of files. This protocol has no commits: a changed list is another commit, and the same files with
    /// digests are the same commit in every place.
    /// </summary>
    public static string Commit(IEnumerable<HgFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (HgFile file in files.OrderBy(f => f.Path, Utf8Ordinal.Instance))
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Path}\0{file.Size}\0{file.Sha256?.Hex ?? file.Mark}\n"));
        // 40 characters, like a git commit: in a store, 64 characters are the digest of a tree file.
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..40];
    }
}
