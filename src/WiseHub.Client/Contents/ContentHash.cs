using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Contents;

/// <summary>
/// Computes the digests of a content while it arrives: always sha256, and the git blob id (SHA-1 of <c>blob &lt;size&gt;\0</c> +
/// bytes) if it must be checked.
/// </summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _git;
    private readonly byte[] _gitHeader = [];

    public ContentHash(long? gitSize)
    {
        if (gitSize is not long size)
            return;
        _git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        _gitHeader = Encoding.ASCII.GetBytes($"blob {size}\0");
        _git.AppendData(_gitHeader);
    }

    public void Restart()
    {
        _sha256.TryGetHashAndReset(stackalloc byte[SHA256.HashSizeInBytes], out _);
        _git?.TryGetHashAndReset(stackalloc byte[SHA1.HashSizeInBytes], out _);
        _git?.AppendData(_gitHeader);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _git?.AppendData(bytes);
    }

    public (Digest Sha256, string? GitOid) Finish() =>
        (Digest.FromBytes(_sha256.GetHashAndReset()), _git is null ? null : Convert.ToHexStringLower(_git.GetHashAndReset()));

    /// <summary>The git blob id of a content in memory.</summary>
    public static string GitOidOf(ReadOnlySpan<byte> content)
    {
        using var hash = new ContentHash(content.Length);
        hash.Append(content);
        return hash.Finish().GitOid!;
    }

    public void Dispose()
    {
        _sha256.Dispose();
        _git?.Dispose();
    }
}
