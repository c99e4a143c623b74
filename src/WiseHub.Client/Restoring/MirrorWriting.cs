using WiseHub.Client.Context;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Write-through: writes restored files to the mirrors that accept writes. The restore is complete by then, so a failure is only
/// a warning.
/// </summary>
internal sealed class MirrorWriting(ClientContext context, HubRun run, CancellationToken cancel)
{
    private readonly List<IMirrorTarget> _targets = !context.MirrorWrite ? []
        : [.. context.Config.Mirrors.Where(m => m.Write).Select(m => context.MirrorTarget(m.Hub)).OfType<IMirrorTarget>()
            .Where(t => context.ReachesForWriting(t.Definition))];

    /// <summary>
    /// Writes commits that were resolved or fetched in this run. Those from the lock file and the cache were written when they
    /// were fetched.
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
                context.Log.Info(RestoreMessages.WroteToMirror(group.First, done.Files, done.Bytes, group.Commit,
                    target.Definition.Name));
        }
        catch (HubException e)
        {
            context.Log.Warning(WiseCodes.MirrorWriteFailed,
                RestoreMessages.NotWrittenToMirror(group.First, target.Definition.Name, e), group.First);
        }
    }
}
