using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;

namespace WiseHub.Client.Archives;

/// <summary>
/// A <c>.zip</c>. A ZipArchive serves one content at a time, so each open content has its own; idle ones are reused.
/// </summary>
internal sealed class ZipArchiveFile(string path, string what, ArchiveRules rules) : ArchiveFile(path, what, rules)
{
    // APPNOTE 4.4.15: the upper half is st_mode if a Unix program made the entry.
    private const int UnixTypeShift = 16, UnixTypeMask = 0xF000, UnixLink = 0xA000, UnixFile = 0x8000, UnixFolder = 0x4000;

    private const int EndSize = 22, LongestComment = 65535, Zip64LocatorSize = 20;

    private readonly ConcurrentBag<ZipArchive> _idle = [];
    private volatile bool _disposed;

    private protected override void ReadList(CancellationToken cancel)
    {
        // Checked first, because ZipArchive makes an object for each entry.
        CheckCount(StatedCount());
        ZipArchive zip = OpenZip();
        _idle.Add(zip);
        Comment = zip.Comment;
        for (int i = 0; i < zip.Entries.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            ZipArchiveEntry entry = zip.Entries[i];
            ArchiveEntryKind kind = ((entry.ExternalAttributes >> UnixTypeShift) & UnixTypeMask) switch
            {
                0 or UnixFile => ArchiveEntryKind.File,
                UnixFolder when entry.FullName.EndsWith('/') => ArchiveEntryKind.File,
                UnixLink => ArchiveEntryKind.SymbolicLink,
                _ => ArchiveEntryKind.Other,
            };
            if (kind == ArchiveEntryKind.File && entry.FullName.EndsWith('/'))
                continue;
            if (entry.IsEncrypted)
                throw Unreadable(ArchiveMessages.Encrypted(entry.FullName), null);
            Add(entry.FullName, entry.Length, kind, i);
        }
    }

    private protected override (Stream Content, uint? Crc32) OpenContent(ArchiveEntry entry)
    {
        if (!_idle.TryTake(out ZipArchive? zip))
            zip = OpenZip();
        try
        {
            ZipArchiveEntry opened = zip.Entries[entry.Index];
            return (new Loan(opened.Open(), zip, this), opened.Crc32);
        }
        catch
        {
            zip.Dispose();
            throw;
        }
    }

    private protected override void Dispose(bool disposing)
    {
        _disposed = true;
        while (_idle.TryTake(out ZipArchive? zip))
            zip.Dispose();
    }

    private ZipArchive OpenZip()
    {
        FileStream file = OpenFile(Path);
        try
        {
            return new ZipArchive(file, ZipArchiveMode.Read);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The number of entries in the end record (APPNOTE 4.3.14 to 4.3.16). ZipArchive notices a wrong number.</summary>
    private long StatedCount()
    {
        using FileStream file = OpenFile(Path);
        byte[] tail = new byte[(int)Math.Min(file.Length, EndSize + LongestComment + Zip64LocatorSize)];
        file.Seek(-tail.Length, SeekOrigin.End);
        file.ReadExactly(tail);
        int end = tail.AsSpan().LastIndexOf("PK\x5\x6"u8);
        if (end < 0 || end + EndSize > tail.Length)
            throw new InvalidDataException(ArchiveMessages.EndMissing);
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(end + 10));
        int locator = end - Zip64LocatorSize;
        if (count != ushort.MaxValue || locator < 0 || !tail.AsSpan(locator).StartsWith("PK\x6\x7"u8))
            return count;
        long record = BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(locator + 8));
        if (record < 0 || record > file.Length - 56)
            throw new InvalidDataException(ArchiveMessages.EndOutside);
        file.Position = record;
        Span<byte> end64 = stackalloc byte[56];
        file.ReadExactly(end64);
        long entries = BinaryPrimitives.ReadInt64LittleEndian(end64[32..]);
        return entries < 0 ? long.MaxValue : entries;
    }

    /// <summary>A content and its ZipArchive, which becomes idle again when the content is disposed.</summary>
    private sealed class Loan(Stream content, ZipArchive zip, ZipArchiveFile owner) : ReadOnlyStream
    {
        private bool _returned;

        public override int Read(Span<byte> buffer) => content.Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_returned)
            {
                _returned = true;
                content.Dispose();
                owner._idle.Add(zip);
                if (owner._disposed)
                    owner.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
