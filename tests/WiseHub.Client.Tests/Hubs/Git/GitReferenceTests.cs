using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client.Tests;

/// <summary>References to repos of git hosts, endpoints, LFS pointers and lists of refs are parsed.</summary>
public sealed class GitReferenceTests
{
    private static RepoReference Parse(string text)
    {
        using var project = new RestoreBench();
        using HubClient client = project.NewClient(o => o with { ConfigFile = null });
        return client.ParseReference(text);
    }

    [Theory]
    [InlineData("acme/tiny:v1", "acme/tiny", "v1")]
    [InlineData("acme/tiny:feature/x", "acme/tiny", "feature/x")]
    [InlineData("group/sub/tiny:feature/x", "group/sub/tiny", "feature/x")]
    [InlineData("acme/tiny", "acme/tiny", null)]
    [InlineData("acme/tiny:", "acme/tiny:", null)]
    [InlineData("tiny:v1", "tiny:v1", null)]
    [InlineData(":v1", ":v1", null)]
    public void An_id_may_have_a_revision(string text, string id, string? revision)
    {
        RepoReference reference = Parse(text);

        Assert.Equal((id, revision), (reference.RepoId, reference.Revision));
    }

    [Theory]
    [InlineData("https://github.com/acme/tiny", "github", "acme/tiny", null, "all files")]
    [InlineData("https://github.com/acme/tiny.git", "github", "acme/tiny", null, "all files")]
    [InlineData("https://github.com/acme/tree", "github", "acme/tree", null, "all files")]
    [InlineData("https://github.com/acme/tiny/tree/v1/sub%20x", "github", "acme/tiny", "v1", "sub x/*")]
    [InlineData("https://github.com/acme/tiny/blob/main/a/b.bin", "github", "acme/tiny", "main", "a/b.bin")]
    [InlineData("https://github.com/acme/tiny/raw/main/b.bin", "github", "acme/tiny", "main", "b.bin")]
    [InlineData("https://github.com/acme/tiny/commit/0123456789012345678901234567890123456789", "github", "acme/tiny",
        "0123456789012345678901234567890123456789", "all files")]
    [InlineData("https://github.com/acme/tiny/blob/main/-/b.bin", "github", "acme/tiny", "main", "-/b.bin")]
    [InlineData("https://gitlab.com/group/sub/tiny/tree/main/sub", "gitlab", "group/sub/tiny", "main", "sub/*")]
    [InlineData("https://gitlab.com/group/sub/tiny", "gitlab", "group/sub/tiny", null, "all files")]
    [InlineData("https://gitlab.com/group/sub/tiny.git", "gitlab", "group/sub/tiny", null, "all files")]
    [InlineData("https://gitlab.com/group/sub/deep/tiny/-/blob/main/a.bin", "gitlab", "group/sub/deep/tiny", "main", "a.bin")]
    [InlineData("https://gitlab.com/acme/tiny/-/tree/main/sub", "gitlab", "acme/tiny", "main", "sub/*")]
    [InlineData("https://gitlab.com/acme/tiny/-/blob/main/a.bin", "gitlab", "acme/tiny", "main", "a.bin")]
    [InlineData("https://github.com/acme/tiny/src/branch/main/sub", "github", "acme/tiny", "main", "sub;sub/*")]
    public void The_URL_of_a_page_gives_repo_revision_and_files(string url, string hub, string id, string? revision, string files)
    {
        RepoReference reference = Parse(url);

        Assert.Equal((hub, id, revision, files),
            (Assert.Single(reference.Hubs), reference.RepoId, reference.Revision, reference.Files.ToString()));
    }

    [Theory]
    [InlineData("https://github.com")]
    [InlineData("https://github.com/group/sub/name")]
    [InlineData("https://gitlab.com/group")]
    [InlineData("https://gitlab.com/group/-/epics")]
    [InlineData("https://gitlab.com/group/sub/name/-")]
    public void The_URL_of_a_page_that_is_not_a_repo_is_an_error(string url) =>
        Assert.Equal("WISE1011", Assert.Throws<HubException>(() => Parse(url)).Code);

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:{0}\nsize 12\n", 12L)]
    [InlineData("version https://git-lfs.github.com/spec/v1\next-0-foo sha256:{0}\noid sha256:{0}\nsize 0\n", 0L)]
    [InlineData("version https://hawser.github.com/spec/v1\noid sha256:{0}\nsize 7", 7L)]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:{0}\nsize -1\n", null)]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n", null)]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid md5:{0}\nsize 1\n", null)]
    [InlineData("# version https://git-lfs.github.com/spec/v1\noid sha256:{0}\nsize 1\n", null)]
    [InlineData("version 1.2\noid sha256:{0}\nsize 1\n", null)]
    public void A_pointer_is_parsed_as_git_lfs_does(string text, long? size) =>
        Assert.Equal(size, LfsPointer.Parse(System.Text.Encoding.ASCII.GetBytes(text.Replace("{0}", new string('a', 64),
            StringComparison.Ordinal)))?.Size);

    [Theory]
    [InlineData("https://git.example.org", null)]
    [InlineData("https://git.example.org:8443/x", null)]
    [InlineData("https://b\u00fccher.example", null)]
    [InlineData("https://10.0.0.1:3000", null)]
    [InlineData("https://[::1]:3000", null)]
    [InlineData("ssh://git@localhost:22/srv", null)]
    [InlineData("ssh://git@-oProxyCommand=x/srv", "it is neither a domain nor an IP address")]
    [InlineData("https://a-.example", "a part of its name is not valid in a domain")]
    public void A_host_must_be_a_domain_or_an_IP_address(string endpoint, string? reason) =>
        Assert.Equal(reason, Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) ? GitAddress.RejectHost(uri)
            : "it is neither a domain nor an IP address");

    [Theory]
    [InlineData("https://git.example.org", "ssh://git@git.example.org/acme/tiny.git", "-- git@git.example.org", "acme/tiny.git")]
    [InlineData("https://git.example.org:8443", "ssh://git@git.example.org/acme/tiny.git",
        "-- git@git.example.org", "acme/tiny.git")]
    [InlineData("ssh://me@git.example.org:2222/srv/git", "ssh://me@git.example.org:2222/srv/git/acme/tiny.git",
        "-p 2222 -- me@git.example.org", "/srv/git/acme/tiny.git")]
    [InlineData("ssh://git@[::1]:2222", "ssh://git@[::1]:2222/acme/tiny.git", "-p 2222 -- git@::1", "acme/tiny.git")]
    public void An_endpoint_gives_the_URLs_for_git_and_ssh(string endpoint, string url, string destination, string path)
    {
        var hub = new HubDefinition("git", "git")
        { Endpoint = new Uri(endpoint), Settings = new GitSettings { Transport = GitTransport.Ssh } };

        Assert.Equal(url, GitAddress.Url(hub, "acme/tiny"));
        Assert.Equal((destination, path),
            (string.Join(' ', GitAddress.SshOf(hub, "acme/tiny").Destination), GitAddress.SshOf(hub, "acme/tiny").Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("zzzz")]
    [InlineData("0003")]
    [InlineData("00ff# service=git-upload-pack\n")]
    [InlineData("0007abc")]
    [InlineData("0009version 2\n")]
    public void An_invalid_list_of_refs_is_an_error(string body) =>
        Assert.Throws<FormatException>(() => GitRefs.ParseAdvertisement(System.Text.Encoding.ASCII.GetBytes(body)));
}
