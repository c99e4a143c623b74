using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Git's id of a file's content: the SHA-1, or in some repos the SHA-256, of <c>blob &lt;size&gt;\0</c> and its bytes.
/// </summary>
internal static class GitBlobId
{
    /// <summary>True if the content has this id; false if it cannot be read.</summary>
    public static bool Is(string oid, long size, Func<Stream> open, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(oid.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {size}\0")));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            using Stream content = open();
            for (int read; (read = content.Read(buffer)) > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset()) == oid;
        }
        // The archive is damaged at this entry; reading it for the restore reports that.
        catch (HubException e) when (e.Code == WiseCodes.ArchiveUnreadable)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
