using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Transfer;

/// <summary>
/// A file beside a partial file. It lists the blocks on disk, with an XxHash128 of each. Nothing is synced
/// (docs/architecture.md); the hash reveals a block that did not reach the disk before a power failure. The format is a fixed
/// header (magic, version, sizes, etag), then 16 bytes for each block, all zero for a missing one.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private const int HeaderSize = 512, HashSize = 16, EtagAt = 32;
    // The last byte is the version.
    private static ReadOnlySpan<byte> Magic => "WISEPART\0\0\0\x1"u8;

    private readonly SafeFileHandle _file;
    private readonly UInt128[] _hashes;

    private Checkpoint(SafeFileHandle file, UInt128[] hashes, string? etag) => (_file, _hashes, Etag) = (file, hashes, etag);

    /// <summary>The hub and ETag of the blocks, if the server sent one.</summary>
    public string? Etag { get; private set; }

    /// <summary>Opens the checkpoint of a content. A missing or damaged one, or one of another content, is replaced.</summary>
    public static Checkpoint Open(string path, long size, int blockSize)
    {
        SafeFileHandle file = ContendedFiles.OfSystem.Open(path,
            p => File.OpenHandle(p, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        try
        {
            var hashes = new UInt128[(size + blockSize - 1) / blockSize];
            byte[] header = new byte[HeaderSize];
            Begin(header, size, blockSize);
            byte[] found = new byte[HeaderSize];
            if (RandomAccess.Read(file, found, 0) == HeaderSize
                && found.AsSpan(0, EtagAt).SequenceEqual(header.AsSpan(0, EtagAt)))
            {
                ReadHashes(file, hashes);
                int length = found[EtagAt];
                return new Checkpoint(file, hashes, length == 0 ? null : Encoding.UTF8.GetString(found, EtagAt + 1, length));
            }
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, header, 0);
            return new Checkpoint(file, hashes, null);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>True if at least one block is on disk.</summary>
    public bool Any => Array.Exists(_hashes, h => h != UInt128.Zero);

    public static UInt128 HashOf(ReadOnlySpan<byte> block) => XxHash128.HashToUInt128(block);

    public bool Has(int block) => _hashes[block] != UInt128.Zero;

    public bool Matches(int block, ReadOnlySpan<byte> bytes) => _hashes[block] == HashOf(bytes);

    public void Mark(int block, UInt128 hash)
    {
        _hashes[block] = hash;
        Span<byte> bytes = stackalloc byte[HashSize];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash);
        RandomAccess.Write(_file, bytes, HeaderSize + ((long)block * HashSize));
    }

    /// <summary>Stores the source of the blocks.</summary>
    public void SetEtag(string etag)
    {
        byte[] text = Encoding.UTF8.GetBytes(etag);
        if (etag == Etag || text.Length > byte.MaxValue)
            return;
        Etag = etag;
        RandomAccess.Write(_file, (byte[])[(byte)text.Length, .. text], EtagAt);
    }

    public void Forget()
    {
        Etag = null;
        Array.Clear(_hashes);
        RandomAccess.SetLength(_file, HeaderSize);
        RandomAccess.Write(_file, (byte[])[0], EtagAt);
    }

    public void Dispose() => _file.Dispose();

    private static void Begin(Span<byte> header, long size, int blockSize)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], size);
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], blockSize);
    }

    private static void ReadHashes(SafeFileHandle file, UInt128[] hashes)
    {
        byte[] bytes = new byte[hashes.Length * HashSize];
        int length = RandomAccess.Read(file, bytes, HeaderSize);
        for (int i = 0; (i + 1) * HashSize <= length; i++)
            hashes[i] = BinaryPrimitives.ReadUInt128LittleEndian(bytes.AsSpan(i * HashSize));
    }
}
