using System.Runtime.Versioning;
using WiseHub.Client.Context;
using WiseHub.Client.Credentials;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Which source's secret goes to which origin (docs/tokens.md#trusted-hubs).</summary>
public sealed class SecretScopeTests : IDisposable
{
    private readonly RestoreBench _bench = new();
    private readonly Dictionary<string, string> _given = [];

    /// <summary>Whose word it is that a hub is at its place.</summary>
    public enum Word
    {
        BuiltIn,
        Environment,
        UsersOwn,
        UsersOwnAndProject,
        Project,
        ProjectNamesABuiltInPlace,
        ProjectMovesABuiltInName,
        ProjectMovesAUsersName,
        ProjectMovesButEnvironmentConfirms,
    }

    // given | WISEHUB_TOKEN_<HUB> | stored for the origin | HF_TOKEN | token file
    [Theory]
    [InlineData(Word.BuiltIn, "given variable stored tool file")]
    [InlineData(Word.Environment, "given variable stored tool file")]
    [InlineData(Word.UsersOwn, "given variable stored tool file")]
    [InlineData(Word.UsersOwnAndProject, "given variable stored tool file")]
    [InlineData(Word.Project, "given variable stored")]
    [InlineData(Word.ProjectNamesABuiltInPlace, "given variable stored tool file")]
    [InlineData(Word.ProjectMovesABuiltInName, "stored")]
    [InlineData(Word.ProjectMovesAUsersName, "stored")]
    [InlineData(Word.ProjectMovesButEnvironmentConfirms, "given variable stored tool file")]
    public void A_source_reaches_the_places_that_its_owner_named(Word word, string expected)
    {
        (string hub, string origin) = Arrange(word);

        List<string> reached = [];
        foreach (string source in (string[])["given", "variable", "stored", "tool", "file"])
        {
            Put(source, hub, origin, "secret-of-" + source);
            if (Token(hub) == "secret-of-" + source)
                reached.Add(source);
            Take(source, hub);
        }

        Assert.Equal(expected, string.Join(' ', reached));
    }

    [Fact]
    public void The_sources_have_an_order()
    {
        List<string?> found = [];
        string[] sources = ["given", "variable", "tool", "stored", "file"];
        foreach (string source in sources)
            Put(source, "huggingface", "https://huggingface.co", source);
        foreach (string source in sources)
        {
            found.Add(Token("huggingface"));
            Take(source, "huggingface");
        }
        Assert.Equal("given variable tool stored file", string.Join(' ', found));
        Assert.Null(Token("huggingface"));
    }

    [Fact]
    public void What_a_withheld_token_needs_is_said()
    {
        Arrange(Word.ProjectMovesABuiltInName);
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", "secret");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("huggingface");
        Assert.Equal("WISEHUB_TOKEN_HUGGINGFACE was not sent, because the project's wisehub.json redirects the hub 'huggingface' "
            + "to https://evil.example.org. If you trust that server, set WISEHUB_ENDPOINT_HUGGINGFACE to it, or store a token "
            + "for it with 'wisehub login huggingface'.", services.Tokens.Remedy(hub, hub.Endpoint!, SecretKind.Token));
    }

    [Fact]
    public void A_token_that_is_used_is_logged_by_its_source_and_without_its_value()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", "secret");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("huggingface");
        services.Tokens.Find(hub, hub.Endpoint!, SecretKind.Token);
        services.Tokens.Find(hub, hub.Endpoint!, SecretKind.Token);
        Assert.Equal("detail: https://huggingface.co gets the token from the environment variable "
            + "WISEHUB_TOKEN_HUGGINGFACE.", _bench.Log.Text);
    }

    [Fact]
    public void A_session_that_is_used_is_logged_as_one()
    {
        Store("https://www.wisemodel.cn", "session", "secret");
        using var services = new ClientContext(Options());
        services.Tokens.Find(services.Config.Find("wisemodel"), new Uri("https://www.wisemodel.cn"), SecretKind.Session);
        Assert.StartsWith("detail: https://www.wisemodel.cn gets the session from the file ", _bench.Log.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_withheld_hub_without_a_token_says_how_to_give_one()
    {
        Arrange(Word.ProjectMovesABuiltInName);
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("huggingface");
        Assert.StartsWith("Set WISEHUB_TOKEN_HUGGINGFACE to a token with read access",
            services.Tokens.Remedy(hub, hub.Endpoint!, SecretKind.Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("huggingface", " Create a token at https://huggingface.co/settings/tokens.")]
    [InlineData("wisemodel", " Create a token at https://www.wisemodel.cn/my-token.")]
    [InlineData("github", " Create a token at https://github.com/settings/tokens.")]
    [InlineData("gitlab", " Create a token at https://gitlab.com/-/user_settings/personal_access_tokens.")]
    [InlineData("web", "")]
    public void A_missing_token_says_how_to_give_one(string name, string page)
    {
        _bench.Configure("""{"hubs":{"web":{"protocol":"store","endpoint":"https://models.example.org"}}}""");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find(name);
        string variable = "WISEHUB_TOKEN_" + name.ToUpperInvariant();
        Assert.Equal($"Set {variable} to a token with read access, or run 'wisehub login {name}'.{page}",
            services.Tokens.Remedy(hub, hub.Endpoint!, SecretKind.Token));
    }

    [Fact]
    public void A_stored_token_goes_to_its_origin_and_kind_only()
    {
        Store("https://hf.example.org", "token", "right");
        Store("https://hf.example.org:8443", "token", "other port");
        Store("http://hf.example.org", "token", "other scheme");
        Store("https://hf.example.org", "session", "other kind");
        _bench.Configure("""
            {"hubs":{"a":{"protocol":"huggingface","endpoint":"https://hf.example.org/path"},
             "b":{"protocol":"huggingface","endpoint":"https://hf.example.org:444"}}}
            """);
        Assert.Equal(("right", null), (Token("a"), Token("b")));
    }

    [Fact]
    public void What_a_hub_is_asked_for_another_origin_is_only_what_is_stored_for_that()
    {
        Store("https://elsewhere.example.org", "token", "stored");
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", "variable");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("huggingface");
        string? At(string origin) => services.Tokens.Find(hub, new Uri(origin), SecretKind.Token)?.Value;
        Assert.Equal(("variable", "stored", null),
            (At("https://huggingface.co/api"), At("https://elsewhere.example.org"), At("https://cdn.example.org")));
    }

    [Theory]
    [InlineData("GH_TOKEN", "github")]
    [InlineData("GITHUB_TOKEN", "github")]
    [InlineData("GITLAB_TOKEN", "gitlab")]
    public void The_variables_of_git_hosts_tools_go_to_their_own_host_only(string variable, string hub)
    {
        _bench.Configure("""{"hubs":{"forge":{"protocol":"git","endpoint":"https://git.example.org"}}}""");
        _bench.SetEnvironment(variable, "general");
        Assert.Equal([hub], new[] { "github", "gitlab", "huggingface", "wisemodel", "forge" }.Where(h => Token(h) is not null));
        _bench.SetEnvironment("WISEHUB_ENDPOINT_FORGE", "https://git.example.org");
        _bench.SetEnvironment("WISEHUB_ENDPOINT_" + hub.ToUpperInvariant(), "https://enterprise.example.org");
        Assert.Equal((null, null), (Token("forge"), Token(hub)));
    }

    [Fact]
    public void A_token_of_github_goes_to_its_api_host()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_GITHUB", "own");
        using var services = new ClientContext(Options());
        Assert.Equal("own", services.Tokens.Find(services.Config.Find("github"),
            new Uri("https://api.github.com/user"), SecretKind.Token)?.Value);
    }

    [Fact]
    public void The_session_of_wisemodels_own_tool_goes_to_all_services_of_the_hub_and_a_token_is_not_a_session()
    {
        _bench.Temp.Write("home/.cache/wisemodel/.token", "jwt\n");
        _bench.SetEnvironment("WISEHUB_TOKEN_WISEMODEL", "git");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("wisemodel");
        foreach (Uri origin in hub.Origins)
            Assert.Equal(("git", "jwt"), (services.Tokens.Find(hub, origin, SecretKind.Token)?.Value,
                services.Tokens.Find(hub, origin, SecretKind.Session)?.Value));
    }

    [Fact]
    public void One_moved_service_of_wisemodel_is_a_moved_hub()
    {
        _bench.Temp.Write("home/.cache/wisemodel/.token", "jwt\n");
        _bench.SetEnvironment("WISEHUB_TOKEN_WISEMODEL", "git");
        _bench.Configure("""{"hubs":{"wisemodel":{"protocol":"wisemodel","endpoints":{"raw":"https://evil.example.org"}}}}""");
        using var services = new ClientContext(Options());
        HubDefinition hub = services.Config.Find("wisemodel");
        foreach (Uri origin in hub.Origins)
            Assert.Equal((null, null),
                (services.Tokens.Find(hub, origin, SecretKind.Token), services.Tokens.Find(hub, origin, SecretKind.Session)));
    }

    [Fact]
    public void A_project_cannot_give_a_hub_another_protocol_to_move_its_token()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_GITHUB", "own");
        _bench.SetEnvironment("GITHUB_TOKEN", "general");
        _bench.Configure("""{"hubs":{"GitHub":{"protocol":"huggingface"}}}""");
        Assert.Null(Token("github"));
    }

    [Fact]
    public void A_project_may_change_the_patience_of_a_built_in_hub()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", "own");
        _bench.Configure("""{"hubs":{"huggingface":{"protocol":"huggingface","retries":9}}}""");
        Assert.Equal("own", Token("huggingface"));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("ключ")]
    [InlineData("a\u0001b")]
    public void A_token_that_no_header_can_carry_is_named_by_its_source_and_not_shown(string token)
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", token);
        HubException e = Assert.Throws<HubException>(() => Token("huggingface"));
        Assert.Equal("WISE1055: The token from the environment variable WISEHUB_TOKEN_HUGGINGFACE has characters that are not "
            + "valid in a token, such as a space or a non-ASCII letter. Copy it again from the hub's page.", _bench.Show(e));
    }

    [Theory]
    [InlineData("{", "is damaged. It was not changed; correct it, or move it away and log in again.")]
    [InlineData("[]", "is damaged. It was not changed; correct it, or move it away and log in again.")]
    [InlineData("", "is damaged. It was not changed; correct it, or move it away and log in again.")]
    [InlineData("""{"version":1,"credentials":[{"origin":"https://huggingface.co","kind":"secret-canary"}]}""",
        "is damaged. It was not changed; correct it, or move it away and log in again.")]
    [InlineData("""{"version":2}""",
        "was written by a newer version of wisehub (format 2). Update wisehub, or move the file away and log in again.")]
    public void A_damaged_file_is_an_error_and_left_as_it_is(string text, string expected)
    {
        WriteStored(text);
        HubException e = Assert.Throws<HubException>(() => Token("huggingface"));
        Assert.Equal($"WISE1057: The file with stored tokens, {_bench.Log.Hide(StoredFile)}, {expected}", _bench.Show(e));
        Assert.Equal(text, File.ReadAllText(StoredFile));
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    [Needs(Need.Unix)]
    public void A_file_that_others_may_read_or_change_is_refused(UnixFileMode others)
    {
        Store("https://huggingface.co", "token", "secret");
        File.SetUnixFileMode(StoredFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | others);
        Assert.Equal("WISE1056: Other users of this machine can read or change <temp>/home/.config/wisehub/credentials.json. Run "
            + "'chmod 600 <temp>/home/.config/wisehub/credentials.json'. If others use this machine, also renew the tokens in "
            + "it.",
            _bench.Show(Assert.Throws<HubException>(() => Token("huggingface"))));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    [Needs(Need.Unix)]
    public void A_folder_in_which_others_may_replace_it_is_refused()
    {
        Store("https://huggingface.co", "token", "secret");
        File.SetUnixFileMode(Path.GetDirectoryName(StoredFile)!, (UnixFileMode)0b111_111_111);
        Assert.Equal("WISE1056: Other users of this machine can replace files in <temp>/home/.config/wisehub, "
            + "where the tokens are stored. Run 'chmod go-w <temp>/home/.config/wisehub'.",
            _bench.Show(Assert.Throws<HubException>(() => Token("huggingface"))));
    }

    [Fact]
    [Needs(Need.Unix)]
    public void The_folder_follows_XDG_CONFIG_HOME_where_that_is_absolute()
    {
        Store("https://huggingface.co", "token", "of-home");
        Directory.CreateDirectory(_bench.Temp["xdg"]);
        _bench.SetEnvironment("XDG_CONFIG_HOME", "relative");
        Assert.Equal("of-home", Token("huggingface"));
        _bench.SetEnvironment("XDG_CONFIG_HOME", _bench.Temp["xdg"]);
        Assert.Null(Token("huggingface"));
    }

    [Fact]
    public void The_users_own_configuration_lies_under_the_projects()
    {
        _bench.Temp.Write("home/.config/wisehub/wisehub.json", """
            {"defaultHub":"mine","hubs":{"mine":{"protocol":"store","path":"own"},
             "shared":{"protocol":"store","endpoint":"https://mine.example.org"}}}
            """);
        _bench.Configure("""{"hubs":{"shared":{"protocol":"store","endpoint":"https://project.example.org"}}}""");
        using HubClient client = _bench.NewClient();
        Assert.Equal(("mine", _bench.Temp["home/.config/wisehub/own"], "https://project.example.org/"),
            (client.Config.DefaultHub, client.Config.Find("mine").Path, client.Config.Find("shared").Endpoint!.AbsoluteUri));
    }

    public void Dispose() => _bench.Dispose();

    private string StoredFile => _bench.CredentialFile;

    private HubClientOptions Options() => _bench.Options with { Tokens = _given };

    private string? Token(string hub)
    {
        using HubClient client = _bench.NewClient(o => o with { Tokens = _given });
        return client.Accounts.GetToken(hub);
    }

    private (string Hub, string Origin) Arrange(Word word)
    {
        const string mine = "https://mine.example.org", projects = "https://project.example.org",
            evil = "https://evil.example.org", official = "https://huggingface.co";
        string Hub(string name, string endpoint) =>
            "{\"hubs\":{\"" + name + "\":{\"protocol\":\"huggingface\",\"endpoint\":\"" + endpoint + "\"}}}";
        void Users(string name) => _bench.Temp.Write("home/.config/wisehub/wisehub.json", Hub(name, mine));
        switch (word)
        {
            case Word.BuiltIn:
                return ("huggingface", official);
            case Word.Environment:
                _bench.Configure(Hub("hf", projects));
                _bench.SetEnvironment("WISEHUB_ENDPOINT_HF", mine);
                return ("hf", mine);
            case Word.UsersOwn:
                Users("hf");
                return ("hf", mine);
            case Word.UsersOwnAndProject:
                Users("hf");
                _bench.Configure(Hub("hf", mine));
                return ("hf", mine);
            case Word.Project:
                _bench.Configure(Hub("hf", projects));
                return ("hf", projects);
            case Word.ProjectNamesABuiltInPlace:
                _bench.Configure(Hub("hf", official));
                return ("hf", official);
            case Word.ProjectMovesABuiltInName:
                _bench.Configure(Hub("huggingface", evil));
                return ("huggingface", evil);
            case Word.ProjectMovesAUsersName:
                Users("hf");
                _bench.Configure(Hub("HF", evil));
                return ("hf", evil);
            default:
                _bench.Configure(Hub("huggingface", projects));
                _bench.SetEnvironment("WISEHUB_ENDPOINT_HUGGINGFACE", projects);
                return ("huggingface", projects);
        }
    }

    private void Put(string source, string hub, string origin, string secret)
    {
        switch (source)
        {
            case "given":
                _given[hub] = secret;
                break;
            case "variable":
                _bench.SetEnvironment("WISEHUB_TOKEN_" + hub.ToUpperInvariant(), secret);
                break;
            case "stored":
                Store(origin, "token", secret);
                break;
            case "tool":
                _bench.SetEnvironment("HF_TOKEN", secret);
                break;
            default:
                _bench.Temp.Write("home/.cache/huggingface/token", secret);
                break;
        }
    }

    private void Take(string source, string hub)
    {
        _given.Clear();
        if (source == "variable")
            _bench.SetEnvironment("WISEHUB_TOKEN_" + hub.ToUpperInvariant(), "");
        else if (source == "tool")
            _bench.SetEnvironment("HF_TOKEN", "");
        else if (source == "stored")
            File.Delete(StoredFile);
        else if (source == "file")
            File.Delete(_bench.Temp["home/.cache/huggingface/token"]);
    }

    private readonly List<string> _stored = [];

    private void Store(string origin, string kind, string secret)
    {
        if (!File.Exists(StoredFile))
            _stored.Clear();
        _stored.Add($$"""{"origin":"{{origin}}","kind":"{{kind}}","secret":"{{secret}}"}""");
        WriteStored($$"""{"version":1,"credentials":[{{string.Join(',', _stored)}}]}""");
    }

    private void WriteStored(string text) => _bench.WriteCredentials(text);
}
