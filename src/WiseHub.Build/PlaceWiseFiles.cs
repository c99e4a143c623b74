using Microsoft.Build.Framework;
using WiseHub.Client;
using WiseHub.Client.Store;

namespace WiseHub.Build;

/// <summary>
/// Puts blobs that are about to be copied into the output in place by link or clone, so that the SDK's own copy finds them done; and
/// finds two files that want one place, before one silently wins.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PlaceWiseFiles : WiseTask
{
    /// <summary>All files of the output, from this project and those it references.</summary>
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>The metadata that holds the path below the output: TargetPath in bin, RelativePath in publish.</summary>
    [Required]
    public string PathMetadata { get; set; } = "";

    /// <summary>The files that this project declares; those with another link mode than the project's have it as metadata.</summary>
    public ITaskItem[] Declared { get; set; } = [];

    /// <summary>Absolute path of the output; empty = only look for conflicts.</summary>
    public string OutputDirectory { get; set; } = "";

    public string LinkMode { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        var byTarget = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var blobs = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // The same file often comes along several projects.
        var reported = new HashSet<(string Target, string Source)>();
        foreach (ITaskItem item in Items)
        {
            string source = item.GetMetadata("FullPath"), target = item.GetMetadata(PathMetadata).Replace('\\', '/');
            bool isBlob = FilePlacer.IsBlob(source);
            if (!byTarget.TryAdd(target, source) && byTarget[target] != source && (isBlob || FilePlacer.IsBlob(byTarget[target])) && reported.Add((target, source)))
            {
                LogError(new HubException(WiseCodes.TargetPathConflict,
                    $"Two files want the place '{target}' of the output: {byTarget[target]} and {source}. Usually two projects reference different snapshots of one model: "
                    + "give them the same Revision and commit, or give one an Alias or TargetPath of its own."));
            }
            if (isBlob)
                blobs[target] = source;
        }
        if (Log.HasLoggedErrors || OutputDirectory.Length == 0 || blobs.Count == 0)
            return;
        LinkMode fallback = ModelItem.ReadLinkMode(LinkMode);
        Dictionary<string, LinkMode> declared = Declared.Where(d => d.GetMetadata(Names.LinkMode).Length > 0).ToLookup(d => d.GetMetadata(Names.Link).Replace('\\', '/'), d => ModelItem.ReadLinkMode(d.GetMetadata(Names.LinkMode)), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
        FilePlacer placer = HubClient.CreatePlacer(log);
        foreach ((string target, string blob) in blobs)
        {
            cancel.ThrowIfCancellationRequested();
            placer.Place(blob, Path.Combine(OutputDirectory, target), declared.GetValueOrDefault(target, fallback));
        }
        placer.Report(OutputDirectory);
    }
}
