namespace WiseHub.Client.Formats;

/// <summary>A part of a seekable stream, which has its own position.</summary>
/// <param name="whole">The stream; it stays open.</param>
/// <param name="offset">Where the part begins.</param>
/// <param name="length">Its bytes; the stream has them.</param>
internal sealed class SliceStream(Stream whole, long offset, long length) : ReadOnlyStream
{
    private long _position;

    public override bool CanSeek => true;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, length);
    }

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, length - _position);
        if (count == 0)
            return 0;
        whole.Position = offset + _position;
        count = whole.Read(buffer[..count]);
        _position += count;
        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => length + offset,
    };
}
