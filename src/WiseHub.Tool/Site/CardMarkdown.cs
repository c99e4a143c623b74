using System.Text;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Extensions.Tables;
using Markdig.Helpers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Renderers.Html.Inlines;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace WiseHub.Tool.Site;

/// <summary>
/// The Markdown of a card as HTML. It is the text of strangers: HTML in it stays text, a link leads only to the web, to a heading
/// of the card or to a file of the repo, and nothing is loaded.
/// </summary>
internal static class CardMarkdown
{
    /// <summary>The beginning of the ids of headings, so that none is an id of the page.</summary>
    public const string IdPrefix = "card-";

    // Within these limits, the worst of 70 hostile texts took 3 s; without, some took minutes or all memory. A long card with
    // many tables has a fifth of them.
    private const int MostCharacters = 256 << 10;
    private const int MostCells = 50_000;
    private const int MostDefinitions = 2_000;
    private const long MostBracketSteps = 100_000_000;

    private const int SummaryLength = 200;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UsePipeTables().UseTaskLists()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough).UseAutoLinks().Build();

    /// <param name="markdown">The text.</param>
    /// <param name="linkToFile">The link to a file of the repo, by its path; null if there is no such file.</param>
    /// <returns>The HTML, and the first paragraph as text; null if the text is too large or too nested to be formatted.</returns>
    public static (Markup Html, string Summary)? Render(string markdown, Func<string, string?> linkToFile)
    {
        string text = HtmlText.Visible(markdown);
        if (IsTooLarge(text))
            return null;
        try
        {
            MarkdownDocument document = Markdown.Parse(text, Pipeline);
            NameHeadings(document);
            AlignCells(document);
            using var writer = new StringWriter { NewLine = "\n" };
            var renderer = new HtmlRenderer(writer);
            Pipeline.Setup(renderer);
            renderer.ObjectRenderers.ReplaceOrAdd<LinkInlineRenderer>(new LinkRenderer(linkToFile));
            renderer.ObjectRenderers.ReplaceOrAdd<AutolinkInlineRenderer>(new AutolinkRenderer());
            renderer.ObjectRenderers.ReplaceOrAdd<HtmlTableRenderer>(new TableRenderer());
            renderer.Render(document);
            return (new Markup(writer.ToString()), SummaryOf(document));
        }
        catch (ArgumentException)
        {
            // Markdig's limit of nesting. The page shows the text itself instead.
            return null;
        }
    }

    // Some constructs take time that grows with the square of their number. A block is what stands between empty lines.
    private static bool IsTooLarge(string text)
    {
        if (text.Length > MostCharacters)
            return true;
        long cells = 0, steps = 0;
        int definitions = 0, lines = 0, bars = 0, brackets = 0, characters = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.IsWhiteSpace())
            {
                EndBlock();
                continue;
            }
            lines++;
            characters += line.Length;
            bars = Math.Max(bars, line.Count('|'));
            brackets += line.Count('[');
            if (line.TrimStart().StartsWith('[') && line.Contains("]:", StringComparison.Ordinal))
                definitions++;
        }
        EndBlock();
        return cells > MostCells || definitions > MostDefinitions || steps > MostBracketSteps;

        void EndBlock()
        {
            cells += bars == 0 ? 0 : (long)lines * (bars + 1);
            steps += (long)brackets * characters;
            (lines, bars, brackets, characters) = (0, 0, 0, 0);
        }
    }

    // The heading of the page is above those of the card.
    private static void NameHeadings(MarkdownDocument document)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (HeadingBlock heading in document.Descendants<HeadingBlock>())
        {
            heading.Level = Math.Min(heading.Level + 1, 6);
            string name = LinkHelper.UrilizeAsGfm(TextOf(heading.Inline)), id = name;
            for (int i = 1; name.Length > 0 && !taken.Add(id); i++)
                id = $"{name}-{i}";
            if (name.Length > 0)
                heading.GetAttributes().Id = IdPrefix + id;
        }
    }

    // The page allows no style attributes, so alignment and width become classes.
    private static void AlignCells(MarkdownDocument document)
    {
        foreach (Table table in document.Descendants<Table>())
        {
            foreach (TableRow row in table.OfType<TableRow>())
            {
                for (int i = 0; i < row.Count && i < table.ColumnDefinitions.Count; i++)
                {
                    if (table.ColumnDefinitions[i].Alignment is TableColumnAlign.Center or TableColumnAlign.Right)
                        row[i].GetAttributes().AddClass(
                            table.ColumnDefinitions[i].Alignment == TableColumnAlign.Center ? "center" : "right");
                }
            }
            foreach (TableColumnDefinition column in table.ColumnDefinitions)
                (column.Alignment, column.Width) = (null, 0);
        }
    }

    private static string SummaryOf(MarkdownDocument document)
    {
        // Badges are paragraphs of images alone.
        string text = document.OfType<ParagraphBlock>().Select(p => TextOf(p.Inline).Trim())
            .FirstOrDefault(t => t.Length > 0) ?? "";
        if (text.Length <= SummaryLength)
            return text;
        int end = text.LastIndexOf(' ', SummaryLength);
        if (end < SummaryLength / 2)
            end = SummaryLength;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + " …";
    }

    private static string TextOf(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        foreach (Inline inline in inlines?.Descendants() ?? [])
        {
            if (inline.FindParentOfType<LinkInline>().Any(l => l.IsImage))
                continue;
            _ = inline switch
            {
                LiteralInline literal => text.Append(literal.Content.AsSpan()),
                CodeInline code => text.Append(code.Content),
                LineBreakInline => text.Append(' '),
                HtmlEntityInline entity => text.Append(entity.Transcoded.AsSpan()),
                AutolinkInline link => text.Append(link.Url),
                _ => text,
            };
        }
        return text.ToString();
    }

    private static string? WebLink(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? uri)
            && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp) ? uri.AbsoluteUri : null;

    private static bool IsInLink(Inline inline) => inline.Parent?.FindParentOfType<LinkInline>().Any() == true;

    // A new window gets nothing from this page, and a search engine does not follow.
    private static void WriteOpening(HtmlRenderer renderer, string href) =>
        renderer.Write("<a href=\"").WriteEscape(href).Write(href.StartsWith('#') ? "\">"
            : "\" rel=\"nofollow noopener noreferrer\">");

    private sealed class LinkRenderer(Func<string, string?> linkToFile) : HtmlObjectRenderer<LinkInline>
    {
        protected override void Write(HtmlRenderer renderer, LinkInline link)
        {
            string? target = Target(link.GetDynamicUrl?.Invoke() ?? link.Url ?? "");
            // A link within a link would end the outer one.
            bool isLink = target is not null && !IsInLink(link);
            if (isLink)
                WriteOpening(renderer, target!);
            if (link.IsImage)
                renderer.Write("<span class=\"image\">").WriteEscape(SiteText.ImageMark);
            if (link.IsImage && link.FirstChild is null)
                renderer.WriteEscape(SiteText.ImageWithoutText);
            renderer.WriteChildren(link);
            if (link.IsImage)
                renderer.Write("</span>");
            if (isLink)
                renderer.Write("</a>");
        }

        private string? Target(string url)
        {
            if (url.StartsWith('#'))
                return url.Length > 1 ? "#" + IdPrefix + url[1..] : null;
            if (WebLink(url) is string web)
                return web;
            // The first part of ?download=true#L10 is the file.
            string path = url.Split('#', '?')[0];
            while (path.StartsWith("./", StringComparison.Ordinal))
                path = path[2..];
            return linkToFile(path) ?? linkToFile(Uri.UnescapeDataString(path));
        }
    }

    private sealed class AutolinkRenderer : HtmlObjectRenderer<AutolinkInline>
    {
        protected override void Write(HtmlRenderer renderer, AutolinkInline link)
        {
            string? target = link.IsEmail || IsInLink(link) ? null : WebLink(link.Url);
            if (target is not null)
                WriteOpening(renderer, target);
            renderer.WriteEscape(link.Url);
            if (target is not null)
                renderer.Write("</a>");
        }
    }

    // A wide table scrolls by itself, not with the page.
    private sealed class TableRenderer : HtmlTableRenderer
    {
        protected override void Write(HtmlRenderer renderer, Table table)
        {
            renderer.EnsureLine().Write("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"")
                .WriteEscape(SiteText.Table).Write("\">");
            base.Write(renderer, table);
            renderer.Write("</div>").EnsureLine();
        }
    }
}
