using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task over the project's references: parameters that all of them share, and one way of reading them.</summary>
public abstract class ReferenceTask : HubTask
{
    public ITaskItem[] References { get; set; } = [];

    public string LockFile { get; set; } = "";

    public string LinkMode { get; set; } = "";

    public bool MirrorWrite { get; set; } = true;

    public string MaxParallelDownloads { get; set; } = "";

    public string ConnectionsPerFile { get; set; } = "";

    private protected string LockFilePath => Absolute(LockFile);

    private protected override HubClientOptions Options(IHubLog log) => base.Options(log) with
    {
        MirrorWrite = MirrorWrite,
        MaxParallelDownloads = Number(MaxParallelDownloads, "WiseMaxParallelDownloads", 1, 64) ?? new HubClientOptions().MaxParallelDownloads,
        ConnectionsPerFile = Number(ConnectionsPerFile, "WiseConnectionsPerFile", 1, 8) ?? new HubClientOptions().ConnectionsPerFile,
    };

    /// <summary>The references; null when a mistake was logged.</summary>
    private protected List<ModelItem>? ReadReferences(HubClient client, bool uniqueAliases = true)
    {
        List<ModelItem> models = ModelItem.ReadAll(References, LinkMode, client.ParseReference, LogError);
        if (uniqueAliases)
            ModelItem.CheckAliases(models, LogError);
        models.ForEach(m => Remember(m.Reference, m.Item));
        if (!Log.HasLoggedErrors)
            return models;
        // The restore will not run; what it would have said of the other references is said now, so that one build tells all mistakes.
        foreach (HubException mistake in client.FindMistakes([.. models.Select(m => m.Reference)]))
            LogError(mistake);
        return null;
    }
}
