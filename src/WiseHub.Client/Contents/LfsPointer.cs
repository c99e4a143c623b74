using System.Globalization;
using System.Text;

namespace WiseHub.Client.Contents;

/// <summary>
/// The file that git stores in place of an LFS content (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
/// </summary>
/// <param name="Sha256">The digest of the content.</param>
/// <param name="Size">The size of the content.</param>
internal sealed record LfsPointer(Digest Sha256, long Size)
{
    /// <summary>By the specification, pointer files are smaller than 1024 bytes.</summary>
    public const int MaxBytes = 1024;

    private const string FirstLine = "version https://git-lfs.github.com/spec/v1\n";
    // From its first years; git-lfs still reads them.
    private static readonly string[] OlderFirstLines =
        ["version https://hawser.github.com/spec/v1\n", "version http://git-media.io/v/2\n"];

    private const string OidLine = "oid sha256:";
    private const string SizeLine = "size ";

    /// <summary>The pointer as text, as git-lfs writes it.</summary>
    public string Text => $"{FirstLine}{OidLine}{Sha256.Hex}\n{SizeLine}{Size.ToString(CultureInfo.InvariantCulture)}\n";

    /// <summary>The size of the pointer, which is ASCII.</summary>
    public int Length => Text.Length;

    /// <summary>The pointer as bytes, as git-lfs writes it.</summary>
    public byte[] ToBytes() =>
        Encoding.ASCII.GetBytes($"{FirstLine}{OidLine}{Sha256.Hex}\n{SizeLine}{Size.ToString(CultureInfo.InvariantCulture)}\n");

    /// <summary>Makes the error for a hub that served this pointer.</summary>
    /// <param name="response">The file and the response.</param>
    public HubException Instead(string response) => ContentMessages.LfsPointerServed(response, this);

    /// <summary>Parses a whole file; null if it is not a pointer.</summary>
    public static LfsPointer? Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length >= MaxBytes || !Ascii.IsValid(file))
            return null;
        string text = Encoding.ASCII.GetString(file);
        if (!text.StartsWith(FirstLine, StringComparison.Ordinal)
            && !Array.Exists(OlderFirstLines, l => text.StartsWith(l, StringComparison.Ordinal)))
            return null;
        string[] lines = text.Split('\n');
        string? oid = Array.Find(lines, l => l.StartsWith(OidLine, StringComparison.Ordinal))?[OidLine.Length..];
        string? size = Array.Find(lines, l => l.StartsWith(SizeLine, StringComparison.Ordinal))?[SizeLine.Length..];
        return Digest.TryParse(oid, out Digest sha256)
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes)
            ? new LfsPointer(sha256, bytes) : null;
    }
}
