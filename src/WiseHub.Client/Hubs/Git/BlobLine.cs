using System.Globalization;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A line of a record in the cache that names a blob: <c>&lt;sha256&gt; &lt;size&gt;</c>.</summary>
internal static class BlobLine
{
    /// <summary>The line for a blob of the cache.</summary>
    /// <param name="sha256">Its digest.</param>
    /// <param name="path">Its file.</param>
    public static string Of(Digest sha256, string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{sha256.Hex} {new FileInfo(path).Length}");

    /// <summary>The blob that a line names; null if the line is malformed, or the blob is missing or changed.</summary>
    public static Digest? Find(string line, BlobStore blobs, CancellationToken cancel) =>
        line.Split(' ') is [var digest, var length] && Digest.TryParse(digest, out Digest sha256)
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
        && blobs.Verify(sha256, size, cancel: cancel) ? sha256 : null;
}
