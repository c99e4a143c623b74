using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Tables of the repository's pages.</summary>
internal static class MarkdownTable
{
    /// <summary>
    /// The names in the first column of the table whose head begins so, without markup; a cell may hold several.
    /// </summary>
    public static IReadOnlyList<string> FirstColumn(string page, string head) =>
        [.. File.ReadLines(RepoFiles.At(page)).SkipWhile(l => !l.StartsWith(head, StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|')).SelectMany(l => l.Split('|')[1].Split(',')).Select(c => c.Trim(' ', '`'))];
}
