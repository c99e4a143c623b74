using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace WiseHub.Client;

/// <summary>The sha256 of a content, as 64 lower-case hexadecimal characters.</summary>
public readonly record struct Digest
{
    /// <summary>The characters of written digests and commits.</summary>
    internal static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _hex;

    private Digest(string hex) => _hex = hex;

    /// <summary>The 64 lower-case hexadecimal characters.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("An uninitialised digest has no value.");

    /// <summary>Parses 64 hexadecimal characters in either case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is not { Length: 64 })
            return false;
        if (text.AsSpan().IndexOfAnyExcept(LowerHex) < 0)
        {
            digest = new Digest(text);
            return true;
        }
        foreach (char c in text)
        {
            if (!char.IsAsciiHexDigit(c))
                return false;
        }
        // CA1308: digests are written in lower case everywhere.
#pragma warning disable CA1308
        digest = new Digest(text.ToLowerInvariant());
#pragma warning restore CA1308
        return true;
    }

    /// <summary>Parses 64 hexadecimal characters in either case.</summary>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out Digest digest) ? digest
        : throw new FormatException(ModelMessages.NotASha256(text));

    internal static Digest FromBytes(ReadOnlySpan<byte> sha256) => new(Convert.ToHexStringLower(sha256));

    /// <summary>The first 28 bits, used for a blob's mtime (docs/store-layout.md#the-cache).</summary>
    internal uint First28Bits => uint.Parse(Hex.AsSpan(0, 7), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override string ToString() => _hex ?? "";
}
