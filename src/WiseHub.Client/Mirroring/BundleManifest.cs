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
/// <c>wisehub-bundle.json</c>, the first file of a bundle. It lists the other files, which reveals a truncated bundle, and the
/// contents that the target store must already have.
/// </summary>
/// <param name="Files">All other files, in their order in the bundle.</param>
/// <param name="Needs">The contents that the bundle omits.</param>
internal sealed record BundleManifest(IReadOnlyList<BundleFile> Files, IReadOnlyList<Digest> Needs)
{
    public const string Name = "wisehub-bundle.json";

    /// <summary>Enough for three million files of about 150 bytes each.</summary>
    public const int MaxBytes = 512 << 20;

    // The same limit as for a file list from a hub.
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

    /// <exception cref="HubException">WISE3061: it is malformed, or names a file that no store has.</exception>
    public static BundleManifest Parse(byte[] bytes, string bundle)
    {
        using var json = new StrictJson(bytes, $"{bundle}/{Name}", WiseCodes.NotABundle,
            MirroringMessages.MakeAgain);
        long? version = json.Integer(json.Root, "version");
        if (version > 1)
            throw MirroringMessages.BundleTooNew(bundle, version);
        if (version != 1)
            throw json.Wrong(MirroringMessages.VersionMalformed, json.Root);
        json.OnlyKeys(json.Root, Keys);
        var files = new List<BundleFile>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement entry in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(entry, FileKeys);
            string path = json.RequiredString(entry, "path");
            if (!Digest.TryParse(json.RequiredString(entry, "sha256"), out Digest sha256)
                || json.Integer(entry, "size") is not (>= 0 and long size))
                throw json.Wrong(MirroringMessages.FileMalformed, entry);
            if (!paths.Add(path))
                throw json.Wrong(MirroringMessages.PathTwice, entry.GetProperty("path"));
            var file = new BundleFile(path, size, sha256);
            if (!file.IsBlob && size > MaxTextBytes)
                throw json.Wrong(MirroringMessages.TextTooLong(MaxTextBytes), entry.GetProperty("size"));
            if (file.IsBlob ? path != BlobStore.RelativePath(sha256)
                : StorePath.Parse(path) is null && path != RepoStore.MarkerName)
                throw json.Wrong(MirroringMessages.NotAStorePath, entry.GetProperty("path"));
            files.Add(file);
        }
        List<Digest> needs = [.. json.Strings(json.Root, "needs").Select(text => Digest.TryParse(text, out Digest digest) ? digest
            : throw json.Wrong(StoreMessages.NotASha256(text), json.Root))];
        return new BundleManifest(files, needs);
    }
}
