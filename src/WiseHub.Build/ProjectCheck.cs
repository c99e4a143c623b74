using System.Text;
using System.Xml.Linq;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Finds properties and items whose names begin with <c>Wise</c> but mean nothing, and switches that are neither true nor false.
/// Without this check <c>WiseOfline</c> would have no effect, and <c>WisePushOnPublish=yes</c> would push nothing.
/// </summary>
internal static class ProjectCheck
{
    /// <summary>The properties that users set (docs/reference.md), and those for work on this package.</summary>
    public static readonly string[] Properties =
    [
        "WiseBom", "WiseBomFile", "WiseBomMerge", "WiseCacheDirectory", "WiseConnectionsPerFile", "WiseDefaultHub", "WiseForce",
        "WiseGenerateAccessors",
        "WiseHubConfigFile", "WiseHubEnabled", "WiseHubTaskFactory", "WiseHubTasksAssembly", "WiseLinkMode", "WiseLockFile",
        "WiseLockedMode",
        "WiseMaxParallelDownloads", "WiseMirrorWrite", "WiseModel", "WiseModelsNamespace", "WiseOffline", "WiseProvenance",
        "WisePushAllowPatterns",
        "WisePushBaseModel", "WisePushChunkSize", "WisePushCreateRepo", "WisePushDatasets", "WisePushDescription",
        "WisePushDryRun", "WisePushForce", "WisePushHub", "WisePushIgnorePatterns", "WisePushLanguage", "WisePushLibraryName",
        "WisePushLicense",
        "WisePushMergeCard", "WisePushMessage", "WisePushOnPack", "WisePushOnPublish", "WisePushPipelineTag", "WisePushPrivate",
        "WisePushPrune", "WisePushPullRequest", "WisePushRepoId", "WisePushRepoType", "WisePushRevision",
        "WisePushSignChain", "WisePushSignKey", "WisePushSymbols",
        "WisePushTags", "WisePushTitle", "WisePushWidget", "WisePushWorkers", "WiseRemoveUnused", "WiseRenewWaivers",
        "WiseStallTimeout", "WiseVerifyDirectory",
    ];

    private static readonly string[] Items = [Names.Reference, Names.Artifact];

    private static ReadOnlySpan<byte> Start => "<Wise"u8;

    /// <summary>Reports each unknown name in the project, in its imports, and on the command line.</summary>
    /// <param name="files">The project file and the imports that users write, such as Directory.Build.props.</param>
    /// <param name="global">The global properties.</param>
    /// <param name="warn">Receives message and place.</param>
    public static void Run(IEnumerable<string> files, IEnumerable<string> global, Action<string, Place> warn)
    {
        foreach (string file in files)
        {
            if (HasUnknown(file) && ProjectXml.TryLoad(file) is XDocument document)
                Report(file, document, warn);
        }
        foreach (string name in global.Where(IsUnknown).Order(StringComparer.Ordinal))
            warn(BuildMessages.UnknownProperty(name, Suggestions.Nearest(name, Properties)), default);
    }

    // Reads the names without parsing: every build does this, and nearly every file has none or only known ones.
    private static bool HasUnknown(string file)
    {
        if (!File.Exists(file))
            return false;
        ReadOnlySpan<byte> rest = File.ReadAllBytes(file);
        for (int at; (at = rest.IndexOf(Start)) >= 0;)
        {
            rest = rest[(at + 1)..];
            int length = rest.IndexOfAnyExcept(NameBytes);
            if (length > 0 && IsUnknown(Encoding.ASCII.GetString(rest[..length])))
                return true;
        }
        return false;
    }

    private static readonly System.Buffers.SearchValues<byte> NameBytes = System.Buffers.SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"u8);

    private static bool IsUnknown(string name) => name.StartsWith("Wise", StringComparison.OrdinalIgnoreCase)
        && !Properties.Contains(name, StringComparer.OrdinalIgnoreCase)
        && !Items.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static void Report(string file, XDocument document, Action<string, Place> warn)
    {
        foreach (XElement element in document.Descendants().Where(e => IsUnknown(e.Name.LocalName)))
        {
            string name = element.Name.LocalName;
            Place place = ProjectXml.PlaceOf(file, element);
            if (element.Parent?.Name.LocalName == "PropertyGroup")
                warn(BuildMessages.UnknownProperty(name, Suggestions.Nearest(name, Properties)), place);
            else if (element.Parent?.Name.LocalName == "ItemGroup")
                warn(BuildMessages.UnknownItem(name, Suggestions.Nearest(name, Items)), place);
        }
    }
}
