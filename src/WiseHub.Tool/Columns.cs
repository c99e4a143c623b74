using System.Text;
using Spectre.Console.Rendering;

namespace WiseHub.Tool;

/// <summary>Lays out text by the columns of a terminal, of which a Chinese character takes two.</summary>
internal static class Columns
{
    // They end what is before them, so no line begins with one.
    private const string Closing = "，。；：、！？）”’》」』】";

    /// <summary>The number of columns of a text without control characters.</summary>
    public static int Of(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();

    public static string PadRight(string text, int columns) => text + Spaces(columns - Of(text));

    public static string PadLeft(string text, int columns) => Spaces(columns - Of(text)) + text;

    /// <summary>
    /// Splits text into lines of at most a number of columns, at spaces and beside Chinese characters. A longer word is a line of
    /// its own.
    /// </summary>
    public static List<string> Wrap(string text, int columns)
    {
        var lines = new List<string>();
        string line = "";
        foreach ((string part, bool isSpaced) in Parts(text))
        {
            string longer = line.Length == 0 ? part : isSpaced ? line + ' ' + part : line + part;
            if (line.Length > 0 && Of(longer) > columns)
            {
                lines.Add(line);
                longer = part;
            }
            line = longer;
        }
        if (line.Length > 0)
            lines.Add(line);
        return lines;
    }

    // What stays on one line, and whether a space is before it.
    private static IEnumerable<(string Part, bool IsSpaced)> Parts(string text)
    {
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isSpaced = true;
            int start = 0;
            for (int i = 1; i <= word.Length; i++)
            {
                if (i < word.Length && !IsBreak(word[i - 1], word[i]))
                    continue;
                yield return (word[start..i], isSpaced);
                (start, isSpaced) = (i, false);
            }
        }
    }

    private static bool IsBreak(char before, char after) =>
        (IsWide(before) || IsWide(after)) && !Closing.Contains(after, StringComparison.Ordinal);

    private static bool IsWide(char c) => c >= '\u1100' && Of(c.ToString()) == 2;

    private static string Spaces(int count) => new(' ', Math.Max(count, 0));
}
