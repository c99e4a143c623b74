using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>A repo in the list of all repos.</summary>
internal sealed record IndexEntry(SiteRepo Repo, SiteCard Card);

/// <summary>The pages of a site as HTML.</summary>
/// <param name="title">The title of the site.</param>
/// <param name="hub">The hub that snippets name.</param>
/// <param name="isUsable">Whether a project can reference a repo.</param>
/// <param name="isThere">Whether the store has a content.</param>
internal sealed class SitePages(string title, string hub, Func<RepoReference, bool> isUsable, Func<Digest, bool> isThere)
{
    public const string IndexName = "index.html";
    public const string AssetsFolder = "assets";

    // Nothing is loaded from elsewhere, and nothing in a card could be, even if it got into the page as HTML.
    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

    private const int ShortCommit = 12;
    private const int MostTagsShown = 12;
    private const int MostValueShown = 4_000;
    private const string Dash = "–";

    private static readonly RepoType[] Types = [RepoType.Model, RepoType.Dataset, RepoType.Code, RepoType.Space];

    /// <summary>The page of a commit; that of a repo shows its main commit.</summary>
    public static string PathOf(SiteRepo repo, MirrorCommit? commit = null) =>
        $"{repo.Folder}/{(commit is null ? "" : commit.Commit + "/")}{IndexName}";

    /// <summary>The link to a file of the commit on its page; null for other paths.</summary>
    public static Func<string, string?> LinksToFiles(MirrorCommit commit)
    {
        Dictionary<string, int> numbers = commit.Entries.Select((f, i) => (f.Path, Number: i))
            .ToDictionary(f => f.Path, f => f.Number, StringComparer.Ordinal);
        return path => numbers.TryGetValue(path, out int number) ? "#" + FileId(number) : null;
    }

    /// <summary>The list of all repos.</summary>
    public string Index(IReadOnlyList<IndexEntry> repos)
    {
        var html = new HtmlText();
        Begin(html, title, above: "", isIndex: true);
        html.Add($"""
            <h1>{title}</h1>
            <p class="lead">{Totals(repos)}</p>

            """);
        if (repos.Count == 0)
            html.Add($"<p class=\"empty\">{SiteText.NoRepos}</p>\n");
        else
            html.Add($"""
                <div class="search" id="search-box" hidden>
                <label for="search">{SiteText.Search}</label>
                <input type="search" id="search" autocomplete="off" spellcheck="false" placeholder="{SiteText.SearchHint}"
                  aria-describedby="search-key">
                <p class="hint"><span id="search-key">{SiteText.SearchKeyBefore}<kbd>/</kbd>{SiteText.SearchKeyAfter}</span>
                <output id="search-count" for="search"></output></p>
                </div>
                <p class="empty" id="search-empty" hidden>{SiteText.NothingFound}</p>

                """);
        foreach (RepoType type in Types)
        {
            IndexEntry[] ofType = [.. repos.Where(r => r.Repo.Type == type)];
            if (ofType.Length == 0)
                continue;
            html.Add($"""
                <section class="group" aria-labelledby="{type.ToPlural()}">
                <h2 id="{type.ToPlural()}">{Capital(type.ToPlural())}</h2>
                <ul class="repos">

                """);
            foreach (IndexEntry entry in ofType)
                AddEntry(html, entry);
            html.Add($"</ul>\n</section>\n");
        }
        html.Add(End);
        return html.ToString();
    }

    /// <summary>The page of a repo at one of its commits.</summary>
    /// <param name="repo">The repo.</param>
    /// <param name="commit">The commit that the page shows.</param>
    /// <param name="card">Its card.</param>
    /// <param name="isMain">Whether this is the page of the repo itself.</param>
    public string Commit(SiteRepo repo, MirrorCommit commit, SiteCard card, bool isMain)
    {
        string page = PathOf(repo, isMain ? null : commit), above = Above(page), types = repo.Type.ToPlural();
        var html = new HtmlText();
        Begin(html, $"{repo.Id}{(isMain ? "" : $" at {Short(commit)}")} · {title}", above, isIndex: false);
        html.Add($"""
            <nav class="path" aria-label="{SiteText.Path}">
            <a href="{above}{IndexName}">{title}</a> <span aria-hidden="true">/</span>
            <a href="{above}{IndexName}#{types}">{Capital(types)}</a>{(isMain ? default : ToRepo(repo))}
            </nav>
            <h1>{IdOf(repo)}</h1>
            {Chips(card)}<div class="columns">
            <div class="side">

            """);
        AddUse(html, repo, commit);
        AddFacts(html, repo, commit, card);
        html.Add($"""
            </div>
            <section class="card" aria-labelledby="card">
            <h2 id="card">{SiteText.Card}</h2>
            <div class="text" dir="auto">
            {card.Html}</div>
            </section>
            <div class="below">

            """);
        AddFiles(html, commit);
        AddRevisions(html, repo, commit, isMain);
        AddData(html, card.Data);
        html.Add($"</div>\n</div>\n");
        html.Add(End);
        return html.ToString();
    }

    private static void AddEntry(HtmlText html, IndexEntry entry)
    {
        (SiteRepo repo, SiteCard card) = entry;
        MirrorCommit main = repo.Main;
        string[] facts =
        [
            .. card.Tags.Take(1), SiteText.Count(main.Files, "file", "files"), ByteSize.Show(main.Bytes),
            .. main.Time is DateTimeOffset time ? (string[])[Day(time)] : [],
            .. repo.Commits.Count > 1 ? (string[])[SiteText.Count(repo.Commits.Count, "revision", "revisions")] : [],
        ];
        var list = new Markup(string.Join(" · ", facts.Select(f => HtmlText.Of($"<span>{f}</span>"))));
        string words = string.Join(' ', [repo.Id, repo.Type.ToText(), .. card.Licenses, .. card.Tags, .. main.Revisions])
            .ToLowerInvariant();
        html.Add($"""
            <li class="repo" data-words="{words}">
            <p class="title"><a href="{PathOf(repo)}">{IdOf(repo)}</a>{Licenses(card)}</p>
            {Summary(card)}<p class="facts">{list}</p>
            </li>

            """);
    }

    private void AddUse(HtmlText html, SiteRepo repo, MirrorCommit commit)
    {
        var reference = new RepoReference
        { RepoId = repo.Id, RepoType = repo.Type, Hubs = [hub], Revision = SiteRepo.RevisionFor(commit) };
        html.Add($"<section class=\"use\" aria-labelledby=\"use\">\n<h2 id=\"use\">{SiteText.Use}</h2>\n");
        if (!isUsable(reference))
        {
            html.Add($"<p class=\"note\">{SiteText.NoSnippet}</p>\n</section>\n");
            return;
        }
        string download = $"wisehub download {repo.Id} --hub {hub}"
            + (repo.Type == RepoType.Model ? "" : $" --type {repo.Type.ToText()}")
            + (reference.Revision is null ? "" : $" --revision {reference.Revision}");
        AddSnippet(html, SiteText.InProject, UsageSnippet.ProjectItem(reference));
        AddSnippet(html, SiteText.InCode, $"{UsageSnippet.Accessor(reference)}.Directory");
        AddSnippet(html, SiteText.OnCommandLine, download);
        html.Add($"</section>\n");
    }

    private static void AddSnippet(HtmlText html, string name, string code) => html.Add($"""
        <div class="snippet">
        <h3>{name}</h3>
        <button type="button" class="copy" data-done="{SiteText.Copied}" aria-label="{SiteText.Copy}: {name}"
          hidden>{SiteText.Copy}</button>
        <pre tabindex="0"><code>{code}</code></pre>
        </div>

        """);

    private static void AddFacts(HtmlText html, SiteRepo repo, MirrorCommit commit, SiteCard card)
    {
        string licenses = card.Licenses.Count > 0 ? string.Join(", ", card.Licenses) : SiteText.NotStated;
        html.Add($"""
            <section class="about" aria-labelledby="facts">
            <h2 id="facts">{SiteText.Facts}</h2>
            <dl>
            <dt>{SiteText.Type}</dt><dd>{repo.Type.ToText()}</dd>
            <dt>{SiteText.License}</dt><dd>{licenses}</dd>
            <dt>{SiteText.Revision}</dt><dd>{Names(commit)}</dd>
            <dt>{SiteText.Commit}</dt><dd><code class="long">{commit.Commit}</code></dd>
            <dt>{SiteText.Pushed}</dt><dd>{When(commit)}</dd>
            <dt>{SiteText.Size}</dt><dd>{ByteSize.Show(commit.Bytes)}, {SiteText.Count(commit.Files, "file", "files")}</dd>
            </dl>
            </section>

            """);
    }

    private void AddFiles(HtmlText html, MirrorCommit commit)
    {
        html.Add($"""
            <section aria-labelledby="files">
            <h2 id="files">{SiteText.Files}</h2>
            <table class="list files">
            <thead><tr>
            <th scope="col">{SiteText.File}</th>
            <th scope="col" class="number">{SiteText.Size}</th>
            <th scope="col">{SiteText.Sha256}</th>
            </tr></thead>
            <tbody>

            """);
        for (int i = 0; i < commit.Entries.Count; i++)
        {
            TreeEntry file = commit.Entries[i];
            Markup note = file.Sha256 is Digest digest && isThere(digest) ? default
                : HtmlText.Of($" <span class=\"chip warn\">{SiteText.NotHere}</span>");
            html.Add($"""
                <tr id="{FileId(i)}">
                <th scope="row"><bdi>{file.Path}</bdi>{note}</th>
                <td class="number">{(file.Size is long size ? ByteSize.Show(size) : Dash)}</td>
                <td><code class="digest" title="{file.Sha256?.Hex}">{file.Sha256?.Hex ?? Dash}</code></td>
                </tr>

                """);
        }
        html.Add($"</tbody>\n</table>\n</section>\n");
    }

    private static void AddRevisions(HtmlText html, SiteRepo repo, MirrorCommit shown, bool isMain)
    {
        html.Add($"""
            <section aria-labelledby="revisions">
            <h2 id="revisions">{SiteText.Revisions}</h2>
            <table class="list revisions">
            <thead><tr>
            <th scope="col">{SiteText.Revision}</th>
            <th scope="col">{SiteText.Pushed}</th>
            <th scope="col">{SiteText.Message}</th>
            <th scope="col" class="number">{SiteText.Size}</th>
            </tr></thead>
            <tbody>

            """);
        foreach (MirrorCommit commit in repo.Commits)
        {
            string link = $"{(isMain ? "" : "../")}{commit.Commit}/{IndexName}";
            Markup mark = commit == shown ? HtmlText.Of($" <span class=\"chip\">{SiteText.CurrentRevision}</span>") : default;
            html.Add($"""
                <tr>
                <th scope="row"><a href="{link}"><code>{Short(commit)}</code></a> {Names(commit)}{mark}</th>
                <td>{When(commit)}</td>
                <td><bdi>{commit.Message ?? Dash}</bdi></td>
                <td class="number">{ByteSize.Show(commit.Bytes)}</td>
                </tr>

                """);
        }
        html.Add($"</tbody>\n</table>\n</section>\n");
    }

    private static void AddData(HtmlText html, CardData data)
    {
        if (data.Source.Length == 0)
            return;
        html.Add($"<section aria-labelledby=\"data\">\n<h2 id=\"data\">{SiteText.CardKeys}</h2>\n");
        if (data.Keys is null)
        {
            html.Add($"<p class=\"note\">{SiteText.CardKeysNotRead}</p>\n");
            AddValue(html, data.Source);
        }
        else
        {
            html.Add($"<table class=\"list data\">\n<tbody>\n");
            foreach (CardKey key in data.Keys)
            {
                html.Add($"<tr><th scope=\"row\"><bdi>{key.Key}</bdi></th><td>");
                if (key.Source is string source)
                {
                    html.Add($"<details><summary>{SiteText.ShowValue}</summary>\n");
                    AddValue(html, source);
                    html.Add($"</details>");
                }
                else
                {
                    html.Add($"<bdi>{string.Join(", ", key.Texts)}</bdi>");
                }
                html.Add($"</td></tr>\n");
            }
            html.Add($"</tbody>\n</table>\n");
        }
        html.Add($"</section>\n");
    }

    private static void AddValue(HtmlText html, string source)
    {
        html.Add($"<pre class=\"plain\">{(source.Length > MostValueShown ? source[..MostValueShown] : source)}</pre>\n");
        if (source.Length > MostValueShown)
            html.Add($"<p class=\"note\">{SiteText.ShownInPart}</p>\n");
    }

    private void Begin(HtmlText html, string pageTitle, string above, bool isIndex) => html.Add($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="{new Markup(Policy)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>{pageTitle}</title>
        <link rel="icon" href="{above}{AssetsFolder}/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="{above}{AssetsFolder}/site.css">
        <script src="{above}{AssetsFolder}/site.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">{SiteText.SkipToContent}</a>
        <header class="top">
        <a class="home" id="home" href="{above}{IndexName}"{(isIndex ? new Markup(" aria-current=\"page\"") : default)}>
        <img src="{above}{AssetsFolder}/icon.svg" alt="" width="24" height="24">{title}</a>
        </header>
        <main id="content">

        """);

    private static readonly Markup End = new($"""
        </main>
        <footer>{SiteText.MadeBy}</footer>
        <div id="status" role="status" class="unseen"></div>
        </body>
        </html>

        """);

    private static string Totals(IReadOnlyList<IndexEntry> repos)
    {
        long bytes = repos.SelectMany(r => r.Repo.Commits).SelectMany(c => c.Entries)
            .DistinctBy(f => f.Sha256?.Hex ?? f.Oid ?? f.Path).Sum(f => f.Size ?? 0);
        IEnumerable<string> counts = Types.Select(t => (Type: t, Count: repos.Count(r => r.Repo.Type == t)))
            .Where(t => t.Count > 0).Select(t => SiteText.Count(t.Count, t.Type.ToText(), t.Type.ToPlural()));
        return string.Join(" · ", counts.Append(ByteSize.Show(bytes)));
    }

    private static Markup ToRepo(SiteRepo repo) => HtmlText.Of(
        $" <span aria-hidden=\"true\">/</span>\n<a href=\"../{IndexName}\"><bdi>{repo.Id}</bdi></a>");

    private static Markup IdOf(SiteRepo repo) => HtmlText.Of(
        $"<bdi><span class=\"owner\">{PageNames.OwnerOf(repo.Id)}</span>{PageNames.NameOf(repo.Id)}</bdi>");

    private static Markup Chips(SiteCard card)
    {
        Markup[] chips =
        [
            .. card.Licenses.Select(l => HtmlText.Of($"<li class=\"chip license\"><bdi>{l}</bdi></li>")),
            .. card.Tags.Take(MostTagsShown).Select(t => HtmlText.Of($"<li class=\"chip\"><bdi>{t}</bdi></li>")),
        ];
        return chips.Length == 0 ? default : HtmlText.Of($"<ul class=\"chips\">{new Markup(string.Concat(chips))}</ul>\n");
    }

    private static Markup Licenses(SiteCard card) => new(string.Concat(
        card.Licenses.Select(l => HtmlText.Of($" <span class=\"chip license\"><bdi>{l}</bdi></span>"))));

    private static Markup Summary(SiteCard card) =>
        card.Summary.Length == 0 ? default : HtmlText.Of($"<p class=\"summary\" dir=\"auto\">{card.Summary}</p>\n");

    private static string Names(MirrorCommit commit) =>
        commit.Revisions.Count > 0 ? string.Join(", ", commit.Revisions) : SiteText.WithoutName;

    private static Markup When(MirrorCommit commit) => commit.Time is not DateTimeOffset time ? new Markup(SiteText.Unknown)
        : HtmlText.Of($"<time datetime=\"{InUtc(time, "yyyy-MM-ddTHH:mm:ssZ")}\">{InUtc(time, "yyyy-MM-dd HH:mm")} UTC</time>");

    private static string Day(DateTimeOffset time) => InUtc(time, "yyyy-MM-dd");

    private static string InUtc(DateTimeOffset time, string format) =>
        time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private static string Above(string page) => string.Concat(Enumerable.Repeat("../", page.Count(c => c == '/')));

    private static string Short(MirrorCommit commit) => commit.Commit[..Math.Min(ShortCommit, commit.Commit.Length)];

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string FileId(int number) => string.Create(CultureInfo.InvariantCulture, $"file-{number + 1}");
}
