using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// The pages that <c>wisehub site</c> writes, in a real browser, from a web server that only knows files. Screenshots of them are
/// in the folder <c>TestResults</c> beside the tests.
/// </summary>
[Needs(Need.Chromium)]
public sealed class SiteBrowserTests(SiteBrowserTests.Served served) : IClassFixture<SiteBrowserTests.Served>
{
    private const string Repo = "models/acme/tiny/index.html";

    // Text in the browser whose contrast with what is behind it is below that of WCAG 2.2, level AA: 4.5, for large text 3.
    private const string FaintText = """
        (() => {
          const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
          const parse = color => color.match(/[\d.]+/g).map(Number);
          const luminance = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
          const behind = element => {
            for (let e = element; e; e = e.parentElement) {
              const color = parse(getComputedStyle(e).backgroundColor);
              if (color.length === 3 || color[3] === 1) return color;
            }
            throw new Error('no background');
          };
          const faint = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
            const style = getComputedStyle(element);
            const [light, dark] = [luminance(parse(style.color)), luminance(behind(element))].sort((a, b) => b - a);
            const ratio = (light + .05) / (dark + .05);
            const isLarge = parseFloat(style.fontSize) >= 24;
            if (ratio < (isLarge ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${walker.currentNode.textContent.trim()}`);
          }
          return faint.join('\n');
        })()
        """;

    [Theory]
    [InlineData(320, false)]
    [InlineData(320, true)]
    [InlineData(1280, false)]
    [InlineData(1280, true)]
    public async Task No_page_scrolls_sideways_or_has_faint_text_or_says_anything_on_the_console(int width, bool dark)
    {
        BrowserPage page = await served.Browser.NewPageAsync(width, 800, dark);
        foreach (string path in served.Pages)
        {
            await page.OpenAsync(served.At(path));
            Assert.Equal($"{path} {width}",
                $"{path} {await page.TextAsync("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")}");
            Assert.Equal("", await page.TextAsync(FaintText));
            await Served.KeepAsync(page, $"{path.Replace("/index.html", "", StringComparison.Ordinal).Replace('/', '-')}-{width}"
                + (dark ? "-dark" : ""));
        }
        Assert.Equal([], page.Console);
        Assert.All(page.Requests, url => Assert.StartsWith(served.At("").AbsoluteUri, url, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Light_and_dark_follow_the_system()
    {
        const string Colors = "getComputedStyle(document.body).color + ' on ' + getComputedStyle(document.body).backgroundColor";
        BrowserPage light = await served.Browser.NewPageAsync(1280, 800);
        BrowserPage dark = await served.Browser.NewPageAsync(1280, 800, dark: true);
        await light.OpenAsync(served.At("index.html"));
        await dark.OpenAsync(served.At("index.html"));
        Assert.Equal("rgb(26, 31, 39) on rgb(246, 247, 249)", await light.TextAsync(Colors));
        Assert.Equal("rgb(228, 232, 238) on rgb(15, 18, 23)", await dark.TextAsync(Colors));
    }

    [Fact]
    public async Task The_search_filters_by_all_words_and_hides_empty_groups()
    {
        const string Shown = "[...document.querySelectorAll('.repo')].filter(r => r.checkVisibility())"
            + ".map(r => r.querySelector('a').textContent).join(' ')";
        const string Count = "document.getElementById('search-count').textContent";
        BrowserPage page = await served.Browser.NewPageAsync(1280, 800);
        await page.OpenAsync(served.At("index.html"));
        Assert.Equal("acme/tiny plain acme/questions", await page.TextAsync(Shown));

        await page.PressAsync("/", "/");
        Assert.Equal("search", await page.TextAsync("document.activeElement.id"));
        await page.TypeAsync("ACME mit");
        Assert.Equal(("acme/tiny", "1 of 3"), (await page.TextAsync(Shown), await page.TextAsync(Count)));
        Assert.Equal("false", await page.TextAsync("document.getElementById('datasets').checkVisibility()"));

        await page.TypeAsync(" nothing");
        Assert.Equal(("", "0 of 3"), (await page.TextAsync(Shown), await page.TextAsync(Count)));
        Assert.Equal("true", await page.TextAsync("document.getElementById('search-empty').checkVisibility()"));

        await page.PressAsync("Escape");
        Assert.Equal(("acme/tiny plain acme/questions", ""), (await page.TextAsync(Shown), await page.TextAsync(Count)));
    }

    [Fact]
    public async Task A_slash_on_the_page_of_a_repo_leads_to_the_search()
    {
        BrowserPage page = await served.Browser.NewPageAsync(1280, 800);
        await page.OpenAsync(served.At(Repo));
        await page.PressAsync("/", "/");
        await page.UntilAsync("document.activeElement?.id === 'search'");
        Assert.Equal(served.At("index.html").AbsoluteUri + "#search", await page.TextAsync("location.href"));
    }

    [Fact]
    public async Task The_button_copies_the_snippet()
    {
        await served.Browser.SendAsync("Browser.grantPermissions", new JsonObject
        { ["permissions"] = new JsonArray("clipboardReadWrite", "clipboardSanitizedWrite") });
        BrowserPage page = await served.Browser.NewPageAsync(1280, 800);
        await page.OpenAsync(served.At(Repo));
        await page.SendAsync("Page.bringToFront");
        await page.EvaluateAsync("document.querySelector('.copy').click()");
        await page.UntilAsync("document.querySelector('.copy').textContent === 'Copied'");
        Assert.Equal("<WiseModelReference Include=\"acme/tiny\" Hub=\"local\" />",
            await page.TextAsync("navigator.clipboard.readText()"));
    }

    [Fact]
    public async Task The_first_tab_shows_the_link_to_the_content_and_what_has_the_focus_is_outlined()
    {
        BrowserPage page = await served.Browser.NewPageAsync(320, 800);
        await page.OpenAsync(served.At(Repo));
        await page.PressAsync("Tab");
        Assert.Equal("skip 0 solid 3px", await page.TextAsync("""
            (e => [e.className, e.getBoundingClientRect().top, getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]
              .join(' '))(document.activeElement)
            """));
        await page.PressAsync("Tab");
        Assert.Equal("home solid 3px", await page.TextAsync("""
            (e => [e.className, getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]
              .join(' '))(document.activeElement)
            """));
    }

    [Fact]
    public async Task Without_scripts_everything_is_there_but_search_and_copying()
    {
        BrowserPage page = await served.Browser.NewPageAsync(1280, 800);
        await page.SendAsync("Emulation.setScriptExecutionDisabled", new() { ["value"] = true });
        await page.OpenAsync(served.At("index.html"));
        Assert.Equal("3 false", await page.TextAsync(
            "[[...document.querySelectorAll('.repo')].filter(r => r.checkVisibility()).length,"
            + " document.getElementById('search-box').checkVisibility()].join(' ')"));
        await page.OpenAsync(served.At(Repo));
        Assert.Equal("3 0", await page.TextAsync("[document.querySelectorAll('.snippet code').length,"
            + " [...document.querySelectorAll('.copy')].filter(b => b.checkVisibility()).length].join(' ')"));
    }

    [Fact]
    public async Task Every_link_within_the_site_leads_to_a_file_and_a_place_in_it()
    {
        BrowserPage page = await served.Browser.NewPageAsync(1280, 800);
        var ids = new Dictionary<string, string[]>();
        var links = new List<string>();
        foreach (string path in served.Pages)
        {
            await page.OpenAsync(served.At(path));
            ids[served.At(path).AbsoluteUri] =
                (await page.TextAsync("[...document.querySelectorAll('[id]')].map(e => e.id).join(' ')")).Split(' ');
            links.AddRange((await page.TextAsync("[...document.links].map(a => a.href).join(' ')")).Split(' '));
        }
        string[] within = [.. links.Where(l => l.StartsWith(served.At("").AbsoluteUri, StringComparison.Ordinal)).Distinct()];
        Assert.True(within.Length > 20, string.Join('\n', within));
        Assert.All(within, link =>
        {
            string[] parts = link.Split('#');
            Assert.Contains(parts[0], ids.Keys);
            Assert.True(parts.Length == 1 || ids[parts[0]].Contains(parts[1]), link);
        });
        Assert.All(ids.Values, page => Assert.Equal(page.Distinct(), page));
    }

    /// <summary>One site, one server and one browser for all tests.</summary>
    public sealed class Served : IAsyncLifetime
    {
        private readonly ToolWorkspace _workspace = new();
        private StaticServer? _server;
        private Browser? _browser;

        internal Browser Browser => _browser!;

        /// <summary>The paths of all pages.</summary>
        public IReadOnlyList<string> Pages { get; private set; } = [];

        public Uri At(string path) => new(_server!.Endpoint, path);

        public async ValueTask InitializeAsync()
        {
            if (!Need.IsHere(Need.Chromium))
                return;
            await SiteHub.FillAsync(new StoreBuilder(_workspace.PathOf("hub")));
            ProcessResult result = await _workspace.RunAsync("site", "local", "--out", "../site", "--title", "Models of Acme");
            Assert.True(result.ExitCode == 0, result.Error);
            string folder = _workspace.PathOf("site");
            Pages = [.. Directory.EnumerateFiles(folder, "*.html", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/')).Order(StringComparer.Ordinal)];
            _server = await StaticServer.StartAsync(folder);
            _browser = await Browser.StartAsync();
        }

        /// <summary>Keeps a picture of a page for whoever changes its look.</summary>
        internal static async Task KeepAsync(BrowserPage page, string name)
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "TestResults", "site");
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), await page.ScreenshotAsync());
        }

        public async ValueTask DisposeAsync()
        {
            if (_browser is not null)
                await _browser.DisposeAsync();
            if (_server is not null)
                await _server.DisposeAsync();
            _workspace.Dispose();
        }
    }
}
