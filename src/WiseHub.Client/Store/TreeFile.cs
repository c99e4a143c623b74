using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Store;

/// <summary>The file list of a commit, as stored in <c>trees/&lt;commit&gt;.json</c> (docs/store-layout.md).</summary>
internal sealed record TreeFile(
    string? Commit, string? Parent, string? Message, DateTimeOffset? Time, IReadOnlyList<TreeEntry> Files)
{
    private static readonly string[] Keys = ["version", "commit", "parent", "message", "time", "files"];
    // A path of 40 characters, a size, a git id and a digest.
    private const int BytesPerFile = 200;

    private static readonly string[] FileKeys = ["path", "size", "oid", "sha256"];

    public static TreeFile Parse(byte[] bytes, string file)
    {
        using var json = new StrictJson(bytes, file, WiseCodes.DamagedStore,
            StoreMessages.RestoreTree);
        if (json.Integer(json.Root, "version") != 1)
            throw json.Wrong(ModelMessages.VersionMissing, json.Root);
        json.OnlyKeys(json.Root, Keys);
        var files = new List<TreeEntry>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement entry in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(entry, FileKeys);
            string? sha256 = json.String(entry, "sha256");
            Digest digest = default;
            if (sha256 is not null && !Digest.TryParse(sha256, out digest))
                throw json.Wrong(StoreMessages.NotASha256(sha256), entry);
            string path = json.RequiredString(entry, "path");
            if (!paths.Add(path))
                throw json.Wrong(StoreMessages.PathTwice, entry.GetProperty("path"));
            string? oid = json.String(entry, "oid");
            if (oid is not null && !CommitId.IsGitId(oid))
                throw json.Wrong(StoreMessages.NotAGitId, entry.GetProperty("oid"));
            files.Add(new TreeEntry(path, json.Integer(entry, "size"), oid, sha256 is null ? null : digest));
        }
        string? time = json.String(json.Root, "time");
        return new TreeFile(json.String(json.Root, "commit"), json.String(json.Root, "parent"), json.String(json.Root, "message"),
            time is null ? null
            : DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset t) ? t
                : throw json.Wrong(StoreMessages.NotATime(time), json.Root.GetProperty("time")), files);
    }

    /// <summary>The JSON text. Without a commit, the sha256 of this text is the commit id of a push to a store.</summary>
    public byte[] ToBytes() => ToMemory().ToArray();

    /// <summary>The same without a copy.</summary>
    public ReadOnlyMemory<byte> ToMemory()
    {
        // A text of 10,000 files in characters, and its copy in bytes, would be three times as large as the bytes.
        var bytes = new MemoryStream(Files.Count * BytesPerFile);
        using var text = new StreamWriter(bytes, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        text.Write("{\"version\":1");
        void Add(string key, string? value)
        {
            if (value is not null)
                text.Write($",\"{key}\":{JsonText.Quote(value)}");
        }
        Add("commit", Commit);
        Add("parent", Parent);
        Add("message", Message);
        Add("time", Time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        text.Write(",\"files\":[");
        string separator = "\n";
        foreach (TreeEntry file in Files.OrderBy(f => f.Path, Utf8Ordinal.Instance))
        {
            text.Write(separator);
            text.Write("{\"path\":");
            text.Write(JsonText.Quote(file.Path));
            if (file.Size is long size)
            {
                text.Write(",\"size\":");
                text.Write(size);
            }
            if (file.Oid is not null)
            {
                text.Write(",\"oid\":");
                text.Write(JsonText.Quote(file.Oid));
            }
            if (file.Sha256 is Digest sha256)
            {
                text.Write(",\"sha256\":\"");
                text.Write(sha256.Hex);
                text.Write('"');
            }
            text.Write('}');
            separator = ",\n";
        }
        text.Write("]}\n");
        text.Flush();
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    /// <summary>
    /// Checks that a tree belongs to its commit: a 64-hex commit is the sha256 of its tree file; any other commit must be named
    /// inside.
    /// </summary>
    public static void CheckIdentity(byte[] bytes, TreeFile tree, string commit, string where)
    {
        bool right = tree.Commit is null ? Digest.FromBytes(SHA256.HashData(bytes)).Hex == commit : tree.Commit == commit;
        if (!right)
        {
            throw StoreMessages.TreeOfAnotherCommit(where, commit);
        }
    }
}
