using WiseHub.Client.Context;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>Restores the repos of a mirror command, and returns them as whole commits whose contents are in the cache.</summary>
internal sealed class MirrorSource(ClientContext context, CancellationToken cancel)
{
    /// <exception cref="HubException">WISE1051: no repo was named; any code of a restore.</exception>
    /// <exception cref="AggregateException">Several.</exception>
    public async Task<List<MirroredCommit>> ReadAsync(MirrorSelection selection, IMirrorTarget? target)
    {
        var commits = new List<MirroredCommit>();
        if (selection.LockFilePath is string lockFile)
        {
            LockFile locked = LockFile.Read(lockFile)
                ?? throw RestoreMessages.NoLockFileToMirror(lockFile);
            List<RepoReference> references = [.. locked.Entries.SelectMany(e => e.Selections.Select(files => new RepoReference
            {
                RepoType = e.Key.RepoType,
                RepoId = e.Key.RepoId,
                Hubs = e.Key.Hub.Split(';'),
                Revision = e.Key.Revision,
                Config = e.Key.Config,
                Files = files,
            }))];
            await RestoreAsync(commits,
                new RestoreRequest
                {
                    References = references,
                    LockFilePath = lockFile,
                    Locked = true,
                    WritesMirrors = false,
                    PassesGate = false,
                },
                target).ConfigureAwait(false);
        }
        if (selection.References.Count > 0)
            await RestoreAsync(commits,
                new RestoreRequest { References = selection.References, WritesMirrors = false }, target).ConfigureAwait(false);
        return commits.Count > 0 ? commits : throw RestoreMessages.NothingToMirror();
    }

    private async Task RestoreAsync(List<MirroredCommit> commits, RestoreRequest request, IMirrorTarget? target)
    {
        RestoreResult restored = await new RestoreRun(context, request, cancel).RunAsync().ConfigureAwait(false);
        using HubRun run = context.BeginRun();
        // Several selections of one repo are one commit on a mirror.
        foreach (var group in restored.Snapshots.Where(s => s.IsPresent)
            .GroupBy(s => new LockKey(s.Reference.RepoType, s.Reference.RepoId, s.Hub, s.Reference.Revision, s.Reference.Config)))
        {
            RepoReference reference = group.First().Reference;
            List<TreeEntry> present = [.. group.SelectMany(s => s.Files).DistinctBy(f => f.Path)
                .Select(f => new TreeEntry(f.Path, f.Size, null, f.Sha256))];
            MirroredCommit commit = await new WholeCommit(context, run, cancel)
                .ReadAsync(reference, context.Hub(group.Key.Hub.Split(';')[0]), group.First().Commit!,
                    null, present, target).ConfigureAwait(false);
            commits.Add(commit with { MovesRevision = request.LockFilePath is null });
        }
    }
}
