using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Publishes to a store: blobs first, then the file list, the ref last (docs/store-layout.md). A partial push is never visible.
/// </summary>
internal sealed class StorePush(StoreHub hub, IStoreTarget target, PushRequest request, TimeProvider time) : IPushTarget
{
    private string Name => hub.Definition.Name;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        // Before anything else is read, because a newer version may have changed what the files mean.
        await target.LookAsync(cancel).ConfigureAwait(false);
        if (await target.ReadRefAsync(cancel).ConfigureAwait(false) is not string commit)
            return PushBase.Empty;
        TreeFile tree = await target.ReadTreeAsync(commit, cancel).ConfigureAwait(false)
            ?? throw StoreHubMessages.ListOfRefMissing(request.RepoId, request.Revision, Name, commit);
        return new PushBase(commit, tree.Files);
    }

    // A repo of a store exists once it has content.
    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        await target.PrepareAsync(cancel).ConfigureAwait(false);
        return seen;
    }

    public bool IsReserved(string path) => false;

    public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel) =>
        // Paths with the same content share one upload.
        Parallel.ForEachAsync(files.GroupBy(f => f.Sha256), new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Min(target.Parallelism, request.Workers),
            CancellationToken = cancel
        }, async (same, token) =>
        {
            LocalFile file = same.First();
            long kept = file.Size;
            if (!await target.HasAsync(file, token).ConfigureAwait(false))
            {
                (Digest sha256, kept) = await target.AddAsync(file, progress.Sent, token).ConfigureAwait(false);
                if (sha256 != file.Sha256)
                    throw LocalFile.Changed(file.SourcePath);
            }
            progress.Done(file, kept);
            foreach (LocalFile copy in same.Skip(1))
                progress.Done(copy, copy.Size);
        });

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        if (changes.Kept.FirstOrDefault(f => f.Size is null || f.Sha256 is null) is TreeEntry unknown)
        {
            throw StoreHubMessages.KeptFileWithoutContent(
                request.RepoId, request.Revision, Name, parent.Commit, unknown.Path);
        }
        List<TreeEntry> sent = [.. changes.Sent.Select(f => new TreeEntry(f.PathInRepo, f.Size, null, f.Sha256))],
            files = [.. changes.Kept.Select(f => f with { Oid = null }), .. sent];
        Utf8Ordinal.Sort(files, f => f.Path);
        var tree = new TreeFile(null, parent.Commit, request.Message, time.GetUtcNow(), files);
        byte[] bytes = tree.ToBytes();
        string commit = Convert.ToHexStringLower(SHA256.HashData(bytes));
        // Kept files are durable since their own push.
        await target.WriteTreeAsync(commit, tree with { Files = sent }, bytes, cancel).ConfigureAwait(false);
        // The same files, message and second make the same commit. If another push made it first, this push is done, too.
        if (await target.TryMoveRefAsync(parent.Commit, commit, cancel).ConfigureAwait(false) is string theirs
            && theirs != commit)
        {
            throw StoreHubMessages.LostRace(request.RepoId, request.Revision, Name, parent.Commit, theirs, commit);
        }
        return new PushedCommit(commit);
    }

    public ValueTask DisposeAsync() => target.DisposeAsync();
}
