using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace WiseHub.Client.Formats;

/// <summary>
/// The directory of a zip, compared with the local headers (PKWARE APPNOTE 6.3.10). Loaders read the one or the other, so a zip
/// in which they differ is two. Bytes outside the files are not allowed either.
/// </summary>
internal sealed class ZipDirectory
{
    /// <summary>The most files that are looked at.</summary>
    public const int MostMembers = 200_000;

    // A path of Linux has 4,096 bytes at most, and nobody writes such names. A directory has 100 bytes a file.
    private const int LongestName = 1024;

    private const long LargestDirectory = 64 << 20;

    private const uint LocalSignature = 0x04034B50, CentralSignature = 0x02014B50, EndSignature = 0x06054B50,
        End64Signature = 0x06064B50, Locator64Signature = 0x07064B50, DescriptorSignature = 0x08074B50;

    private const int LocalBytes = 30, CentralBytes = 46, EndBytes = 22, LongestComment = 65535, Locator64Bytes = 20,
        End64Bytes = 56;

    private const int Encrypted = 1, DeflateLevel = 2 | 4, HasDescriptor = 8, Utf8Names = 0x800;

    private const int Extra64 = 1, ExtraUnicodePath = 0x7075;

    private readonly Stream _file;
    private readonly List<ZipMember> _members = [];
    private long _start, _entries, _directory, _directoryEnd;

    private ZipDirectory(Stream file) => _file = file;

    /// <summary>The files in the order of the directory, as far as it could be read.</summary>
    public IReadOnlyList<ZipMember> Members => _members;

    /// <summary>What is wrong with the structure; null if nothing is.</summary>
    public Text? Fault { get; private set; }

    /// <summary>True if a zip begins with these bytes.</summary>
    public static bool IsAtStart(ReadOnlySpan<byte> head) => head.Length >= 4
        && BinaryPrimitives.ReadUInt32LittleEndian(head) is LocalSignature or EndSignature or DescriptorSignature;

    /// <summary>True if the end of a complete file is that of a zip that has files.</summary>
    public static bool HasEnd(Stream file)
    {
        var directory = new ZipDirectory(file);
        Span<byte> signature = stackalloc byte[4];
        return directory.ReadEnd() && directory._entries > 0 && file.ReadAt(directory._directory, signature) == 4
            && BinaryPrimitives.ReadUInt32LittleEndian(signature) == CentralSignature;
    }

    /// <summary>Reads the directory of a complete file, and compares it with the local headers.</summary>
    public static ZipDirectory Read(Stream file, CancellationToken cancel)
    {
        var directory = new ZipDirectory(file);
        if (!directory.ReadEnd())
            directory.Fault = FormatMessages.ZipCutOff;
        else if (directory.ReadMembers(cancel))
            directory.CheckPlaces();
        return directory;
    }

    /// <summary>
    /// The files by their local headers alone, wherever there is one. Their sizes are what the header states, or the rest.
    /// </summary>
    /// <param name="file">The bytes that are there.</param>
    /// <param name="mostBytes">The bytes to search.</param>
    /// <param name="mostMembers">The files to return.</param>
    /// <param name="cancel">Stops.</param>
    public static List<ZipMember> Scan(Stream file, long mostBytes, int mostMembers, CancellationToken cancel)
    {
        const int block = 1 << 16;
        var found = new List<ZipMember>();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(block);
        try
        {
            long end = Math.Min(file.Length, mostBytes);
            for (long at = 0; at < end && found.Count < mostMembers; at += block - 3)
            {
                cancel.ThrowIfCancellationRequested();
                ReadOnlySpan<byte> bytes = buffer.AsSpan(0, file.ReadAt(at, buffer.AsSpan(0, block)));
                for (int from = 0; found.Count < mostMembers; from += 4)
                {
                    int next = from < bytes.Length ? bytes[from..].IndexOf("PK\x3\x4"u8) : -1;
                    if (next < 0)
                        break;
                    from += next;
                    if (ReadLocal(file, at + from, out _) is ZipMember member)
                        found.Add(member);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        return found;
    }

    /// <summary>True for a name that a zip of files cannot have.</summary>
    private static bool LeadsOut(string name) => name.Length == 0 || name.StartsWith('/')
        || name.Contains('\\', StringComparison.Ordinal)
        || name.Contains('\0', StringComparison.Ordinal) || (name.Length > 1 && name[1] == ':')
        || name.Split('/').Any(p => p is ".." or ".");

    private bool ReadEnd()
    {
        int length = (int)Math.Min(_file.Length, EndBytes + LongestComment + Locator64Bytes);
        if (length < EndBytes)
            return false;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            ReadOnlySpan<byte> tail = buffer.AsSpan(0, _file.ReadAt(_file.Length - length, buffer.AsSpan(0, length)));
            int end = tail[..Math.Max(0, tail.Length - EndBytes + 4)].LastIndexOf("PK\x5\x6"u8);
            if (end < 0 || tail.Length - end < EndBytes)
                return false;
            ReadOnlySpan<byte> record = tail[end..];
            if (record.Length != EndBytes + BinaryPrimitives.ReadUInt16LittleEndian(record[20..]))
                Fault = FormatMessages.ZipGap;
            for (int other = end; (other = tail[..other].LastIndexOf("PK\x5\x6"u8)) >= 0;)
            {
                // An archive in the archive has its own end, which does not reach that of the file.
                if (tail.Length - other == EndBytes + BinaryPrimitives.ReadUInt16LittleEndian(tail[(other + 20)..]))
                    Fault = FormatMessages.ZipSeveralEnds;
            }
            long place = _file.Length - tail.Length + end;
            _entries = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]);
            long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
            // Several disks, which nobody has.
            if (BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) is not (0 or uint.MaxValue)
                || _entries != BinaryPrimitives.ReadUInt16LittleEndian(record[8..]))
                Fault = FormatMessages.ZipDirectoryMalformed;
            if (end >= Locator64Bytes
                && BinaryPrimitives.ReadUInt32LittleEndian(tail[(end - Locator64Bytes)..]) == Locator64Signature
                && !ReadEnd64(tail.Slice(end - Locator64Bytes, Locator64Bytes), ref place, ref size, ref offset))
                return false;
            _directoryEnd = place;
            _directory = place - size;
            _start = _directory - offset;
            if (_directory < 0 || size < 0 || offset < 0)
                return false;
            if (_start != 0)
                Fault ??= FormatMessages.ZipGap;
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Loaders take the zip64 record whenever there is one, so it must agree with the other.
    private bool ReadEnd64(ReadOnlySpan<byte> locator, ref long place, ref long size, ref long offset)
    {
        Span<byte> record = stackalloc byte[End64Bytes];
        long at = place - Locator64Bytes - End64Bytes;
        if (_file.ReadAt(at, record) < End64Bytes || BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature
            || BinaryPrimitives.ReadInt64LittleEndian(record[4..]) != End64Bytes - 12)
            return false;
        long entries = BinaryPrimitives.ReadInt64LittleEndian(record[32..]);
        long size64 = BinaryPrimitives.ReadInt64LittleEndian(record[40..]);
        long offset64 = BinaryPrimitives.ReadInt64LittleEndian(record[48..]);
        if ((_entries != ushort.MaxValue && _entries != entries) || (size != uint.MaxValue && size != size64)
            || (offset != uint.MaxValue && offset != offset64)
            || BinaryPrimitives.ReadInt64LittleEndian(record[24..]) != entries
            || BinaryPrimitives.ReadInt64LittleEndian(locator[8..]) != at)
            Fault = FormatMessages.ZipDirectoryMalformed;
        (_entries, place, size, offset) = (entries, at, size64, offset64);
        return entries >= 0 && size64 >= 0 && size64 <= at && offset64 >= 0;
    }

    private bool ReadMembers(CancellationToken cancel)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CentralBytes + 2 * LongestComment);
        try
        {
            long at = _directory;
            if (_directoryEnd - at > LargestDirectory)
                return Malformed();
            for (long i = 0; i < _entries; i++)
            {
                cancel.ThrowIfCancellationRequested();
                if (i == MostMembers)
                {
                    Fault = FormatMessages.TooManyFiles(MostMembers);
                    return false;
                }
                Span<byte> header = buffer.AsSpan(0, CentralBytes);
                if (_directoryEnd - at < CentralBytes || _file.ReadAt(at, header) < CentralBytes
                    || BinaryPrimitives.ReadUInt32LittleEndian(header) != CentralSignature)
                    return Malformed();
                int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
                int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]);
                int length = CentralBytes + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(header[32..]);
                if (_directoryEnd - at < length || nameLength > LongestName)
                    return Malformed();
                Span<byte> variable = buffer.AsSpan(CentralBytes, nameLength + extraLength);
                if (_file.ReadAt(at + CentralBytes, variable) < variable.Length
                    || !AddMember(header, variable[..nameLength], variable[nameLength..], names))
                    return Malformed();
                at += length;
            }
            return at == _directoryEnd || Malformed();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool Malformed()
    {
        Fault ??= FormatMessages.ZipDirectoryMalformed;
        return false;
    }

    private bool AddMember(ReadOnlySpan<byte> header, ReadOnlySpan<byte> name, ReadOnlySpan<byte> extra, HashSet<string> names)
    {
        long packed = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long size = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        if (!ReadExtra(extra, name, ref size, ref packed, ref offset))
            return false;
        var member = new ZipMember(NameOf(name), BinaryPrimitives.ReadUInt16LittleEndian(header[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(header[10..]), BinaryPrimitives.ReadUInt32LittleEndian(header[16..]), packed,
            size, _start + offset);
        ZipMember? local = packed < 0 || size < 0 || offset < 0 ? null : ReadLocal(_file, member.Header, out bool isRegular)
            is ZipMember read && isRegular ? read : null;
        if (local is null || local.Name != member.Name || local.Method != member.Method || local.Flags != member.Flags
            || !AgreesWith(member, local))
            Fault ??= FormatMessages.ZipDiffers(member.Name);
        member = member with { Content = local?.Content ?? _file.Length };
        if ((member.Flags & ~(DeflateLevel | HasDescriptor | Utf8Names)) != 0)
            Fault ??= FormatMessages.ZipFlags(member.Name);
        if (member.Method is not (ZipMember.Stored or ZipMember.Deflate))
            Fault ??= FormatMessages.ZipMethod(member.Name);
        if (member.Method == ZipMember.Stored && packed != size)
            Fault ??= FormatMessages.ZipSize(member.Name);
        if (LeadsOut(member.Name))
            Fault ??= FormatMessages.ZipName(member.Name);
        if (!names.Add(member.Name))
            Fault ??= FormatMessages.ZipTwice(member.Name);
        _members.Add(member);
        return true;
    }

    // A writer that streams leaves sizes and checksum to the descriptor behind the content.
    private static bool AgreesWith(ZipMember member, ZipMember local) =>
        (member.Crc == local.Crc && member.Packed == local.Packed && member.Size == local.Size)
        || ((member.Flags & HasDescriptor) != 0 && (local.Crc == 0 || local.Crc == member.Crc)
            && (local.Packed is 0 or uint.MaxValue || local.Packed == member.Packed)
            && (local.Size is 0 or uint.MaxValue || local.Size == member.Size));

    private static ZipMember? ReadLocal(Stream file, long at, out bool isRegular)
    {
        isRegular = false;
        Span<byte> header = stackalloc byte[LocalBytes];
        if (file.ReadAt(at, header) < LocalBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature)
            return null;
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(nameLength + extraLength + 1);
        try
        {
            Span<byte> variable = buffer.AsSpan(0, nameLength + extraLength);
            variable = variable[..file.ReadAt(at + LocalBytes, variable)];
            if (variable.Length < nameLength + extraLength)
                return null;
            long packed = BinaryPrimitives.ReadUInt32LittleEndian(header[18..]);
            long size = BinaryPrimitives.ReadUInt32LittleEndian(header[22..]);
            long none = 0;
            ReadOnlySpan<byte> name = variable[..Math.Min(nameLength, LongestName)];
            isRegular = ReadExtra(variable[nameLength..], name, ref size, ref packed, ref none) && name.Length == nameLength;
            return new ZipMember(NameOf(name), BinaryPrimitives.ReadUInt16LittleEndian(header[6..]),
                BinaryPrimitives.ReadUInt16LittleEndian(header[8..]), BinaryPrimitives.ReadUInt32LittleEndian(header[14..]),
                packed, size, at)
            {
                Content = at + LocalBytes + nameLength + extraLength,
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the large numbers of zip64. False if the fields are malformed, or give the file another name.</summary>
    private static bool ReadExtra(
        ReadOnlySpan<byte> extra, ReadOnlySpan<byte> name, ref long size, ref long packed, ref long offset)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                return false;
            ReadOnlySpan<byte> field = extra.Slice(4, length);
            if (id == Extra64 && !(Take(ref field, ref size) && Take(ref field, ref packed) && Take(ref field, ref offset)))
                return false;
            // Info-ZIP's name in Unicode: version, checksum, name.
            if (id == ExtraUnicodePath && (field.Length < 5 || !field[5..].SequenceEqual(name)))
                return false;
            extra = extra[(4 + length)..];
        }
        // Android's tools pad with up to 3 zeros.
        return extra.IndexOfAnyExcept((byte)0) < 0;

        static bool Take(ref ReadOnlySpan<byte> field, ref long number)
        {
            if (number != uint.MaxValue)
                return true;
            if (field.Length < 8)
                return false;
            number = BinaryPrimitives.ReadInt64LittleEndian(field);
            field = field[8..];
            return true;
        }
    }

    // The files must lie one behind the other, from the first byte to the directory.
    private void CheckPlaces()
    {
        long at = 0;
        foreach (ZipMember member in _members.OrderBy(m => m.Header))
        {
            if (member.Header < at)
            {
                Fault ??= FormatMessages.ZipOverlap(member.Name);
                return;
            }
            if (member.Header > at || member.Packed > _directory - member.Content)
            {
                Fault ??= FormatMessages.ZipGap;
                return;
            }
            at = member.Content + member.Packed;
            if ((member.Flags & HasDescriptor) != 0)
                at += DescriptorBytes(member, at);
        }
        if (at != _directory)
            Fault ??= FormatMessages.ZipGap;
    }

    // With or without a signature, with sizes of 4 or 8 bytes (APPNOTE 4.3.9).
    private long DescriptorBytes(ZipMember member, long at)
    {
        Span<byte> descriptor = stackalloc byte[24];
        descriptor = descriptor[..(int)Math.Min(_file.ReadAt(at, descriptor), Math.Max(0, _directory - at))];
        int signature = descriptor.Length >= 4
            && BinaryPrimitives.ReadUInt32LittleEndian(descriptor) == DescriptorSignature ? 4 : 0;
        ReadOnlySpan<byte> rest = descriptor[signature..];
        if (rest.Length < 12 || BinaryPrimitives.ReadUInt32LittleEndian(rest) != member.Crc)
            return 0;
        if (rest.Length >= 20 && BinaryPrimitives.ReadInt64LittleEndian(rest[4..]) == member.Packed
            && BinaryPrimitives.ReadInt64LittleEndian(rest[12..]) == member.Size)
            return signature + 20;
        return BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == member.Packed
            && BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) == member.Size ? signature + 12 : 0;
    }

    // Old writers use the code page of their system. Different bytes must stay different.
    private static string NameOf(ReadOnlySpan<byte> name) =>
        (Utf8.IsValid(name) ? Encoding.UTF8 : Encoding.Latin1).GetString(name);
}
