using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Contents;

/// <summary>
/// Digests and other facts of local files from earlier pushes, by path, size, mtime and inode, so that unchanged files are not
/// read again. It only saves time: without it, all files are hashed.
/// </summary>
internal sealed class PushMemory(string? file, IHubLog log)
{
    /// <summary>
    /// The kinds of facts: the git blob id; the MD5 of the content; its ETag on S3; the part size of an upload and its target;
    /// the place on a server until the commit.
    /// </summary>
    public const string GitOid = "oid", Md5 = "md5", ETag = "etag", ChunkSize = "chunk", Staged = "staged";

    private const int NameLength = 16;
    private const string Extension = ".json";

    private static readonly string[] Keys = ["version", "files"],
        FileKeys = ["path", "size", "time", "inode", "sha256", GitOid, Md5, ETag, ChunkSize, Staged], Kinds = FileKeys[5..];

    private Dictionary<string, Entry> _before = [];
    private readonly ConcurrentDictionary<string, Entry> _now = new(StringComparer.Ordinal);

    /// <summary>The facts of a file with a given stamp.</summary>
    public sealed record Entry(FileStamp Stamp, Digest Sha256)
    {
        public SortedDictionary<string, string> Facts { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>The path in a cache for remembering pushes from a folder or file.</summary>
    public static string FileFor(string source, SnapshotStore store)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..NameLength];
        return Path.Combine(store.PushesFolder, name + Extension);
    }

    /// <summary>True for a file with the name of a push memory, if it is malformed or none of its files exist any more.</summary>
    public static bool HasNoFiles(FileInfo memory)
    {
        if (memory.Extension != Extension || memory.Name.Length != NameLength + Extension.Length
            || !memory.Name[..NameLength].All(char.IsAsciiHexDigitLower))
            return false;
        try
        {
            return !Parse(ContendedFiles.OfSystem.Read(memory.FullName), memory.FullName).Keys.Any(File.Exists);
        }
        catch (HubException)
        {
            // The next push would ignore it, too.
            return true;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // Unreadable, or just deleted: leave it alone.
            return false;
        }
    }

    public static PushMemory Read(PushRequest request, IHubLog log)
    {
        var memory = new PushMemory(request.MemoryFile, log);
        if (request is { MemoryFile: string file, Force: false } && File.Exists(file))
        {
            try
            {
                memory._before = Parse(ContendedFiles.OfSystem.Read(file), file);
            }
            catch (Exception e) when (e is HubException || IoFailures.IsFileSystem(e))
            {
                log.Detail((Text)$"{e.Message} Until then, every file is hashed.");
            }
        }
        return memory;
    }

    public Entry? Find(string path, FileStamp stamp)
    {
        if (!_before.TryGetValue(path, out Entry? known) || known.Stamp != stamp)
            return null;
        _now[path] = known;
        return known;
    }

    /// <param name="path">The path of the file.</param>
    /// <param name="entry">The facts of the file.</param>
    /// <param name="showsChanges">True if a later change would show in the stamp; otherwise nothing is remembered.</param>
    public void Note(string path, Entry entry, bool showsChanges)
    {
        if (showsChanges)
            _now[path] = entry;
    }

    /// <summary>
    /// Writes the facts of this push's files, if they changed. A failure is a warning, because the push does not need it.
    /// </summary>
    public void Save()
    {
        if (file is null)
            return;
        byte[] bytes = ToBytes();
        try
        {
            if (!File.Exists(file) || !ContendedFiles.OfSystem.Read(file).AsSpan().SequenceEqual(bytes))
                AtomicFile.Write(file, bytes);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            log.Warning(WiseCodes.PushMemoryNotWritten, ContentMessages.MemoryNotWritten(file, e));
        }
    }

    private byte[] ToBytes()
    {
        var text = new StringBuilder("{\"version\":1,\"files\":[");
        string separator = "\n";
        foreach ((string path, Entry entry) in _now.OrderBy(e => e.Key, Utf8Ordinal.Instance))
        {
            StampedFile.Append(text.Append(separator), path, entry.Stamp, entry.Sha256);
            lock (entry)
            {
                foreach ((string kind, string value) in entry.Facts)
                    text.Append(",\"").Append(kind).Append("\":").Append(JsonText.Quote(value));
            }
            text.Append('}');
            separator = ",\n";
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    private static Dictionary<string, Entry> Parse(byte[] bytes, string file)
    {
        using var json = new StrictJson(bytes, file, WiseCodes.PushMemoryNotWritten, ContentMessages.MemoryRewritten);
        if (json.Integer(json.Root, "version") != 1)
            throw json.Wrong(ModelMessages.VersionMissing, json.Root);
        json.OnlyKeys(json.Root, Keys);
        var known = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (JsonElement item in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(item, FileKeys);
            (FileStamp stamp, Digest sha256) = StampedFile.Read(json, item);
            var entry = new Entry(stamp, sha256);
            foreach (string kind in Kinds)
            {
                if (json.String(item, kind) is string value)
                    entry.Facts[kind] = value;
            }
            known[json.RequiredString(item, "path")] = entry;
        }
        return known;
    }
}
