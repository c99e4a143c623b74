using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub site</c>: the folder, and what is in the pages. <see cref="SiteBrowserTests"/> looks at them.</summary>
public sealed partial class SiteCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    private string Hub => _workspace.PathOf("hub");

    private string Site => _workspace.PathOf("site");

    [Fact]
    public async Task A_site_has_a_list_and_a_page_for_each_repo_and_commit()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        Assert.Equal(new ProcessResult(0, "$/site\n", ""), await RunAsync());
        Assert.Equal("""
            .wisehub-site
            assets/icon.svg
            assets/site.css
            assets/site.js
            datasets/acme/questions/618734d3ee5056cf5aa25eb4d4a5ee4232b46111991097304c8569f5c580a45a/index.html
            datasets/acme/questions/index.html
            index.html
            models/_/plain/c8579f75562b501f74306b654bd23a189fd94f17357e2fac49edb6fdaed4fc12/index.html
            models/_/plain/index.html
            models/acme/tiny/679c632acb6e893e9f17b2b9f979eafec66b91cf30468d46a1906963311b8b97/index.html
            models/acme/tiny/a231c8d3b7756df80b4bec295322c825a6709bb3f83316ec3957493a5d6bc83d/index.html
            models/acme/tiny/index.html
            """, Files(), ignoreLineEndingDifferences: true);
        Assert.Equal("wisehub site 1\n" + Files()[".wisehub-site\n".Length..] + "\n", Read(".wisehub-site"));
    }

    [Fact]
    public async Task The_list_tells_of_each_repo_what_it_is_under_which_license_and_how_large()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync("--title", "Models of <Acme>");
        Assert.Equal(Flat("""
            <main id="content">
            <h1>Models of &lt;Acme&gt;</h1>
            <p class="lead">2 models · 1 dataset · 2.0 MB</p>
            <div class="search" id="search-box" hidden>
            <label for="search">Search</label>
            <input type="search" id="search" autocomplete="off" spellcheck="false" placeholder="Name, owner, license, tag or task"
              aria-describedby="search-key">
            <p class="hint"><span id="search-key">Press <kbd>/</kbd> to search</span>
            <output id="search-count" for="search"></output></p>
            </div>
            <p class="empty" id="search-empty" hidden>No repo has all of these words.</p>
            <section class="group" aria-labelledby="models">
            <h2 id="models">Models</h2>
            <ul class="repos">
            <li class="repo" data-words="acme/tiny model mit text-classification embeddings retrieval main">
            <p class="title"><a href="models/acme/tiny/index.html"><bdi><span class="owner">acme/</span>tiny</bdi></a>
            <span class="chip license"><bdi>mit</bdi></span></p>
            <p class="summary" dir="auto">A model for short texts, see the license and how to use it.</p>
            <p class="facts"><span>text-classification</span> · <span>4 files</span> · <span>12.9 kB</span> ·
            <span>2026-11-20</span> · <span>2 revisions</span></p>
            </li>
            <li class="repo" data-words="plain model main">
            <p class="title"><a href="models/_/plain/index.html"><bdi><span class="owner"></span>plain</bdi></a></p>
            <p class="facts"><span>1 file</span> · <span>2.0 MB</span> · <span>2026-11-20</span></p>
            </li>
            </ul>
            </section>
            <section class="group" aria-labelledby="datasets">
            <h2 id="datasets">Datasets</h2>
            <ul class="repos">
            <li class="repo" data-words="acme/questions dataset cc-by-4.0 main">
            <p class="title"><a href="datasets/acme/questions/index.html"><bdi><span
            class="owner">acme/</span>questions</bdi></a> <span class="chip license"><bdi>cc-by-4.0</bdi></span></p>
            <p class="summary" dir="auto">Questions of travellers.</p>
            <p class="facts"><span>1 file</span> · <span>52 B</span> · <span>2026-11-20</span></p>
            </li>
            </ul>
            </section>
            </main>

            """), Flat(Between(Read("index.html"), "<main", "<footer>")));
    }

    [Fact]
    public async Task A_page_tells_how_to_use_its_commit()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync();
        Assert.Equal(
            ["<WiseModelReference Include=\"acme/tiny\" Hub=\"local\" />", "WiseModels.Tiny.Directory",
                "wisehub download acme/tiny --hub local"],
            Snippets("models/acme/tiny/index.html"));
        Assert.Equal(
            ["<WiseModelReference Include=\"acme/tiny\" Hub=\"local\" Revision=\"v1\" />", "WiseModels.Tiny.Directory",
                "wisehub download acme/tiny --hub local --revision v1"],
            Snippets("models/acme/tiny/a231c8d3b7756df80b4bec295322c825a6709bb3f83316ec3957493a5d6bc83d/index.html"));
        Assert.Equal(
            ["<WiseModelReference Include=\"acme/questions\" Hub=\"local\" RepoType=\"dataset\" />",
                "WiseModels.Questions.Directory", "wisehub download acme/questions --hub local --type dataset"],
            Snippets("datasets/acme/questions/index.html"));
    }

    [Fact]
    public async Task Every_page_has_a_policy_that_loads_nothing_from_elsewhere_and_no_style_or_handler_of_its_own()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync();
        string[] pages = [.. Files().Split('\n').Where(f => f.EndsWith(".html", StringComparison.Ordinal))];
        Assert.Equal(8, pages.Length);
        Assert.All(pages.Select(Read), html =>
        {
            Assert.Contains("<meta charset=\"utf-8\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                + "style-src 'self'; script-src 'self'; img-src 'self'; "
                + "base-uri 'none'; form-action 'none'\">\n", html,
                StringComparison.Ordinal);
            Assert.DoesNotMatch(@"<[^>]*\s(style|on\w+)=", html);
            Assert.Equal(1, Regex.Count(html, "<script"));
        });
    }

    [Fact]
    public async Task A_second_run_changes_no_byte_and_another_folder_gets_the_same_bytes()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync();
        IReadOnlyList<string> first = ToolWorkspace.Contents(Site);
        ProcessResult second = await RunAsync("--json");
        Assert.Equal(new ProcessResult(0, """
            {
              "folder": "$/site",
              "repos": 3,
              "commits": 4,
              "pages": 11,
              "written": 0,
              "removed": 0,
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), second);
        Assert.Equal(first, ToolWorkspace.Contents(Site));
        await _workspace.RunAsync("site", "local", "--out", "../other");
        Assert.Equal(first, ToolWorkspace.Contents(_workspace.PathOf("other")));
    }

    [Fact]
    public async Task Pages_of_repos_that_are_gone_are_removed_and_files_of_others_stay()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync();
        _workspace.Write("site/CNAME", "models.example");
        _workspace.Write("site/models/_/notes.txt", "of others");
        Directory.Delete(_workspace.PathOf("hub/models/_"), recursive: true);
        Directory.Delete(_workspace.PathOf("hub/datasets"), recursive: true);
        Assert.Equal(0, (await RunAsync()).ExitCode);
        Assert.Equal("""
            .wisehub-site
            CNAME
            assets/icon.svg
            assets/site.css
            assets/site.js
            index.html
            models/_/notes.txt
            models/acme/tiny/679c632acb6e893e9f17b2b9f979eafec66b91cf30468d46a1906963311b8b97/index.html
            models/acme/tiny/a231c8d3b7756df80b4bec295322c825a6709bb3f83316ec3957493a5d6bc83d/index.html
            models/acme/tiny/index.html
            """, Files(), ignoreLineEndingDifferences: true);
        Assert.False(Directory.Exists(_workspace.PathOf("site/datasets")));
    }

    [Fact]
    public async Task A_folder_with_files_of_others_is_refused_and_left_alone()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        _workspace.Write("site/index.html", "mine");
        Assert.Equal(new ProcessResult(1, "", "error WISE1095: $/site is not empty, and has no .wisehub-site, so it is not the "
            + "folder of a site. Nothing was written. Name a new folder.\n"), await RunAsync());
        Assert.Equal(["index.html=mine"], ToolWorkspace.Contents(Site));
    }

    [Fact]
    public async Task A_foreign_file_in_place_of_a_page_is_refused_and_left_alone()
    {
        await new StoreBuilder(Hub).PushAsync("acme/tiny", ("a.txt", "a"));
        await RunAsync();
        _workspace.Write("site/models/acme/other/index.html", "mine");
        await new StoreBuilder(Hub).PushAsync("acme/other", ("a.txt", "a"));
        Assert.Equal(new ProcessResult(1, "", "error WISE1095: $/site/models/acme/other/index.html has the name of a page, but "
            + ".wisehub-site does not list it, so it is not a page of this site. Nothing was written. Move the file, or name "
            + "another folder.\n"), await RunAsync());
        Assert.Equal("mine", Read("models/acme/other/index.html"));
    }

    [Theory]
    [InlineData("wisehub site 1\n../hub/wisehub-store.json\n", 2)]
    [InlineData("wisehub site 1\nindex.html\n/etc/passwd\n", 3)]
    [InlineData("another program's marker\n", 1)]
    public async Task A_marker_that_names_files_elsewhere_is_refused(string marker, int line)
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        _workspace.Write("site/.wisehub-site", marker);
        Assert.Equal(new ProcessResult(1, "", $"error WISE1095: $/site/.wisehub-site({line}) is not as wisehub writes it, so the "
            + "pages of the site are not known. Nothing was written. Name a new folder.\n"), await RunAsync());
        Assert.True(File.Exists(_workspace.PathOf("hub/wisehub-store.json")));
    }

    [Fact]
    [Needs(Need.SymbolicLinks)]
    public async Task A_link_in_place_of_a_folder_of_the_site_is_not_followed()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        await RunAsync();
        Directory.Move(_workspace.PathOf("site/models"), _workspace.PathOf("elsewhere"));
        Directory.CreateSymbolicLink(_workspace.PathOf("site/models"), _workspace.PathOf("elsewhere"));
        Assert.Equal(new ProcessResult(1, "", "error WISE1095: $/site/models is a link or a file, where the site needs a folder "
            + "of its own. Nothing was written. Remove it, or name another folder.\n"), await RunAsync());
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_an_error()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        _workspace.Write("file", "");
        ProcessResult result = await _workspace.RunAsync("site", "local", "--out", "../file/site");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches(@"^error WISE1096: The site in \$/file/site could not be written: .+\. Run the command again when the "
            + @"cause is removed\.\n$", result.Error);
    }

    [Fact]
    public async Task A_bundle_and_a_hub_that_cannot_be_listed_have_no_site()
    {
        await SiteHub.FillAsync(new StoreBuilder(Hub));
        Assert.Equal(new ProcessResult(1, "", "error WISE1101: a.tar is a bundle. Import it into a hub with 'wisehub mirror "
            + "push', and name the hub.\n"), await _workspace.RunAsync("site", "a.tar", "--out", "../site"));
        ProcessResult other = await _workspace.RunAsync("site", "huggingface", "--out", "../site");
        Assert.Equal(1, other.ExitCode);
        Assert.StartsWith("error WISE1050: The hub 'huggingface' cannot be listed.", other.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Site));
    }

    [Fact]
    public async Task Hostile_Markdown_stays_text()
    {
        SiteHub.Write(Hub, "models/acme/hostile", "m", ("README.md", Encoding.UTF8.GetBytes("""
            <script>alert(1)</script>

            Inline <img src=x onerror=alert(1)> and <a href="javascript:alert(1)" onclick="x()">a</a>.

            [a](javascript:alert(1)) [b](JAVASCRIPT:alert(1)) [c](data:text/html;base64,PHNjcmlwdD4=) [d](vbscript:x)
            [e](java&#115;cript:alert(1)) [f](//evil.example/x) [g](\\evil.example\x) [h](file:///etc/passwd) [i](../../x)

            ![x](javascript:alert(1)) ![y](https://evil.example/pixel.png "t\" onload=\"x") ![](data:image/svg+xml,x)

            <javascript:alert(1)> <https://ok.example/?a="b"> [r][ref] [s](https://ok.example/%22onmouseover=x)

            [ref]: javascript:alert(1) "title"

            | a | b |
            |:-:|--:|
            | <b>x</b> | `<i>` |

            # A <i>heading</i> "quoted"

            ```"><script>
            </code><script>alert(1)</script>
            ```

            {onclick=alert(1)} user@mail.example
            """.ReplaceLineEndings("\n"))));
        Assert.Equal(0, (await RunAsync()).ExitCode);
        Assert.Equal(Flat("""
            <div class="text" dir="auto">
            <p>&lt;script&gt;alert(1)&lt;/script&gt;</p>
            <p>Inline &lt;img src=x onerror=alert(1)&gt; and &lt;a href=&quot;javascript:alert(1)&quot;
            onclick=&quot;x()&quot;&gt;a&lt;/a&gt;.</p>
            <p>a b c d
            e f g h i</p>
            <p><span class="image">Image: x</span> <a href="https://evil.example/pixel.png" rel="nofollow noopener
            noreferrer"><span class="image">Image: y</span></a> <span class="image">Image: without a description</span></p>
            <p>javascript:alert(1) <a href="https://ok.example/?a=%22b%22" rel="nofollow noopener
            noreferrer">https://ok.example/?a=&quot;b&quot;</a> r <a href="https://ok.example/%22onmouseover=x"
            rel="nofollow noopener noreferrer">s</a></p>
            <div class="wide" tabindex="0" role="region" aria-label="Table">
            <table>
            <thead>
            <tr>
            <th class="center">a</th>
            <th class="right">b</th>
            </tr>
            </thead>
            <tbody>
            <tr>
            <td class="center">&lt;b&gt;x&lt;/b&gt;</td>
            <td class="right"><code>&lt;i&gt;</code></td>
            </tr>
            </tbody>
            </table>
            </div>
            <h2 id="card-a-iheadingi-quoted">A &lt;i&gt;heading&lt;/i&gt; &quot;quoted&quot;</h2>
            <pre><code class="language-&quot;&gt;&lt;script&gt;">&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;
            </code></pre>
            <p>{onclick=alert(1)} user@mail.example</p>

            """), Flat(Between(Read("models/acme/hostile/index.html"), "<div class=\"text\"", "</div>\n</section>")));
    }

    // Windows has no such names.
    [Fact]
    [Needs(Need.Unix)]
    public async Task Hostile_names_and_messages_stay_text()
    {
        const string Evil = "<script>alert('1')</script>\" onclick=\"x";
        string commit = SiteHub.Write(Hub, "models/@id/%3Cscript%3Ealert('1')%3C%2Fscript%3E", Evil,
            ("a/" + Evil, [1]), ("annexe\u202Efdp.exe", [2]),
            ("README.md", "---\n\"<b>\": <i>\nlicense: \"<u>\"\n---\nx"u8.ToArray()));
        Assert.Equal(0, (await RunAsync()).ExitCode);
        string folder = Path.GetDirectoryName(
            Directory.EnumerateDirectories(Site, commit, SearchOption.AllDirectories).Single())!;
        Assert.Matches(@"^models/script-alert--1~[0-9a-f]{8}/script~[0-9a-f]{8}$",
            Path.GetRelativePath(Site, folder).Replace('\\', '/'));
        string page = await File.ReadAllTextAsync(Path.Combine(folder, "index.html"));
        Assert.Contains("<h1><bdi><span class=\"owner\">&lt;script&gt;alert(&#39;1&#39;)&lt;/</span>script&gt;</bdi></h1>\n"
            + "<ul class=\"chips\"><li class=\"chip license\"><bdi>&lt;u&gt;</bdi></li></ul>\n", page, StringComparison.Ordinal);
        Assert.Contains("<p class=\"note\">The id of this repo is a free name, which a project cannot reference on this hub.</p>",
            page, StringComparison.Ordinal);
        Assert.Equal(
            ["a/&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onclick=&quot;x", "annexe[U+202E]fdp.exe", "README.md",
                "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot; onclick=&quot;x", "&lt;b&gt;", "&lt;i&gt;", "license",
                "&lt;u&gt;"],
            Isolated().Matches(Between(page, "<h2 id=\"files\"", "</main>")).Select(m => m.Groups[1].Value));
        Assert.All((string[])[page, Read("index.html")], html =>
        {
            Assert.Equal(1, Regex.Count(html, "<script"));
            Assert.DoesNotMatch(@"<[^>]*\s(style|on\w+)=", html);
        });
    }

    // The store itself needs a disk that tells such names apart.
    [Fact]
    [Needs(Need.Linux)]
    public async Task Repos_whose_names_differ_by_case_or_work_in_no_URL_get_pages_of_their_own()
    {
        foreach (string repo in (string[])["acme/tiny", "acme/Tiny", "Acme/tiny", "@id/a b"])
            SiteHub.Write(Hub, "models/" + repo, "m", ("a.txt", [1]));
        await RunAsync();
        Assert.Equal("""
            models/Acme~f49eed1a/tiny/index.html
            models/_/a-b~c8687a08/index.html
            models/acme/Tiny~37616f64/index.html
            models/acme/tiny/index.html
            """, string.Join('\n', Files().Split('\n').Where(f => f.StartsWith("models/", StringComparison.Ordinal)
            && f.Count(c => c == '/') == 3)), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task Data_of_a_card_that_is_no_YAML_is_shown_as_text()
    {
        SiteHub.Write(Hub, "models/acme/wrong", "m", ("README.md", "---\na: [<b>\n\"\n---\nThe text."u8.ToArray()));
        await RunAsync();
        string page = Read("models/acme/wrong/index.html");
        Assert.Equal("""
            <h2 id="data">Data of the card</h2>
            <p class="note">The data at the top of the card is not YAML with keys and values. It is shown as it is.</p>
            <pre class="plain">a: [&lt;b&gt;
            &quot;
            </pre>

            """, Between(page, "<h2 id=\"data\"", "</section>"), ignoreLineEndingDifferences: true);
        Assert.Contains("<div class=\"text\" dir=\"auto\">\n<p>The text.</p>\n</div>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_of_10_MB_is_cut_at_1_MB()
    {
        byte[] card = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ä text of a card\n\n", 560_000)))[..10_000_000];
        SiteHub.Write(Hub, "models/acme/large", "m", ("README.md", card));
        await RunAsync();
        string page = Read("models/acme/large/index.html");
        Assert.Contains("<p class=\"note\">The card has 10.0 MB. The first 1.0 MB are shown.</p>\n"
            + "<p class=\"note\">This card is too large or too nested to be formatted. It is shown as text.</p>\n"
            + "<pre class=\"plain\">ä text of a card\n", page, StringComparison.Ordinal);
        Assert.InRange(page.Length, 900_000, 1_010_000);
        Assert.DoesNotContain('\uFFFD', page);
    }

    // Each took minutes, gigabytes or a stack without limits.
    [Theory]
    [InlineData("nested quotes", "> ", "", 100_000)]
    [InlineData("nested brackets", "[", "", 200_000)]
    [InlineData("open links", "[a](", "", 60_000)]
    [InlineData("definitions", "[a]: b\n", "", 30_000)]
    [InlineData("a table of 225 million cells", "a|", "|\n", 15_000)]
    public void A_card_that_would_take_minutes_is_shown_as_text(string what, string part, string line, int count)
    {
        string markdown = string.Concat(Enumerable.Repeat(part, count))
            + (line.Length == 0 ? "" : "\n" + string.Concat(Enumerable.Repeat("-|", count)) + "\n"
                + string.Concat(Enumerable.Repeat(line, count)));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Null(Tool.Site.CardMarkdown.Render(markdown, _ => null));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{what}: {clock.Elapsed}");
    }

    [Fact]
    public async Task A_commit_without_card_and_one_whose_contents_are_not_there_have_pages()
    {
        await new StoreBuilder(Hub).PushAsync("acme/bare", ("a.txt", "a"));
        await new StoreBuilder(Hub).PushAsync("acme/gone", ("README.md", "# Gone"));
        File.Delete(Directory.EnumerateFiles(_workspace.PathOf("hub/blobs"), "*", SearchOption.AllDirectories)
            .Single(f => File.ReadAllText(f) == "# Gone"));
        await RunAsync();
        Assert.Contains("<p class=\"note\">This revision has no README.md.</p>", Read("models/acme/bare/index.html"),
            StringComparison.Ordinal);
        string gone = Read("models/acme/gone/index.html");
        Assert.Contains("<p class=\"note\">The store does not have the content of this card.</p>", gone,
            StringComparison.Ordinal);
        Assert.Contains("<bdi>README.md</bdi> <span class=\"chip warn\">not in this store</span>", gone,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_hub_has_a_list_that_says_so()
    {
        await new StoreBuilder(Hub).PushAsync("acme/tiny", ("a.txt", "a"));
        Directory.Delete(_workspace.PathOf("hub/models"), recursive: true);
        Assert.Equal(0, (await RunAsync()).ExitCode);
        Assert.Equal(Flat("""
            <main id="content">
            <h1>local</h1>
            <p class="lead">0 B</p>
            <p class="empty">This hub has no repos yet.</p>
            </main>

            """), Flat(Between(Read("index.html"), "<main", "<footer>")));
    }

    private Task<ProcessResult> RunAsync(params string[] options) =>
        _workspace.RunAsync(["site", "local", "--out", "../site", .. options]);

    private string Read(string page) => File.ReadAllText(_workspace.PathOf("site/" + page));

    private string Files() => string.Join('\n', Directory.EnumerateFiles(Site, "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(Site, f).Replace('\\', '/')).Order(StringComparer.Ordinal));

    // HTML whose lines are broken elsewhere is the same.
    private static string Flat(string html) => Regex.Replace(html, @"\s+", " ");

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private IEnumerable<string> Snippets(string page) => Snippet().Matches(Read(page))
        .Select(m => System.Net.WebUtility.HtmlDecode(m.Groups[1].Value));

    [GeneratedRegex("<bdi>(.*?)</bdi>")]
    private static partial Regex Isolated();

    [GeneratedRegex("<pre tabindex=\"0\"><code>(.*)</code></pre>")]
    private static partial Regex Snippet();
}
