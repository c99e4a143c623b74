using System.Buffers;

namespace WiseHub.Client.Formats;

/// <summary>Reads a seekable stream forward in blocks, and skips long parts without reading them.</summary>
internal sealed class ForwardReader : IDisposable
{
    // Most files are no pickle at their first bytes, and archives have many files.
    private const int FirstBlock = 1 << 9, Block = 1 << 14;

    private readonly Stream _file;
    private readonly long _length;
    private readonly byte[] _buffer;
    private long _blockStart;
    private int _next, _end;

    /// <param name="file">The stream; reading begins at its first byte, and it stays open.</param>
    public ForwardReader(Stream file)
    {
        _file = file;
        _length = file.Length;
        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(_length, 1, Block));
    }

    /// <summary>The offset of the next byte.</summary>
    public long Position => _blockStart + _next;

    /// <summary>The bytes that were read from the stream, without those that were skipped.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The next byte, or -1 at the end.</summary>
    public int ReadByte() => _next < _end || Fill() ? _buffer[_next++] : -1;

    /// <summary>Fills the buffer; false if the stream ends before.</summary>
    public bool TryRead(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_next == _end && !Fill())
                return false;
            int count = Math.Min(bytes.Length, _end - _next);
            _buffer.AsSpan(_next, count).CopyTo(bytes);
            _next += count;
            bytes = bytes[count..];
        }
        return true;
    }

    /// <summary>Skips bytes; false if the stream has fewer.</summary>
    public bool Skip(ulong count)
    {
        if (count > (ulong)(_length - Position))
            return false;
        MoveTo(Position + (long)count);
        return true;
    }

    /// <summary>Continues at an offset.</summary>
    public void MoveTo(long position)
    {
        if (position >= _blockStart && position <= _blockStart + _end)
        {
            _next = (int)(position - _blockStart);
            return;
        }
        (_blockStart, _next, _end) = (position, 0, 0);
    }

    /// <summary>Reads a line up to its LF, which is left out, or up to the end of the stream.</summary>
    /// <param name="line">Gets the first bytes of the line.</param>
    /// <param name="length">The length of the whole line.</param>
    /// <returns>False if the stream ends before the LF.</returns>
    public bool ReadLine(Span<byte> line, out long length)
    {
        length = 0;
        while (_next < _end || Fill())
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_next, _end - _next);
            int feed = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> part = feed < 0 ? rest : rest[..feed];
            if (length < line.Length)
                part[..(int)Math.Min(part.Length, line.Length - length)].CopyTo(line[(int)length..]);
            length += part.Length;
            _next += part.Length;
            if (feed >= 0)
            {
                _next++;
                return true;
            }
        }
        return false;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private bool Fill()
    {
        _blockStart += _end;
        _next = 0;
        int block = Math.Min(_buffer.Length, _blockStart == 0 ? FirstBlock : Block);
        _end = _blockStart < _length ? _file.ReadAt(_blockStart, _buffer.AsSpan(0, block)) : 0;
        BytesRead += _end;
        return _end > 0;
    }
}
