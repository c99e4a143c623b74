using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Formats;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// The facts of the weights of one commit. They are kept beside its tree in the cache, and never become stale, because the
/// files of a commit do not change. The name decides whether a file has weights, so the facts do not depend on the cache.
/// </summary>
/// <param name="context">The state of the client.</param>
/// <param name="hub">The hub that resolves the repo.</param>
/// <param name="repo">The repo.</param>
/// <param name="commit">The commit.</param>
internal sealed class CommitHeaders(ClientContext context, HubDefinition hub, RepoReference repo, string commit)
{
    // Most headers are smaller than this, and then need one request.
    private const int FirstRead = 1 << 17;

    private readonly SnapshotStore _store = context.Store;
    private readonly RepoStore _cache = context.Store.ForHub(hub);

    /// <summary>
    /// Tells the facts of files: those that are kept, else those of the content in the cache, else those of its beginning. What
    /// is new is kept.
    /// </summary>
    /// <param name="files">The files as listed. Those that are no weights by their names are left out.</param>
    /// <param name="read">Reads the first bytes of a file, which are not verified.</param>
    /// <returns>The facts by path.</returns>
    /// <exception cref="HubException">WISE1092: a header is malformed; a failure of <paramref name="read"/>.</exception>
    public async Task<IReadOnlyDictionary<string, HeaderFacts>> ReadAsync(
        IEnumerable<TreeEntry> files, Func<TreeEntry, int, Task<byte[]>> read)
    {
        var facts = new Dictionary<string, HeaderFacts>(StringComparer.Ordinal);
        var learned = new Dictionary<string, HeaderFacts>(StringComparer.Ordinal);
        Dictionary<string, HeaderFacts> kept = ReadKept();
        foreach (TreeEntry file in files)
        {
            if (HeaderFacts.FormatOf(file.Path) is not string format)
                continue;
            facts[file.Path] = kept.GetValueOrDefault(file.Path)
                ?? (learned[file.Path] = OfContent(file) ?? await OfBeginningAsync(file, format, read).ConfigureAwait(false));
        }
        Keep(learned);
        return facts;
    }

    /// <summary>
    /// Keeps facts beside those that are kept already. Of two processes that do this at once, one may keep nothing; whoever
    /// needs its facts reads the headers again.
    /// </summary>
    public void Keep(IEnumerable<KeyValuePair<string, HeaderFacts>> learned)
    {
        List<KeyValuePair<string, HeaderFacts>> lasting =
            [.. learned.Where(f => f.Value.IsComplete && HeaderFacts.FormatOf(f.Key) is not null)];
        if (lasting.Count == 0)
            return;
        Dictionary<string, HeaderFacts> kept = ReadKept();
        byte[] before = HeadersFile.ToBytes(kept);
        foreach ((string path, HeaderFacts facts) in lasting)
            kept[path] = facts;
        byte[] after = HeadersFile.ToBytes(kept);
        if (after.AsSpan().SequenceEqual(before))
            return;
        try
        {
            _store.Prepare(_cache);
            // A cleanup may be about to delete the folder of the repo. It must not find a new file there.
            using FileLock? share = FileLock.TryShare(_store.StoreLockPath);
            if (share is not null)
                _cache.WriteHeaders(repo.RepoType, repo.RepoId, commit, after);
        }
        // The cache is read-only, full, or of a newer version. The facts are known all the same.
        catch (Exception e) when (e is HubException || IoFailures.IsFileSystem(e))
        {
            context.Log.Detail(RestoreMessages.HeadersNotKept(repo, commit, e));
        }
    }

    private Dictionary<string, HeaderFacts> ReadKept()
    {
        try
        {
            return _cache.ReadHeaders(repo.RepoType, repo.RepoId, commit);
        }
        // A power failure damages files of a cache, because it is not synced, and other versions may write others. The file has
        // only what the headers say, so they are read again, and the next file replaces it.
        catch (Exception e) when (e is HubException || IoFailures.IsFileSystem(e))
        {
            context.Log.Detail(e.Message);
            return new Dictionary<string, HeaderFacts>(StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// The facts of a content that the cache has, of which all of the header is read, however large. Null if it has a fault:
    /// what can be shown of it is in its beginning.
    /// </summary>
    private HeaderFacts? OfContent(TreeEntry file)
    {
        if (file is not { Sha256: Digest sha256, Size: long size } || _store.Blobs.Look(sha256, size) != BlobState.Present)
            return null;
        try
        {
            using var content =
                new FileStream(ContendedFiles.OfSystem.OpenRead(_store.Blobs.PathOf(sha256)), FileAccess.Read);
            return ModelHeaderCheck.Inspect(file.Path, content, size).Facts;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // Removed since the look, or not readable by this user. The hub has it, too.
            context.Log.Detail(e.Message);
            return null;
        }
    }

    private static async Task<HeaderFacts> OfBeginningAsync(
        TreeEntry file, string format, Func<TreeEntry, int, Task<byte[]>> read)
    {
        byte[] first = await read(file, FirstRead).ConfigureAwait(false);
        switch (format)
        {
            case HeaderFacts.Safetensors:
                int all = SafetensorsHeader.BytesToRead(first);
                return HeaderFacts.Of(SafetensorsHeader.Read(
                    all <= first.Length ? first : await read(file, all).ConfigureAwait(false)));
            case HeaderFacts.Gguf:
                GgufHeader gguf = GgufHeader.Read(first);
                if (!gguf.IsComplete && (file.Size is null || file.Size > FirstRead))
                    gguf = GgufHeader.Read(await read(file, GgufHeader.LargestHeader).ConfigureAwait(false));
                return HeaderFacts.Of(gguf);
            default:
                // Of a larger file, the beginning has the producer, and all else is behind or between the weights.
                if (file.Size is > FirstRead and <= OnnxHeader.LargestHeader)
                    first = await read(file, OnnxHeader.LargestHeader).ConfigureAwait(false);
                return HeaderFacts.Of(
                    OnnxHeader.Read(first, file.Size ?? (first.Length < FirstRead ? (long?)first.Length : null)));
        }
    }
}
