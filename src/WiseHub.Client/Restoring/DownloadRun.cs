using WiseHub.Client.Context;
using WiseHub.Client.Files;

namespace WiseHub.Client.Restoring;

/// <summary>One download: restores one reference and places its files in a folder.</summary>
internal sealed class DownloadRun(ClientContext context, DownloadRequest request, CancellationToken cancel)
{
    public async Task<DownloadResult> RunAsync()
    {
        string? local = request.LocalDirectory is { Length: > 0 } folder
            ? UserPath.Resolve(folder, Directory.GetCurrentDirectory(), context.Environment) : null;
        RestoreResult restored = await new RestoreRun(context, new RestoreRequest
        {
            References = [request.Reference],
            Force = request.Force,
            Materialise = local is null ? new HashSet<RepoReference> { request.Reference } : new HashSet<RepoReference>(),
        }, cancel).RunAsync().ConfigureAwait(false);
        Snapshot snapshot = restored.Snapshots[0];
        if (local is not null)
            PlaceIn(local, snapshot);
        string directory = local ?? snapshot.Directory!;
        bool isOneFile = snapshot.Files.Count == 1
            && (request.Reference.RequiredPaths.Count == 1 || snapshot.Hub == UrlReference.Hub);
        return new DownloadResult
        {
            Snapshot = snapshot,
            Path = isOneFile ? Path.Combine(directory, NativePath(snapshot.Files[0])) : directory,
            FilesTransferred = restored.FilesTransferred,
            BytesTransferred = restored.BytesTransferred,
        };
    }

    // Clones or copies, never links: people edit what they downloaded into a folder of their own.
    private void PlaceIn(string folder, Snapshot snapshot)
    {
        ToolFiles.Check(snapshot.Reference, snapshot.Files.Select(f => f.Path), folder, context.Options.ExcludeOption);
        var placer = new FilePlacer(context.Log);
        foreach (SnapshotFile file in snapshot.Files)
        {
            cancel.ThrowIfCancellationRequested();
            placer.Place(file.BlobPath, Path.Combine(folder, NativePath(file)), LinkMode.Clone);
        }
        placer.Report(folder);
    }

    private static string NativePath(SnapshotFile file) => file.Path.Replace('/', Path.DirectorySeparatorChar);
}
