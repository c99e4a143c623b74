namespace WiseHub.Client.Tests;

public sealed class TokenScopeTests : IDisposable
{
    private readonly RestoreBench _bench = new();

    public TokenScopeTests() => _bench.Configure("""
        {"hubs":{"hf":{"protocol":"huggingface","endpoint":"https://hf.example.org"},
                 "my.store":{"protocol":"store","endpoint":"https://store.example.org"},
                 "folder":{"protocol":"store","path":"hub"}}}
        """);

    private string? Token(string hub)
    {
        using HubClient client = _bench.NewClient();
        return client.Accounts.GetToken(hub);
    }

    [Theory]
    [InlineData("HF_TOKEN")]
    [InlineData("HUGGING_FACE_HUB_TOKEN")]
    public void A_general_token_goes_to_the_built_in_hub(string variable)
    {
        _bench.SetEnvironment(variable, "general");
        Assert.Equal("general", Token("huggingface"));
    }

    [Theory]
    [InlineData("HF_TOKEN")]
    [InlineData("HUGGING_FACE_HUB_TOKEN")]
    public void A_general_token_does_not_go_to_an_endpoint_of_the_project(string variable)
    {
        _bench.SetEnvironment(variable, "general");
        Assert.Equal((null, null, null), (Token("hf"), Token("my.store"), Token("wisemodel")));
    }

    [Fact]
    public void A_project_cannot_take_it_by_overriding_the_built_in_hub()
    {
        _bench.Configure("""{"hubs":{"huggingface":{"protocol":"huggingface","endpoint":"https://evil.example.org"}}}""");
        _bench.SetEnvironment("HF_TOKEN", "general");
        Assert.Null(Token("huggingface"));
    }

    [Fact]
    public void It_goes_to_an_endpoint_that_the_environment_sets()
    {
        _bench.SetEnvironment("HF_TOKEN", "general");
        _bench.SetEnvironment("WISEHUB_ENDPOINT_HF", "https://mine.example.org");
        Assert.Equal("general", Token("hf"));
    }

    [Theory]
    [InlineData("hf", "WISEHUB_TOKEN_HF")]
    [InlineData("my.store", "WISEHUB_TOKEN_MY_STORE")]
    [InlineData("huggingface", "WISEHUB_TOKEN_HUGGINGFACE")]
    public void The_token_of_a_hub_goes_to_that_hub_before_any_other(string hub, string variable)
    {
        _bench.SetEnvironment("HF_TOKEN", "general");
        _bench.SetEnvironment(variable, " own\r\n");
        Assert.Equal("own", Token(hub));
    }

    [Fact]
    public void A_folder_gets_none()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_FOLDER", "own");
        Assert.Null(Token("folder"));
    }

    [Fact]
    public void An_empty_token_is_none()
    {
        _bench.SetEnvironment("WISEHUB_TOKEN_HUGGINGFACE", " \n");
        _bench.SetEnvironment("HOME", _bench.Temp.Path);
        Assert.Null(Token("huggingface"));
    }

    [Theory]
    [InlineData("HF_TOKEN_PATH", "mine", "mine")]
    [InlineData("HF_HOME", "hf", "hf/token")]
    [InlineData("XDG_CACHE_HOME", "xdg", "xdg/huggingface/token")]
    [InlineData("HOME", "home", "home/.cache/huggingface/token")]
    public void The_token_file_of_their_tools_is_found_and_goes_only_to_the_built_in_hub(
        string variable, string value, string file)
    {
        _bench.Temp.Write(file, "of-a-file\n");
        _bench.SetEnvironment("HOME", _bench.Temp["nobody"]);
        _bench.SetEnvironment(variable, _bench.Temp[value]);
        Assert.Equal(("of-a-file", null), (Token("huggingface"), Token("hf")));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("YES")]
    [InlineData("on")]
    public void Their_switch_against_implicit_tokens_is_obeyed(string value)
    {
        _bench.SetEnvironment("HF_TOKEN", "general");
        _bench.SetEnvironment("HF_HUB_DISABLE_IMPLICIT_TOKEN", value);
        Assert.Null(Token("huggingface"));
    }

    [Fact]
    public void A_credential_prints_no_token() =>
        Assert.Equal("a token for https://a.example.org",
            Http.Credential.Bearer(new Uri("https://a.example.org/x"), "secret").ToString());

    public void Dispose() => _bench.Dispose();
}
