namespace WiseHub.Client.Tests;

public sealed class PageUrlTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public PageUrlTests() => _bench.Configure("""
        {"hubs":{"mine":{"protocol":"wisemodel","endpoints":{"web":"https://web.example.org","raw":"https://raw.example.org",
         "gitlab":"https://git.example.org"}},
                 "hf":{"protocol":"huggingface","endpoint":"https://hf.example.org"}}}
        """);

    private string? Read(string url)
    {
        using HubClient client = _bench.NewClient();
        return client.ReferenceFromUrl(url) is not RepoReference r ? null
            : $"{r.Hubs[0]} {r} {r.Revision ?? "-"} {r.Files}{(r.RequiredPaths.Count > 0 ? " needs " + r.RequiredPaths[0] : "")}";
    }

    [Theory]
    [InlineData("https://www.wisemodel.cn/models/acme/tiny", "wisemodel acme/tiny - all files")]
    [InlineData("https://wisemodel.cn/datasets/acme/data/", "wisemodel dataset acme/data - all files")]
    [InlineData("https://web.example.org/codes/acme/tool", "mine code acme/tool - all files")]
    [InlineData("https://web.example.org/models/acme/tiny/file", "mine acme/tiny - all files")]
    [InlineData("https://web.example.org/models/acme/tiny/intro?from=search", "mine acme/tiny - all files")]
    [InlineData("https://web.example.org/models/acme/tree", "mine acme/tree - all files")]
    [InlineData("https://web.example.org/models/acme/tiny/tree/dev", "mine acme/tiny dev all files")]
    [InlineData("https://web.example.org/models/acme/tiny/blob/main/a%20b/c.json",
        "mine acme/tiny main a b/c.json needs a b/c.json")]
    [InlineData("https://web.example.org/models/acme/tiny/tree/main/sub", "mine acme/tiny main sub/*")]
    [InlineData("https://raw.example.org/file-proxy/acme/tiny/-/raw/main/c.json", "mine acme/tiny main c.json needs c.json")]
    [InlineData("https://raw.example.org/file-proxy/codes/acme/tool/-/raw/v1/src/a.py",
        "mine code acme/tool v1 src/a.py needs src/a.py")]
    [InlineData("https://git.example.org/acme/tiny/-/tree/main/sub", "mine acme/tiny main sub/*")]
    [InlineData("https://hf.example.org/acme/tiny/resolve/main/raw/a", "hf acme/tiny main raw/a needs raw/a")]
    [InlineData("https://elsewhere.example.org/models/acme/tiny", null)]
    public void The_URL_of_a_page_gives_repo_revision_and_files(string url, string? expected) =>
        Assert.Equal(expected, Read(url));

    [Theory]
    [InlineData("https://web.example.org/")]
    [InlineData("https://web.example.org/models")]
    [InlineData("https://web.example.org/my-token")]
    public void The_URL_of_a_page_that_is_not_a_repo_is_an_error(string url)
    {
        using HubClient client = _bench.NewClient();
        Assert.Equal((WiseCodes.UnusableUrl, $"{url} is a page of the hub 'mine', but not of a repo. Write owner/name."),
            (Assert.Throws<HubException>(() => client.ReferenceFromUrl(url)) is var e ? (e.Code, e.Message) : default));
    }

    public void Dispose() => _bench.Dispose();
}
