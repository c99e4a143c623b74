using System.IO.Hashing;

namespace WiseHub.Client.Archives;

/// <summary>The content of an entry, checked against the length and checksum in the archive's file list.</summary>
internal sealed class ArchiveEntryStream(Stream content, ArchiveFile archive, ArchiveEntry entry, uint? crc32) : ReadOnlyStream
{
    private readonly Crc32? _crc = crc32 is null ? null : new Crc32();
    private long _read;
    private bool _ended;

    public override long Length => entry.Size;

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.Length == 0)
            return 0;
        int count;
        try
        {
            // Reads one byte beyond the expected length, to notice content that is too long.
            long left = entry.Size - _read;
            count = left >= buffer.Length ? content.Read(buffer) : left > 0 ? content.Read(buffer[..(int)left]) : 0;
            if (left == 0 && content.ReadByte() >= 0)
                throw archive.Unreadable(ArchiveMessages.EntryTooLong(entry), null);
        }
        catch (Exception e) when (ArchiveFile.IsDamage(e))
        {
            throw archive.Unreadable($"'{entry.Path}': {e.Message}", e);
        }
        _read += count;
        _crc?.Append(buffer[..count]);
        if (count == 0)
            End();
        return count;
    }

    // The file is local, and decompression is work for this thread.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();
        base.Dispose(disposing);
    }

    private void End()
    {
        _ended = true;
        if (_read != entry.Size)
            throw archive.Unreadable(ArchiveMessages.EntryTooShort(entry, _read), null);
        if (_crc is not null && _crc.GetCurrentHashAsUInt32() != crc32)
            throw archive.Unreadable(ArchiveMessages.WrongChecksum(entry), null);
    }
}
