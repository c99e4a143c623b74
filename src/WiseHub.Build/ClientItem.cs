using System.Globalization;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The item <c>_WiseClient</c>: the settings that all task calls of a project share. The targets set it in one place, so that no
/// call can lack a setting.
/// </summary>
internal sealed class ClientItem(ITaskItem item)
{
    // The metadata that the targets set.
    private const string ProjectFileName = "ProjectFile";
    private const string ConfigFileName = "ConfigFile";
    private const string DefaultHubName = "DefaultHub";
    private const string LockFileName = "LockFile";
    private const string LockedModeName = "LockedMode";
    private const string CacheDirectoryName = "CacheDirectory";
    private const string LinkModeName = "LinkMode";
    private const string OfflineName = "Offline";
    private const string MirrorWriteName = "MirrorWrite";
    private const string MaxParallelDownloadsName = "MaxParallelDownloads";
    private const string ConnectionsPerFileName = "ConnectionsPerFile";
    private const string StallTimeoutName = "StallTimeout";
    private const string ImportsName = "Imports";
    private const string LockedModeIsImpliedName = "LockedModeIsImplied";
    private const string IsCiName = "IsCi";

    // Switches that conditions in the targets read, so only the two words that these conditions know are allowed.
    private static readonly string[] Switches =
        ["HubEnabled", "GenerateAccessors", "PushOnPublish", "PushOnPack", "Bom", "Provenance"];

    /// <summary>All metadata that the item must have.</summary>
    public static IReadOnlyList<string> Metadata { get; } =
    [
        ProjectFileName, ConfigFileName, DefaultHubName, LockFileName, LockedModeName, CacheDirectoryName, LinkModeName,
        OfflineName, MirrorWriteName, MaxParallelDownloadsName, ConnectionsPerFileName, StallTimeoutName, ImportsName,
        LockedModeIsImpliedName, IsCiName, .. Switches, .. WarningRules.Metadata,
    ];

    /// <summary>Absolute path of the project, for messages that belong to no item.</summary>
    public string ProjectFile { get; } = item.GetMetadata(ProjectFileName);

    /// <summary>The project and the files that it imports and users write, such as Directory.Build.props.</summary>
    public IReadOnlyList<string> ProjectFiles =>
        [ProjectFile, .. item.GetMetadata(ImportsName).Split(';', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>True in a CI build.</summary>
    public bool IsCi => item.GetMetadata(IsCiName) == "true";

    /// <summary>The project's rules for warnings.</summary>
    public WarningRules Warnings { get; } = new(item);

    /// <summary>The hub of references without one; empty for the hub that the configuration names.</summary>
    public string DefaultHub => item.GetMetadata(DefaultHubName);

    /// <summary>Absolute path of the lock file.</summary>
    public string LockFilePath => Absolute(item.GetMetadata(LockFileName));

    /// <summary>The lock file must already cover everything.</summary>
    /// <exception cref="HubException">WISE1004: the value is neither true nor false.</exception>
    public bool LockedMode => Flag(LockedModeName, otherwise: false);

    /// <summary>Locked mode is on only because this is a CI build, so an update may write the lock file.</summary>
    public bool LockedModeIsImplied => item.GetMetadata(LockedModeIsImpliedName) == "true";

    /// <summary>The link mode of references without one.</summary>
    /// <exception cref="HubException">WISE1004: there is no such mode.</exception>
    public LinkMode LinkMode => ModelItem.TryReadLinkMode(item.GetMetadata(LinkModeName)) is LinkMode mode ? mode
        : throw WrongProperty(Property(LinkModeName), item.GetMetadata(LinkModeName), BuildMessages.LinkModes);

    /// <summary>The options of a client.</summary>
    /// <exception cref="HubException">WISE1004: a value is not one of the allowed ones.</exception>
    public HubClientOptions Options(IHubLog log)
    {
        var defaults = new HubClientOptions();
        return defaults with
        {
            ConfigFile = Text(ConfigFileName) is string config ? Absolute(config) : null,
            WorkingDirectory = Absolute("."),
            DefaultHub = Text(DefaultHubName),
            CacheDirectory = Text(CacheDirectoryName) is string cache ? Absolute(cache) : null,
            Offline = Flag(OfflineName, otherwise: false),
            MirrorWrite = Flag(MirrorWriteName, otherwise: true),
            MaxParallelDownloads = Number(MaxParallelDownloadsName, 1, 64) ?? defaults.MaxParallelDownloads,
            ConnectionsPerFile = Number(ConnectionsPerFileName, 1, 8) ?? defaults.ConnectionsPerFile,
            StallTimeout = Number(StallTimeoutName, 1, 86400) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
            Product = "WiseHub.Build",
            ExcludeOption = "IgnorePatterns",
            Log = log,
        };
    }

    /// <summary>
    /// A path that does not depend on the working directory. The targets make paths absolute, but a property on the command line
    /// overrides them and arrives as typed.
    /// </summary>
    public string Absolute(string path) =>
        Path.IsPathFullyQualified(path) ? path : UserPath.Resolve(path, Path.GetDirectoryName(ProjectFile)!);

    /// <summary>Checks the switches that the targets read.</summary>
    /// <exception cref="HubException">WISE1004: a value is neither true nor false.</exception>
    public void CheckSwitches()
    {
        foreach (string name in Switches)
        {
            if (item.GetMetadata(name).Trim() is { Length: > 0 } value && !bool.TryParse(value, out _))
                throw WrongProperty(Property(name), value, BuildMessages.Booleans);
        }
    }

    /// <summary>A whole number; null for an empty text.</summary>
    /// <exception cref="HubException">WISE1004: the text is not a whole number in the range.</exception>
    public int? ReadNumber(string text, string property, int least, int most)
    {
        if (text.Trim().Length == 0)
            return null;
        return int.TryParse(text, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw WrongProperty(property, text, BuildMessages.Numbers(least, most));
    }

    /// <summary>A flag, in the words that MSBuild itself accepts for a bool parameter of a task.</summary>
    /// <exception cref="HubException">WISE1004: the text is neither true nor false.</exception>
    public bool ReadFlag(string text, string property, bool otherwise) => text.Trim().ToUpperInvariant() switch
    {
        "" => otherwise,
        "TRUE" or "ON" or "YES" or "!FALSE" or "!OFF" or "!NO" => true,
        "FALSE" or "OFF" or "NO" or "!TRUE" or "!ON" or "!YES" => false,
        _ => throw WrongProperty(property, text, BuildMessages.Booleans),
    };

    /// <summary>The error for a wrong value of a property, at the line that sets it.</summary>
    public HubException WrongProperty(string property, string value, string allowed) =>
        At(BuildMessages.WrongValue(property, value, allowed), property);

    /// <summary>The error at the line that sets a property; without a line if the command line sets it.</summary>
    public HubException At(HubException e, string property)
    {
        Place place = PlaceOf(property);
        return new HubException(e.Code, e.Message, e.InnerException)
        { File = place.File, Line = place.Line, Column = place.Column };
    }

    private Place PlaceOf(string property)
    {
        foreach (string file in ProjectFiles)
        {
            if (ProjectXml.TryLoad(file) is XDocument document
                && ProjectXml.FindProperty(document, property) is XElement element)
                return ProjectXml.PlaceOf(file, element);
        }
        return new Place(ProjectFile, 0, 0);
    }

    private string? Text(string name) => item.GetMetadata(name) is { Length: > 0 } text ? text : null;

    private int? Number(string name, int least, int most) => ReadNumber(item.GetMetadata(name), Property(name), least, most);

    private bool Flag(string name, bool otherwise) => ReadFlag(item.GetMetadata(name), Property(name), otherwise);

    // The metadata are named after the properties that users set.
    private static string Property(string metadata) => "Wise" + metadata;
}
