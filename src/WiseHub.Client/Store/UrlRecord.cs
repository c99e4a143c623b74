using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// The last response of a URL, stored beside the trees of its folder in the cache and used to revalidate the content.
/// </summary>
/// <param name="Url">The URL; the folder name is only its hash.</param>
/// <param name="FileName">The file name from the server or the path.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content, which is also the commit.</param>
internal sealed record UrlRecord(string Url, string FileName, long Size, Digest Sha256)
{
    private const string Name = "url.json";

    private static readonly string[] Keys = ["version", "url", "name", "size", "sha256", "etag", "lastModified"];

    public string? Etag { get; init; }

    public string? LastModified { get; init; }

    public string Commit => Sha256.Hex;

    /// <summary>
    /// Reads the record in a repo's folder; null if it is missing or malformed, so that the URL is requested as if for the first
    /// time.
    /// </summary>
    public static UrlRecord? Read(string repoFolder)
    {
        string path = Path.Combine(repoFolder, Name);
        if (!File.Exists(path))
            return null;
        try
        {
            using var json = new StrictJson(
                ContendedFiles.OfSystem.Read(path), path, WiseCodes.DamagedStore, (Text)$"Delete it.");
            json.OnlyKeys(json.Root, Keys);
            return json.Integer(json.Root, "version") == 1 && json.Integer(json.Root, "size") is long size
                && Digest.TryParse(json.RequiredString(json.Root, "sha256"), out Digest sha256)
                ? new UrlRecord(json.RequiredString(json.Root, "url"), json.RequiredString(json.Root, "name"), size, sha256)
                {
                    Etag = json.String(json.Root, "etag"),
                    LastModified = json.String(json.Root, "lastModified"),
                }
                : null;
        }
        catch (HubException)
        {
            return null;
        }
    }

    /// <summary>Removes the record if nothing else is left in the folder.</summary>
    public static void RemoveLast(string repoFolder)
    {
        if (new DirectoryInfo(repoFolder) is { Exists: true } folder
            && folder.EnumerateFileSystemInfos().Take(2).ToArray() is [FileInfo { Name: Name } note])
            ContendedFiles.OfSystem.Delete(note.FullName);
    }

    public void Write(string repoFolder)
    {
        var text = new StringBuilder("{\"version\":1,\"url\":").Append(JsonText.Quote(Url)).Append(",\"name\":")
            .Append(JsonText.Quote(FileName))
            .Append(",\"size\":").Append(Size).Append(",\"sha256\":\"").Append(Sha256.Hex).Append('"');
        if (Etag is not null)
            text.Append(",\"etag\":").Append(JsonText.Quote(Etag));
        if (LastModified is not null)
            text.Append(",\"lastModified\":").Append(JsonText.Quote(LastModified));
        AtomicFile.Write(Path.Combine(repoFolder, Name), Encoding.UTF8.GetBytes(text.Append("}\n").ToString()));
    }
}
