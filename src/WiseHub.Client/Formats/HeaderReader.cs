using System.Buffers;
using System.Buffers.Binary;

namespace WiseHub.Client.Formats;

/// <summary>
/// Reads a header forwards, from bytes in memory or from a seekable file. What is skipped is not read. Methods return false if
/// the bytes end; a length that exceeds the stated size of the file is a fault, because more bytes would not help.
/// </summary>
internal ref struct HeaderReader : IDisposable
{
    private const int BufferSize = 1 << 16;

    private readonly Stream? _file;
    private byte[] _buffer = [];
    private ReadOnlySpan<byte> _window;

    /// <param name="beginning">The beginning of a file, or all of it.</param>
    /// <param name="size">The size of the file in bytes; null if it is unknown.</param>
    public HeaderReader(ReadOnlySpan<byte> beginning, long? size)
    {
        Size = size;
        // A listed size may be wrong; nothing is read behind it.
        _window = beginning.Length > size ? beginning[..(int)size.Value] : beginning;
    }

    /// <param name="file">The file; it is read from its beginning.</param>
    /// <param name="size">The size of the file in bytes.</param>
    public HeaderReader(Stream file, long size)
    {
        Size = size;
        _file = file;
        file.Position = 0;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    }

    /// <summary>The size of the file in bytes; null if it is unknown.</summary>
    public long? Size { get; }

    /// <summary>The bytes before the next one.</summary>
    public long Position { get; private set; }

    /// <summary>Numbers have their highest byte first.</summary>
    public bool IsBigEndian { readonly get; set; }

    /// <summary>The next bytes that are in memory.</summary>
    public readonly ReadOnlySpan<byte> Window => _window;

    /// <summary>Tries to get some next bytes into <see cref="Window"/>.</summary>
    /// <returns>False if there are fewer.</returns>
    public bool Fill(int bytes)
    {
        if (_window.Length >= bytes)
            return true;
        if (_file is null)
            return false;
        byte[] old = _buffer;
        if (bytes > old.Length)
            _buffer = ArrayPool<byte>.Shared.Rent(bytes);
        _window.CopyTo(_buffer);
        int filled = _window.Length;
        if (_buffer != old)
            ArrayPool<byte>.Shared.Return(old);
        // All of the buffer, so that a file which comes in small parts is not parsed again for each.
        int end = (int)Math.Min(_buffer.Length, Size!.Value - Position);
        while (filled < end && _file.Read(_buffer, filled, end - filled) is int read and > 0)
            filled += read;
        _window = _buffer.AsSpan(0, filled);
        return filled >= bytes;
    }

    public bool Skip(long bytes)
    {
        if (bytes <= _window.Length)
        {
            _window = _window[(int)bytes..];
            Position += bytes;
            return true;
        }
        if (!Claim((ulong)bytes) || _file is null)
            return false;
        Position += bytes;
        _file.Position = Position;
        _window = [];
        return true;
    }

    public bool Byte(out byte value)
    {
        value = 0;
        if (!Fill(1))
            return false;
        value = _window[0];
        _window = _window[1..];
        Position++;
        return true;
    }

    /// <summary>A number of 1, 2, 4 or 8 bytes.</summary>
    public bool Number(int size, out ulong number)
    {
        number = 0;
        if (!Fill(size))
            return false;
        number = size switch
        {
            1 => _window[0],
            2 => IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(_window) : BinaryPrimitives.ReadUInt16LittleEndian(_window),
            4 => IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_window) : BinaryPrimitives.ReadUInt32LittleEndian(_window),
            _ => IsBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(_window) : BinaryPrimitives.ReadUInt64LittleEndian(_window),
        };
        return Skip(size);
    }

    /// <summary>A text, of which at most <paramref name="longest"/> bytes are kept.</summary>
    /// <param name="length">Its length, as the file states it.</param>
    /// <param name="longest">The bytes to keep, at most 65,536.</param>
    /// <param name="text">The text, or its beginning. It is valid until the next call.</param>
    public bool Text(ulong length, int longest, out ReadOnlySpan<byte> text)
    {
        text = [];
        if (!Claim(length))
            return false;
        int kept = (int)Math.Min(length, (ulong)longest);
        if (!Fill(kept))
            return false;
        text = _window[..kept];
        // Skipping moves no bytes: the buffer is written only by the next call.
        return Skip((long)length);
    }

    /// <summary>Compares a stated length with the bytes that follow.</summary>
    /// <returns>False if the bytes end before; only possible for the beginning of a file.</returns>
    /// <exception cref="FalseHeaderException">The file has fewer bytes.</exception>
    public readonly bool Claim(ulong length)
    {
        if (Size is long size && length > (ulong)(size - Position))
            throw new FalseHeaderException(HeaderMessages.Claim(length, Position, size));
        return _file is not null || length <= (ulong)_window.Length;
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _window = [];
    }
}
