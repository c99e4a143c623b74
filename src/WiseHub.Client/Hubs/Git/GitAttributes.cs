using System.Text;
using System.Text.RegularExpressions;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of a commit that its <c>.gitattributes</c> files assign to LFS (https://git-scm.com/docs/gitattributes).
/// </summary>
internal sealed class GitAttributes
{
    public const string FileName = ".gitattributes";

    /// <summary>Patterns are untrusted input. A usual file has a few dozen of them.</summary>
    public const int MaxBytes = 256 << 10;

    private sealed record Rule(string Folder, bool OnName, Regex Pattern, bool IsLfs);

    private readonly List<Rule> _rules = [];

    /// <summary>Adds a file. Outer folders must come first, because inner ones take precedence.</summary>
    /// <param name="path">Its path in the repo.</param>
    /// <param name="text">Its text.</param>
    public void Add(string path, string text)
    {
        string folder = path[..^FileName.Length];
        foreach (string line in text.Split('\n'))
        {
            (string pattern, string[] attributes) = Split(line.Trim());
            string? filter = Array.FindLast(attributes,
                a => a.StartsWith("filter=", StringComparison.Ordinal) || a is "-filter" or "!filter" or "filter");
            // A pattern of a folder matches no file, and git forbids those that begin with '!'.
            if (filter is null || pattern.Length == 0 || pattern[0] is '!' || pattern[^1] == '/'
                || pattern.StartsWith("[attr]", StringComparison.Ordinal))
                continue;
            bool onName = !pattern.Contains('/', StringComparison.Ordinal);
            if (ToRegex(pattern.TrimStart('/')) is Regex regex)
                _rules.Add(new Rule(folder, onName, regex, filter == "filter=lfs"));
        }
    }

    /// <returns>Null if no rule matches the path.</returns>
    public bool? IsLfs(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return _rules.FindLast(r => path.StartsWith(r.Folder, StringComparison.Ordinal)
            && r.Pattern.IsMatch(r.OnName ? name : path[r.Folder.Length..]))?.IsLfs;
    }

    // A pattern with spaces is quoted, with escapes as in C.
    private static (string Pattern, string[] Attributes) Split(string line)
    {
        if (line.Length == 0 || line[0] == '#')
            return ("", []);
        var pattern = new StringBuilder();
        int at = 0;
        if (line[0] == '"')
        {
            for (at = 1; at < line.Length && line[at] != '"'; at++)
            {
                // Of the escapes, only those of '"' and '\' occur in usual names.
                if (line[at] == '\\' && at + 1 < line.Length && line[at + 1] is '"' or '\\')
                    at++;
                pattern.Append(line[at]);
            }
            at++;
        }
        else
        {
            for (; at < line.Length && !char.IsWhiteSpace(line[at]); at++)
                pattern.Append(line[at]);
        }
        return (pattern.ToString(),
            at < line.Length ? line[at..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : []);
    }

    private static Regex? ToRegex(string pattern)
    {
        var regex = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            string rest = pattern[i..];
            if (rest.StartsWith("**/", StringComparison.Ordinal) && (i == 0 || pattern[i - 1] == '/'))
            {
                regex.Append("(.*/)?");
                i += 2;
            }
            else if (rest == "**" && i > 0 && pattern[i - 1] == '/')
            {
                regex.Append(".+");
                i++;
            }
            else if (rest[0] == '*')
                regex.Append("[^/]*");
            else if (rest[0] == '?')
                regex.Append("[^/]");
            else if (rest[0] == '\\' && rest.Length > 1)
                regex.Append(Regex.Escape(pattern[++i].ToString()));
            else if (rest[0] == '[' && rest.IndexOf(']', Math.Min(rest.Length, 2)) is > 0 and int end)
            {
                string set = rest[1..end].Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("[", "\\[", StringComparison.Ordinal);
                regex.Append('[').Append(set[0] is '!' or '^' ? "^" + set[1..] : set).Append(']');
                i += end;
            }
            else
                regex.Append(Regex.Escape(rest[0].ToString()));
        }
        try
        {
            // Without backtracking: an untrusted pattern must not take exponential time.
            return new Regex(regex.Append("\\z").ToString(),
                RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            // A set such as [z-a], which matches nothing in git.
            return null;
        }
    }
}
