using System.Globalization;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Our own file in a copy: its files with size and sha256, and the id, which the folder name does not show exactly. Written
/// last, so that every listed file exists. To the other tool it is one more file.
/// </summary>
internal sealed record HgChecksums(HgCopyName Name, IReadOnlyDictionary<string, HgChecksums.Entry> Files)
{
    public const string FileName = "wisehub-checksums.json";

    public const int MaxBytes = 1 << 28;

    private static readonly string[] Keys = ["version", "type", "id", "config", "revision", "origin", "commit", "files"];
    private static readonly string[] FileKeys = ["path", "size", "sha256"];

    public readonly record struct Entry(long Size, Digest Sha256);

    /// <summary>The hub that the copy is a mirror of; null for a copy of its own.</summary>
    public string? Origin { get; init; }

    /// <summary>
    /// The id of this commit on that hub. The commit has exactly the listed files; the folder may have others.
    /// </summary>
    public string? Commit { get; init; }

    /// <exception cref="HubException">WISE3040.</exception>
    public static HgChecksums Parse(byte[] bytes, string where)
    {
        using var json = new StrictJson(bytes, where, WiseCodes.HgCopyIncomplete,
            (Text)$"Upload the copy again (wisehub hg sync-local-to-s3), or remove this file.");
        if (json.Integer(json.Root, "version") != 1)
            throw json.Wrong((Text)$"'version' is missing or not 1.", json.Root);
        json.OnlyKeys(json.Root, Keys);
        if (!RepoTypes.TryParse(json.RequiredString(json.Root, "type"), out RepoType type))
            throw json.Wrong((Text)$"'type' is neither model nor dataset.", json.Root);
        string? origin = json.String(json.Root, "origin"), commit = json.String(json.Root, "commit");
        if ((origin is null) != (commit is null) || (commit is not null && !CommitId.IsCommit(commit)))
        {
            throw json.Wrong((Text)$"'origin' needs 'commit' and the reverse; 'commit' has 40 or 64 hexadecimal characters.",
                json.Root);
        }
        var files = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (JsonElement file in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(file, FileKeys);
            if (json.Integer(file, "size") is not long size || !Digest.TryParse(json.String(file, "sha256"), out Digest sha256))
                throw json.Wrong((Text)$"a file needs 'size' and 'sha256'.", file);
            if (!files.TryAdd(json.RequiredString(file, "path"), new Entry(size, sha256)))
                throw json.Wrong((Text)$"this path is listed twice.", file);
        }
        return new HgChecksums(new HgCopyName(type, json.RequiredString(json.Root, "id"), json.String(json.Root, "config"),
            json.String(json.Root, "revision")), files)
        { Origin = origin, Commit = commit };
    }

    public byte[] ToBytes()
    {
        var text = new StringBuilder($"{{\"version\":1,\"type\":\"{Name.Type.ToText()}\",\"id\":{JsonText.Quote(Name.Id)}");
        if (Name.Config is { Length: > 0 } config)
            text.Append(",\"config\":").Append(JsonText.Quote(config));
        if (Name.Revision is { Length: > 0 } revision)
            text.Append(",\"revision\":").Append(JsonText.Quote(revision));
        if (Origin is not null)
            text.Append(",\"origin\":").Append(JsonText.Quote(Origin)).Append(",\"commit\":\"").Append(Commit).Append('"');
        text.Append(",\"files\":[");
        string separator = "\n";
        foreach ((string path, Entry file) in Files.OrderBy(f => f.Key, Utf8Ordinal.Instance))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"{separator}{{\"path\":{JsonText.Quote(path)},\"size\":{file.Size},\"sha256\":\"{file.Sha256.Hex}\"}}");
            separator = ",\n";
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    /// <summary>Adds the digests to a listing, which must have all files of this list.</summary>
    /// <exception cref="HubException">
    /// WISE2051: it is the copy of another id; WISE3040: a file is missing or has another size.
    /// </exception>
    public IReadOnlyList<HgFile> Complete(HgCopyName wanted, IReadOnlyList<HgFile> listing, string where)
    {
        if (!Name.IsSame(wanted))
            throw HgMessages.OfAnother(wanted, Name, where);
        Dictionary<string, HgFile> there = listing.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach ((string path, Entry file) in Files)
        {
            if (!there.TryGetValue(path, out HgFile? found))
                throw HgMessages.Incomplete(where, (Text)$"{FileName} lists '{path}', which is missing");
            if (found.Size != file.Size)
                throw HgMessages.Incomplete(where, (Text)$"'{path}' has {found.Size} bytes, but {FileName} says {file.Size}");
            there[path] = found with { Sha256 = file.Sha256 };
        }
        return Commit is null ? [.. there.Values] : [.. Files.Keys.Select(path => there[path])];
    }
}
