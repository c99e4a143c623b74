using System.Globalization;
using System.Text;

namespace WiseHub.Build;

/// <summary>C# source text with blocks and indentation.</summary>
internal sealed class CodeText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Adds a line, or an empty one.</summary>
    public CodeText Line(string text = "")
    {
        if (text.Length > 0)
            _text.Append(' ', 4 * _depth).Append(text);
        _text.Append('\n');
        return this;
    }

    /// <summary>Adds lines that are written without the indentation of the current block.</summary>
    public CodeText Lines(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            // Directives of the preprocessor stand in the first column.
            if (line.StartsWith('#'))
                _text.Append(line).Append('\n');
            else
                Line(line);
        }
        return this;
    }

    /// <summary>Begins a block.</summary>
    public CodeText Open(string header)
    {
        Line(header).Line("{");
        _depth++;
        return this;
    }

    /// <summary>Ends a block.</summary>
    public CodeText Close()
    {
        _depth--;
        return Line("}");
    }

    /// <summary>Adds a documentation comment with a summary.</summary>
    public CodeText Summary(string text) => Line($"/// <summary>{Xml(text)}</summary>");

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>A string literal. Everything but plain ASCII is escaped, so a file name cannot end the literal.</summary>
    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c is >= ' ' and <= '~' and not '"' and not '\\')
                literal.Append(c);
            else
                literal.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return literal.Append('"').ToString();
    }

    // A name from a hub cannot end the comment, and no character of it starts a new line for the compiler.
    private static string Xml(string text) =>
        string.Concat(text.Select(c => c switch
        {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\u2028' or '\u2029' => "?",
            _ when char.IsControl(c) || char.IsSurrogate(c) => "?",
            _ => c.ToString()
        }));
}
