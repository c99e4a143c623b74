using System.Text;

namespace WiseHub.Client;

/// <summary>
/// Selects files of a commit by fnmatch patterns, as in Python's <c>fnmatch</c> (case-sensitive, for the whole path, and
/// <c>*</c> crosses <c>/</c>). A file is selected if no allow pattern is given or one matches, and no ignore pattern matches.
/// </summary>
public sealed class FileSelection : IEquatable<FileSelection>
{
    /// <summary>Every file.</summary>
    public static readonly FileSelection All = new([], []);

    private readonly Lazy<Glob[]> _allow;
    private readonly Lazy<Glob[]> _ignore;

    /// <summary>
    /// Makes a selection. Backslashes become slashes, a pattern ending in <c>/</c> gets a <c>*</c>, and empty patterns are
    /// dropped.
    /// </summary>
    public FileSelection(IEnumerable<string> allow, IEnumerable<string> ignore)
    {
        Allow = Normalise(allow);
        Ignore = Normalise(ignore);
        _allow = new(() => [.. Allow.Select(p => new Glob(p))]);
        _ignore = new(() => [.. Ignore.Select(p => new Glob(p))]);
    }

    /// <summary>Allow patterns, sorted.</summary>
    public IReadOnlyList<string> Allow { get; }

    /// <summary>Ignore patterns, sorted.</summary>
    public IReadOnlyList<string> Ignore { get; }

    /// <summary>True when every file is selected.</summary>
    public bool IsAll => Allow.Count == 0 && Ignore.Count == 0;

    /// <summary>
    /// A text that is the same for equal selections only, for names on disk. Unlike <see cref="ToString"/> it never changes
    /// between versions: each pattern after a <c>+</c> (allow) or <c>-</c> (ignore), with a NUL at its end.
    /// </summary>
    internal string Key => string.Concat(Allow.Select(p => $"+{p}\0").Concat(Ignore.Select(p => $"-{p}\0")));

    /// <summary>Checks whether a path in the repo is selected.</summary>
    public bool Matches(string path)
    {
        if (IsAll)
            return true;
        Rune[] runes = [.. path.EnumerateRunes()];
        return (Allow.Count == 0 || Array.Exists(_allow.Value, g => g.Matches(runes)))
            && !Array.Exists(_ignore.Value, g => g.Matches(runes));
    }

    /// <summary>A pattern that matches exactly one path.</summary>
    public static string Literal(string path) =>
        path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal)
            .Replace("?", "[?]", StringComparison.Ordinal);

    /// <inheritdoc/>
    public bool Equals(FileSelection? other) =>
        other is not null && Allow.SequenceEqual(other.Allow) && Ignore.SequenceEqual(other.Ignore);

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
}
