using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace WiseHub.Tool.Site;

/// <summary>A piece of HTML, as opposed to text.</summary>
internal readonly record struct Markup(string Html)
{
    public override string ToString() => Html;
}

/// <summary>
/// Collects HTML. In an interpolated string, the literal parts are HTML, and every value is text that is escaped, unless it is a
/// <see cref="Markup"/>.
/// </summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _html = new();

    public void Add(Handler html) => _html.Append(html.Html);

    public void Add(Markup html) => _html.Append(html.Html);

    /// <summary>The HTML of one interpolated string.</summary>
    public static Markup Of(Handler html) => new(html.Html.ToString());

    public Markup ToMarkup() => new(_html.ToString());

    public override string ToString() => _html.ToString();

    /// <summary>
    /// Text that looks like what it is: characters that reverse the order of others are shown by their numbers, and control
    /// characters are replaced.
    /// </summary>
    public static string Visible(string text)
    {
        if (!text.Any(c => IsReordering(c) || IsControl(c)))
            return text;
        var visible = new StringBuilder();
        foreach (char c in text)
        {
            if (IsReordering(c))
                visible.Append(CultureInfo.InvariantCulture, $"[U+{(int)c:X4}]");
            else
                visible.Append(IsControl(c) ? '\uFFFD' : c);
        }
        return visible.ToString();
    }

    // The embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX #9). Its plain marks stay: they have an
    // effect only beside them, and right-to-left texts use them.
    private static bool IsReordering(char c) => c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\r' or '\t');

    /// <summary>What the compiler makes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Handler(int literalLength, int formattedCount)
    {
        private const int LikelyValueLength = 16;

        public StringBuilder Html { get; } = new(literalLength + formattedCount * LikelyValueLength);

        public void AppendLiteral(string html) => Html.Append(html);

        public void AppendFormatted(Markup html) => Html.Append(html.Html);

        public void AppendFormatted(string? text)
        {
            foreach (char c in Visible(text ?? ""))
            {
                _ = c switch
                {
                    '&' => Html.Append("&amp;"),
                    '<' => Html.Append("&lt;"),
                    '>' => Html.Append("&gt;"),
                    '"' => Html.Append("&quot;"),
                    '\'' => Html.Append("&#39;"),
                    _ => Html.Append(c),
                };
            }
        }
    }
}
