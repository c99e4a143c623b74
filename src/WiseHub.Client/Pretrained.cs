using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>How <see cref="Pretrained"/> fetches weights.</summary>
public sealed record PretrainedOptions
{
    /// <summary>Where the file is put; null = <c>pretrained</c> in the cache.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The sha256 that it must have; without it the first content that comes is trusted and remembered beside the file.
    /// </summary>
    public Digest? Sha256 { get; init; }

    /// <summary>Fetch again what is there.</summary>
    public bool Force { get; init; }
}

/// <summary>Builds a model, with its pretrained weights where they are asked for.</summary>
/// <param name="pretrained">Fetch the weights and load them.</param>
/// <param name="cancel">Ends the download.</param>
public delegate Task<TModel> PretrainedBuild<TModel>(bool pretrained = false, CancellationToken cancel = default);

/// <summary>
/// Weights by their URL, in a folder as MegEngine has them (docs/protocols/megengine-hub.md#weights):
/// <c>&lt;first 6 hex of the URL's sha256&gt;_&lt;name&gt;</c>. A file is never read by this library, only hashed: what is in it
/// is the caller's to load.
/// </summary>
public static class Pretrained
{
    private static readonly string[] NoteKeys = ["version", "url", "size", "sha256"];

    /// <summary>
    /// Makes the file of a URL present and verified. A note beside it keeps the whole URL and the digest, so that neither another
    /// URL nor a changed file passes for it.
    /// </summary>
    /// <param name="client">Fetches it: resumable, through the cache, to its final name only when it is whole.</param>
    /// <param name="url">Of a file anywhere, or on a configured hub.</param>
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
        // Six digits are few: of a few thousand files with one name two will have the same.
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
            throw IoFailures.ToHubException(e, $"{path} could not be written");
        }
    }

    /// <summary>A builder that also loads weights when it is called with <c>pretrained: true</c>.</summary>
    /// <param name="client">Fetches them.</param>
    /// <param name="build">Makes a model.</param>
    /// <param name="url">Of the weights.</param>
    /// <param name="load">Loads the file at a path into a model, and gives the model.</param>
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
            : throw new HubException(WiseCodes.UnusableUrl,
                $"{reference} has {snapshot.Files.Count} files, and weights are one file. Write the URL of the file.");
    }

    private static string NameOf(string url)
    {
        string name = UrlReference.NameOf(url);
        return PathNames.RejectSegment(name) is not string reason ? name
            : throw new HubException(WiseCodes.HostileFileName,
                $"The file of the URL cannot be called by its last part: {reason}. Download it by hand.");
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
                WiseCodes.DamagedStore, "Delete it.");
            json.OnlyKeys(json.Root, NoteKeys);
            return json.Integer(json.Root, "size") is long size
                && Digest.TryParse(json.RequiredString(json.Root, "sha256"), out Digest sha256)
                ? new Note(json.RequiredString(json.Root, "url"), size, sha256) : null;
        }
        catch (HubException)
        {
            // What makes no sense says nothing; the file is fetched again.
            return null;
        }
    }

    private static void WriteNote(string path, Note note) => AtomicFile.Write(NotePath(path), Encoding.UTF8.GetBytes(
        $"{{\"version\":1,\"url\":{JsonText.Quote(note.Url)},\"size\":{note.Size},\"sha256\":\"{note.Sha256.Hex}\"}}\n"));

    // MegEngine keeps weights under the same names and without any check, so that only a digest can vouch for them.
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
