using WiseHub.Client.Store;

namespace WiseHub.Client.Contents;

/// <summary>A file of a push as it was when its digest was taken.</summary>
internal sealed class LocalFile
{
    // No hub keeps larger files in git itself, where the git blob id is what tells whether one changed.
    private const long MostInGit = 10_000_000;

    private readonly PushMemory.Entry _known;

    private LocalFile(PushFile file, PushMemory.Entry known) =>
        (SourcePath, PathInRepo, _known) = (file.SourcePath, file.PathInRepo, known);

    public string SourcePath { get; }

    public string PathInRepo { get; }

    public long Size => _known.Stamp.Size;

    public Digest Sha256 => _known.Sha256;

    /// <summary>The digest is remembered; nobody has read the file in this run.</summary>
    public bool IsRemembered { get; private init; }

    /// <summary>Reads the file, unless it is remembered.</summary>
    /// <exception cref="HubException">WISE5003: it changes; WISE5004: it is no file; a code of the file system.</exception>
    public static LocalFile Read(PushFile file, PushMemory memory, TimeProvider time, CancellationToken cancel)
    {
        FileStamp stamp = FileStamp.Of(file.SourcePath) ?? throw new HubException(WiseCodes.InvalidPush,
            $"{file.SourcePath} is not a file. Correct the list of files to push.");
        if (memory.Find(file.SourcePath, stamp) is PushMemory.Entry known)
            return new LocalFile(file, known) { IsRemembered = true };
        DateTimeOffset now = time.GetUtcNow();
        (Digest sha256, string? oid) = Hash(file.SourcePath, stamp.Size <= MostInGit ? stamp.Size : null, cancel);
        if (FileStamp.Of(file.SourcePath) != stamp)
            throw Changed(file.SourcePath);
        var entry = new PushMemory.Entry(stamp, sha256);
        if (oid is not null)
            entry.Facts[PushMemory.GitOid] = oid;
        memory.Note(file.SourcePath, entry, stamp.WouldShowChangesAfter(now));
        return new LocalFile(file, entry);
    }

    /// <summary>A file whose digest is known from elsewhere.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static LocalFile Known(string path, Digest sha256) => FileStamp.Of(path) is FileStamp stamp
        ? new LocalFile(new PushFile(path, ""), new PushMemory.Entry(stamp, sha256)) { IsRemembered = true }
        : throw new FileNotFoundException($"{path} is not there.", path);

    /// <summary>The id that git gives this content.</summary>
    public string GitOid(CancellationToken cancel) => Fact(PushMemory.GitOid, () => Hash(SourcePath, Size, cancel).GitOid!);

    /// <summary>Something else that only reading the file tells, such as an MD5: remembered as its digest is.</summary>
    /// <param name="kind">One of the names of <see cref="PushMemory"/>.</param>
    /// <param name="compute">Reads the file.</param>
    /// <exception cref="HubException">WISE5003: the file is not what it was.</exception>
    public string Fact(string kind, Func<string> compute)
    {
        lock (_known)
        {
            if (!_known.Facts.TryGetValue(kind, out string? value))
            {
                value = compute();
                RequireUnchanged();
                _known.Facts[kind] = value;
            }
            return value;
        }
    }

    /// <summary>Something else that is known of the file because it was sent.</summary>
    public void Note(string kind, string value)
    {
        lock (_known)
            _known.Facts[kind] = value;
    }

    /// <summary>What was noted, or null.</summary>
    public string? Noted(string kind)
    {
        lock (_known)
            return _known.Facts.GetValueOrDefault(kind);
    }

    /// <summary>What was noted is no longer so.</summary>
    public void Forget(string kind)
    {
        lock (_known)
            _known.Facts.Remove(kind);
    }

    /// <summary>The id that git gives the pointer of this content, where LFS keeps it.</summary>
    public string PointerOid => ContentHash.GitOidOf(new LfsPointer(Sha256, Size).ToBytes());

    /// <summary>A part of the file as the body of a request.</summary>
    public FileSlice Slice(long start, long length) => new(SourcePath, start, length);

    /// <exception cref="HubException">WISE5003: the file is not what it was when its digest was taken.</exception>
    public void RequireUnchanged()
    {
        if (FileStamp.Of(SourcePath) != _known.Stamp)
            throw Changed(SourcePath);
    }

    public static HubException Changed(string path) =>
        new(WiseCodes.FileChangedDuringPush, $"{path} changed while it was pushed. Push again when nothing writes to it.");

    private static (Digest Sha256, string? GitOid) Hash(string path, long? gitSize, CancellationToken cancel)
    {
        using var hash = new ContentHash(gitSize);
        FileBytes.ReadAll(path, bytes => hash.Append(bytes.Span), cancel);
        return hash.Finish();
    }
}
