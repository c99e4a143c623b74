namespace WiseHub.Client.Files;

/// <summary>
/// The user's folders on this machine. Only this class reads HOME, XDG_*, USERPROFILE, APPDATA and LOCALAPPDATA. Variables of the
/// client's environment take precedence over the system's own answer.
/// </summary>
internal static class UserFolders
{
    private static readonly string[] Variables = OperatingSystem.IsWindows()
        ? ["HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME"]
        : ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"];

    /// <summary>
    /// The user's home folder. On Windows, HOME is not used; only tools of Unix origin set it there, see
    /// <see cref="HomesOfUnixTools"/>.
    /// </summary>
    public static string Home(Func<string, string?> environment) =>
        Known(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME", environment, Environment.SpecialFolder.UserProfile);

    /// <summary>The home folders of curl and git, in their order: on Windows, HOME comes first if it is set.</summary>
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
    /// The folder for <c>wisehub login</c>: that of <see cref="Configuration"/>; on Windows <c>%LOCALAPPDATA%\wisehub-login</c>,
    /// because %APPDATA% is copied to other machines and to file servers, and <c>%LOCALAPPDATA%\wisehub</c> is the cache, which
    /// may be deleted.
    /// </summary>
    public static string Logins(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? Path.Combine(LocalData(environment), "wisehub-login") : Configuration(environment);

    /// <summary>
    /// The parent folder of programs' caches: <c>$XDG_CACHE_HOME</c>, else <c>~/.cache</c>; on Windows <c>%LOCALAPPDATA%</c>.
    /// </summary>
    public static string Caches(Func<string, string?> environment) =>
        OperatingSystem.IsWindows() ? LocalData(environment)
        : UserPath.OfXdg("XDG_CACHE_HOME", environment) ?? Path.Combine(Home(environment), ".cache");

    /// <summary>Makes a started process find the same folders as the client.</summary>
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
