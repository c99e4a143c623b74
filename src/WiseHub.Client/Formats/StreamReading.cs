namespace WiseHub.Client.Formats;

/// <summary>Reading at an offset.</summary>
internal static class StreamReading
{
    /// <summary>Reads at an offset until the buffer is full or the stream ends.</summary>
    /// <returns>The number of bytes.</returns>
    public static int ReadAt(this Stream stream, long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset >= stream.Length)
            return 0;
        stream.Position = offset;
        return stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
    }
}
