using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>Options of <see cref="Pretrained"/>.</summary>
public sealed record PretrainedOptions
{
    /// <summary>The target folder; null = <c>pretrained</c> in the cache.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The required sha256; without it, the first downloaded content is trusted and its digest is stored beside the file.
    /// </summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Downloads an existing file again.</summary>
    public bool Force { get; init; }
}

/// <summary>Builds a model, with its pretrained weights on request.</summary>
/// <param name="pretrained">Download and load the weights.</param>
/// <param name="cancel">Ends the download.</param>
public delegate Task<TModel> PretrainedBuild<TModel>(bool pretrained = false, CancellationToken cancel = default);

/// <summary>
/// Downloads weights by URL, into a folder laid out like MegEngine's (docs/protocols/megengine-hub.md#weights):
/// <c>&lt;first 6 hex of the URL's sha256&gt;_&lt;name&gt;</c>. This library only hashes the file; loading it is the caller's
/// task.
/// </summary>
public static class Pretrained
{
    private static readonly string[] NoteKeys = ["version", "url", "size", "sha256"];

    /// <summary>
    /// Provides the verified file of a URL. A record beside it has the whole URL and the digest, so that neither another URL nor
    /// a changed file is mistaken for it.
    /// </summary>
    /// <param name="client">
    /// Downloads the file through the cache; downloads are resumable, and the final name only gets a complete file.
    /// </param>
    /// <param name="url">The URL of a file, anywhere or on a configured hub.</param>
    /// <param name="options">Folder and digest.</param>
    /// <param name="cancel">Ends the download.</param>
    /// <returns>The absolute path.</returns>
    /// <exception cref="HubException">WISE1011, WISE1041, WISE3003, WISE3012, any WISE2xxx or WISE3xxx code.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<string> FetchAsync(
        HubClient client, string url, PretrainedOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new PretrainedOptions();
        RepoReference reference = client.ParseReference(url) with { Sha256 = options.Sha256 };
        string folder = Path.GetFullPath(options.Folder is { Length: > 0 } given ? given
            : Path.Combine(client.Cache.Root, "pretrained"));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url))), name = NameOf(url);
        string path = Path.Combine(folder, $"{hash[..6]}_{name}");
        // Six digits are not enough: among a few thousand files with one name, two will share them.
        if (ReadNote(path) is Note other && other.Url != url)
            path = Path.Combine(folder, $"{hash}_{name}");
        if (!options.Force && IsThere(path, url, options.Sha256, cancel))
            return path;
        try
        {
            Directory.CreateDirectory(folder);
            (string source, Digest sha256) = FindInMegEngine(client, Path.GetFileName(path), options.Sha256, cancel)
                is string known ? (known, options.Sha256!.Value)
                : await DownloadAsync(client, reference, options.Force, cancel).ConfigureAwait(false);
            string temporary = Path.Combine(folder, TemporaryNames.New());
            try
            {
                new FilePlacer().Place(source, temporary, LinkMode.Clone);
                WriteNote(path, new Note(url, new FileInfo(temporary).Length, sha256));
                ContendedFiles.OfSystem.Replace(temporary, path, asideFolder: folder);
            }
            finally
            {
                ContendedFiles.OfSystem.Discard(temporary);
            }
            return path;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, ClientMessages.NotWritten(path));
        }
    }

    /// <summary>Makes a builder that also loads weights if called with <c>pretrained: true</c>.</summary>
    /// <param name="client">Downloads the weights.</param>
    /// <param name="build">Makes a model.</param>
    /// <param name="url">The URL of the weights.</param>
    /// <param name="load">Loads the file at a path into a model, and returns the model.</param>
    /// <param name="options">Folder and digest.</param>
    public static PretrainedBuild<TModel> Wrap<TModel>(
        HubClient client, Func<TModel> build, string url, Func<string, TModel, TModel> load, PretrainedOptions? options = null) =>
        async (pretrained, cancel) =>
        {
            TModel model = build();
            return pretrained ? load(await FetchAsync(client, url, options, cancel).ConfigureAwait(false), model) : model;
        };

    private static async Task<(string, Digest)> DownloadAsync(
        HubClient client, RepoReference reference, bool force, CancellationToken cancel)
    {
        Snapshot snapshot = (await client.RestoreAsync(
            new RestoreRequest { References = [reference], Force = force }, cancel).ConfigureAwait(false)).Snapshots[0];
        return snapshot.Files is [SnapshotFile file] ? (file.BlobPath, file.Sha256)
            : throw ClientMessages.NotOneFile(reference, snapshot.Files.Count);
    }

    private static string NameOf(string url)
    {
        string name = UrlReference.NameOf(url);
        return PathNames.RejectSegment(name) is not string reason ? name
            : throw ClientMessages.UnusableFileName(reason);
    }

    private sealed record Note(string Url, long Size, Digest Sha256);

    private static string NotePath(string path) => path + ".url.json";

    private static bool IsThere(string path, string url, Digest? required, CancellationToken cancel) =>
        ReadNote(path) is Note note && note.Url == url && (required is null || required == note.Sha256)
        && new FileInfo(path) is { Exists: true } file && file.Length == note.Size
        && BlobStore.HashFile(path, cancel) == note.Sha256;

    private static Note? ReadNote(string path)
    {
        if (!File.Exists(NotePath(path)))
            return null;
        try
        {
            using var json = new StrictJson(ContendedFiles.OfSystem.Read(NotePath(path)), NotePath(path),
                WiseCodes.DamagedStore, (Text)$"Delete it.");
            json.OnlyKeys(json.Root, NoteKeys);
            return json.Integer(json.Root, "size") is long size
                && Digest.TryParse(json.RequiredString(json.Root, "sha256"), out Digest sha256)
                ? new Note(json.RequiredString(json.Root, "url"), size, sha256) : null;
        }
        catch (HubException)
        {
            // A malformed record is ignored; the file is downloaded again.
            return null;
        }
    }

    private static void WriteNote(string path, Note note) => AtomicFile.Write(NotePath(path), Encoding.UTF8.GetBytes(
        $"{{\"version\":1,\"url\":{JsonText.Quote(note.Url)},\"size\":{note.Size},\"sha256\":\"{note.Sha256.Hex}\"}}\n"));

    // MegEngine stores weights under the same names but does not verify them, so only a given digest can.
    private static string? FindInMegEngine(HubClient client, string name, Digest? required, CancellationToken cancel)
    {
        Func<string, string?> environment = client.Environment;
        string megEngine = UserPath.Of("MGE_HOME", environment)
            ?? Path.Combine(UserPath.OfXdg("XDG_CACHE_HOME", environment)
                ?? Path.Combine(UserFolders.Home(environment), ".cache"), "megengine");
        string path = Path.Combine(megEngine, "serialized", name);
        return required is Digest digest && File.Exists(path) && BlobStore.HashFile(path, cancel) == digest ? path : null;
    }
}
