namespace WiseHub.Client;

/// <summary>
/// Orders strings by their UTF-8 bytes, which is the order of code points, so that files are sorted equally in every culture.
/// </summary>
internal sealed class Utf8Ordinal : IComparer<string>
{
    public static readonly Utf8Ordinal Instance = new();

    /// <summary>Sorts a list by a path of its items. An already sorted list, such as in our lock files, takes one pass.</summary>
    public static void Sort<T>(List<T> items, Func<T, string> path)
    {
        for (int i = 1; i < items.Count; i++)
        {
            if (Instance.Compare(path(items[i - 1]), path(items[i])) > 0)
            {
                items.Sort((a, b) => Instance.Compare(path(a), path(b)));
                return;
            }
        }
    }

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        int shared = x.AsSpan().CommonPrefixLength(y);
        if (shared == x.Length || shared == y.Length)
            return x.Length.CompareTo(y.Length);
        (char a, char b) = (x[shared], y[shared]);
        // UTF-16 puts surrogates (code points above U+FFFF) before U+E000..U+FFFF; UTF-8 puts them last.
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }
}
