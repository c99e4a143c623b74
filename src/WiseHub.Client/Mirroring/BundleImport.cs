using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;
using WiseHub.Client.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>
/// Imports a bundle into a store. Contents come first and are not visible yet; file lists and refs are written after the whole
/// bundle was read and verified.
/// </summary>
internal sealed class BundleImport(ClientContext context, IBundleTarget target, CancellationToken cancel)
{
    private const int ParallelRequests = 8;

    private int _files;
    private long _bytes;

    // A bucket takes only a whole content, named by its digest. Until the digest is verified, the content is in the cache.
    private string Root => target.Folder ?? context.Store.Root;

    /// <exception cref="HubException">
    /// WISE3061, WISE3062, WISE3063, WISE3060, or a code of the file system or of the bucket.
    /// </exception>
    public async Task<MirrorResult> RunAsync(string bundle)
    {
        try
        {
            using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(bundle), FileAccess.Read);
            using var tar = new TarReader(file);
            BundleManifest manifest = BundleReader.ReadManifest(tar, bundle);
            if (target.Folder is null)
                context.Store.Prepare(context.Store.ForHub(target.Definition));
            else
                StoreMarker.Require(Path.Combine(Root, RepoStore.MarkerName), StoreMarker.Published, durable: true);
            using IDisposable? unsynced = target.Folder is null ? context.Store.Unsynced.Use() : null;
            // Keeps pruning away from contents that no file list names yet.
            using FileLock? share = target.Folder is null || File.Exists(Path.Combine(Root, SnapshotStore.TagName))
                ? await FileLock.ShareAsync(SnapshotStore.StoreLockOf(Root), Root,
                    context.Log, context.Time, cancel).ConfigureAwait(false)
                : null;
            BlobStore blobs = target.LocalContents() ?? context.Store.Blobs;
            Dictionary<string, byte[]> texts = ReadAll(tar, manifest, blobs, bundle);
            Digest[] lacking = await LackingAsync(manifest.Needs).ConfigureAwait(false);
            if (lacking.Length > 0)
                throw MirroringMessages.NeedsMore(bundle, manifest.Needs.Count, target.Definition.Name, lacking);
            List<MirroredCommit> commits = Commits(texts, bundle);
            IEnumerable<BundleFile> contents = manifest.Files.Where(f => f.IsBlob);
            if (target.Folder is not null)
                blobs.SyncNames(contents.Select(f => f.Sha256));
            else if (await target.WriteAsync([.. contents.Select(f => new MirroredContent(f.Sha256, f.Size,
                blobs.PathOf(f.Sha256)))], cancel).ConfigureAwait(false) is MirrorOutcome sent)
                (_files, _bytes) = (sent.Files, sent.Bytes);
            foreach (MirroredCommit commit in commits)
                await target.WriteAsync(commit, cancel).ConfigureAwait(false);
            return new MirrorResult
            {
                Commits = [.. commits.Select(c => c.Show())],
                FilesWritten = _files,
                BytesWritten = _bytes
            };
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, MirroringMessages.NotImported(bundle, target.Definition.Name, Root));
        }
    }

    private Dictionary<string, byte[]> ReadAll(TarReader tar, BundleManifest manifest, BlobStore blobs, string bundle)
    {
        var texts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string last = BundleManifest.Name;
        foreach (BundleFile expected in manifest.Files)
        {
            cancel.ThrowIfCancellationRequested();
            TarEntry entry = BundleReader.Next(tar, bundle, last)
                ?? throw MirroringMessages.EndsAfter(bundle, last, expected.Path);
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.Name != expected.Path)
                throw MirroringMessages.OtherEntry(bundle, entry, expected.Path);
            if (entry.Length != expected.Size)
                throw MirroringMessages.OtherSize(bundle, expected, entry.Length);
            if (expected.IsBlob)
                AddBlob(blobs, entry, expected, bundle);
            else if (Digest.FromBytes(SHA256.HashData(texts[expected.Path] = BundleReader.ReadAll(entry, bundle)))
                is Digest digest && digest != expected.Sha256)
                throw MirroringMessages.OtherDigest(bundle, expected, digest);
            last = expected.Path;
        }
        return BundleReader.Next(tar, bundle, last) is TarEntry more
            ? throw MirroringMessages.EntryAfterEnd(bundle, more) : texts;
    }

    private void AddBlob(BlobStore blobs, TarEntry entry, BundleFile expected, string bundle)
    {
        bool isThere = blobs.Look(expected.Sha256, expected.Size) == BlobState.Present;
        Digest digest;
        long size;
        try
        {
            (digest, size) = blobs.Add(entry.DataStream ?? Stream.Null, expected.Sha256, cancel);
        }
        catch (EndOfStreamException e)
        {
            throw MirroringMessages.EndsWithin(bundle, expected.Path, e);
        }
        if (size < expected.Size)
            throw MirroringMessages.EndsWithin(bundle, expected.Path);
        if (digest != expected.Sha256)
            throw MirroringMessages.OtherDigest(bundle, expected, digest);
        if (!isThere)
            (_files, _bytes) = (_files + 1, _bytes + size);
    }

    private async Task<Digest[]> LackingAsync(IReadOnlyList<Digest> needs)
    {
        var lacking = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await Parallel.ForEachAsync(needs,
            new ParallelOptions { MaxDegreeOfParallelism = ParallelRequests, CancellationToken = cancel },
                async (digest, token) =>
            {
                if (!await target.HasAsync(digest, token).ConfigureAwait(false))
                    lacking[digest.Hex] = true;
            }).ConfigureAwait(false);
        return [.. needs.Where(d => lacking.ContainsKey(d.Hex))];
    }

    private static List<MirroredCommit> Commits(Dictionary<string, byte[]> texts, string bundle)
    {
        var commits = new List<MirroredCommit>();
        ILookup<(RepoType, string, string), string> names = texts.Select(t => (Path: StorePath.Parse(t.Key), Text: t.Value))
            .Where(t => t.Path is { IsTree: false })
            .ToLookup(t => (t.Path!.RepoType, t.Path.RepoId, Encoding.ASCII.GetString(t.Text)), t => t.Path!.Name);
        int given = 0;
        foreach ((string path, byte[] text) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (StorePath.Parse(path) is not { IsTree: true } at)
                continue;
            TreeFile tree = TreeFile.Parse(text, $"{bundle}/{path}");
            TreeFile.CheckIdentity(text, tree, at.Name, $"{bundle}/{path}");
            if (tree.Message?.StartsWith(MirroredCommit.MessagePrefix, StringComparison.Ordinal) != true)
                throw MirroringMessages.NoOrigin(bundle, path);
            SelectedFiles.CheckNames(new RepoReference { RepoId = at.RepoId, RepoType = at.RepoType },
                tree.Files.Select(f => f.Path), option: null);
            var commit = new MirroredCommit(at.RepoType, at.RepoId, at.Name,
                tree.Message[MirroredCommit.MessagePrefix.Length..], tree.Files, [])
            { MovesRevision = true };
            string[] revisions = [.. names[(at.RepoType, at.RepoId, at.Name)].Order(StringComparer.Ordinal)];
            given += revisions.Length;
            if (revisions.Length == 0)
                commits.Add(commit);
            else
                commits.AddRange(revisions.Select(r => commit with { Revision = r }));
        }
        return given == names.Sum(n => n.Count()) ? commits
            : throw MirroringMessages.RefWithoutCommit(bundle);
    }
}
