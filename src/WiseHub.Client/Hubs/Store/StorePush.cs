using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Store;

/// <summary>
/// Publishes to a store: blobs first, then the tree, the ref last (docs/store-layout.md), so that a half push is never visible.
/// </summary>
internal sealed class StorePush(StoreHub hub, IStoreTarget target, PushRequest request, TimeProvider time) : IPushTarget
{
    private string Name => hub.Definition.Name;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        // First of all: what a newer version wrote may mean something else.
        await target.LookAsync(cancel).ConfigureAwait(false);
        if (await target.ReadRefAsync(cancel).ConfigureAwait(false) is not string commit)
            return PushBase.Empty;
        TreeFile tree = await target.ReadTreeAsync(commit, cancel).ConfigureAwait(false)
            ?? throw new HubException(WiseCodes.DamagedStore,
                $"{request.RepoId}: '{request.Revision}' on '{Name}' is {commit}, whose file list is missing. "
                + "Restore it from a backup, or delete the ref and push again.");
        return new PushBase(commit, tree.Files);
    }

    // A repo of a store is there as soon as something is in it.
    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        await target.PrepareAsync(cancel).ConfigureAwait(false);
        return seen;
    }

    public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel) =>
        // Two paths with one content are one upload.
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
            throw new HubException(WiseCodes.InvalidPush, $"{request.RepoId}: '{request.Revision}' on '{Name}' is "
                + $"{parent.Commit}, a mirrored commit, of whose '{unknown.Path}' the store has never had the content. "
                + "Mirror that file first, or push the whole set with Prune (WisePushPrune).");
        }
        List<TreeEntry> sent = [.. changes.Sent.Select(f => new TreeEntry(f.PathInRepo, f.Size, null, f.Sha256))],
            files = [.. changes.Kept.Select(f => f with { Oid = null }), .. sent];
        Utf8Ordinal.Sort(files, f => f.Path);
        var tree = new TreeFile(null, parent.Commit, request.Message, time.GetUtcNow(), files);
        byte[] bytes = tree.ToBytes();
        string commit = Convert.ToHexStringLower(SHA256.HashData(bytes));
        // What is kept is there for good since its own push.
        await target.WriteTreeAsync(commit, tree with { Files = sent }, bytes, cancel).ConfigureAwait(false);
        // The same set, message and second make the same commit: whoever was quicker did what this push was to do.
        if (await target.TryMoveRefAsync(parent.Commit, commit, cancel).ConfigureAwait(false) is string theirs
            && theirs != commit)
        {
            throw new HubException(WiseCodes.LostRace, $"{request.RepoId}: somebody "
                + $"{(theirs.Length > 0 ? $"pushed {theirs} to" : "deleted")} '{request.Revision}' while this push, "
                + $"which began at {parent.Commit ?? "no commit"}, made {commit}. Look at theirs and push again.");
        }
        return new PushedCommit(commit);
    }

    public ValueTask DisposeAsync() => target.DisposeAsync();
}
