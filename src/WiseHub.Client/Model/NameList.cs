namespace WiseHub.Client;

/// <summary>Lists of names in messages. A person reads a few of them; a log has all.</summary>
public static class NameList
{
    // Enough to recognize a pattern, and few enough for a line.
    private const int Shown = 5;

    /// <summary>For example <c>a, b, c, d, e and 995 more</c>.</summary>
    public static string Some(IReadOnlyCollection<string> names) => !IsLong(names) ? string.Join(", ", names)
        : (Text)$"{string.Join(", ", names.Take(Shown))} and {names.Count - Shown} more";

    /// <summary>
    /// All names, one a line, for <see cref="HubException.Details"/>; null if <see cref="Some"/> shows all of them.
    /// </summary>
    public static string? All(IReadOnlyCollection<string> names) => IsLong(names) ? string.Join('\n', names) : null;

    // The last name is shorter than "and 1 more".
    private static bool IsLong(IReadOnlyCollection<string> names) => names.Count > Shown + 1;
}
