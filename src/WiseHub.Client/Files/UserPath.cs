using WiseHub.Client.Files;

namespace WiseHub.Client;

/// <summary>
/// Paths that people write into variables, properties, options and configuration. No shell has been there to expand <c>~</c>, and
/// programs that share a setting run in different folders; a path must mean one place to all of them.
/// </summary>
public static class UserPath
{
    /// <summary>The absolute path of what a person wrote.</summary>
    /// <param name="path">Absolute, relative, or below <c>~</c>, the user's home folder.</param>
    /// <param name="folder">The absolute folder that relative paths are relative to.</param>
    /// <param name="environment">Reads an environment variable; null = those of the process.</param>
    /// <exception cref="HubException">WISE1070: <c>~name</c>, which is the home folder of somebody else.</exception>
    public static string Resolve(string path, string folder, Func<string, string?>? environment = null) =>
        Path.GetFullPath(ExpandHome(path, $"The path '{path}'", environment ?? Environment.GetEnvironmentVariable), folder);

    /// <summary>The path in an environment variable.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="expand">What else the owner of the variable expands in its text.</param>
    /// <returns>An absolute path; null when the variable is not set or blank.</returns>
    /// <exception cref="HubException">
    /// WISE1070: it is relative. Tool and tasks run in different folders, so that it would be another place for each of them.
    /// </exception>
    internal static string? Of(string variable, Func<string, string?> environment, Func<string, string>? expand = null)
    {
        if (environment(variable) is not string text || string.IsNullOrWhiteSpace(text))
            return null;
        string path = ExpandHome(expand?.Invoke(text) ?? text,
            $"The environment variable {variable} is '{text}', which", environment);
        return Path.IsPathFullyQualified(path) ? Path.GetFullPath(path)
            : throw new HubException(WiseCodes.UnusablePath,
                $"The environment variable {variable} is '{text}', a relative path. It would be another folder for each program "
                + "that reads it. Set an absolute path, or one that begins with ~/.");
    }

    /// <summary>
    /// A variable of the XDG base directory specification (https://specifications.freedesktop.org/basedir-spec/): a path that is
    /// not absolute is ignored.
    /// </summary>
    internal static string? OfXdg(string variable, Func<string, string?> environment) =>
        environment(variable) is { Length: > 0 } path && Path.IsPathFullyQualified(path) ? path : null;

    private static string ExpandHome(string path, string what, Func<string, string?> environment)
    {
        if (!path.StartsWith('~'))
            return path;
        if (path.Length == 1)
            return UserFolders.Home(environment);
        // A backslash is part of a name on Unix.
        if (path[1] == Path.DirectorySeparatorChar || path[1] == Path.AltDirectorySeparatorChar)
            return Path.Join(UserFolders.Home(environment), path.AsSpan(2));
        throw new HubException(WiseCodes.UnusablePath,
            $"{what} begins with '~' and a name, and only '~/', the home folder of this user, is known. "
            + "Write the absolute path, or './~…' for a file of that name.");
    }
}
