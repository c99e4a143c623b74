using System.Globalization;
using System.Text;

namespace WiseHub.Client.Contents;

/// <summary>
/// What git has in place of a content that is kept by LFS (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
/// </summary>
/// <param name="Sha256">The content's digest.</param>
/// <param name="Size">The content's bytes.</param>
internal sealed record LfsPointer(Digest Sha256, long Size)
{
    /// <summary>The specification: pointer files are less than 1024 bytes.</summary>
    public const int MaxBytes = 1024;

    private const string FirstLine = "version https://git-lfs.github.com/spec/v1\n";
    // Of its first years; git-lfs still reads them.
    private static readonly string[] OlderFirstLines =
        ["version https://hawser.github.com/spec/v1\n", "version http://git-media.io/v/2\n"];

    private const string OidLine = "oid sha256:";
    private const string SizeLine = "size ";

    /// <summary>The pointer itself, as git-lfs writes it.</summary>
    public string Text => $"{FirstLine}{OidLine}{Sha256.Hex}\n{SizeLine}{Size.ToString(CultureInfo.InvariantCulture)}\n";

    /// <summary>Its bytes, which are ASCII.</summary>
    public int Length => Text.Length;

    /// <summary>The pointer itself, as git-lfs writes it.</summary>
    public byte[] ToBytes() =>
        Encoding.ASCII.GetBytes($"{FirstLine}{OidLine}{Sha256.Hex}\n{SizeLine}{Size.ToString(CultureInfo.InvariantCulture)}\n");

    /// <summary>The error of a hub that gave this.</summary>
    /// <param name="what">The file and what was answered.</param>
    public HubException Instead(string what) => new(WiseCodes.LfsPointerServed,
        $"{what} (sha256 {Sha256}, {Size} bytes) instead of the content. Nothing was kept. "
        + "Check that the file was uploaded to LFS (git lfs push), or name another hub that has it; "
        + "a pattern leaves it out (IgnorePatterns in a build, --exclude in the tool).");

    /// <summary>Reads a whole file; null when it is no pointer.</summary>
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
