using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// A git pack: compressed objects, whole or as deltas of others (https://git-scm.com/docs/gitformat-pack). The id of each object
/// is computed from its bytes, so an object found by its id has the right content. Thread-safe.
/// </summary>
internal sealed class GitPack
{
    // Git makes no deltas of larger objects (core.bigFileThreshold), and a delta's object must fit into memory.
    private const int LargestDelta = 512 << 20;

    // A commit or a folder: a million names of 200 bytes.
    private const int LargestListing = 256 << 20;

    private const int MostObjects = 5_000_000;

    // Bases of deltas, kept because other deltas may need them.
    private const long MostRemembered = 64 << 20;

    private const string Commit = "commit", Tree = "tree", Blob = "blob", Tag = "tag";

    private readonly Dictionary<string, Entry> _byOid = new(StringComparer.Ordinal);
    private readonly int _idBytes;

    private GitPack(string path, Digest digest, bool isSha256) =>
        (Path, Digest, _idBytes) = (path, digest, isSha256 ? SHA256.HashSizeInBytes : SHA1.HashSizeInBytes);

    /// <summary>Path of the pack file.</summary>
    public string Path { get; }

    /// <summary>The digest of the pack file, its key in the cache.</summary>
    public Digest Digest { get; }

    /// <summary>An object of the pack.</summary>
    private sealed class Entry
    {
        /// <summary>Offset of its compressed bytes.</summary>
        public long Start { get; init; }

        /// <summary>Decompressed bytes of the object, or of the delta.</summary>
        public long Unpacked { get; init; }

        /// <summary>Null until the base of a delta is known.</summary>
        public string? Type { get; set; }

        public long Size { get; set; }

        /// <summary>The base of a delta; null for a whole object.</summary>
        public Entry? Base { get; set; }

        public string? BaseOid { get; init; }

        public bool IsWhole => Base is null && BaseOid is null;
    }

    /// <summary>Reads the objects of a pack, and computes their ids.</summary>
    /// <exception cref="FormatException">It is not a pack, or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static GitPack Open(string path, Digest digest, bool isSha256, CancellationToken cancel)
    {
        var pack = new GitPack(path, digest, isSha256);
        try
        {
            pack.ReadList(cancel);
            return pack;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new FormatException((Text)$"the pack is damaged: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>The size of a blob; null if the pack does not have it.</summary>
    public long? SizeOf(string oid) => _byOid.GetValueOrDefault(oid) is { Type: Blob } entry ? entry.Size : null;

    /// <summary>The content of a commit or a folder; null if the pack does not have it.</summary>
    /// <exception cref="FormatException">The folder is too large.</exception>
    public byte[]? ReadListing(string oid)
    {
        if (_byOid.GetValueOrDefault(oid) is not { Type: Commit or Tree } entry)
            return null;
        if (entry.Size > LargestListing)
            throw new FormatException((Text)$"a folder of the commit has too many files");
        using FileStream file = OpenFile();
        return Content(file, entry, new Recent());
    }

    /// <summary>Opens a blob.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Stream OpenBlob(string oid)
    {
        Entry entry = _byOid[oid];
        FileStream file = OpenFile();
        try
        {
            if (!entry.IsWhole)
            {
                byte[] content = Content(file, entry, new Recent());
                file.Dispose();
                return new MemoryStream(content, writable: false);
            }
            file.Position = entry.Start;
            return new BlobStream(new ZLibStream(file, CompressionMode.Decompress), entry.Size);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private FileStream OpenFile() =>
        new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);

    private void ReadList(CancellationToken cancel)
    {
        using FileStream file = OpenFile();
        Span<byte> head = stackalloc byte[12];
        file.ReadExactly(head);
        uint count = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(head[8..]);
        if (!head.StartsWith("PACK"u8) || head[7] is not (2 or 3))
            throw new FormatException((Text)$"it is not a pack");
        if (count > MostObjects)
            throw new FormatException((Text)$"the pack has more than {MostObjects} objects");
        var byStart = new Dictionary<long, Entry>();
        var deltas = new List<Entry>();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (uint i = 0; i < count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                long at = file.Position;
                Entry entry = ReadHead(file, at, byStart);
                byStart[at] = entry;
                if (entry.IsWhole)
                {
                    using IncrementalHash hash = NewHash(entry.Type!, entry.Size);
                    Inflate(file, entry.Unpacked, buffer, bytes => hash.AppendData(bytes));
                    _byOid.TryAdd(Finish(hash), entry);
                }
                else
                {
                    Inflate(file, entry.Unpacked, buffer, _ => { });
                    deltas.Add(entry);
                }
            }
            // After the last object is a hash of the pack. It is not checked, because each object is hashed by itself.
            if (file.Length - file.Position != _idBytes)
                throw new FormatException((Text)$"the pack is damaged: it ends at the wrong place");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Resolve(file, deltas, cancel);
    }

    // The base of a delta may be a delta, too, and may come later in the pack.
    private void Resolve(FileStream file, List<Entry> deltas, CancellationToken cancel)
    {
        var remembered = new Recent();
        while (deltas.Count > 0)
        {
            var later = new List<Entry>();
            foreach (Entry entry in deltas)
            {
                cancel.ThrowIfCancellationRequested();
                if (entry.BaseOid is not null)
                    entry.Base = _byOid.GetValueOrDefault(entry.BaseOid);
                if (entry.Base?.Type is not string type)
                {
                    later.Add(entry);
                    continue;
                }
                byte[] content = Content(file, entry, remembered);
                entry.Size = content.Length;
                using IncrementalHash hash = NewHash(type, content.Length);
                hash.AppendData(content);
                entry.Type = type;
                _byOid.TryAdd(Finish(hash), entry);
            }
            if (later.Count == deltas.Count)
                throw new FormatException((Text)$"the pack is damaged: the base of a delta is missing");
            deltas = later;
        }
    }

    private Entry ReadHead(FileStream file, long at, Dictionary<long, Entry> byStart)
    {
        int c = ReadByte(file), type = (c >> 4) & 7, shift = 4;
        long size = c & 15;
        for (; (c & 0x80) != 0; shift += 7)
        {
            c = ReadByte(file);
            size = checked(size | ((long)(c & 0x7f) << shift));
            if (shift > 56)
                throw new FormatException((Text)$"the pack is damaged: an object has an impossible size");
        }
        const int OffsetDelta = 6, IdDelta = 7;
        if (type == OffsetDelta)
        {
            c = ReadByte(file);
            long back = c & 0x7f;
            while ((c & 0x80) != 0)
            {
                c = ReadByte(file);
                back = checked(((back + 1) << 7) | (long)(c & 0x7f));
            }
            Entry other = byStart.GetValueOrDefault(at - back)
                ?? throw new FormatException((Text)$"the pack is damaged: the base of a delta is missing");
            return new Entry { Base = other, Start = file.Position, Unpacked = size };
        }
        if (type == IdDelta)
        {
            Span<byte> id = stackalloc byte[_idBytes];
            file.ReadExactly(id);
            return new Entry { BaseOid = Convert.ToHexStringLower(id), Start = file.Position, Unpacked = size };
        }
        string name = type switch
        {
            1 => Commit,
            2 => Tree,
            3 => Blob,
            4 => Tag,
            _ => throw new FormatException((Text)$"the pack is damaged: it has an object of an unknown type"),
        };
        return new Entry { Type = name, Size = size, Start = file.Position, Unpacked = size };
    }

    private static int ReadByte(FileStream file) =>
        file.ReadByte() is >= 0 and int c ? c : throw new EndOfStreamException((Text)$"it is truncated");

    private static byte[] Content(FileStream file, Entry entry, Recent remembered)
    {
        var deltas = new Stack<Entry>();
        Entry whole = entry;
        byte[]? content = null;
        while (!remembered.TryGet(whole.Start, out content) && !whole.IsWhole)
        {
            deltas.Push(whole);
            whole = whole.Base!;
        }
        content ??= Unpack(file, whole);
        remembered.Add(whole.Start, content);
        while (deltas.TryPop(out Entry? delta))
        {
            content = Apply(content, Unpack(file, delta));
            remembered.Add(delta.Start, content);
        }
        return content;
    }

    private static byte[] Unpack(FileStream file, Entry entry)
    {
        if (entry.Unpacked > LargestDelta)
        {
            throw new FormatException(
                Text.Of($"a delta has a base of {entry.Unpacked} bytes"));
        }
        byte[] content = new byte[entry.Unpacked], buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        int at = 0;
        file.Position = entry.Start;
        Inflate(file, entry.Unpacked, buffer, bytes =>
        {
            bytes.CopyTo(content.AsSpan(at));
            at += bytes.Length;
        });
        ArrayPool<byte>.Shared.Return(buffer);
        return content;
    }

    // A delta has two sizes, and then instructions: a byte with its highest bit set copies a piece of the base, any other byte is
    // the number of new bytes that follow it.
    private static byte[] Apply(ReadOnlySpan<byte> from, ReadOnlySpan<byte> delta)
    {
        if (Length(ref delta) != from.Length)
            throw new InvalidDataException((Text)$"the base of a delta has another size");
        long length = Length(ref delta);
        if (length > LargestDelta)
            throw new InvalidDataException((Text)$"an object is too large for a delta");
        byte[] content = new byte[length];
        Span<byte> to = content;
        while (!delta.IsEmpty)
        {
            int instruction = Next(ref delta);
            if (instruction == 0)
                throw new InvalidDataException((Text)$"a delta is invalid");
            ReadOnlySpan<byte> piece;
            if ((instruction & 0x80) != 0)
            {
                uint offset = 0, size = 0;
                for (int i = 0; i < 7; i++)
                {
                    if ((instruction & (1 << i)) == 0)
                        continue;
                    if (i < 4)
                        offset |= (uint)Next(ref delta) << (8 * i);
                    else
                        size |= (uint)Next(ref delta) << (8 * (i - 4));
                }
                size = size == 0 ? 0x10000 : size;
                if ((ulong)offset + size > (ulong)from.Length)
                    throw new InvalidDataException((Text)$"a delta is invalid");
                piece = from.Slice((int)offset, (int)size);
            }
            else
            {
                if (instruction > delta.Length)
                    throw new InvalidDataException((Text)$"a delta is invalid");
                piece = delta[..instruction];
                delta = delta[instruction..];
            }
            if (piece.Length > to.Length)
                throw new InvalidDataException((Text)$"a delta is invalid");
            piece.CopyTo(to);
            to = to[piece.Length..];
        }
        return to.IsEmpty ? content : throw new InvalidDataException((Text)$"a delta is invalid");

        static int Next(ref ReadOnlySpan<byte> delta)
        {
            if (delta.IsEmpty)
                throw new InvalidDataException((Text)$"a delta is invalid");
            int next = delta[0];
            delta = delta[1..];
            return next;
        }

        static long Length(ref ReadOnlySpan<byte> delta)
        {
            long length = 0;
            for (int shift = 0; shift < 63; shift += 7)
            {
                int c = Next(ref delta);
                length |= (long)(c & 0x7f) << shift;
                if ((c & 0x80) == 0)
                    return length;
            }
            throw new InvalidDataException((Text)$"a delta is invalid");
        }
    }

    private IncrementalHash NewHash(string type, long size)
    {
        bool isSha256 = _idBytes == SHA256.HashSizeInBytes;
        var hash = IncrementalHash.CreateHash(isSha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type} {size}\0")));
        return hash;
    }

    private static string Finish(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());

    /// <summary>Decompresses an object and leaves the file exactly at its end, which only its compressed bytes show.</summary>
    private static void Inflate(FileStream file, long size, byte[] buffer, ReadOnlySpanAction take)
    {
        var feed = new Feed(file) { Left = size };
        using var unpacked = new ZLibStream(feed, CompressionMode.Decompress, leaveOpen: true);
        while (feed.Left > 0)
        {
            int read = unpacked.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, feed.Left)));
            if (read == 0)
                throw new EndOfStreamException((Text)$"an object is shorter than its stated size");
            take(buffer.AsSpan(0, read));
            feed.Left -= read;
        }
        // Reads the checksum that follows.
        if (unpacked.ReadByte() >= 0)
            throw new InvalidDataException((Text)$"an object is longer than its stated size");
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Never returns more bytes than certainly belong to the object, because the decompressing stream consumes all that it reads.
    /// </summary>
    private sealed class Feed(FileStream file) : ReadOnlyStream
    {
        // A byte unpacks to at most 1,032 (https://zlib.net/zlib_tech.html), and four bytes of checksum follow the last one.
        private const int MostOfByte = 1032, Checksum = 4;

        public long Left { get; set; }

        public override int Read(Span<byte> buffer)
        {
            long most = Left == 0 ? 1 : (Left / MostOfByte) + Checksum;
            return file.Read(buffer[..(int)Math.Min(buffer.Length, most)]);
        }
    }

    private sealed class BlobStream(Stream content, long length) : ReadOnlyStream
    {
        private long _position;

        public override long Length => length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = content.Read(buffer[..(int)Math.Min(buffer.Length, length - _position)]);
            _position += read;
            return read > 0 || _position == length || buffer.IsEmpty ? read
                : throw new EndOfStreamException((Text)$"the object is shorter than its stated size");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                content.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>A cache of contents, by their offsets; the oldest are removed first.</summary>
    private sealed class Recent
    {
        private readonly Dictionary<long, byte[]> _contents = [];
        private readonly Queue<long> _order = new();
        private long _bytes;

        public bool TryGet(long start, out byte[]? content) => _contents.TryGetValue(start, out content);

        public void Add(long start, byte[] content)
        {
            if (content.Length > MostRemembered || !_contents.TryAdd(start, content))
                return;
            _order.Enqueue(start);
            for (_bytes += content.Length; _bytes > MostRemembered; _bytes -= content.Length)
            {
                _contents.Remove(_order.Dequeue(), out byte[]? oldest);
                content = oldest!;
            }
        }
    }
}
