using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Copies model files to the publish folder in place of the SDK, whose copy would give them the times of the cached files. Called
/// twice: without a folder it returns these files, so that the SDK skips them; with a folder it copies them.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PublishWiseFiles : WiseTask
{
    // The value of CopyToPublishDirectory before this task set it to Never.
    private const string Original = "WiseCopyToPublishDirectory";

    private const string RelativePath = "RelativePath";

    /// <summary>The files that the SDK publishes, with RelativePath.</summary>
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>Absolute path of the publish folder; empty to only return the model files.</summary>
    public string PublishDirectory { get; set; } = "";

    /// <summary>Absolute path of the file in obj that records the copied files.</summary>
    public string RecordFile { get; set; } = "";

    /// <summary>The model files among the items, marked so that the SDK publishes but does not copy them.</summary>
    [Output]
    public ITaskItem[] Ours { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        if (PublishDirectory.Length > 0)
        {
            Place(log, cancel);
            return;
        }
        var ours = new List<ITaskItem>();
        foreach (ITaskItem item in Items.Where(i => FilePlacer.IsBlob(i.GetMetadata("FullPath"))))
        {
            if (item.GetMetadata(Names.CopyToPublishDirectory) is not ("IfDifferent" or "Always"))
                continue;
            var own = new TaskItem(item);
            own.SetMetadata(Original, item.GetMetadata(Names.CopyToPublishDirectory));
            own.SetMetadata(Names.CopyToPublishDirectory, "Never");
            ours.Add(own);
        }
        Ours = [.. ours];
    }

    private void Place(IHubLog log, CancellationToken cancel)
    {
        PublishPlacer? placer = null;
        foreach (ITaskItem item in Items.Where(i => i.GetMetadata(Original).Length > 0))
        {
            cancel.ThrowIfCancellationRequested();
            placer ??= new PublishPlacer(RecordFile, log);
            string destination =
                Path.GetFullPath(Path.Combine(PublishDirectory, item.GetMetadata(RelativePath).Replace('\\', '/')));
            placer.Place(item.GetMetadata("FullPath"), destination, item.GetMetadata(Original) == "Always");
        }
        placer?.Save();
        foreach (string file in placer?.Foreign ?? [])
            LogError(BuildMessages.ForeignFile(file, isPublish: true));
    }
}
