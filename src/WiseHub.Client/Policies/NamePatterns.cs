using System.Text;

namespace WiseHub.Client.Policies;

/// <summary>Patterns of names with <c>*</c>, <c>?</c> and <c>[…]</c>, which ignore case.</summary>
internal sealed class NamePatterns(IReadOnlyList<string> patterns)
{
    private readonly Glob[] _globs = [.. patterns.Select(p => new Glob(Folded(p)))];

    /// <summary>No patterns.</summary>
    public static NamePatterns None { get; } = new([]);

    /// <summary>True without a pattern.</summary>
    public bool IsEmpty => _globs.Length == 0;

    /// <summary>The patterns as written.</summary>
    public IReadOnlyList<string> Patterns => patterns;

    /// <summary>True if one of the patterns matches the whole name.</summary>
    public bool Matches(string name)
    {
        Rune[] runes = [.. Folded(name).EnumerateRunes()];
        return Array.Exists(_globs, g => g.Matches(runes));
    }

    // Hubs write SPDX identifiers in lower case, and treat names of repos without regard to case.
    // CA1308: upper case would change letters without a counterpart.
#pragma warning disable CA1308
    private static string Folded(string name) => name.ToLowerInvariant();
#pragma warning restore CA1308
}
