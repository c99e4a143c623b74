namespace WiseHub.Client;

/// <summary>Where the user keeps things on this machine.</summary>
internal static class UserFolders
{
    public static string Home(Func<string, string?> environment) =>
        environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    /// <summary>
    /// The folder of the user's own <c>wisehub.json</c> and of what <c>wisehub login</c> stores: <c>$XDG_CONFIG_HOME/wisehub</c>, else
    /// <c>~/.config/wisehub</c>; on Windows <c>%APPDATA%\wisehub</c>.
    /// </summary>
    public static string Configuration(Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "wisehub");
        // The XDG base directory specification: a path that is not absolute is ignored.
        return environment("XDG_CONFIG_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg) ? Path.Combine(xdg, "wisehub")
            : Path.Combine(Home(environment), ".config", "wisehub");
    }
}
