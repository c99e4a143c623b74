using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// The blobs that were ingested since the last sync: <c>unsynced/&lt;boot id&gt;-&lt;host&gt;</c>, one digest a line. Nothing is
/// synced while files are fetched, so after a power failure the bytes of these may not be what their names say; found under the
/// id of another boot, each is marked so that it is hashed once more before it is used.
/// </summary>
/// <remarks>
/// The list is not synced either, so its last lines may be lost with the bytes of their blobs. What is not lost is its own
/// existence: journaling file systems bring changes of folders to the disk in their order, and the list is made before the first
/// file of a download. So every blob that was made since the list was made is doubted, too.
/// </remarks>
internal sealed class UnsyncedBlobs(string root, string? bootId, IHubLog log) : IDisposable
{
    private const int LineLength = 65;

    // Each run that goes on at the same time has a list of its own; more at once than this get one with a random name.
    private const int MaxSlots = 64;

    private static readonly string Host =
        string.Concat(Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));

    private readonly Lock _gate = new();
    // What cannot be marked on disk, because it is another user's or the cache can only be read.
    // Made when there is one: its code is compiled at run time.
    private HashSet<Digest>? _doubted;
    private volatile bool _hasDoubts;
    private readonly string _folder = Path.Combine(root, "unsynced");
    private FileStream? _list;
    private int _users;
    private bool _claimed;
    private string? _bootId = bootId;

    /// <summary>
    /// Makes or takes over a list, before the first file of a download is made, and holds it until the last run of
    /// this object has ended.
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
                // A cache that can only be read may have everything; the first blob that is ingested makes it an error.
                log.Detail($"There can be no list of unsynced files in {_folder}: {e.Message}");
            }
        }
        return new Usage(this);
    }

    /// <summary>
    /// Called before a blob gets its name: a listed blob may be missing, one that is there and not synced must be listed.
    /// </summary>
    public void Note(Digest digest)
    {
        Span<byte> line = stackalloc byte[LineLength];
        Encoding.ASCII.GetBytes(digest.Hex, line);
        line[^1] = (byte)'\n';
        lock (_gate)
        {
            _list ??= OpenList();
            _list.Write(line);
        }
        Trust(digest);
    }

    /// <summary>True for a blob whose bytes may have been lost, and that could not be marked so.</summary>
    public bool IsDoubted(Digest digest)
    {
        if (!_hasDoubts)
            return false;
        lock (_gate)
            return _doubted?.Contains(digest) == true;
    }

    /// <summary>The bytes of a blob were hashed, and are right.</summary>
    public void Trust(Digest digest)
    {
        if (!_hasDoubts)
            return;
        lock (_gate)
            _doubted?.Remove(digest);
    }

    /// <summary>
    /// Marks what runs before another start of this machine did not sync. Costs one look at the folder where
    /// there is nothing to do.
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
                log.Detail($"The lists of unsynced files in {_folder} cannot be read: {e.Message}");
            }
        }
    }

    /// <summary>
    /// The lists of this boot that no other run holds. Delete them when everything has been synced; let go of them otherwise.
    /// </summary>
    public HeldLists HoldOwn()
    {
        lock (_gate)
        {
            _list?.Dispose();
            _list = null;
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
            _list?.Dispose();
            _list = null;
        }
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
            // Whoever writes it holds it alone. Several may claim it at once: each must have marked all before it looks at blobs.
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
            // What could not be marked is doubted by every process until its owner claims the list.
            if (isMarked)
                ContendedFiles.OfSystem.Delete(path);
            log.Detail($"{doubted} files of the cache {root} were written before this machine last started and not synced; "
                + "each is hashed again before it is used.");
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // Of a run on another machine that is still at work, claimed by another process just now, or in a
            // folder of another user.
            log.Detail($"The list of unsynced files {path} stays: {e.Message}");
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

    // Null for one that only its owner may read: then only the times tell.
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
            // In front of a whole digest may stand one that a full disk or a crash cut off.
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
                return list;
            }
            list.Dispose();
            break;
        }
        return new FileStream($"{name}.{Guid.NewGuid():N}", FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
    }

    // Two runs that write one file would overwrite each other's lines.
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

    /// <summary>Lists that nobody writes to while this object lives.</summary>
    public sealed class HeldLists(List<FileStream> lists) : IDisposable
    {
        /// <summary>The digests in them.</summary>
        public IEnumerable<Digest> Digests => lists.SelectMany(ReadDigests);

        /// <summary>Everything in them has been synced.</summary>
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
