using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task over the project's references: parameters that all of them share, and one way of reading them.</summary>
public abstract class ReferenceTask : WiseTask
{
    public ITaskItem[] References { get; set; } = [];

    public string ConfigFile { get; set; } = "";

    public string DefaultHub { get; set; } = "";

    public string LockFile { get; set; } = "";

    public string CacheDirectory { get; set; } = "";

    public string LinkMode { get; set; } = "";

    public bool Offline { get; set; }

    public bool MirrorWrite { get; set; } = true;

    public string MaxParallelDownloads { get; set; } = "";

    public string ConnectionsPerFile { get; set; } = "";

    public string StallTimeout { get; set; } = "";

    private protected string LockFilePath => Absolute(LockFile);

    private protected HubClient CreateClient(IHubLog log) => new(new HubClientOptions
    {
        ConfigFile = ConfigFile.Length > 0 ? Absolute(ConfigFile) : null,
        WorkingDirectory = Absolute("."),
        DefaultHub = DefaultHub.Length > 0 ? DefaultHub : null,
        CacheDirectory = CacheDirectory.Length > 0 ? Absolute(CacheDirectory) : null,
        Offline = Offline,
        MirrorWrite = MirrorWrite,
        MaxParallelDownloads = Number(MaxParallelDownloads, "WiseMaxParallelDownloads", 1, 64) ?? new HubClientOptions().MaxParallelDownloads,
        ConnectionsPerFile = Number(ConnectionsPerFile, "WiseConnectionsPerFile", 1, 8) ?? new HubClientOptions().ConnectionsPerFile,
        StallTimeout = Number(StallTimeout, "WiseStallTimeout", 1, 86400) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        Product = "WiseHub.Build",
        Log = log,
    });

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

    // The targets make these paths absolute, but a property of the command line wins over that and arrives as it was typed.
    private string Absolute(string path) => Path.IsPathFullyQualified(path) ? path : Path.GetFullPath(path, Path.GetDirectoryName(ProjectFile)!);

    private static int? Number(string text, string property, int least, int most)
    {
        if (text.Trim().Length == 0)
            return null;
        return int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new HubException(WiseCodes.InvalidValue, $"{property} is '{text}'; it must be a whole number from {least} to {most}.");
    }
}
