using System.IO.Compression;

namespace WiseHub.Client.Formats;

/// <summary>What a compressed file is: by its content where .NET can unpack it.</summary>
internal static class CompressedJudge
{
    // RFC 1952: the header and the trailer. What is shorter has no content, and .NET takes that for an empty one.
    private const int ShortestGzip = 18;

    /// <param name="subject">The file.</param>
    /// <param name="head">Its first bytes.</param>
    /// <param name="isTextual">True if they are text: nothing compressed is.</param>
    /// <param name="isCompressed">True if it is compressed.</param>
    /// <returns>Null if it is not compressed, or if bytes that are not there must tell.</returns>
    public static FormatVerdict? Judge(FormatSubject subject, ReadOnlySpan<byte> head, bool isTextual, out bool isCompressed)
    {
        isCompressed = true;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return OfGzip(subject);
        FileFormat? format =
            head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]) ? FileFormats.SevenZip
            : head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? FileFormats.Xz
            : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? FileFormats.Zstandard
            : head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]) ? FileFormats.Lz4
            : head.StartsWith("Rar!\x1a\x07"u8) ? FileFormats.Rar
            : IsBzip2(head) ? FileFormats.Bzip2
            // joblib asks for no more than two bytes.
            : head.StartsWith((ReadOnlySpan<byte>)[0x5D, 0]) && FormatNames.IsUnpickled(subject.Name) ? FileFormats.Lzma
            : null;
        if (format is not null)
            return FormatVerdict.Of(format, FormatMessages.NotLookedInto);
        if (IsZlib(head) && !isTextual)
            return OfZlib(subject, out isCompressed);
        isCompressed = false;
        return null;
    }

    private static FormatVerdict? OfGzip(FormatSubject subject)
    {
        if (subject.Levels == 0)
            return FormatVerdict.Of(FileFormats.UnknownGzip, FormatMessages.NestedTooDeep);
        Inflation content = Inflate(subject, file => new GZipStream(file, CompressionMode.Decompress));
        return content.Verdict?.Risk == FormatRisk.Code || subject.IsComplete
            ? Verdict(content, FileFormats.Gzip, FileFormats.UnknownGzip, subject.Size < ShortestGzip) : null;
    }

    // Two bytes are no proof. joblib writes and takes the first one alone.
    private static FormatVerdict? OfZlib(FormatSubject subject, out bool isCompressed)
    {
        isCompressed = true;
        if (subject.Levels == 0)
            return FormatVerdict.Of(FileFormats.UnknownZlib, FormatMessages.NestedTooDeep);
        Inflation content = Inflate(subject, file => new ZLibStream(file, CompressionMode.Decompress));
        if (content.Verdict?.Risk == FormatRisk.Code)
            return Verdict(content, FileFormats.Zlib, FileFormats.UnknownZlib);
        isCompressed = content.Ended == Inflation.End.Damaged ? content.Length > 0 && !subject.IsComplete
            : content.Length > 0 || !subject.IsComplete;
        return isCompressed && subject.IsComplete ? Verdict(content, FileFormats.Zlib, FileFormats.UnknownZlib) : null;
    }

    private static Inflation Inflate(FormatSubject subject, Func<Stream, Stream> open)
    {
        string path = subject.Path;
        string inner = path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? path[..^4] + ".tar"
            : Path.GetExtension(path) is ".gz" or ".z" ? Path.ChangeExtension(path, null) : path;
        return Inflation.Of(subject, inner, () => open(new SliceStream(subject.Bytes, 0, subject.Bytes.Length)),
            FormatSubject.UnknownSize);
    }

    private static FormatVerdict Verdict(
        Inflation content, FileFormat data, FileFormat unknown, bool isTooShort = false)
    {
        if (content.Verdict is not FormatVerdict inner)
        {
            return FormatVerdict.Of(unknown, content.Ended == Inflation.End.TooLong
                ? FormatMessages.InflatesTooFar(FormatWork.MostHeld) : FormatMessages.Damaged);
        }
        if (inner.Risk == FormatRisk.Code)
            return inner with { Reason = FormatMessages.Inside(inner.Format.Name) };
        if (content.Ended == Inflation.End.Damaged || isTooShort)
            return FormatVerdict.Of(unknown, FormatMessages.Damaged);
        return inner.Risk == FormatRisk.Data ? FormatVerdict.Of(data)
            : FormatVerdict.Of(unknown, inner.Reason ?? FormatMessages.Inside(inner.Format.Name));
    }

    // "BZh", the level, and the digits of pi or of its root.
    private static bool IsBzip2(ReadOnlySpan<byte> head) => head.Length >= 10 && head.StartsWith("BZh"u8)
        && head[3] is >= (byte)'1' and <= (byte)'9' && (head[4..].StartsWith((ReadOnlySpan<byte>)[0x31, 0x41, 0x59, 0x26, 0x53])
            || head[4..].StartsWith((ReadOnlySpan<byte>)[0x17, 0x72, 0x45, 0x38, 0x50]));

    // RFC 1950: deflate with a window of 32 KiB, no dictionary, and a checksum of the two bytes.
    private static bool IsZlib(ReadOnlySpan<byte> head) =>
        head.Length >= 2 && head[0] == 0x78 && (head[1] & 0x20) == 0 && (head[0] * 256 + head[1]) % 31 == 0;
}
