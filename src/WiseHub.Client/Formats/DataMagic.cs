namespace WiseHub.Client.Formats;

/// <summary>Formats without code by their first bytes.</summary>
internal static class DataMagic
{
    /// <summary>The format by the very first bytes; null if none is known.</summary>
    public static FileFormat? Of(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("GGUF"u8))
            return FileFormats.Gguf;
        if (head.StartsWith("PAR1"u8))
            return FileFormats.Parquet;
        if (head.StartsWith("ARROW1"u8) || head.StartsWith("FEA1"u8))
            return FileFormats.Arrow;
        if (head.StartsWith("%PDF-"u8))
            return FileFormats.Pdf;
        if (head.StartsWith("OTTO"u8) || head.StartsWith("wOFF"u8) || head.StartsWith("wOF2"u8)
            || head.StartsWith((ReadOnlySpan<byte>)[0, 1, 0, 0, 0]))
            return FileFormats.Font;
        if (IsImage(head))
            return FileFormats.Image;
        if (IsAudio(head))
            return FileFormats.Audio;
        // Matroska and WebM.
        return head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) ? FileFormats.Video : null;
    }

    /// <summary>The format by bytes behind the first ones, which may be anything; null if none is known.</summary>
    public static FileFormat? OfOffset(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12)
            return null;
        ReadOnlySpan<byte> fourth = head[4..];
        if (fourth.StartsWith("TFL3"u8))
            return FileFormats.TfLite;
        if (fourth.StartsWith("ET"u8) && char.IsAsciiDigit((char)fourth[2]) && char.IsAsciiDigit((char)fourth[3]))
            return FileFormats.ExecuTorch;
        if (!fourth.StartsWith("ftyp"u8))
            return null;
        ReadOnlySpan<byte> brand = fourth[4..];
        return brand.StartsWith("avif"u8) || brand.StartsWith("heic"u8) || brand.StartsWith("mif1"u8) ? FileFormats.Image
            : brand.StartsWith("M4A"u8) ? FileFormats.Audio : FileFormats.Video;
    }

    private static bool IsImage(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A])
        || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
        || head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)
        // TIFF in both byte orders; JPEG XL; JPEG 2000.
        || head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8)
        || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A])
        || head.StartsWith("\0\0\0\x0cJXL "u8) || head.StartsWith("\0\0\0\x0cjP  "u8)
        || (IsRiff(head) && head[8..].StartsWith("WEBP"u8))
        // BMP: its header is one of the known lengths.
        || (head.Length > 18 && head.StartsWith("BM"u8) && head[6..10].IndexOfAnyExcept((byte)0) < 0
            && head[14] is 12 or 40 or 52 or 56 or 108 or 124 && head[15..18].IndexOfAnyExcept((byte)0) < 0);

    private static bool IsAudio(ReadOnlySpan<byte> head) =>
        head.StartsWith("fLaC"u8) || head.StartsWith("OggS"u8) || head.StartsWith("ID3"u8)
        || (IsRiff(head) && (head[8..].StartsWith("WAVE"u8) || head[8..].StartsWith("AVI "u8)))
        || (head.StartsWith("FORM"u8) && head.Length >= 12 && head[8..].StartsWith("AIF"u8))
        // A frame of MPEG audio, layer 3.
        || (head.Length > 2 && head[0] == 0xFF && (head[1] & 0xFE) is 0xFA or 0xF2 && (head[2] & 0xF0) is not (0 or 0xF0));

    private static bool IsRiff(ReadOnlySpan<byte> head) => head.Length >= 12 && head.StartsWith("RIFF"u8);
}
