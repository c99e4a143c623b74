using System.Text.RegularExpressions;

namespace WiseHub.Testing;

/// <summary>Texts with paths, as they would be on every system, so that a test can state them once.</summary>
public static class PortablePaths
{
    /// <summary>Shows a folder (or any other text) under a name, and what follows it in the same path with <c>/</c>.</summary>
    public static string Hide(string text, string hidden, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.Contains(hidden, StringComparison.Ordinal))
            return text;
        text = text.Replace(hidden, name, StringComparison.Ordinal);
        // On Unix a backslash is a character of a name.
        return OperatingSystem.IsWindows() && Path.IsPathRooted(hidden) ? ShowWithSlashes(text, name) : text;
    }

    /// <summary>Replaces <c>\</c> by <c>/</c> in every path that begins with a text.</summary>
    internal static string ShowWithSlashes(string text, string start) =>
        Regex.Replace(text, Regex.Escape(start) + RestOfPath, m => m.Value.Replace('\\', '/'), RegexOptions.CultureInvariant);

    // A path ends where a sentence, a quotation or a list goes on. Blanks end it too: no test has them below a hidden folder.
    private const string RestOfPath = @"[^\s'"":;,<>|*?]*";
}
