using System.Text;
using System.Text.RegularExpressions;

namespace WiseHub.Client;

/// <summary>
/// Which files of a commit are wanted: fnmatch patterns as in Python's <c>fnmatch</c> (case-sensitive, anchored to the whole
/// path, <c>*</c> crosses <c>/</c>). A file is kept if there is no allow pattern or one matches, and no ignore pattern matches.
/// </summary>
public sealed class FileSelection : IEquatable<FileSelection>
{
    /// <summary>Every file.</summary>
    public static readonly FileSelection All = new([], []);

    private readonly Lazy<Regex?> _allow;
    private readonly Lazy<Regex?> _ignore;

    /// <summary>Makes a selection. Backslashes become slashes, a pattern that ends in <c>/</c> gets <c>*</c>, empty ones are dropped.</summary>
    public FileSelection(IEnumerable<string> allow, IEnumerable<string> ignore)
    {
        Allow = Normalise(allow);
        Ignore = Normalise(ignore);
        _allow = new(() => Compile(Allow));
        _ignore = new(() => Compile(Ignore));
    }

    /// <summary>Allow patterns, sorted.</summary>
    public IReadOnlyList<string> Allow { get; }

    /// <summary>Ignore patterns, sorted.</summary>
    public IReadOnlyList<string> Ignore { get; }

    /// <summary>True when every file is selected.</summary>
    public bool IsAll => Allow.Count == 0 && Ignore.Count == 0;

    /// <summary>Says whether a path of the repo is selected.</summary>
    public bool Matches(string path) =>
        (_allow.Value is null || _allow.Value.IsMatch(path)) && !(_ignore.Value is not null && _ignore.Value.IsMatch(path));

    /// <summary>The pattern that matches exactly one path.</summary>
    public static string Literal(string path) =>
        path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(FileSelection? other) => other is not null && Allow.SequenceEqual(other.Allow) && Ignore.SequenceEqual(other.Ignore);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FileSelection);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() =>
        IsAll ? "all files" : string.Join(";", Allow) + (Ignore.Count == 0 ? "" : " without " + string.Join(";", Ignore));

    private static string[] Normalise(IEnumerable<string> patterns) =>
        [.. patterns.Select(p => p.Trim().Replace('\\', '/')).Where(p => p.Length > 0)
            .Select(p => p.EndsWith('/') ? p + "*" : p).Distinct(StringComparer.Ordinal).Order(Utf8Ordinal.Instance)];

    // NonBacktracking: a pattern is a user's text, and matching must stay linear in the length of a hostile file name.
    private static Regex? Compile(IReadOnlyList<string> patterns) =>
        patterns.Count == 0
            ? null
            : new Regex($"\\A(?:{string.Join('|', patterns.Select(Translate))})\\z",
                RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*': regex.Append(".*"); break;
                case '?': regex.Append('.'); break;
                case '[' when FindClassEnd(pattern, i) is int end and > 0:
                    string body = pattern[(i + 1)..end];
                    bool negated = body.StartsWith('!');
                    string members = (negated ? body[1..] : body).Replace(@"\", @"\\", StringComparison.Ordinal)
                        .Replace("[", @"\[", StringComparison.Ordinal).Replace("]", @"\]", StringComparison.Ordinal)
                        .Replace("^", @"\^", StringComparison.Ordinal);
                    regex.Append(negated ? "[^" : "[").Append(members).Append(']');
                    i = end;
                    break;
                case char c: regex.Append(Regex.Escape(c.ToString())); break;
            }
        }
        return regex.ToString();
    }

    // As in Python: "]" directly after "[" or "[!" is a member; without a closing bracket "[" is itself.
    private static int FindClassEnd(string pattern, int open)
    {
        int from = open + 1;
        if (from < pattern.Length && pattern[from] == '!') from++;
        if (from < pattern.Length && pattern[from] == ']') from++;
        return pattern.IndexOf(']', Math.Min(from, pattern.Length));
    }
}
