using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Places the files of models in the publish folder instead of the SDK, whose copy gives them the times of the store. Called
/// twice: without a folder it says which files these are, so that the SDK leaves them alone; with one it places them.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PublishWiseFiles : WiseTask
{
    // What the SDK was told of the file.
    private const string Original = "WiseCopyToPublishDirectory";

    private const string RelativePath = "RelativePath";

    /// <summary>What the SDK publishes, with RelativePath.</summary>
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>Absolute path of the publish folder; empty = only say which files are ours.</summary>
    public string PublishDirectory { get; set; } = "";

    /// <summary>Absolute path of the file in obj that says what was placed.</summary>
    public string RecordFile { get; set; } = "";

    /// <summary>
    /// The files of models among the items, as the SDK is to see them: to be published, and not to be copied by it.
    /// </summary>
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
            LogError(OutputPlaces.Foreign(file, "publishes"));
    }
}
