using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.LockFiles;

namespace WiseHub.Client;

/// <summary>The key of an entry in the lock file. References with the same key share a commit.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id as the user wrote it.</param>
/// <param name="Hub">Hub names in order, joined by <c>;</c>.</param>
/// <param name="Revision">The requested revision; null = the default branch.</param>
/// <param name="Config">Dataset configuration.</param>
public sealed record LockKey(RepoType RepoType, string RepoId, string Hub, string? Revision, string? Config)
{
    // Written by hand: for the enumeration, the compiler uses generic code that no image contains. Compiling it at run time costs
    // a build without changes a millisecond.
    /// <inheritdoc/>
    public bool Equals(LockKey? other) => other is not null && RepoType == other.RepoType && RepoId == other.RepoId
        && Hub == other.Hub && Revision == other.Revision && Config == other.Config;

    /// <summary>Few projects have several references to one repo, so the id is enough to distinguish keys.</summary>
    public override int GetHashCode() => string.GetHashCode(RepoId, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text.Of($"{RepoType.ToText()} {RepoId} from {Hub} at "
        + $"{Revision ?? (Text)$"the default branch"}{(Config is null ? "" : (Text)$", configuration {Config}")}");
}

/// <summary>One file of a lock entry.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
public sealed record LockedFile(string Path, long Size, Digest Sha256)
{
    /// <summary>
    /// The kind of code that may run when this content is loaded, and that the reference waives, for example <c>pickle</c>; null
    /// for data.
    /// </summary>
    public string? Waived { get; init; }
}

/// <summary>The signature that vouches for the files of an entry.</summary>
/// <param name="Signer">Who signed.</param>
/// <param name="Sha256">Digest of the signature file.</param>
public sealed record LockedSignature(string Signer, Digest Sha256);

/// <summary>A resolved reference: its commit, its file selections, and the selected files.</summary>
/// <param name="Key">The key.</param>
/// <param name="Commit">The resolved commit.</param>
/// <param name="Selections">
/// The file is in the union of these selections. They show a changed pattern without network access.
/// </param>
/// <param name="Files">The files, in ordinal UTF-8 order.</param>
public sealed record LockEntry(
    LockKey Key, string Commit, IReadOnlyList<FileSelection> Selections, IReadOnlyList<LockedFile> Files)
{
    /// <summary>
    /// The licences that the hub or the card states for the commit, as they write them: SPDX identifiers in lower case, or names;
    /// empty if none is stated.
    /// </summary>
    public IReadOnlyList<string> License { get; init; } = [];

    /// <summary>
    /// How the hub lets users in, for example <c>auto</c> or <c>manual</c>; null if the repo needs no request or the hub states
    /// nothing.
    /// </summary>
    public string? Gate { get; init; }

    /// <summary>The verified signature; null if the policy requires none.</summary>
    public LockedSignature? Signature { get; init; }
}

/// <summary>
/// <c>wise.lock.json</c>: version 1, sorted by ordinal UTF-8, LF, one file per line, no time stamps, the same bytes on every
/// system (docs/lock-file.md). Only this class reads or writes it.
/// </summary>
public sealed class LockFile
{
    /// <summary>The name of the lock file.</summary>
    public const string FileName = "wise.lock.json";

    /// <summary>The key of a run-time manifest that a lock file does not have: its hubs.</summary>
    internal const string HubsKey = "config";

    private const int Version = 1;

    private static readonly JsonKeys RootKeys = new("version", "references");

    // A run-time manifest is a lock file of one entry, and the hubs that it needs.
    private static readonly JsonKeys ManifestKeys = new("version", "references", HubsKey);
    private static readonly JsonKeys ReferenceKeys = new("repoType", "repoId", "hub", "revision", "config", "commit",
        "license", "gate", "signature", "selections", "files");
    private static readonly JsonKeys SignatureKeys = new("signer", "sha256");
    private static readonly JsonKeys SelectionKeys = new("allow", "ignore");
    private static readonly JsonKeys FileKeys = new("path", "size", "sha256", "waived");

    private readonly Dictionary<LockKey, LockEntry> _entries;

    private LockFile(Dictionary<LockKey, LockEntry> entries) => _entries = entries;

    /// <summary>A lock file without entries.</summary>
    public static LockFile Empty => new([]);

    /// <summary>The entries, sorted.</summary>
    public IReadOnlyList<LockEntry> Entries => [.. _entries.Values.OrderBy(e => SortKey(e.Key), Utf8Ordinal.Instance)];

    /// <summary>The entry for a key, or null.</summary>
    public LockEntry? Find(LockKey key) => _entries.GetValueOrDefault(key);

    /// <summary>
    /// The entry with the same repo, revision and first hub, if only the other hubs of the reference differ. Those only serve
    /// bytes and do not resolve revisions, so the commit stays. Null if there is none, or there are several with different
    /// commits.
    /// </summary>
    internal LockEntry? FindSameOrigin(LockKey key)
    {
        LockEntry[] same = [.. Entries.Where(e => e.Key with { Hub = key.Hub } == key && FirstHub(e.Key) == FirstHub(key))];
        return same.Length > 0 && same.All(e => e.Commit == same[0].Commit) ? same[0] : null;
    }

    /// <summary>Entries of the same repo id, ignoring case, with another hub, revision, type or configuration.</summary>
    internal IReadOnlyList<LockEntry> FindAlike(LockKey key) =>
        [.. Entries.Where(e => e.Key != key && e.Key.RepoId.Equals(key.RepoId, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Makes a lock file with some entries added or replaced.</summary>
    public LockFile With(IEnumerable<LockEntry> entries)
    {
        var all = new Dictionary<LockKey, LockEntry>(_entries);
        foreach (LockEntry entry in entries)
            all[entry.Key] = entry;
        return new LockFile(all);
    }

    /// <summary>Makes a lock file with only the entries of these keys.</summary>
    public LockFile Keep(IReadOnlySet<LockKey> keys) => new(_entries.Where(e => keys.Contains(e.Key)).ToDictionary());

    /// <summary>Reads a lock file; null if it does not exist.</summary>
    /// <exception cref="HubException">
    /// WISE4001: unreadable. WISE4002: written by a newer version. WISE4011: has merge conflict markers.
    /// </exception>
    public static LockFile? Read(string file) => ReadBytes(file) is byte[] bytes ? Parse(bytes, file) : null;

    /// <summary>The bytes of a lock file; null if it does not exist.</summary>
    /// <exception cref="HubException">WISE4001: unreadable.</exception>
    internal static byte[]? ReadBytes(string file)
    {
        try
        {
            return ContendedFiles.OfSystem.Read(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw LockFileMessages.Unreadable(file, e, isInUse: IoFailures.KindOf(e) == IoFailureKind.InUse);
        }
    }

    /// <summary>Reads the text of a lock file.</summary>
    /// <exception cref="HubException">
    /// WISE4001: malformed. WISE4002: written by a newer version. WISE4011: has merge conflict markers.
    /// </exception>
    public static LockFile Parse(byte[] bytes, string file)
    {
        try
        {
            return ParseText(bytes, file, LockFileMessages.RestoreIt);
        }
        catch (HubException e) when (e.Code == WiseCodes.LockUnreadable && LockFileMerge.ConflictLine(bytes) is int line)
        {
            throw LockFileMessages.MergeConflict(file, line, e);
        }
    }

    /// <summary>Reads one side of a text with conflict markers.</summary>
    /// <exception cref="HubException">WISE4001 or WISE4002.</exception>
    internal static LockFile ParseSide(byte[] bytes, string file) => ParseText(bytes, file, LockFileMessages.MergedWrongly);

    /// <summary>Reads the entries of a run-time manifest.</summary>
    /// <exception cref="HubException">With the code of <paramref name="text"/>, or one of <paramref name="tooNew"/>.</exception>
    internal static LockFile ParseManifest(JsonText text, Func<long, int, HubException> tooNew) =>
        ParseText(new StrictJsonReader(text), ManifestKeys, tooNew);

    /// <summary>Reads a file that the cache keeps contents for: a lock file or a run-time manifest.</summary>
    /// <inheritdoc cref="Parse" path="/exception"/>
    internal static LockFile ParseRoot(byte[] bytes, string file)
    {
        var text = new JsonText(bytes, file, WiseCodes.LockUnreadable, LockFileMessages.RestoreIt);
        return IsManifest(text) ? ParseManifest(text, (found, known) => LockFileMessages.TooNew(file, found, known))
            : Parse(bytes, file);
    }

    // A text that is not JSON is reported as a lock file.
    private static bool IsManifest(JsonText text)
    {
        try
        {
            return new StrictJsonReader(text).HasKey(HubsKey);
        }
        catch (HubException)
        {
            return false;
        }
    }

    private static LockFile ParseText(byte[] bytes, string file, string remedy) => ParseText(
        new StrictJsonReader(new JsonText(bytes, file, WiseCodes.LockUnreadable, remedy)), RootKeys,
        (found, known) => LockFileMessages.TooNew(file, found, known));

    private static LockFile ParseText(StrictJsonReader json, JsonKeys keys, Func<long, int, HubException> tooNew)
    {
        int start = json.Offset, seen = 0;
        // Checked first, wherever it is in the file: a newer version may use other keys and meanings.
        long? version = json.FindInteger("version");
        if (version > Version)
            throw tooNew(version.Value, Version);
        if (version != Version)
            throw json.Wrong(ModelMessages.VersionMissing, start);
        var entries = new Dictionary<LockKey, LockEntry>();
        while (json.NextKey(keys, ref seen) is string key)
        {
            if (key == "references")
                ReadEntries(ref json, key, entries);
            else if (key == HubsKey)
                json.Skip();
        }
        json.End();
        return new LockFile(entries);
    }

    /// <summary>The text of this lock file.</summary>
    public byte[] ToBytes() => ToBytes(hubs: null);

    /// <summary>The text of this lock file; with hubs, that of a run-time manifest.</summary>
    /// <param name="hubs">The JSON of the hubs.</param>
    internal byte[] ToBytes(string? hubs)
    {
        var text = new StringBuilder("{\"version\":1,");
        if (hubs is not null)
            text.Append('"').Append(HubsKey).Append("\":").Append(hubs).Append(",\n");
        text.Append("\"references\":[");
        string separator = "\n";
        foreach (LockEntry entry in Entries)
        {
            Append(text.Append(separator), entry);
            separator = ",\n";
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    /// <summary>The text of an entry, which is the same for equal entries only.</summary>
    internal static string TextOf(LockEntry entry)
    {
        var text = new StringBuilder();
        Append(text, entry);
        return text.ToString();
    }

    private static void Append(StringBuilder text, LockEntry entry)
    {
        text.Append("{\"repoType\":").Append(JsonText.Quote(entry.Key.RepoType.ToText()))
            .Append(",\"repoId\":").Append(JsonText.Quote(entry.Key.RepoId)).Append(",\"hub\":")
            .Append(JsonText.Quote(entry.Key.Hub));
        if (entry.Key.Revision is not null)
            text.Append(",\"revision\":").Append(JsonText.Quote(entry.Key.Revision));
        if (entry.Key.Config is not null)
            text.Append(",\"config\":").Append(JsonText.Quote(entry.Key.Config));
        text.Append(",\"commit\":").Append(JsonText.Quote(entry.Commit));
        if (entry.License.Count > 0)
            text.Append(",\"license\":[").AppendJoin(',', entry.License.Select(JsonText.Quote)).Append(']');
        if (entry.Gate is not null)
            text.Append(",\"gate\":").Append(JsonText.Quote(entry.Gate));
        if (entry.Signature is LockedSignature signature)
        {
            text.Append(",\"signature\":{\"signer\":").Append(JsonText.Quote(signature.Signer)).Append(",\"sha256\":")
                .Append(JsonText.Quote(signature.Sha256.Hex)).Append('}');
        }
        text.Append(",\"selections\":[")
            .AppendJoin(',', entry.Selections.Select(TextOf).Distinct(StringComparer.Ordinal)
                .Order(Utf8Ordinal.Instance))
            .Append("],\"files\":[");
        string separator = "\n";
        foreach (LockedFile file in entry.Files)
        {
            text.Append(separator).Append("{\"path\":").Append(JsonText.Quote(file.Path)).Append(",\"size\":")
                .Append(file.Size)
                .Append(",\"sha256\":").Append(JsonText.Quote(file.Sha256.Hex));
            if (file.Waived is not null)
                text.Append(",\"waived\":").Append(JsonText.Quote(file.Waived));
            text.Append('}');
            separator = ",\n";
        }
        text.Append("]}");
    }

    internal static void LogRemoved(IHubLog log, string file, IEnumerable<LockEntry> entries)
    {
        foreach (LockEntry entry in entries)
            log.Info(LockFileMessages.Removed(file, entry));
    }

    private static void ReadEntries(ref StrictJsonReader json, string key, Dictionary<LockKey, LockEntry> entries)
    {
        json.BeginArray(key);
        while (json.NextItem())
        {
            int start = json.Offset;
            LockEntry entry = ReadEntry(ref json);
            if (!entries.TryAdd(entry.Key, entry))
                throw json.Wrong(LockFileMessages.EntryTwice(entry.Key), start);
        }
    }

    private static LockEntry ReadEntry(ref StrictJsonReader json)
    {
        json.BeginObject();
        int start = json.Offset, seen = 0;
        RepoType type = default;
        string? typeText = null, repoId = null, hub = null, revision = null, config = null, commit = null, gate = null;
        List<string> license = [];
        LockedSignature? signature = null;
        var selections = new List<FileSelection>();
        var files = new List<LockedFile>();
        while (json.NextKey(ReferenceKeys, ref seen) is string key)
        {
            switch (key)
            {
                case "repoType":
                    typeText = json.RequiredString(key);
                    if (!RepoTypes.TryParse(typeText, out type))
                        throw json.Wrong(LockFileMessages.InvalidRepoType);
                    break;
                case "repoId":
                    repoId = json.RequiredString(key);
                    break;
                case "hub":
                    hub = json.RequiredString(key);
                    break;
                case "revision":
                    revision = json.String(key);
                    break;
                case "config":
                    config = json.String(key);
                    break;
                case "commit":
                    commit = json.RequiredString(key);
                    if (!CommitId.IsCommit(commit))
                        throw json.Wrong(LockFileMessages.NotACommit(commit));
                    break;
                case "license":
                    license = json.Strings(key);
                    break;
                case "gate":
                    gate = json.RequiredString(key);
                    break;
                case "signature":
                    signature = ReadSignature(ref json);
                    break;
                case "selections":
                    json.BeginArray(key);
                    while (json.NextItem())
                        selections.Add(ReadSelection(ref json));
                    break;
                case "files":
                    json.BeginArray(key);
                    while (json.NextItem())
                        files.Add(ReadFile(ref json));
                    break;
            }
        }
        if (typeText is null)
            throw json.Missing("repoType", start);
        var entryKey = new LockKey(type, repoId ?? throw json.Missing("repoId", start),
            hub ?? throw json.Missing("hub", start), revision, config);
        if (commit is null)
            throw json.Missing("commit", start);
        if (PathRules.FindCollision(files.ConvertAll(f => f.Path)) is (string first, string second))
            throw json.Wrong(LockFileMessages.SameFile(first, second), start);
        Utf8Ordinal.Sort(files, f => f.Path);
        return new LockEntry(entryKey, commit, selections, files)
        {
            License = license,
            Gate = gate,
            Signature = signature,
        };
    }

    private static LockedSignature ReadSignature(ref StrictJsonReader json)
    {
        json.BeginObject();
        int start = json.Offset, seen = 0;
        string? signer = null, digest = null;
        while (json.NextKey(SignatureKeys, ref seen) is string key)
        {
            if (key == "signer")
                signer = json.RequiredString(key);
            else
                digest = json.String(key);
        }
        if (signer is null)
            throw json.Missing("signer", start);
        return Digest.TryParse(digest, out Digest sha256) ? new LockedSignature(signer, sha256)
            : throw json.Wrong(LockFileMessages.MalformedDigest("signature"), start);
    }

    private static FileSelection ReadSelection(ref StrictJsonReader json)
    {
        json.BeginObject();
        int seen = 0;
        List<string> allow = [], ignore = [];
        while (json.NextKey(SelectionKeys, ref seen) is string key)
        {
            if (key == "allow")
                allow = json.Strings(key);
            else
                ignore = json.Strings(key);
        }
        return new FileSelection(allow, ignore);
    }

    private static LockedFile ReadFile(ref StrictJsonReader json)
    {
        json.BeginObject();
        int start = json.Offset, seen = 0;
        string? path = null, digest = null, waived = null;
        long size = -1;
        while (json.NextKey(FileKeys, ref seen) is string key)
        {
            switch (key)
            {
                case "path":
                    path = json.RequiredString(key);
                    break;
                case "size":
                    size = json.Integer(key);
                    break;
                case "waived":
                    waived = json.RequiredString(key);
                    break;
                default:
                    digest = json.String(key);
                    break;
            }
        }
        if (path is null)
            throw json.Missing("path", start);
        if (PathRules.Reject(path) is Text reason)
            throw json.Wrong(LockFileMessages.UnusablePath(path, reason), start);
        if (!Digest.TryParse(digest, out Digest sha256))
            throw json.Wrong(LockFileMessages.MalformedDigest(path), start);
        return size >= 0 ? new LockedFile(path, size, sha256) { Waived = waived }
            : throw json.Wrong(LockFileMessages.SizeMissing(path), start);
    }

    internal static string TextOf(FileSelection selection)
    {
        static string List(string key, IReadOnlyList<string> patterns) =>
            patterns.Count == 0 ? "" : $"\"{key}\":[{string.Join(',', patterns.Select(JsonText.Quote))}]";
        string allow = List("allow", selection.Allow), ignore = List("ignore", selection.Ignore);
        return "{" + allow + (allow.Length > 0 && ignore.Length > 0 ? "," : "") + ignore + "}";
    }

    private static string FirstHub(LockKey key) => key.Hub.Split(';')[0];

    private static string SortKey(LockKey key) =>
        string.Join('\0', key.RepoType.ToText(), key.RepoId, key.Hub, key.Revision ?? "", key.Config ?? "");
}
