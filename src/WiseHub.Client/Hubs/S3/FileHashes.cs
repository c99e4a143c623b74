using System.Security.Cryptography;

namespace WiseHub.Client.Hubs.S3;

/// <summary>The digest of a file and the ETag that S3 gives it, both from reading it once.</summary>
/// <param name="Sha256">Digest of the whole.</param>
/// <param name="Size">Bytes.</param>
/// <param name="PartSize">Bytes of each part but the last; see <see cref="IsSingle"/> for a file of one part.</param>
/// <param name="ETag">MD5 of the content, or MD5 of the parts' MD5s and their number; without quotes.</param>
internal sealed record FileHashes(Digest Sha256, long Size, long PartSize, string ETag)
{
    private const long Mebibyte = 1 << 20;

    // A failed part is sent again, so parts are small. S3 allows 10,000 parts of at least 5 MiB; 64 MiB each make 640 GB.
    private const long SmallestPart = 16 * Mebibyte, LargestPart = 64 * Mebibyte, MostSingle = 32 * Mebibyte, PartsWanted = 1000,
        MostParts = 10_000;

    private const int BufferSize = 1 << 20;

    public bool IsSingle => Size <= PartSize;

    public int Parts => (int)((Size + PartSize - 1) / PartSize);

    /// <summary>The part size for a file of this size.</summary>
    public static long PartSizeOf(long size)
    {
        if (size <= MostSingle)
            return MostSingle;
        long part = Math.Max(Math.Clamp(size / PartsWanted, SmallestPart, LargestPart), (size + MostParts - 1) / MostParts);
        return (part + Mebibyte - 1) / Mebibyte * Mebibyte;
    }

    /// <summary>The ETag of a multipart upload, from the MD5s of its parts.</summary>
    public static string ETagOf(IReadOnlyList<byte[]> parts)
    {
#pragma warning disable CA5351
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        foreach (byte[] md5 in parts)
            all.AppendData(md5);
        return $"{Convert.ToHexStringLower(all.GetHashAndReset())}-{parts.Count}";
    }

    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FileHashes Of(string path, CancellationToken cancel)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1, FileOptions.SequentialScan);
        return Of(source, source.Length, cancel);
    }

    public static FileHashes Of(byte[] content)
    {
        using var source = new MemoryStream(content, writable: false);
        return Of(source, content.Length, CancellationToken.None);
    }

    private static FileHashes Of(Stream source, long announced, CancellationToken cancel)
    {
        long partSize = PartSizeOf(announced), size = 0, inPart = 0;
        // S3 defines the ETag by MD5; the identity of a file is its sha256.
#pragma warning disable CA5351
        using var part = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var parts = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int count = 0;
        byte[] buffer = new byte[BufferSize], md5 = [];
        void EndPart()
        {
            md5 = part.GetHashAndReset();
            parts.AppendData(md5);
            (inPart, count) = (0, count + 1);
        }
        for (int read; (read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, partSize - inPart))) > 0; size += read)
        {
            cancel.ThrowIfCancellationRequested();
            whole.AppendData(buffer, 0, read);
            part.AppendData(buffer, 0, read);
            if ((inPart += read) == partSize)
                EndPart();
        }
        if (inPart > 0 || count == 0)
            EndPart();
        string etag = size <= partSize ? Convert.ToHexStringLower(md5)
            : $"{Convert.ToHexStringLower(parts.GetHashAndReset())}-{count}";
        return new FileHashes(Digest.FromBytes(whole.GetHashAndReset()), size, partSize, etag);
    }
}
