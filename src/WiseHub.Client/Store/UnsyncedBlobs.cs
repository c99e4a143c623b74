using System.Buffers;
using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// The blobs ingested since the last sync: <c>unsynced/&lt;boot id&gt;-&lt;host&gt;</c>, one digest per line. Downloads are not
/// synced, so after a power failure these blobs may have wrong bytes. If a list carries the id of another boot, each of its
/// blobs is marked, and hashed again before use.
/// </summary>
/// <remarks>
/// The list is not synced either, so a power failure may lose its last lines together with the blobs. But the list file itself
/// survives: journaling file systems write changes of folders in order, and the list is created before the first downloaded file.
/// So every blob created after the list is doubted, too. Where times of creation are known, and a sync covers the whole file
/// system, a line may therefore follow its blob, and many lines are one write.
/// </remarks>
internal sealed class UnsyncedBlobs(string root, string? bootId, IHubLog log) : IDisposable
{
    private const int LineLength = 65;

    // Lines that may follow their blobs.
    private const int MostUnlisted = 64;

    // Each concurrent run has its own list; runs beyond this number get a list with a random name.
    private const int MaxSlots = 64;

    private static readonly string Host =
        string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    private readonly Lock _gate = new();
    // Blobs that cannot be marked on disk, because another user owns them or the cache is read-only.
    // Created on first use, because its code is compiled at run time.
    private HashSet<Digest>? _doubted;
    private volatile bool _hasDoubts;
    private readonly string _folder = Path.Combine(root, "unsynced");
    private FileStream? _list;
    private readonly List<Digest> _unlisted = [];
    private bool _mayFollow;
    // Listed in advance. Texts, because a set of our own value type would be compiled at run time.
    private HashSet<string>? _noted;
    private int _users;
    private bool _claimed;
    private string? _bootId = bootId;

    /// <summary>
    /// Opens or creates a list before the first downloaded file exists, and holds it until the last user of this object is done.
    /// </summary>
    public IDisposable Use()
    {
        lock (_gate)
        {
            _users++;
            try
            {
                _list ??= OpenList();
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                // A read-only cache may already have everything. If not, ingesting the first blob reports the error.
                log.Detail((Text)$"The list of unsynced files in {_folder} could not be created: {e.Message}");
            }
        }
        return new Usage(this);
    }

    /// <summary>
    /// Lists a blob before it gets its name. A listed blob may be missing, but an existing unsynced one must be listed.
    /// </summary>
    public void Note(Digest digest)
    {
        lock (_gate)
        {
            if (_noted?.Remove(digest.Hex) != true)
            {
                _list ??= OpenList();
                _unlisted.Add(digest);
                if (!_mayFollow || _unlisted.Count == MostUnlisted)
                    WriteUnlisted();
            }
        }
        Trust(digest);
    }

    /// <summary>
    /// Lists blobs that are about to be fetched, in one write instead of one for each. If that fails, <see cref="Note"/> lists
    /// each and reports the failure.
    /// </summary>
    public void NoteAll(IReadOnlyCollection<Digest> digests)
    {
        lock (_gate)
        {
            try
            {
                if (digests.Count > 0)
                    Write(digests);
                _noted = [.. digests.Select(d => d.Hex)];
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                log.Detail((Text)$"The list of unsynced files in {_folder} could not be written: {e.Message}");
            }
        }
    }

    private void Write(IReadOnlyCollection<Digest> digests)
    {
        byte[] lines = ArrayPool<byte>.Shared.Rent(digests.Count * LineLength);
        try
        {
            int length = 0;
            foreach (Digest digest in digests)
            {
                length += Encoding.ASCII.GetBytes(digest.Hex, lines.AsSpan(length));
                lines[length++] = (byte)'\n';
            }
            _list ??= OpenList();
            _list.Write(lines, 0, length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(lines);
        }
    }

    /// <summary>True for a blob that may have lost bytes and could not be marked.</summary>
    public bool IsDoubted(Digest digest)
    {
        if (!_hasDoubts)
            return false;
        lock (_gate)
            return _doubted?.Contains(digest) == true;
    }

    /// <summary>Removes the doubt about a blob whose bytes were hashed and are right.</summary>
    public void Trust(Digest digest)
    {
        if (!_hasDoubts)
            return;
        lock (_gate)
            _doubted?.Remove(digest);
    }

    /// <summary>
    /// Marks the unsynced blobs of runs before the machine's current start. Takes one look at the folder if there are none.
    /// </summary>
    public void ClaimOthers(BlobStore blobs)
    {
        lock (_gate)
        {
            if (_claimed)
                return;
            _claimed = true;
            if (!Directory.Exists(_folder))
                return;
            try
            {
                foreach (string path in Directory.EnumerateFiles(_folder))
                {
                    if (!IsOfThisBoot(path))
                        Claim(path, blobs);
                }
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                log.Detail((Text)$"The lists of unsynced files in {_folder} could not be read: {e.Message}");
            }
        }
    }

    /// <summary>Holds the lists of this boot that no other run holds. Delete them after a sync; otherwise dispose them.</summary>
    public HeldLists HoldOwn()
    {
        lock (_gate)
        {
            Close();
            List<FileStream> held = [];
            foreach (string path in Directory.Exists(_folder) ? Directory.GetFiles(_folder) : [])
            {
                if (IsOfThisBoot(path) && TryHold(path, FileMode.Open) is FileStream list)
                    held.Add(list);
            }
            return new HeldLists(held);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Close();
        }
    }

    private void WriteUnlisted()
    {
        if (_unlisted.Count > 0)
            Write(_unlisted);
        _unlisted.Clear();
    }

    private void Close()
    {
        try
        {
            WriteUnlisted();
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // These blobs are doubted by their time of creation.
            log.Detail((Text)$"The list of unsynced files in {_folder} could not be written: {e.Message}");
            _unlisted.Clear();
        }
        _list?.Dispose();
        (_list, _noted) = (null, null);
    }

    private string ThisBoot => _bootId ??= BootId.Read();

    // A boot id has no hyphen.
    private bool IsOfThisBoot(string path) =>
        Path.GetFileName(path.AsSpan()).StartsWith(ThisBoot + "-", StringComparison.Ordinal);

    private void Claim(string path, BlobStore blobs)
    {
        try
        {
            int doubted = 0;
            bool isMarked = true;
            // The writer of a list holds it exclusively. Several processes may claim it; each must mark all blobs before it uses
            // any.
            using (FileStream? list = OpenToRead(path))
            {
                isMarked = list is not null;
                IEnumerable<(Digest, FileInfo)> inDoubt = list is null ? []
                    : ReadDigests(list).Select(d => (d, new FileInfo(blobs.PathOf(d))));
                if (NativeFile.BirthTime(path) is DateTime made)
                    inDoubt = inDoubt.Concat(blobs.All().Where(b => NativeFile.BirthTime(b.File.FullName) >= made));
                foreach ((Digest digest, FileInfo file) in inDoubt)
                    doubted += Doubt(blobs, digest, file, ref isMarked) ? 1 : 0;
            }
            // Every process doubts the blobs it could not mark, until the owner of the list claims it.
            if (isMarked)
                ContendedFiles.OfSystem.Delete(path);
            log.Detail(Text.Of($"{doubted} files in the cache {root} were written before this machine last started and not "
                + $"synced; each is hashed again before use."));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // A run on another machine is using it, another process is claiming it, or the folder belongs to another user.
            log.Detail((Text)$"The list of unsynced files {path} was not removed: {e.Message}");
        }
    }

    private bool Doubt(BlobStore blobs, Digest digest, FileInfo blob, ref bool isMarked)
    {
        try
        {
            return blobs.Doubt(blob, digest);
        }
        catch (Exception e) when (IoFailures.IsForbidden(e))
        {
            isMarked = false;
            _hasDoubts = true;
            return (_doubted ??= []).Add(digest);
        }
    }

    // Null for a list that only its owner may read; then only the creation times count.
    private static FileStream? OpenToRead(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<Digest> ReadDigests(FileStream list)
    {
        using var reader = new StreamReader(list, Encoding.Latin1, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        while (reader.ReadLine() is string line)
        {
            // A digest cut off by a full disk or a crash may precede a complete one.
            if (line.Length >= LineLength - 1 && Digest.TryParse(line[^(LineLength - 1)..], out Digest digest))
                yield return digest;
        }
    }

    private FileStream OpenList()
    {
        Directory.CreateDirectory(_folder);
        string name = Path.Combine(_folder, $"{ThisBoot}-{Host}");
        for (int slot = 1; slot <= MaxSlots; slot++)
        {
            string path = slot == 1 ? name : $"{name}.{slot}";
            if (TryHold(path, FileMode.OpenOrCreate) is not FileStream list)
                continue;
            if (LocksWork(path))
            {
                list.Seek(0, SeekOrigin.End);
                _mayFollow = OperatingSystem.IsLinux() && NativeFile.BirthTime(path) is not null;
                return list;
            }
            list.Dispose();
            break;
        }
        _mayFollow = false;
        return new FileStream($"{name}.{Guid.NewGuid():N}", FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
    }

    // Without locks, two runs would overwrite each other's lines in one file.
    private static bool LocksWork(string held)
    {
        using FileStream? second = TryHold(held, FileMode.Open);
        return second is null;
    }

    private static FileStream? TryHold(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (Exception e) when ((e is IOException && File.Exists(path)) || e is UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Usage(UnsyncedBlobs owner) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._gate)
            {
                if (--owner._users == 0)
                    owner.Dispose();
            }
        }
    }

    /// <summary>Lists that no process writes to during the lifetime of this object.</summary>
    public sealed class HeldLists(List<FileStream> lists) : IDisposable
    {
        /// <summary>The digests in them.</summary>
        public IEnumerable<Digest> Digests => lists.SelectMany(ReadDigests);

        /// <summary>Deletes the lists after everything in them was synced.</summary>
        public void Delete()
        {
            foreach (FileStream list in lists)
            {
                list.Dispose();
                ContendedFiles.OfSystem.Delete(list.Name);
            }
        }

        public void Dispose() => lists.ForEach(l => l.Dispose());
    }
}
