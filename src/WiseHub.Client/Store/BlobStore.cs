using System.Buffers;
using System.Security.Cryptography;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>What a look at a blob's place says, without reading it.</summary>
internal enum BlobState
{
    /// <summary>Nothing there.</summary>
    Missing,
    /// <summary>There, with the right size and the mtime that its digest gives: untouched since it was verified.</summary>
    Present,
    /// <summary>There, but size or mtime is off: somebody touched it, so it must be hashed again.</summary>
    Touched,
}

/// <summary>Contents named by their sha256: <c>blobs/&lt;2 hex&gt;/&lt;62 hex&gt;</c> (docs/store-layout.md).</summary>
/// <param name="root">The <c>blobs</c> folder.</param>
/// <param name="unsynced">
/// In a cache the list of what may not be on the device yet. A published store has none: its blobs are synced.
/// </param>
/// <param name="files">How files are replaced; null = by this system.</param>
/// <param name="setTime">Gives a file its time; null = the system does.</param>
internal sealed class BlobStore(
    string root, UnsyncedBlobs? unsynced = null, ContendedFiles? files = null, Action<string, DateTime>? setTime = null)
{
    // A blob's mtime is a function of its digest, so that it is distinct per content (the SDK's IfDifferent compares size and
    // mtime), the same on every machine, and a touched blob is noticed by one stat. 2 s is the resolution of FAT.
    private static readonly DateTime Epoch = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    // Before that of any digest.
    private static readonly DateTime Doubtful = Epoch.AddYears(-1);

    /// <summary>
    /// Bytes of one write. Linux gives a write of 1 MiB one piece of memory of that size, which on a virtual machine often is
    /// memory that nobody has touched yet: 256 MiB took 0.6 s so, and 0.12 s in pieces of 64 KiB (Linux 6.18, ext4).
    /// </summary>
    public const int WriteSize = 1 << 16;

    private static readonly string Separator = Path.DirectorySeparatorChar.ToString();

    // A published store is read by whoever has no list of its times, and checked by what is read.
    private readonly BlobTimes? _times = unsynced is null ? null
        : new BlobTimes(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(root))!);

    private readonly Action<string, DateTime> _setTime = setTime ?? File.SetLastWriteTimeUtc;

    // Null until the first blob came: some file systems refuse to set a time, and some take it and keep another.
    private bool? _keepsTimes;

    // What one volume refuses to another is not tried again.
    private volatile bool _clonesNothing;

    private readonly ContendedFiles _files = files ?? ContendedFiles.OfSystem;

    private readonly string _prefix = Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar;

    public string PathOf(Digest digest)
    {
        ReadOnlySpan<char> hex = digest.Hex;
        return string.Concat(_prefix, hex[..2], Separator, hex[2..]);
    }

    /// <summary>Where a blob is in a store, with <c>/</c>.</summary>
    public static string RelativePath(Digest digest) => $"{Folder}{digest.Hex[..2]}/{digest.Hex[2..]}";

    /// <summary>Where the blobs of a store are, with <c>/</c> at the end.</summary>
    public const string Folder = "blobs/";

    /// <summary>The digest in a name that <see cref="RelativePath"/> gave; null for any other name.</summary>
    public static Digest? DigestOf(string relativePath) =>
        relativePath.Split('/') is ["blobs", string first, string rest] && Digest.TryParse(first + rest, out Digest digest)
        && RelativePath(digest) == relativePath
            ? digest : null;

    /// <summary>Whether some digest gives this mtime: they lie in the 17 years after 2000.</summary>
    public static bool IsMtimeOfBlob(DateTime mtime) => mtime >= Epoch && mtime < Epoch.AddSeconds(2.0 * (1 << 28));

    public static DateTime MtimeOf(Digest digest) => Epoch.AddSeconds(2.0 * digest.First28Bits);

    public BlobState Look(Digest digest, long size) => Look(PathOf(digest), digest, size);

    /// <summary>One stat, of a path that <see cref="PathOf"/> gave.</summary>
    public BlobState Look(string path, Digest digest, long size)
    {
        var file = new FileInfo(path);
        return !file.Exists ? BlobState.Missing
            : file.Length == size && unsynced?.IsDoubted(digest) is not true
                && (file.LastWriteTimeUtc == MtimeOf(digest) || _times?.Knows(digest, file) == true) ? BlobState.Present
            : BlobState.Touched;
    }

    /// <summary>
    /// Says whether the blob is there and right; one that was touched is hashed again and, if it is still right, marked so.
    /// </summary>
    /// <returns>False when it is missing or its bytes are wrong (it then stays until a right one replaces it).</returns>
    public bool Verify(Digest digest, long size, bool always = false, CancellationToken cancel = default)
    {
        BlobState state = Look(digest, size);
        if (state == BlobState.Missing || (state == BlobState.Present && !always))
            return state == BlobState.Present;
        string path = PathOf(digest);
        if (new FileInfo(path).Length != size || HashFile(path, cancel) != digest)
            return false;
        if (state == BlobState.Touched)
            MarkRight(path, digest);
        return true;
    }

    /// <summary>Hashes a blob of whatever size; one that is right and was touched is marked so.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public bool VerifyContent(Digest digest, Action<long>? read, CancellationToken cancel)
    {
        string path = PathOf(digest);
        if (HashFile(path, cancel, read) != digest)
            return false;
        MarkRight(path, digest);
        return true;
    }

    /// <summary>
    /// Takes a verified temporary file of the same file system into the store, replacing whatever is there. Where another program
    /// uses what is there, so that it cannot be replaced, and it is right, that is as good.
    /// </summary>
    /// <exception cref="FileInUseException">What is there is wrong, and another program uses it.</exception>
    public void Ingest(string temporary, Digest digest)
    {
        string path = PathOf(digest);
        MakeFolder(Path.GetDirectoryName(path)!);
        bool isMarked = TrySetMtime(temporary, digest);
        unsynced?.Note(digest);
        _files.Replace(temporary, path, asideFolder: root,
            isAsGood: () => VerifyContent(digest, read: null, CancellationToken.None));
        if (!isMarked)
            _times?.Note(digest, path);
    }

    /// <summary>Makes a blob look touched, so that it is hashed before it is used.</summary>
    /// <returns>False when it is not there, or looks so already.</returns>
    public bool Doubt(FileInfo blob, Digest digest)
    {
        if (!blob.Exists)
            return false;
        if (blob.LastWriteTimeUtc != MtimeOf(digest))
            return _times?.Forget(digest) == true;
        _setTime(blob.FullName, Doubtful);
        return true;
    }

    /// <summary>Removes a blob. Hard links to a wrong one must not look like the right one that comes after it.</summary>
    /// <param name="digest">Its name.</param>
    /// <param name="isWrong">Its bytes are others.</param>
    /// <param name="by">What deletes it; null = what replaces files here.</param>
    /// <exception cref="FileInUseException">Another program uses it, or a hard link of it.</exception>
    public void Remove(Digest digest, bool isWrong = false, ContendedFiles? by = null)
    {
        var blob = new FileInfo(PathOf(digest));
        if (isWrong)
            Doubt(blob, digest);
        (by ?? _files).Delete(blob.FullName);
        _times?.Forget(digest);
    }

    /// <summary>Every file that has the name of a blob.</summary>
    public IEnumerable<(Digest Digest, FileInfo File)> All()
    {
        var folder = new DirectoryInfo(root);
        if (!folder.Exists)
            yield break;
        // Nobody of us makes links here: what they lead to is not ours.
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

    /// <summary>Brings the names of blobs to the device; their bytes are there before they have a name.</summary>
    /// <exception cref="IOException">The device refused.</exception>
    public void SyncNames(IEnumerable<Digest> digests)
    {
        foreach (string folder in digests.Select(d => Path.GetDirectoryName(PathOf(d))!).Distinct(StringComparer.Ordinal))
            NativeFile.SyncFolder(folder);
        NativeFile.SyncFolder(root);
        NativeFile.SyncFolder(Path.GetDirectoryName(root)!);
    }

    /// <summary>Takes a file into the store as a copy of its own, hashed on the way; a clone where the file system can.</summary>
    /// <param name="file">The file.</param>
    /// <param name="only">What it must be; anything else is not kept.</param>
    /// <param name="read">Called with the number of bytes of each piece.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>What it was.</returns>
    public Digest Add(string file, Digest only, Action<long>? read, CancellationToken cancel) => Add(only, temporary =>
    {
        if (!_clonesNothing)
        {
            if (FileClone.Make(new FileInfo(file), temporary) == 0)
                return (HashFile(temporary, cancel, read), new FileInfo(temporary).Length);
            _clonesNothing = true;
        }
        using FileStream source = OpenSequential(file);
        return Copy(source, temporary, read, cancel);
    }, cancel).Digest;

    /// <summary>
    /// Copies what can be read into the store, hashing it on the way, unless its content is there already. What it makes in a
    /// published store is synced.
    /// </summary>
    /// <param name="source">Read to its end.</param>
    /// <param name="only">What it must be; anything else is not kept. Null = whatever it is.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>What it was.</returns>
    public (Digest Digest, long Size) Add(Stream source, Digest? only, CancellationToken cancel) =>
        Add(only, temporary => Copy(source, temporary, null, cancel), cancel);

    /// <summary>Takes what somebody writes into a temporary file of the store.</summary>
    /// <param name="write">Writes the file whose path it gets.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>What it was.</returns>
    public async Task<(Digest Digest, long Size)> AddAsync(Func<string, Task> write, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string written = Path.Combine(root, TemporaryNames.New());
        try
        {
            await write(written).ConfigureAwait(false);
            return Add(null, temporary =>
            {
                _files.Replace(written, temporary);
                return (HashFile(temporary, cancel), new FileInfo(temporary).Length);
            }, cancel);
        }
        finally
        {
            _files.Discard(written);
        }
    }

    private (Digest Digest, long Size) Add(Digest? only, Func<string, (Digest, long)> make, CancellationToken cancel)
    {
        Directory.CreateDirectory(root);
        string temporary = Path.Combine(root, TemporaryNames.New());
        try
        {
            (Digest digest, long size) = make(temporary);
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

    /// <param name="file">What to read.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <param name="read">Called with the number of bytes of each piece.</param>
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

    private void MarkRight(string path, Digest digest)
    {
        unsynced?.Trust(digest);
        if (File.GetLastWriteTimeUtc(path) == MtimeOf(digest))
            return;
        // Perhaps a file of another user, whose time only they may set.
        if (!TrySetMtime(path, digest))
            _times?.Note(digest, path);
    }

    // One system call where it is there, which is nearly always; CreateDirectory makes two.
    private static void MakeFolder(string folder)
    {
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder);
    }

    /// <returns>False where the file has another time, and keeps it.</returns>
    private bool TrySetMtime(string path, Digest digest)
    {
        if (_keepsTimes == false)
            return false;
        try
        {
            _setTime(path, MtimeOf(digest));
        }
        // EPERM, ENOTSUP, ENOSYS and others; that there is no such file is something else.
        catch (Exception e) when (IoFailures.IsFileSystem(e) && e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            return false;
        }
        _keepsTimes ??= File.GetLastWriteTimeUtc(path) == MtimeOf(digest);
        return _keepsTimes.Value;
    }
}
