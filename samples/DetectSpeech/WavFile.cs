using System.Buffers.Binary;

namespace DetectSpeech;

/// <summary>Reads wav files with the one format that the model accepts.</summary>
internal static class WavFile
{
    /// <summary>Samples a second.</summary>
    public const int Rate = 16000;

    // Format tag, channels, rate, bytes a second, bytes a sample, bits a sample.
    private const int FormatLength = 16;

    /// <summary>The samples, -1 to 1.</summary>
    /// <exception cref="InvalidDataException">The file is no wav file, or has another rate, more channels or other samples.</exception>
    public static float[] Read(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        if (bytes.Length < 12 || !bytes[..4].SequenceEqual("RIFF"u8) || !bytes[8..12].SequenceEqual("WAVE"u8))
            throw new InvalidDataException($"{path} is no wav file.");
        bool isExpected = false;
        for (ReadOnlySpan<byte> rest = bytes[12..]; rest.Length >= 8;)
        {
            ReadOnlySpan<byte> name = rest[..4];
            int length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]), (uint)rest.Length - 8);
            ReadOnlySpan<byte> content = rest.Slice(8, length);
            if (name.SequenceEqual("fmt "u8))
                isExpected = length >= FormatLength && IsExpected(content);
            else if (name.SequenceEqual("data"u8))
                return isExpected ? Samples(content) : throw new InvalidDataException($"{path} is not 16 kHz, mono, 16 bits, PCM.");
            // Chunks begin at even offsets.
            rest = rest[Math.Min(8 + length + length % 2, rest.Length)..];
        }
        throw new InvalidDataException($"{path} has no samples.");
    }

    private static bool IsExpected(ReadOnlySpan<byte> format) =>
        BinaryPrimitives.ReadUInt16LittleEndian(format) == 1
        && BinaryPrimitives.ReadUInt16LittleEndian(format[2..]) == 1
        && BinaryPrimitives.ReadUInt32LittleEndian(format[4..]) == Rate
        && BinaryPrimitives.ReadUInt16LittleEndian(format[14..]) == 16;

    private static float[] Samples(ReadOnlySpan<byte> content)
    {
        float[] samples = new float[content.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BinaryPrimitives.ReadInt16LittleEndian(content[(2 * i)..]) / 32768f;
        return samples;
    }
}
