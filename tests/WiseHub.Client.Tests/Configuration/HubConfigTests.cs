using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Hubs.S3;
using WiseHub.Client.Hubs.Wisemodel;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

public sealed class HubConfigTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly TestEnvironment _environment;

    public HubConfigTests() => _environment = new TestEnvironment(_temp["home"]);

    private HubConfig Load(string? json)
    {
        string? file = json is null ? null : _temp.Write("sub/wisehub.json", json);
        return HubConfig.Load(file, _environment.Read);
    }

    private static string Hubs(string inner) => "{\"hubs\":{" + inner + "}}";

    [Fact]
    public void Without_a_configuration_file_the_built_in_hubs_are_known()
    {
        HubConfig config = Load(null);
        Assert.Equal("wisemodel", config.DefaultHub);
        Assert.Equal(
            ["github git https://github.com/ True", "gitlab git https://gitlab.com/ True",
                "huggingface huggingface https://huggingface.co/ True", "wisemodel wisemodel https://www.wisemodel.cn/ True"],
            config.Hubs.Values.OrderBy(h => h.Name, StringComparer.Ordinal)
                .Select(h => $"{h.Name} {h.Protocol} {h.Endpoint} {h.IsTrustedEndpoint}"));
    }

    [Fact]
    public void Every_key_of_the_documentation_is_read()
    {
        HubConfig config = Load("""
            {
              "defaultHub": "local",
              "hubs": {
                "local":    { "protocol": "store", "path": "../hub", "retries": 5, "connectTimeout": 1, "stallTimeout": 2,
                 "totalTimeout": 3 },
                "intranet": { "protocol": "store", "endpoint": "https://models.example.org/" },
                "team":     { "protocol": "s3", "bucket": "models", "prefix": "hub", "endpoint": "http://127.0.0.1:9000",
                 "region": "us-east-1", "pathStyle": true,
                              "conditionalWrites": "auto" },
                "hf":       { "protocol": "huggingface", "endpoint": "https://hf-mirror.example.org" },
                "wm":       { "protocol": "wisemodel", "endpoints": { "raw": "https://raw.example.org/" } },
                "gh":       { "protocol": "git", "endpoint": "https://git.example.org", "transport": "ssh" },
                "old":      { "protocol": "hg-localization" },
                "public":   { "protocol": "hg-localization", "publicAccess": "policy" }
              }
            }
            """);
        Assert.Equal("local", config.DefaultHub);
        Assert.Equal(
            new HubDefinition("local", "store")
            {
                Path = _temp["hub"],
                Retries = 5,
                ConnectTimeout = TimeSpan.FromSeconds(1),
                StallTimeout = TimeSpan.FromSeconds(2),
                TotalTimeout = TimeSpan.FromSeconds(3),
                IsTrustedEndpoint = true,
            }, config.Find("local"));
        Assert.Equal(new HubDefinition("intranet", "store") { Endpoint = new Uri("https://models.example.org") },
            config.Find("intranet"));
        Assert.Equal(
            new HubDefinition("team", "s3")
            {
                Endpoint = new Uri("http://127.0.0.1:9000"),
                Settings = new BucketSettings("models", "hub") { Region = "us-east-1", PathStyle = true },
            }, config.Find("team"));
        Assert.Equal(new HubDefinition("public", "hg-localization")
        {
            Settings = new BucketSettings("", "") { PublicAccess = PublicAccess.Policy },
            IsTrustedEndpoint = true,
        }, config.Find("public"));
        Assert.Equal(
            new HubDefinition("wm", "wisemodel")
            {
                Endpoint = WisemodelEndpoints.Official.Web,
                Settings = new WisemodelSettings
                {
                    Endpoints = WisemodelEndpoints.Official with { Raw = new Uri("https://raw.example.org") }
                },
            }, config.Find("wm"));
        Assert.Equal(new HubDefinition("gh", "git")
        { Endpoint = new Uri("https://git.example.org"), Settings = new GitSettings { Transport = GitTransport.Ssh } },
            config.Find("gh"));
        Assert.Equal(["gh", "github", "gitlab", "hf", "huggingface", "intranet", "local", "old", "public", "team", "wisemodel",
            "wm"],
            config.Hubs.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("../hub", "hub")]
    [InlineData("hub", "sub/hub")]
    [InlineData("a/./b/../c", "sub/a/c")]
    public void A_relative_path_is_relative_to_the_file(string path, string expected) =>
        Assert.Equal(_temp[expected], Load(Hubs($$"""  "h":{"protocol":"store","path":"{{path}}"}  """)).Find("h").Path);

    [Fact]
    public void The_configuration_itself_may_be_named_by_a_relative_path()
    {
        _temp.Write("project/wisehub.json", """{"hubs":{"local":{"protocol":"store","path":"../hub"}}}""");
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = "project/wisehub.json",
            WorkingDirectory = _temp.Path,
            CacheDirectory = _temp["cache"],
            Environment = TestEnvironment.Empty
        });
        Assert.Equal(_temp["hub"], client.Config.Find("local").Path);
    }

    [Fact]
    public void An_absolute_path_is_kept() => Assert.Equal(
        Path.GetFullPath("/x/hub", _temp.Path), Load(Hubs("""  "h":{"protocol":"store","path":"/x/hub"}  """)).Find("h").Path);

    [Fact]
    public void Hub_names_are_case_insensitive() => Assert.Equal("huggingface", Load(null).Find("HuggingFace").Name);

    [Fact]
    public void A_built_in_hub_can_be_overridden()
    {
        HubDefinition hub = Load(Hubs("""  "huggingface":{"protocol":"huggingface","endpoint":"https://m.example.org/hf/"}  """))
            .Find("huggingface");
        Assert.Equal((new Uri("https://m.example.org/hf"), false), (hub.Endpoint, hub.IsTrustedEndpoint));
    }

    [Fact]
    public void A_huggingface_hub_without_an_endpoint_uses_the_official_one() =>
        Assert.Equal((new Uri("https://huggingface.co"), true), (Load(Hubs("""  "hf2":{"protocol":"huggingface"}  """))
            .Find("hf2") is var h ? (h.Endpoint, h.IsTrustedEndpoint) : default));

    [Fact]
    public void The_configuration_file_is_searched_in_parent_folders()
    {
        _temp.Write("wisehub.json", "{}");
        string below = _temp["a/b"];
        Directory.CreateDirectory(below);
        Assert.Equal(_temp["wisehub.json"], HubConfig.FindUpward(below));
    }

    [Fact]
    public void The_error_for_an_unknown_hub_names_the_known_ones_and_the_file()
    {
        var without = Assert.Throws<HubException>(() => Load(null).Find("nosuch"));
        var with = Assert.Throws<HubException>(() => Load(Hubs("""  "h":{"protocol":"store","path":"x"}  """)).Find("nosuch"));
        Assert.Equal((WiseCodes.UnknownHub,
            "There is no hub 'nosuch'. The known hubs are github, gitlab, huggingface, wisemodel. Declare others in a "
            + "wisehub.json at or above the project (none was found)."),
            (without.Code, without.Message));
        Assert.Equal("There is no hub 'nosuch'. The known hubs are github, gitlab, h, huggingface, wisemodel. Declare others in"
            + $" {_temp["sub/wisehub.json"]}.", with.Message);
    }

    [Theory]
    [InlineData("WISEHUB_ENDPOINT_HUGGINGFACE", "huggingface")]
    [InlineData("HF_ENDPOINT", "huggingface")]
    [InlineData("WISEHUB_ENDPOINT_WISEMODEL", "wisemodel")]
    [InlineData("WISEHUB_ENDPOINT_MY_HUB_2", "my-hub.2")]
    public void An_endpoint_from_the_environment_is_used_and_trusted(string variable, string hub)
    {
        _environment[variable] = " http://127.0.0.1:8080/base/ ";
        HubDefinition found = Load(Hubs("""  "my-hub.2":{"protocol":"store","path":"x"}  """)).Find(hub);
        Assert.Equal((new Uri("http://127.0.0.1:8080/base"), null, true), (found.Endpoint, found.Path, found.IsTrustedEndpoint));
    }

    [Fact]
    public void WISEHUB_ENDPOINT_overrides_HF_ENDPOINT()
    {
        _environment["HF_ENDPOINT"] = "https://theirs.example.org";
        _environment["WISEHUB_ENDPOINT_HUGGINGFACE"] = "https://ours.example.org";
        Assert.Equal(new Uri("https://ours.example.org"), Load(null).Find("huggingface").Endpoint);
    }

    [Fact]
    public void HF_ENDPOINT_does_not_change_other_hubs_of_that_protocol()
    {
        _environment["HF_ENDPOINT"] = "https://theirs.example.org";
        Assert.Equal(new Uri("https://m.example.org"),
            Load(Hubs("""  "hf":{"protocol":"huggingface","endpoint":"https://m.example.org"}  """)).Find("hf").Endpoint);
    }

    [Theory]
    [InlineData("models.example.org")]
    [InlineData("ftp://models.example.org")]
    [InlineData("https://user:secret@models.example.org")]
    [InlineData("https://models.example.org/?token=secret")]
    [InlineData("https://models.example.org/#x")]
    [InlineData("https://")]
    public void The_error_for_an_invalid_endpoint_variable_does_not_show_its_value(string endpoint)
    {
        _environment["HF_ENDPOINT"] = endpoint;
        var e = Assert.Throws<HubException>(() => Load(null));
        Assert.Equal((WiseCodes.InvalidConfig, "The environment variable HF_ENDPOINT is not an http(s) URL without user, "
            + "query and fragment. Correct it or remove it."), (e.Code, e.Message));
    }

    [Theory]
    [InlineData("my-hub", "my_hub", "MY_HUB")]
    [InlineData("a.b", "A-B", "A_B")]
    public void Two_hub_names_with_the_same_variable_are_an_error(string one, string other, string variable)
    {
        var e = Assert.Throws<HubException>(
            () => Load(Hubs($$"""  "{{one}}":{"protocol":"store","path":"x"},"{{other}}":{"protocol":"store","path":"x"}  """)));
        Assert.Equal((WiseCodes.AmbiguousHubNames, $"{_temp["sub/wisehub.json"]}: the hubs {one} and {other} would share the "
            + $"environment variable WISEHUB_TOKEN_{variable}. Rename one."), (e.Code, e.Message));
    }

    public void Dispose() => _temp.Dispose();
}
