using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>The card of a commit as a page shows it.</summary>
/// <param name="Data">The keys at its top.</param>
/// <param name="Html">Its text, or what is said in its place.</param>
/// <param name="Summary">The first paragraph; empty without one.</param>
internal sealed record SiteCard(CardData Data, Markup Html, string Summary)
{
    // Longer ones are data, not text; hubs do not show them either.
    private const int MostRead = 64 << 20;
    private const int MostShown = 1_000_000;

    /// <summary>The card among the files of a commit; null without one.</summary>
    public static TreeEntry? Find(MirrorCommit commit) =>
        commit.Entries.FirstOrDefault(f => f.Path == "README.md")
        ?? commit.Entries.Where(f => f.Path.Equals("README.md", StringComparison.OrdinalIgnoreCase))
            .OrderBy(f => f.Path, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Reads and formats the card of a commit.</summary>
    /// <param name="client">The client.</param>
    /// <param name="hub">The hub with the store.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="linkToFile">The link to a file, by its path.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<SiteCard> ReadAsync(
        HubClient client, string hub, MirrorCommit commit, Func<string, string?> linkToFile, CancellationToken cancel)
    {
        if (Find(commit) is not TreeEntry file)
            return Only(SiteText.NoCard);
        if (file.Size > MostRead)
            return Only(SiteText.CardTooLarge(ByteSize.Show(file.Size.Value)));
        return file.Sha256 is Digest digest
            && await client.Mirrors.ReadAsync(hub, digest, MostRead, cancel).ConfigureAwait(false) is byte[] content
            ? Format(content, linkToFile) : Only(SiteText.CardMissing);
    }

    /// <summary>Formats a card.</summary>
    public static SiteCard Format(byte[] content, Func<string, string?> linkToFile)
    {
        // A character that is cut in the middle would become a replacement character.
        int length = Math.Min(content.Length, MostShown);
        while (length < content.Length && length > 0 && (content[length] & 0xC0) == 0x80)
            length--;
        (CardData data, string markdown) = CardData.Split(Encoding.UTF8.GetString(content, 0, length));
        var html = new HtmlText();
        if (length < content.Length)
            html.Add($"<p class=\"note\">{SiteText.CardCut(ByteSize.Show(content.Length), ByteSize.Show(MostShown))}</p>\n");
        string summary = "";
        if (CardMarkdown.Render(markdown, linkToFile) is (Markup formatted, string first))
        {
            html.Add(formatted);
            summary = first;
        }
        else
        {
            html.Add($"<p class=\"note\">{SiteText.CardAsText}</p>\n<pre class=\"plain\">{markdown}</pre>\n");
        }
        return new SiteCard(data, html.ToMarkup(), summary);
    }

    private static SiteCard Only(string note) =>
        new(new CardData("", []), HtmlText.Of($"<p class=\"note\">{note}</p>\n"), "");

    /// <summary>The licenses that the card states.</summary>
    public IReadOnlyList<string> Licenses =>
        Data["license"] is ["other"] && Data["license_name"] is { Count: > 0 } names ? names : Data["license"];

    /// <summary>Tags and task.</summary>
    public IEnumerable<string> Tags => Data["pipeline_tag"].Concat(Data["task_categories"]).Concat(Data["tags"])
        .Where(t => t.Length > 0).Distinct(StringComparer.Ordinal);
}
