using WiseHub.Client.Files;

namespace WiseHub.Client;

/// <summary>
/// Paths that users write in variables, properties, options and configuration. No shell expanded <c>~</c> in them, and
/// programs that share a setting run in different folders; a path must mean the same place to all of them.
/// </summary>
public static class UserPath
{
    /// <summary>The absolute path for a path written by a user.</summary>
    /// <param name="path">Absolute, relative, or below <c>~</c>, the user's home folder.</param>
    /// <param name="folder">The absolute folder that a relative path starts from.</param>
    /// <param name="environment">Reads an environment variable; null = those of the process.</param>
    /// <exception cref="HubException">WISE1070: <c>~name</c>, the home folder of another user.</exception>
    public static string Resolve(string path, string folder, Func<string, string?>? environment = null) =>
        Path.GetFullPath(
            ExpandHome(path, FileMessages.PathAsWritten(path), environment ?? Environment.GetEnvironmentVariable), folder);

    /// <summary>The path in an environment variable.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="expand">Expands further syntax allowed by the owner of the variable.</param>
    /// <returns>An absolute path; null if the variable is unset or blank.</returns>
    /// <exception cref="HubException">
    /// WISE1070: the path is relative. The tool and the tasks run in different folders, so it would mean a different place for
    /// each.
    /// </exception>
    internal static string? Of(string variable, Func<string, string?> environment, Func<string, string>? expand = null)
    {
        if (environment(variable) is not string text || string.IsNullOrWhiteSpace(text))
            return null;
        string path = ExpandHome(expand?.Invoke(text) ?? text, FileMessages.PathInVariable(variable, text), environment);
        return Path.IsPathFullyQualified(path) ? Path.GetFullPath(path) : throw FileMessages.RelativePath(variable, text);
    }

    /// <summary>
    /// The path in a variable of the XDG base directory specification (https://specifications.freedesktop.org/basedir-spec/),
    /// which ignores relative paths.
    /// </summary>
    internal static string? OfXdg(string variable, Func<string, string?> environment) =>
        environment(variable) is { Length: > 0 } path && Path.IsPathFullyQualified(path) ? path : null;

    private static string ExpandHome(string path, string what, Func<string, string?> environment)
    {
        if (!path.StartsWith('~'))
            return path;
        if (path.Length == 1)
            return UserFolders.Home(environment);
        // On Unix, a backslash is part of a name.
        if (path[1] == Path.DirectorySeparatorChar || path[1] == Path.AltDirectorySeparatorChar)
            return Path.Join(UserFolders.Home(environment), path.AsSpan(2));
        throw FileMessages.HomeOfAnotherUser(what);
    }
}
