using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A fenced block of a Markdown page. The comment before the fence names the test that runs it.</summary>
/// <param name="Page">The page's path below the repository.</param>
/// <param name="Line">Where the fence begins.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Mark">What <c>&lt;!-- test: … --&gt;</c> before the fence says; null without one.</param>
/// <param name="Text">The content.</param>
internal sealed partial record Snippet(string Page, int Line, string Language, string? Mark, string Text)
{
    /// <summary>The snippet of that name, wherever it stands.</summary>
    public static Snippet Named(string mark) => Pages.All.SelectMany(ReadAll).First(s => s.Mark == mark);

    public static IReadOnlyList<Snippet> ReadAll(string page)
    {
        var snippets = new List<Snippet>();
        string[] lines = File.ReadAllLines(RepoFiles.At(page));
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith("```", StringComparison.Ordinal))
                continue;
            int end = Array.IndexOf(lines, "```", i + 1);
            Match mark = TestMark().Match(i == 0 ? "" : lines[i - 1]);
            snippets.Add(new Snippet(page, i + 1, lines[i][3..], mark.Success ? mark.Groups[1].Value : null,
                string.Concat(lines[(i + 1)..end].Select(l => l + "\n"))));
            i = end;
        }
        return snippets;
    }

    [GeneratedRegex(@"\A<!-- test: ([a-z-]+) -->\z")]
    private static partial Regex TestMark();
}
