using WiseHub.Client.Context;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Write-through: what a restore brought is written to the mirrors that take it. The restore is complete by then, so that a
/// failure is a warning.
/// </summary>
internal sealed class MirrorWriting(ClientContext context, HubRun run, CancellationToken cancel)
{
    private readonly List<IMirrorTarget> _targets = !context.MirrorWrite ? []
        : [.. context.Config.Mirrors.Where(m => m.Write).Select(m => context.MirrorTarget(m.Hub)).OfType<IMirrorTarget>()
            .Where(t => context.ReachesForWriting(t.Definition))];

    /// <summary>
    /// Writes what was resolved or fetched in this run; what a lock file and the cache answered was written when it came.
    /// </summary>
    public async Task WriteAsync(IEnumerable<RestoreGroup> groups)
    {
        if (_targets.Count == 0)
            return;
        foreach (RestoreGroup group in groups.Where(g => g.Failure is null && (g.IsResolved || g.HasFetched)))
        {
            foreach (IMirrorTarget target in _targets.Where(t => t.Definition.Identity != group.Origin.Definition.Identity))
                await WriteAsync(group, target).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(RestoreGroup group, IMirrorTarget target)
    {
        try
        {
            MirroredCommit commit = await new WholeCommit(context, run, cancel).ReadAsync(group.First, group.Origin, group.Commit,
                group.Tree, group.Files.Values, target).ConfigureAwait(false);
            MirrorOutcome done =
                await target.WriteAsync(commit with { MovesRevision = group.IsResolved }, cancel).ConfigureAwait(false);
            if (done.HasChanged)
                context.Log.Info($"{group.First}: wrote {done.Files} files, {ByteSize.Show(done.Bytes)}, "
                    + $"of commit {group.Commit} to the mirror '{target.Definition.Name}'.");
        }
        catch (HubException e)
        {
            context.Log.Warning(WiseCodes.MirrorWriteFailed,
                $"{group.First} was restored, but not written to the mirror '{target.Definition.Name}': "
                + $"{e.Message} ({e.Code}) WiseMirrorWrite=false stops such writes.", group.First);
        }
    }
}
