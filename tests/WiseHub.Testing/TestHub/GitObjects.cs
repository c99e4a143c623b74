using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Testing;

/// <summary>
/// Ids of real git objects, so that oids in answers are what git itself would say
/// (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
/// </summary>
internal static class GitObjects
{
    public static string PointerText(string sha256, long size) =>
        string.Create(CultureInfo.InvariantCulture,
            $"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n");

    public static string BlobId(ReadOnlySpan<byte> content) => Id("blob", content);

    /// <summary>The ids of all folders of a tree; the root's is under the empty name.</summary>
    public static IReadOnlyDictionary<string, string> TreeIds(IEnumerable<(string Path, string BlobId)> files)
    {
        var root = new Folder();
        foreach ((string path, string id) in files)
        {
            Folder folder = root;
            string[] parts = path.Split('/');
            foreach (string part in parts[..^1])
                folder = folder.Folders.TryGetValue(part, out Folder? next) ? next : folder.Folders[part] = new Folder();
            folder.Blobs[parts[^1]] = id;
        }
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        Hash(root, "", ids);
        return ids;
    }

    public static string CommitId(string tree, string? parent, string message, DateTimeOffset time, string author)
    {
        string who = string.Create(CultureInfo.InvariantCulture,
            $"{author} <{author}@example.org> {time.ToUnixTimeSeconds()} +0000");
        return Id("commit", Encoding.UTF8.GetBytes($"tree {tree}\n{(parent is null ? "" : $"parent {parent}\n")}author {who}\n"
            + $"committer {who}\n\n{message}\n"));
    }

    private static string Hash(Folder folder, string name, Dictionary<string, string> ids)
    {
        var entries = new List<(string SortName, byte[] Bytes)>();
        foreach ((string child, Folder sub) in folder.Folders)
        {
            string id = Hash(sub, name.Length == 0 ? child : $"{name}/{child}", ids);
            entries.Add((child + "/", [.. Encoding.UTF8.GetBytes($"40000 {child}\0"), .. Convert.FromHexString(id)]));
        }
        foreach ((string child, string id) in folder.Blobs)
            entries.Add((child, [.. Encoding.UTF8.GetBytes($"100644 {child}\0"), .. Convert.FromHexString(id)]));
        byte[] tree = [.. entries.OrderBy(e => Encoding.UTF8.GetBytes(e.SortName),
            Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))).SelectMany(e => e.Bytes)];
        return ids[name] = Id("tree", tree);
    }

    // CA5350: git's object ids are SHA-1.
#pragma warning disable CA5350
    private static string Id(string kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"{kind} {content.Length}\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
#pragma warning restore CA5350

    private sealed class Folder
    {
        public Dictionary<string, Folder> Folders { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, string> Blobs { get; } = new(StringComparer.Ordinal);
    }
}
