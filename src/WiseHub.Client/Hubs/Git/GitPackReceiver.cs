using System.Buffers.Text;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A git server refused a request, with a message of its own.</summary>
internal sealed class GitRefusedException(string said) : Exception(said);

/// <summary>
/// Receives a git server's response to a fetch, and writes its pack to a stream. The response consists of packets, each with its
/// length in four hexadecimal digits; those of the pack have the number of a channel
/// (https://git-scm.com/docs/protocol-common, https://git-scm.com/docs/gitprotocol-pack).
/// </summary>
/// <param name="pack">Receives the pack; disposed with this.</param>
/// <param name="arrived">Called with the number of bytes of each piece of the pack.</param>
internal sealed class GitPackReceiver(Stream pack, Action<long> arrived) : Stream
{
    private const int LengthBytes = 4, LongestPacket = 65520;

    // Of a server's message.
    private const int MostSaid = 2000;

    private const byte Data = 1, Progress = 2, Error = 3;

    private readonly byte[] _packet = new byte[LongestPacket];
    private int _filled, _length;
    private bool _inPack;

    /// <summary>The pack was received completely.</summary>
    public bool IsComplete { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="GitRefusedException">The server refused the request.</exception>
    /// <exception cref="FormatException">This is not a response of a git server.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int wanted = _filled < LengthBytes ? LengthBytes : _length, taken = Math.Min(wanted - _filled, buffer.Length);
            buffer[..taken].CopyTo(_packet.AsSpan(_filled));
            buffer = buffer[taken..];
            _filled += taken;
            if (_filled == LengthBytes && wanted == LengthBytes && ReadLength() is false)
                continue;
            if (_filled >= LengthBytes && _filled == _length)
            {
                Take(_packet.AsSpan(LengthBytes, _length - LengthBytes));
                _filled = 0;
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => pack.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            pack.Dispose();
        base.Dispose(disposing);
    }

    // 0000 ends a list or the pack, 0001 and 0002 separate lists; a length includes its own four digits.
    private bool ReadLength()
    {
        ReadOnlySpan<byte> digits = _packet.AsSpan(0, LengthBytes);
        bool isLength = Utf8Parser.TryParse(digits, out int length, out int used, 'X') && used == LengthBytes;
        if (!isLength || length is 3 or > LongestPacket)
            throw new FormatException((Text)$"it is not a response of a git server");
        if (length >= LengthBytes)
        {
            _length = length;
            return true;
        }
        IsComplete |= _inPack && length == 0;
        _filled = 0;
        return false;
    }

    private void Take(ReadOnlySpan<byte> packet)
    {
        if (!_inPack)
        {
            string line = Encoding.UTF8.GetString(packet).TrimEnd('\n');
            if (line.StartsWith("ERR ", StringComparison.Ordinal))
                throw new GitRefusedException(Shown(line[4..]));
            // Version 2 names the section that follows; version 0 answers NAK, because client and server share no commits.
            _inPack = line is "packfile" or "NAK";
        }
        else if (packet.IsEmpty)
        {
            throw new FormatException((Text)$"it is not a response of a git server");
        }
        else if (packet[0] == Data)
        {
            Store(packet[1..]);
            arrived(packet.Length - 1);
        }
        else if (packet[0] == Error)
        {
            throw new GitRefusedException(Shown(Encoding.UTF8.GetString(packet[1..])));
        }
        else if (packet[0] != Progress)
        {
            throw new FormatException((Text)$"it is not a response of a git server");
        }
    }

    // Keeps an error of the file system from being reported as one of the network.
    private void Store(ReadOnlySpan<byte> bytes)
    {
        try
        {
            pack.Write(bytes);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"The response of a git host cannot be written to the cache");
        }
    }

    private static string Shown(string said) =>
        string.Concat(said.Trim().Take(MostSaid).Select(c => char.IsControl(c) ? ' ' : c));
}
