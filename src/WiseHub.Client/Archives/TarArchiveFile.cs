using System.Formats.Tar;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Archives;

/// <summary>A <c>.tar</c>, or the unpacked tar of a <c>.tar.gz</c>; contents are slices of the file.</summary>
internal sealed class TarArchiveFile : ArchiveFile
{
    private const int BlockSize = 512;

    private readonly List<long> _offsets = [];
    private readonly string _tar;
    private SafeFileHandle? _file;

    public TarArchiveFile(string path, string what, ArchiveRules rules) : this(path, what, rules, path) =>
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private TarArchiveFile(string path, string what, ArchiveRules rules, string tar) : base(path, what, rules) => _tar = tar;

    /// <summary>
    /// Unpacks a <c>.tar.gz</c> into a temporary file, which is deleted on disposal. After a crash, a cleanup finds it by its
    /// name.
    /// </summary>
    public static TarArchiveFile Unpack(string path, string what, ArchiveRules rules, string scratch, CancellationToken cancel)
    {
        string temporary = System.IO.Path.Combine(scratch, $".{Guid.NewGuid():N}.tmp");
        var archive = new TarArchiveFile(path, what, rules, temporary);
        try
        {
            using FileStream packed = OpenFile(path);
            using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
            archive._file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite,
                FileShare.Read | FileShare.Delete, FileOptions.DeleteOnClose);
            byte[] buffer = new byte[1 << 17];
            long length = 0;
            for (int read; (read = unpacked.Read(buffer)) > 0; length += read)
            {
                cancel.ThrowIfCancellationRequested();
                archive.CheckUnpacked(length + read);
                RandomAccess.Write(archive._file, buffer.AsSpan(0, read), length);
            }
            return archive;
        }
        catch (Exception e)
        {
            archive.Dispose();
            if (IsDamage(e))
                throw archive.Unreadable(e.Message, e);
            throw;
        }
    }

    private protected override void ReadList(CancellationToken cancel)
    {
        using FileStream file = OpenFile(_tar);
        CheckEnd(file);
        using var tar = new TarReader(file);
        while (tar.GetNextEntry() is TarEntry entry)
        {
            cancel.ThrowIfCancellationRequested();
            if (entry is PaxGlobalExtendedAttributesTarEntry global)
            {
                Comment = global.GlobalExtendedAttributes.GetValueOrDefault("comment") ?? Comment;
                continue;
            }
            if (entry.EntryType is TarEntryType.Directory or TarEntryType.DirectoryList)
                continue;
            CheckCount(_offsets.Count + 1);
            ArchiveEntryKind kind = entry.EntryType switch
            {
                TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile =>
                    IsSparse(entry) ? ArchiveEntryKind.Other : ArchiveEntryKind.File,
                TarEntryType.SymbolicLink => ArchiveEntryKind.SymbolicLink,
                TarEntryType.HardLink => ArchiveEntryKind.HardLink,
                _ => ArchiveEntryKind.Other,
            };
            if (kind == ArchiveEntryKind.File && entry.Length > 0 && entry.DataOffset + entry.Length > file.Length)
                throw new InvalidDataException(ArchiveMessages.EndsWithin(entry.Name));
            Add(entry.Name, entry.Length, kind, _offsets.Count);
            _offsets.Add(entry.DataOffset);
        }
    }

    private protected override (Stream Content, uint? Crc32) OpenContent(ArchiveEntry entry) =>
        (new Piece(_file!, _offsets[entry.Index], entry.Size), null);

    private protected override void Dispose(bool disposing) => _file?.Dispose();

    // POSIX: two blocks of zeros end a tar. Without this check, a file cut between two entries would look complete.
    private static void CheckEnd(FileStream file)
    {
        Span<byte> last = stackalloc byte[BlockSize];
        if (file.Length < BlockSize)
            throw new InvalidDataException(ArchiveMessages.EndMissing);
        file.Seek(-BlockSize, SeekOrigin.End);
        file.ReadExactly(last);
        if (last.IndexOfAnyExcept((byte)0) >= 0)
            throw new InvalidDataException(ArchiveMessages.EndMissing);
        file.Position = 0;
    }

    // Its content is a map followed by pieces, and .NET's reader would return it in that form.
    private static bool IsSparse(TarEntry entry) =>
        entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(k => k.StartsWith("GNU.sparse.", StringComparison.Ordinal));

    private sealed class Piece(SafeFileHandle file, long offset, long length) : ReadOnlyStream
    {
        private long _position;

        public override long Length => length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = RandomAccess.Read(file, buffer[..(int)Math.Min(buffer.Length, length - _position)], offset + _position);
            _position += read;
            return read;
        }
    }
}
