using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>The state of a blob, told from its size and time without reading it.</summary>
internal enum BlobState
{
    /// <summary>The file does not exist.</summary>
    Missing,
    /// <summary>Size and mtime are right, so the blob is unchanged since it was verified.</summary>
    Present,
    /// <summary>Size or mtime is wrong: something changed the file, and it must be hashed again.</summary>
    Touched,
}

/// <summary>Contents named by their sha256: <c>blobs/&lt;2 hex&gt;/&lt;62 hex&gt;</c> (docs/store-layout.md).</summary>
/// <param name="root">The <c>blobs</c> folder.</param>
/// <param name="unsynced">
/// The blobs of a cache that may not be on the device yet. Null for a published store, whose blobs are synced.
/// </param>
/// <param name="files">Replaces files; null = the system's way.</param>
/// <param name="setTime">Sets the mtime of a file; null = the system's call.</param>
internal sealed class BlobStore(
    string root, UnsyncedBlobs? unsynced = null, ContendedFiles? files = null, Action<string, DateTime>? setTime = null)
{
    // A blob's mtime is computed from its digest. So it differs between contents (the SDK's IfDifferent compares size and mtime),
    // is the same on every machine, and one stat shows a changed blob. 2 s is the resolution of FAT.
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Earlier than the mtime of any digest.
    private static readonly DateTime TouchedTime = Epoch.AddYears(-1);

    /// <summary>
    /// Bytes per write. Linux serves a write of 1 MiB from one block of memory of that size. On a virtual machine that block is
    /// often untouched memory: 256 MiB took 0.6 s that way, and 0.12 s in writes of 64 KiB (Linux 6.18, ext4).
    /// </summary>
    public const int WriteSize = 1 << 16;

    private static readonly string Separator = Path.DirectorySeparatorChar.ToString();

    // Other machines read a published store without this record of times; they check the bytes they read.
    private readonly BlobTimes? _times = unsynced is null ? null
        : new BlobTimes(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(root))!);

    private readonly Action<string, DateTime> _setTime = setTime ?? File.SetLastWriteTimeUtc;

    // The folders of blobs that exist, by the first byte of the digest. One that another process removed is made again.
    private readonly bool[] _hasFolder = new bool[1 << 8];

    // Null until the first blob is stored. Some file systems refuse to set a time; others accept the call and store another time.
    private bool? _keepsTimes;

    // If one volume refuses a clone from another, later files are copied at once.
    private volatile bool _cannotClone;

    private readonly ContendedFiles _files = files ?? ContendedFiles.OfSystem;

    private readonly string _prefix = Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar;

    /// <summary>The folder of the blobs, with a separator at the end.</summary>
    public string Prefix => _prefix;

    public string PathOf(Digest digest)
    {
        ReadOnlySpan<char> hex = digest.Hex;
        return string.Concat(_prefix, hex[..2], Separator, hex[2..]);
    }

    /// <summary>The path of a blob relative to the store, with <c>/</c>.</summary>
    public static string RelativePath(Digest digest) => $"{Folder}{digest.Hex[..2]}/{digest.Hex[2..]}";

    /// <summary>The folder of the blobs relative to the store, with <c>/</c> at the end.</summary>
    public const string Folder = "blobs/";

    /// <summary>The digest of a path made by <see cref="RelativePath"/>; null for any other path.</summary>
    public static Digest? DigestOf(string relativePath) =>
        relativePath.Split('/') is ["blobs", string first, string rest] && Digest.TryParse(first + rest, out Digest digest)
        && RelativePath(digest) == relativePath
            ? digest : null;

    /// <summary>True for an mtime that some digest yields. These lie in the 17 years after 2000.</summary>
    public static bool IsMtimeOfBlob(DateTime mtime) => mtime >= Epoch && mtime < Epoch.AddSeconds(2.0 * (1 << 28));

    public static DateTime MtimeOf(Digest digest) => Epoch.AddSeconds(2.0 * digest.First28Bits);

    public BlobState Look(Digest digest, long size) => Look(PathOf(digest), digest, size);

    /// <summary>Checks a path from <see cref="PathOf"/> with a single stat.</summary>
    public BlobState Look(string path, Digest digest, long size)
    {
        var found = FileFacts.Of(path);
        return found.Kind == FileKind.Missing ? BlobState.Missing
            : found.Kind == FileKind.File && found.Size == size && unsynced?.IsDoubted(digest) is not true
                && (found.Modified == MtimeOf(digest) || _times?.Knows(digest, new FileInfo(path)) == true) ? BlobState.Present
            : BlobState.Touched;
    }

    /// <summary>
    /// Checks that a blob exists and is intact. A touched blob is hashed again, and marked as verified if the bytes are right.
    /// </summary>
    /// <returns>False when it is missing or damaged. A damaged blob stays until an intact one replaces it.</returns>
    public bool Verify(Digest digest, long size, bool always = false, CancellationToken cancel = default)
    {
        BlobState state = Look(digest, size);
        if (state == BlobState.Missing || (state == BlobState.Present && !always))
            return state == BlobState.Present;
        string path = PathOf(digest);
        if (new FileInfo(path).Length != size || HashFile(path, cancel) != digest)
            return false;
        if (state == BlobState.Touched)
            MarkVerified(path, digest);
        return true;
    }

    /// <summary>Hashes a blob of any size, and marks it as verified if the bytes are right.</summary>
    /// <exception cref="IOException">The blob is missing or unreadable.</exception>
    public bool VerifyContent(Digest digest, Action<long>? read, CancellationToken cancel)
    {
        string path = PathOf(digest);
        if (HashFile(path, cancel, read) != digest)
            return false;
        MarkVerified(path, digest);
        return true;
    }

    /// <summary>
    /// Moves a verified temporary file of the same file system into the store and replaces the existing blob. If another program
    /// has that blob open and its bytes are right, it stays.
    /// </summary>
    /// <exception cref="FileInUseException">The existing blob is damaged, and another program has it open.</exception>
    public void Ingest(string temporary, Digest digest) => Ingest(temporary, digest, TrySetMtime(temporary, digest));

    /// <summary>Writes verified bytes into the store, as a file that does not exist yet is moved into it.</summary>
    /// <param name="temporary">A name on the same file system that no file has.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="digest">Their digest.</param>
    /// <inheritdoc cref="Ingest(string, Digest)" path="/exception"/>
    /// <exception cref="IOException">The file system refused the file or its bytes.</exception>
    public void Ingest(string temporary, ReadOnlySpan<byte> content, Digest digest)
    {
        bool stamps = setTime is null && _keepsTimes != false;
        if (LinuxFiles.TryCreate(temporary, content, stamps ? MtimeOf(digest) : null, out bool isStamped))
        {
            Ingest(temporary, digest, stamps ? isStamped && KeepsTime(temporary, digest) : TrySetMtime(temporary, digest));
            return;
        }
        using (SafeFileHandle file = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write))
            RandomAccess.Write(file, content, 0);
        Ingest(temporary, digest);
    }

    private void Ingest(string temporary, Digest digest, bool isMarked)
    {
        string path = PathOf(digest);
        unsynced?.Note(digest);
        ref bool hasFolder = ref _hasFolder[digest.First28Bits >> 20];
        if (!hasFolder)
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        hasFolder = true;
        try
        {
            Replace();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException && File.Exists(temporary))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Replace();
        }
        if (!isMarked)
            _times?.Note(digest, path);

        void Replace() => _files.Replace(temporary, path, asideFolder: root,
            isAsGood: () => VerifyContent(digest, read: null, CancellationToken.None));
    }

    /// <summary>Makes a blob look touched, so that it is hashed before it is used.</summary>
    /// <returns>False when it is missing or already looks touched.</returns>
    public bool Doubt(FileInfo blob, Digest digest)
    {
        if (!blob.Exists)
            return false;
        if (blob.LastWriteTimeUtc != MtimeOf(digest))
            return _times?.Forget(digest) == true;
        _setTime(blob.FullName, TouchedTime);
        return true;
    }

    /// <summary>
    /// Removes a blob. Remaining hard links to a damaged one must not look like the intact blob that replaces it.
    /// </summary>
    /// <param name="digest">The digest in the blob's name.</param>
    /// <param name="isWrong">The blob's bytes do not have this digest.</param>
    /// <param name="by">Deletes the file; null = this store's own files.</param>
    /// <exception cref="FileInUseException">Another program has the blob or a hard link of it open.</exception>
    public void Remove(Digest digest, bool isWrong = false, ContendedFiles? by = null)
    {
        var blob = new FileInfo(PathOf(digest));
        if (isWrong)
            Doubt(blob, digest);
        (by ?? _files).Delete(blob.FullName);
        _times?.Forget(digest);
    }

    /// <summary>Every file with the name of a blob.</summary>
    public IEnumerable<(Digest Digest, FileInfo File)> All()
    {
        var folder = new DirectoryInfo(root);
        if (!folder.Exists)
            yield break;
        // WiseHub makes no links here, so a linked folder belongs to another program.
        foreach (DirectoryInfo part in folder.EnumerateDirectories("??",
            new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            foreach (FileInfo file in part.EnumerateFiles())
            {
                string name = part.Name + file.Name;
                if (Digest.TryParse(name, out Digest digest) && digest.Hex == name)
                    yield return (digest, file);
            }
        }
    }

    /// <summary>Syncs the names of blobs to the device. Their bytes are synced before they get a name.</summary>
    /// <exception cref="IOException">The device reported an error.</exception>
    public void SyncNames(IEnumerable<Digest> digests)
    {
        foreach (string folder in digests.Select(d => Path.GetDirectoryName(PathOf(d))!).Distinct(StringComparer.Ordinal))
            NativeFile.SyncFolder(folder);
        NativeFile.SyncFolder(root);
        NativeFile.SyncFolder(Path.GetDirectoryName(root)!);
    }

    /// <summary>Adds a copy of a file to the store and hashes it on the way. Makes a clone where the file system can.</summary>
    /// <param name="file">The file.</param>
    /// <param name="only">The expected digest; a file with another digest is not kept.</param>
    /// <param name="read">Receives the number of bytes of each read.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The file's digest.</returns>
    public Digest Add(string file, Digest only, Action<long>? read, CancellationToken cancel)
    {
        if (!_cannotClone)
        {
            if (TryAdd(only, temporary => FileClone.Make(new FileInfo(file), temporary) != 0 ? null
                : (HashFile(temporary, cancel, read), new FileInfo(temporary).Length), cancel) is (Digest cloned, _))
                return cloned;
            _cannotClone = true;
        }
        // Under another name: on Windows, a deleted file keeps its name while a virus scanner has it open.
        using FileStream source = OpenSequential(file);
        return TryAdd(only, temporary => Copy(source, temporary, read, cancel), cancel)!.Value.Digest;
    }

    /// <summary>
    /// Copies a stream into the store and hashes it on the way, unless the store has the content. In a published store, the new
    /// blob is synced.
    /// </summary>
    /// <param name="source">Read to its end.</param>
    /// <param name="only">The expected digest; content with another digest is not kept. Null = any.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The digest and size of the content.</returns>
    public (Digest Digest, long Size) Add(Stream source, Digest? only, CancellationToken cancel) =>
        TryAdd(only, temporary => Copy(source, temporary, null, cancel), cancel)!.Value;

    /// <summary>Adds a file that a callback writes.</summary>
    /// <param name="write">Writes the file at the given path.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The digest and size of the content.</returns>
    public async Task<(Digest Digest, long Size)> AddAsync(Func<string, Task> write, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string written = Path.Combine(root, TemporaryNames.New());
        try
        {
            await write(written).ConfigureAwait(false);
            return TryAdd(null, temporary =>
            {
                _files.Replace(written, temporary);
                return (HashFile(temporary, cancel), new FileInfo(temporary).Length);
            }, cancel)!.Value;
        }
        finally
        {
            _files.Discard(written);
        }
    }

    /// <param name="only">The expected digest; content with another digest is not kept. Null = any.</param>
    /// <param name="make">Makes the file under a temporary name; null if it cannot.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <returns>The digest and size of the content; null if there is no file.</returns>
    private (Digest Digest, long Size)? TryAdd(Digest? only, Func<string, (Digest, long)?> make, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string temporary = Path.Combine(root, TemporaryNames.New());
        try
        {
            if (make(temporary) is not (Digest digest, long size))
                return null;
            if ((only is null || only == digest) && !Verify(digest, size, cancel: cancel))
            {
                if (unsynced is null)
                    NativeFile.SyncFile(temporary);
                Ingest(temporary, digest);
            }
            return (digest, size);
        }
        finally
        {
            _files.Discard(temporary);
        }
    }

    private static (Digest, long) Copy(Stream source, string path, Action<long>? copied, CancellationToken cancel)
    {
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(WriteSize);
        try
        {
            long size = 0;
            for (int read; (read = source.Read(buffer)) > 0; size += read)
            {
                cancel.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
                target.Write(buffer, 0, read);
                copied?.Invoke(read);
            }
            return (Digest.FromBytes(hash.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="file">The file to read.</param>
    /// <param name="cancel">Stops reading.</param>
    /// <param name="read">Receives the number of bytes of each read.</param>
    public static Digest HashFile(string file, CancellationToken cancel, Action<long>? read = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        FileBytes.ReadAll(file, bytes =>
        {
            hash.AppendData(bytes.Span);
            read?.Invoke(bytes.Length);
        }, cancel);
        return Digest.FromBytes(hash.GetHashAndReset());
    }

    private static FileStream OpenSequential(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1,
            FileOptions.SequentialScan);

    private void MarkVerified(string path, Digest digest)
    {
        unsynced?.Trust(digest);
        if (File.GetLastWriteTimeUtc(path) == MtimeOf(digest))
            return;
        // It may belong to another user; only the owner may set its time.
        if (!TrySetMtime(path, digest))
            _times?.Note(digest, path);
    }

    /// <returns>False when the file system keeps another time.</returns>
    private bool TrySetMtime(string path, Digest digest)
    {
        if (_keepsTimes == false)
            return false;
        try
        {
            _setTime(path, MtimeOf(digest));
        }
        // EPERM, ENOTSUP, ENOSYS and others. A missing file is a different failure.
        catch (Exception e) when (IoFailures.IsFileSystem(e) && e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return false;
        }
        return KeepsTime(path, digest);
    }

    private bool KeepsTime(string path, Digest digest) =>
        _keepsTimes ??= File.GetLastWriteTimeUtc(path) == MtimeOf(digest);
}
