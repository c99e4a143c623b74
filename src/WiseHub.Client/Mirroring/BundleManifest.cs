using System.Text;
using System.Text.Json;
using WiseHub.Client.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>One file of a bundle.</summary>
/// <param name="Path">As in a store.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest.</param>
internal sealed record BundleFile(string Path, long Size, Digest Sha256)
{
    public bool IsBlob => Path.StartsWith("blobs/", StringComparison.Ordinal);
}

/// <summary>
/// <c>wisehub-bundle.json</c>, the first file of a bundle: what else is in it, so that a bundle that ends too early is noticed,
/// and what the store it is put into must have already.
/// </summary>
/// <param name="Files">Everything else, in the order in which it follows.</param>
/// <param name="Needs">What was left out.</param>
internal sealed record BundleManifest(IReadOnlyList<BundleFile> Files, IReadOnlyList<Digest> Needs)
{
    public const string Name = "wisehub-bundle.json";

    /// <summary>At some 150 bytes a file this is three million files.</summary>
    public const int MaxBytes = 512 << 20;

    // As of a file list that a hub serves.
    private const long MaxTextBytes = 1 << 30;

    private static readonly string[] Keys = ["version", "files", "needs"];
    private static readonly string[] FileKeys = ["path", "size", "sha256"];

    public byte[] ToBytes()
    {
        var text = new StringBuilder("{\"version\":1,\"files\":[");
        text.AppendJoin(',',
            Files.Select(f => $"\n{{\"path\":{JsonText.Quote(f.Path)},\"size\":{f.Size},\"sha256\":\"{f.Sha256.Hex}\"}}"));
        text.Append("],\"needs\":[").AppendJoin(',', Needs.Select(d => $"\n\"{d.Hex}\""));
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    /// <exception cref="HubException">WISE3061: it is none, or names a file that no store has.</exception>
    public static BundleManifest Parse(byte[] bytes, string bundle)
    {
        using var json = new StrictJson(bytes, $"{bundle}/{Name}", WiseCodes.NotABundle,
            "Make the bundle again with wisehub mirror pull.");
        long? version = json.Integer(json.Root, "version");
        if (version > 1)
            throw new HubException(WiseCodes.NotABundle,
                $"{bundle} is a bundle of version {version}; this WiseHub reads version 1. Update it.");
        if (version != 1)
            throw json.Wrong("'version' is missing or not 1.", json.Root);
        json.OnlyKeys(json.Root, Keys);
        var files = new List<BundleFile>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement entry in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(entry, FileKeys);
            string path = json.RequiredString(entry, "path");
            if (!Digest.TryParse(json.RequiredString(entry, "sha256"), out Digest sha256)
                || json.Integer(entry, "size") is not (>= 0 and long size))
                throw json.Wrong("a file needs 'path', 'size' and 'sha256'.", entry);
            if (!paths.Add(path))
                throw json.Wrong("this path stands there twice.", entry.GetProperty("path"));
            var file = new BundleFile(path, size, sha256);
            if (!file.IsBlob && size > MaxTextBytes)
                throw json.Wrong($"a file list or ref may have {MaxTextBytes} bytes.", entry.GetProperty("size"));
            if (file.IsBlob ? path != BlobStore.RelativePath(sha256)
                : StorePath.Parse(path) is null && path != RepoStore.MarkerName)
                throw json.Wrong("this is not the path of a file in a store.", entry.GetProperty("path"));
            files.Add(file);
        }
        List<Digest> needs = [.. json.Strings(json.Root, "needs").Select(text => Digest.TryParse(text, out Digest digest) ? digest
            : throw json.Wrong($"'{text}' is not a sha256.", json.Root))];
        return new BundleManifest(files, needs);
    }
}
