using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A task that works with hubs: the parameters that all of them share, and one way of making a client.</summary>
public abstract class HubTask : WiseTask
{
    public string ConfigFile { get; set; } = "";

    public string DefaultHub { get; set; } = "";

    public string CacheDirectory { get; set; } = "";

    public bool Offline { get; set; }

    public string StallTimeout { get; set; } = "";

    private protected virtual HubClientOptions Options(IHubLog log) => new()
    {
        ConfigFile = ConfigFile.Length > 0 ? Absolute(ConfigFile) : null,
        WorkingDirectory = Absolute("."),
        DefaultHub = DefaultHub.Length > 0 ? DefaultHub : null,
        CacheDirectory = CacheDirectory.Length > 0 ? Absolute(CacheDirectory) : null,
        Offline = Offline,
        StallTimeout = Number(StallTimeout, "WiseStallTimeout", 1, 86400) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        Product = "WiseHub.Build",
        ExcludeOption = "IgnorePatterns",
        Log = log,
    };

    private protected HubClient CreateClient(IHubLog log) => new(Options(log));

    // The targets make these paths absolute, but a property of the command line wins over that and arrives as it was typed.
    private protected string Absolute(string path) => Path.IsPathFullyQualified(path) ? path : UserPath.Resolve(path, Path.GetDirectoryName(ProjectFile)!);

    /// <exception cref="HubException">WISE1008: the text of a property is no number, or not one of the range.</exception>
    private protected static int? Number(string text, string property, int least, int most)
    {
        if (text.Trim().Length == 0)
            return null;
        return int.TryParse(text, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most ? value
            : throw new HubException(WiseCodes.InvalidValue, $"{property} is '{text}'; it must be a whole number from {least} to {most}.");
    }
}
