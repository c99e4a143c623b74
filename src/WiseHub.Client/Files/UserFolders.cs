namespace WiseHub.Client.Files;

/// <summary>
/// Where the user keeps things on this machine: the one place that reads HOME, XDG_*, USERPROFILE, APPDATA and LOCALAPPDATA. The
/// environment of the client comes first, the system's own answer second.
/// </summary>
internal static class UserFolders
{
    private static readonly string[] Variables = OperatingSystem.IsWindows()
        ? ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME"]
        : ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"];

    /// <summary>
    /// The user's home folder. HOME is not Windows' own; tools that come from Unix set it there, see
    /// <see cref="HomesOfUnixTools"/>.
    /// </summary>
    public static string Home(Func<string, string?> environment) =>
        Known(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME", environment, Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// The home folders in which curl and git look, in their order: on Windows HOME comes first where it is set.
    /// </summary>
    public static IEnumerable<string> HomesOfUnixTools(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() && environment("HOME") is string home && Path.IsPathFullyQualified(home)
            ? [home, Home(environment)] : [Home(environment)];

    /// <summary>
    /// The folder of the user's own <c>wisehub.json</c>: <c>$XDG_CONFIG_HOME/wisehub</c>, else <c>~/.config/wisehub</c>; on
    /// Windows <c>%APPDATA%\wisehub</c>.
    /// </summary>
    public static string Configuration(Func<string, string?> environment) => Path.Combine(
        OperatingSystem.IsWindows() ? Known("APPDATA", environment, Environment.SpecialFolder.ApplicationData)
            : UserPath.OfXdg("XDG_CONFIG_HOME", environment) ?? Path.Combine(Home(environment), ".config"), "wisehub");

    /// <summary>
    /// The folder of what <c>wisehub login</c> stores: that of <see cref="Configuration"/>; on Windows
    /// <c>%LOCALAPPDATA%\wisehub-login</c>, because %APPDATA% is copied to other machines and to a file server, and
    /// <c>%LOCALAPPDATA%\wisehub</c> is the cache, which may be deleted.
    /// </summary>
    public static string Logins(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? Path.Combine(LocalData(environment), "wisehub-login") : Configuration(environment);

    /// <summary>
    /// The folder below which programs have their caches: <c>$XDG_CACHE_HOME</c>, else <c>~/.cache</c>; on Windows
    /// <c>%LOCALAPPDATA%</c>.
    /// </summary>
    public static string Caches(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? LocalData(environment)
        : UserPath.OfXdg("XDG_CACHE_HOME", environment) ?? Path.Combine(Home(environment), ".cache");

    /// <summary>Has a process that is started find the same folders as the client.</summary>
    public static void Pass(Func<string, string?> environment, IDictionary<string, string?> process)
    {
        foreach (string name in Variables)
        {
            if (environment(name) is { Length: > 0 } value)
                process[name] = value;
            else
                process.Remove(name);
        }
    }

    private static string LocalData(Func<string, string?> environment) =>
        Known("LOCALAPPDATA", environment, Environment.SpecialFolder.LocalApplicationData);

    private static string Known(string variable, Func<string, string?> environment, Environment.SpecialFolder system) =>
        environment(variable) is { Length: > 0 } value ? value
        : Environment.GetFolderPath(system, Environment.SpecialFolderOption.DoNotVerify);
}
