using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client;

/// <summary>What identifies an entry of the lock file: references with the same key share a commit.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id as written.</param>
/// <param name="Hub">Hub names in order, joined by <c>;</c>.</param>
/// <param name="Revision">What was asked for; null = the default branch.</param>
/// <param name="Config">Dataset configuration.</param>
public sealed record LockKey(RepoType RepoType, string RepoId, string Hub, string? Revision, string? Config)
{
    /// <inheritdoc/>
    public override string ToString() => $"{RepoType.ToText()} {RepoId} from {Hub} at {Revision ?? "the default branch"}{(Config is null ? "" : $", configuration {Config}")}";
}

/// <summary>One file of a lock entry.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
public sealed record LockedFile(string Path, long Size, Digest Sha256);

/// <summary>One resolved reference: the commit, the selections that were made of it, and their files.</summary>
/// <param name="Key">What was asked for.</param>
/// <param name="Commit">What it resolved to.</param>
/// <param name="Selections">The selections whose union the files are; without them a changed pattern could not be noticed offline.</param>
/// <param name="Files">The files in ordinal UTF-8 order.</param>
public sealed record LockEntry(LockKey Key, string Commit, IReadOnlyList<FileSelection> Selections, IReadOnlyList<LockedFile> Files);

/// <summary>
/// <c>wise.lock.json</c>: version 1, sorted by ordinal UTF-8, LF, one file a line, no time stamps, the same bytes on every system
/// (DESIGN.md section 9). This is the only class that reads or writes it.
/// </summary>
public sealed class LockFile
{
    /// <summary>The name of the lock file.</summary>
    public const string FileName = "wise.lock.json";

    private const int Version = 1;

    private const string Remedy = "Restore it from version control, or delete it and build once without locked mode.";

    private static readonly string[] RootKeys = ["version", "references"];
    private static readonly string[] ReferenceKeys = ["repoType", "repoId", "hub", "revision", "config", "commit", "selections", "files"];
    private static readonly string[] SelectionKeys = ["allow", "ignore"];
    private static readonly string[] FileKeys = ["path", "size", "sha256"];

    private readonly Dictionary<LockKey, LockEntry> _entries;

    private LockFile(Dictionary<LockKey, LockEntry> entries) => _entries = entries;

    /// <summary>A lock file without entries.</summary>
    public static LockFile Empty => new([]);

    /// <summary>The entries, sorted.</summary>
    public IReadOnlyList<LockEntry> Entries => [.. _entries.Values.OrderBy(e => SortKey(e.Key), Utf8Ordinal.Instance)];

    /// <summary>The entry for a key, or null.</summary>
    public LockEntry? Find(LockKey key) => _entries.GetValueOrDefault(key);

    /// <summary>This lock file with some entries added or replaced.</summary>
    public LockFile With(IEnumerable<LockEntry> entries)
    {
        var all = new Dictionary<LockKey, LockEntry>(_entries);
        foreach (LockEntry entry in entries)
            all[entry.Key] = entry;
        return new LockFile(all);
    }

    /// <summary>This lock file with only the entries of these keys.</summary>
    public LockFile Keep(IReadOnlySet<LockKey> keys) => new(_entries.Where(e => keys.Contains(e.Key)).ToDictionary());

    /// <summary>Reads a lock file; null where there is none.</summary>
    /// <exception cref="HubException">WISE4001: not readable; WISE4002: written by a newer version.</exception>
    public static LockFile? Read(string file)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HubException(WiseCodes.LockUnreadable, $"{file} cannot be read: {e.Message} Check its rights.", e) { File = file };
        }
        return Parse(bytes, file);
    }

    /// <summary>Reads the text of a lock file.</summary>
    /// <exception cref="HubException">WISE4001: not readable; WISE4002: written by a newer version.</exception>
    public static LockFile Parse(byte[] bytes, string file)
    {
        using var json = new StrictJson(bytes, file, WiseCodes.LockUnreadable, Remedy);
        long? version = json.Integer(json.Root, "version");
        if (version > Version)
        {
            throw new HubException(WiseCodes.LockTooNew,
                $"{file} has version {version}; this WiseHub reads version {Version}. Update the WiseHub.Build package.")
            { File = file };
        }
        if (version != Version)
            throw json.Wrong("'version' is missing or not 1.", json.Root);
        json.OnlyKeys(json.Root, RootKeys);
        var entries = new Dictionary<LockKey, LockEntry>();
        foreach (JsonElement reference in json.Array(json.Root, "references"))
        {
            LockEntry entry = ReadEntry(json, reference);
            if (!entries.TryAdd(entry.Key, entry))
                throw json.Wrong($"{entry.Key} stands there twice.", reference);
        }
        return new LockFile(entries);
    }

    /// <summary>The text of this lock file.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder("{\"version\":1,\"references\":[");
        string separator = "\n";
        foreach (LockEntry entry in Entries)
        {
            text.Append(separator).Append("{\"repoType\":").Append(Quote(entry.Key.RepoType.ToText()))
                .Append(",\"repoId\":").Append(Quote(entry.Key.RepoId)).Append(",\"hub\":").Append(Quote(entry.Key.Hub));
            if (entry.Key.Revision is not null)
                text.Append(",\"revision\":").Append(Quote(entry.Key.Revision));
            if (entry.Key.Config is not null)
                text.Append(",\"config\":").Append(Quote(entry.Key.Config));
            text.Append(",\"commit\":").Append(Quote(entry.Commit)).Append(",\"selections\":[")
                .AppendJoin(',', entry.Selections.Select(SelectionText).Distinct(StringComparer.Ordinal).Order(Utf8Ordinal.Instance))
                .Append("],\"files\":[");
            string fileSeparator = "\n";
            foreach (LockedFile file in entry.Files)
            {
                text.Append(fileSeparator).Append("{\"path\":").Append(Quote(file.Path)).Append(",\"size\":").Append(file.Size)
                    .Append(",\"sha256\":").Append(Quote(file.Sha256.Hex)).Append('}');
                fileSeparator = ",\n";
            }
            text.Append("]}");
            separator = ",\n";
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    internal static string Quote(string text) => "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    private static LockEntry ReadEntry(StrictJson json, JsonElement reference)
    {
        json.OnlyKeys(reference, ReferenceKeys);
        if (!RepoTypes.TryParse(json.RequiredString(reference, "repoType"), out RepoType type))
            throw json.Wrong("'repoType' must be model, dataset, code or space.", reference.GetProperty("repoType"));
        var key = new LockKey(type, json.RequiredString(reference, "repoId"), json.RequiredString(reference, "hub"),
            json.String(reference, "revision"), json.String(reference, "config"));
        string commit = json.RequiredString(reference, "commit");
        if (!CommitId.IsCommit(commit))
            throw json.Wrong($"'{commit}' is not a commit.", reference.GetProperty("commit"));
        var selections = new List<FileSelection>();
        foreach (JsonElement selection in json.Array(reference, "selections"))
        {
            json.OnlyKeys(selection, SelectionKeys);
            selections.Add(new FileSelection(json.Strings(selection, "allow"), json.Strings(selection, "ignore")));
        }
        var files = new List<LockedFile>();
        foreach (JsonElement file in json.Array(reference, "files"))
        {
            json.OnlyKeys(file, FileKeys);
            string path = json.RequiredString(file, "path");
            if (PathRules.Reject(path) is string reason)
                throw json.Wrong($"the path '{path}' cannot be used: {reason}.", file);
            if (!Digest.TryParse(json.String(file, "sha256"), out Digest sha256))
                throw json.Wrong($"the sha256 of '{path}' is not 64 hexadecimal characters.", file);
            files.Add(new LockedFile(path, json.Integer(file, "size")
                ?? throw json.Wrong($"'{path}' has no size.", file), sha256));
        }
        if (PathRules.FindCollision(files.Select(f => f.Path)) is (string first, string second))
            throw json.Wrong($"'{first}' and '{second}' are one file on some systems.", reference);
        Utf8Ordinal.Sort(files, f => f.Path);
        return new LockEntry(key, commit, selections, files);
    }

    private static string SelectionText(FileSelection selection)
    {
        static string List(string key, IReadOnlyList<string> patterns) =>
            patterns.Count == 0 ? "" : $"\"{key}\":[{string.Join(',', patterns.Select(Quote))}]";
        string allow = List("allow", selection.Allow), ignore = List("ignore", selection.Ignore);
        return "{" + allow + (allow.Length > 0 && ignore.Length > 0 ? "," : "") + ignore + "}";
    }

    private static string SortKey(LockKey key) =>
        string.Join('\0', key.RepoType.ToText(), key.RepoId, key.Hub, key.Revision ?? "", key.Config ?? "");
}

/// <summary>The forms of a commit id: 40 hex of git, 64 hex of a store's own push.</summary>
internal static class CommitId
{
    public static bool IsCommit(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    public static bool IsGitId(string text) => text.Length == 40 && IsCommit(text);
}
