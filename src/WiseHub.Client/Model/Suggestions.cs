namespace WiseHub.Client;

/// <summary>
/// Finds what a mistyped name probably means, for the messages about unknown commands, options, keys, hubs and metadata.
/// </summary>
public static class Suggestions
{
    // The longest name that is compared. The work grows with the product of both lengths, and given names may be hostile.
    private const int MostLength = 100;

    // Fewer letters are the beginning of too many names.
    private const int LeastPrefix = 2;

    /// <summary>
    /// The known name that is nearest to a given one. Upper and lower case count as equal. Inserted, missing, wrong and swapped
    /// neighbouring characters each count as one difference (optimal string alignment). A name is near if at most about a third
    /// of its characters differ, or if it begins with the given text.
    /// </summary>
    /// <param name="given">The name that is not known. Leading dashes, as options have them, are no part of its length.</param>
    /// <param name="known">The known names. Of two equally near ones the first is returned.</param>
    /// <returns>One of <paramref name="known"/>; null if none is near, or if the given name is longer than 100.</returns>
    public static string? Nearest(string given, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(known);
        if (given.Length > MostLength)
            return null;
        int letters = Letters(given);
        string? nearest = null;
        int smallest = int.MaxValue;
        foreach (string name in known)
        {
            if (name.Length > MostLength)
                continue;
            int distance = Distance(given, name);
            // A third, rounded so that one mistake is allowed in two characters, two in five, and three in eight.
            bool isNear = letters > 0 && distance <= (Math.Max(letters, Letters(name)) + 1) / 3;
            bool isBeginning = letters >= LeastPrefix && name.StartsWith(given, StringComparison.OrdinalIgnoreCase);
            if ((isNear || isBeginning) && distance < smallest)
                (nearest, smallest) = (name, distance);
        }
        return nearest;
    }

    /// <summary>A sentence with a space before it, for example <c> Did you mean 'main'?</c>; empty without a name.</summary>
    /// <param name="nearest">What <see cref="Nearest"/> returned.</param>
    public static string Sentence(string? nearest) => nearest is null ? "" : (Text)$" Did you mean '{nearest}'?";

    private static int Letters(string name) => name.AsSpan().TrimStart('-').Length;

    // Optimal string alignment: the Levenshtein distance with swaps of two neighbours, in three rows of its table.
    private static int Distance(string a, string b)
    {
        Span<int> rows = stackalloc int[3 * (MostLength + 1)];
        Span<int> before = rows[..(b.Length + 1)];
        Span<int> last = rows.Slice(MostLength + 1, b.Length + 1);
        Span<int> row = rows.Slice(2 * (MostLength + 1), b.Length + 1);
        for (int j = 0; j <= b.Length; j++)
            last[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            Span<int> free = before;
            before = last;
            last = row;
            row = free;
        }
        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
