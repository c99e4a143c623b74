using System.Globalization;
using System.Net;
using System.Text;

namespace WiseHub.Benchmarks.Reporting;

/// <summary>
/// Bars of the medians with whiskers from the lowest to the highest, one panel for each table, each with its own scale.
/// </summary>
internal static class Plot
{
    private const int Width = 900, NameWidth = 300, ValueWidth = 90, RowHeight = 20, TitleHeight = 34, Margin = 16;

    // No background: the text must be readable on a light and on a dark page.
    private const string Style = """
        <style>
          text { font: 12px system-ui, sans-serif; fill: #24292f }
          .title { font-weight: 600; font-size: 14px }
          .ours { fill: #2563eb } .peer { fill: #9ca3af } .limit { fill: #d1d5db }
          .whisker { stroke: #24292f; stroke-width: 1 }
          @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .whisker { stroke: #e6edf3 } .limit { fill: #4b5563 } }
        </style>
        """;

    public static string Draw(IReadOnlyList<Section> sections)
    {
        var body = new StringBuilder();
        double y = Margin;
        foreach (Section section in sections)
        {
            Row[] rows = [.. section.Rows.Where(r => r.Seconds is not null)];
            if (rows.Length == 0)
                continue;
            y += TitleHeight;
            body.Append(CultureInfo.InvariantCulture,
                $"<text class=\"title\" x=\"{Margin}\" y=\"{y - 12}\">{WebUtility.HtmlEncode(section.Title)}</text>\n");
            // The time without a start may be negative.
            double scale = (Width - 2 * Margin - NameWidth - ValueWidth) / rows.Max(r => Math.Max(r.Seconds!.High, 1e-6));
            foreach (Row row in rows)
            {
                AppendRow(body, row, y, scale);
                y += RowHeight;
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" "
            + $"height=\"{y + Margin}\" viewBox=\"0 0 {Width} {y + Margin}\">\n{Style}\n{body}</svg>\n");
    }

    private static void AppendRow(StringBuilder body, Row row, double y, double scale)
    {
        double left = Margin + NameWidth, middle = y + RowHeight / 2.0;
        double Length(double seconds) => Math.Round(Math.Max(0, seconds) * scale, 1);
        body.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{left - 8}\" y=\"{middle + 4}\" text-anchor=\"end\">{WebUtility.HtmlEncode(row.Name)}</text>\n");
        body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{Class(row.Kind)}\" x=\"{left}\" y=\"{y + 3}\" "
            + $"width=\"{Length(row.Seconds!.Median)}\" height=\"{RowHeight - 6}\"/>\n");
        body.Append(CultureInfo.InvariantCulture, $"<line class=\"whisker\" x1=\"{left + Length(row.Seconds.Low)}\" "
            + $"x2=\"{left + Length(row.Seconds.High)}\" y1=\"{middle}\" y2=\"{middle}\"/>\n");
        body.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{left + Length(row.Seconds.High) + 6}\" y=\"{middle + 4}\">{Report.Time(row.Seconds.Median)}</text>\n");
    }

    private static string Class(Kind kind) => kind switch
    {
        Kind.Ours => "ours",
        Kind.Peer => "peer",
        _ => "limit",
    };
}
