using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;

namespace WiseHub.Client.Mirroring;

/// <summary>Copies commits from their hubs to a mirror.</summary>
internal sealed class MirrorPush(ClientContext context, CancellationToken cancel)
{
    public async Task<MirrorResult> RunAsync(MirrorRequest request)
    {
        IMirrorTarget target = new MirrorTargets(context).Find(request.To);
        var source = new MirrorSource(context, cancel);
        List<MirroredCommit> commits = await source.ReadAsync(request, target).ConfigureAwait(false);
        (int files, long bytes) = (0, 0L);
        foreach (MirroredCommit commit in commits)
        {
            MirrorOutcome done = await target.WriteAsync(commit, cancel).ConfigureAwait(false);
            (files, bytes) = (files + done.Files, bytes + done.Bytes);
        }
        return new MirrorResult { Commits = [.. commits.Select(c => c.Show())], FilesWritten = files, BytesWritten = bytes };
    }
}
