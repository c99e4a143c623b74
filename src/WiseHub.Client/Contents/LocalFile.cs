using WiseHub.Client.Store;

namespace WiseHub.Client.Contents;

/// <summary>A file of a push, in the state in which its digest was computed.</summary>
internal sealed class LocalFile
{
    // No hub keeps larger files in git itself, where the git blob id shows whether one changed.
    private const long MostInGit = 10_000_000;

    private readonly PushMemory.Entry _known;

    private LocalFile(PushFile file, PushMemory.Entry known) =>
        (SourcePath, PathInRepo, _known) = (file.SourcePath, file.PathInRepo, known);

    public string SourcePath { get; }

    public string PathInRepo { get; }

    public long Size => _known.Stamp.Size;

    public Digest Sha256 => _known.Sha256;

    /// <summary>The digest comes from an earlier push; the file was not read in this run.</summary>
    public bool IsRemembered { get; private init; }

    /// <summary>Reads a file, unless its digest is remembered.</summary>
    /// <exception cref="HubException">
    /// WISE5003: it changes meanwhile. WISE5004: it is not a file. Or a code of the file system.
    /// </exception>
    public static LocalFile Read(PushFile file, PushMemory memory, TimeProvider time, CancellationToken cancel)
    {
        FileStamp stamp = FileStamp.Of(file.SourcePath) ?? throw ContentMessages.NotAFile(file.SourcePath);
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

    /// <summary>Makes a file with a known digest.</summary>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    public static LocalFile Known(string path, Digest sha256) => FileStamp.Of(path) is FileStamp stamp
        ? new LocalFile(new PushFile(path, ""), new PushMemory.Entry(stamp, sha256)) { IsRemembered = true }
        : throw new FileNotFoundException((Text)$"{path} does not exist.", path);

    /// <summary>The git blob id of the content.</summary>
    public string GitOid(CancellationToken cancel) => Fact(PushMemory.GitOid, () => Hash(SourcePath, Size, cancel).GitOid!);

    /// <summary>A computed property of the content, such as an MD5, remembered like its digest.</summary>
    /// <param name="kind">One of the names of <see cref="PushMemory"/>.</param>
    /// <param name="compute">Reads the file and computes the value.</param>
    /// <exception cref="HubException">WISE5003: the file has changed.</exception>
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

    /// <summary>Remembers a property that was learned by sending the file.</summary>
    public void Note(string kind, string value)
    {
        lock (_known)
            _known.Facts[kind] = value;
    }

    /// <summary>A remembered property, or null.</summary>
    public string? Noted(string kind)
    {
        lock (_known)
            return _known.Facts.GetValueOrDefault(kind);
    }

    /// <summary>Forgets a property that is no longer true.</summary>
    public void Forget(string kind)
    {
        lock (_known)
            _known.Facts.Remove(kind);
    }

    /// <summary>The git blob id of this content's LFS pointer.</summary>
    public string PointerOid => ContentHash.GitOidOf(new LfsPointer(Sha256, Size).ToBytes());

    /// <summary>A part of the file as a request body.</summary>
    public FileSlice Slice(long start, long length) => new(SourcePath, start, length);

    /// <exception cref="HubException">WISE5003: the file changed after its digest was computed.</exception>
    public void RequireUnchanged()
    {
        if (FileStamp.Of(SourcePath) != _known.Stamp)
            throw Changed(SourcePath);
    }

    public static HubException Changed(string path) => ContentMessages.FileChanged(path);

    private static (Digest Sha256, string? GitOid) Hash(string path, long? gitSize, CancellationToken cancel)
    {
        using var hash = new ContentHash(gitSize);
        FileBytes.ReadAll(path, bytes => hash.Append(bytes.Span), cancel);
        return hash.Finish();
    }
}
