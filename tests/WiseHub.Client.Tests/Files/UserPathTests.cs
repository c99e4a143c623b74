using WiseHub.Client.Hubs.HuggingFace;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// A path in a variable, an option or a file means the same place for every program that reads it.
/// </summary>
public sealed class UserPathTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    private string Home => _temp["home"];

    private Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        new TestEnvironment(Home, variables).Read;

    private string CacheRoot(string? option, params (string Name, string Value)[] variables)
    {
        using var client = new HubClient(new HubClientOptions
        {
            WorkingDirectory = _temp["project"],
            CacheDirectory = option,
            Environment = new TestEnvironment(Home, variables).Read
        });
        return client.Cache.Root;
    }

    [Theory]
    [InlineData("~/caches/wise", "home/caches/wise")]
    [InlineData("~", "home")]
    public void A_tilde_in_the_cache_path_means_the_home_folder(string path, string expected) =>
        Assert.Equal((_temp[expected], _temp[expected]), (CacheRoot(null, ("WISEHUB_CACHE", path)), CacheRoot(path)));

    [Fact]
    public void A_relative_cache_option_is_relative_to_the_working_directory() =>
        Assert.Equal(_temp["project/cache"], CacheRoot("cache"));

    [Theory]
    [InlineData("WISEHUB_CACHE", "cache")]
    [InlineData("WISEHUB_CACHE", "./cache")]
    public void A_relative_path_in_a_variable_is_an_error(string variable, string path)
    {
        var e = Assert.Throws<HubException>(() => CacheRoot(null, (variable, path)));
        Assert.Equal((WiseCodes.UnusablePath, $"The environment variable {variable} is '{path}'"
            + ", a relative path. Programs that read it run in different folders, so each would use a different one. Set an "
            + "absolute path, or one that starts with ~/."),
            (e.Code, e.Message));
    }

    [Fact]
    public void The_home_folder_of_another_user_is_an_error()
    {
        var variable = Assert.Throws<HubException>(() => CacheRoot(null, ("WISEHUB_CACHE", "~bob/cache")));
        var option = Assert.Throws<HubException>(() => CacheRoot("~bob/cache"));
        const string Rest = "starts with '~' and a name, but only '~/', the home folder of this user, is supported. "
            + "Write the absolute path, or './~…' for a file of that name.";
        Assert.Equal(("The path '~bob/cache' in the environment variable WISEHUB_CACHE " + Rest, "The path '~bob/cache' " + Rest),
            (variable.Message, option.Message));
    }

    [Fact]
    public void A_blank_variable_is_ignored() => Assert.Equal(CacheRoot(null), CacheRoot(null, ("WISEHUB_CACHE", " ")));

    [Fact]
    public void A_relative_path_in_an_XDG_variable_is_ignored() =>
        Assert.Equal(CacheRoot(null), CacheRoot(null, ("XDG_CACHE_HOME", "cache")));

    [Theory]
    [InlineData("HF_HUB_CACHE", "~/hf", "home/hf")]
    [InlineData("HF_HUB_CACHE", "$HF_TOP/hf", "home/top/hf")]
    [InlineData("HF_HOME", "~/hf", "home/hf/hub")]
    [InlineData("XDG_CACHE_HOME", "relative", "home/.cache/huggingface/hub")]
    public void Variables_of_Hugging_Face_are_expanded_as_its_own_tools_do(string variable, string value, string expected) =>
        Assert.Equal(_temp[expected], HuggingFaceFolders.HubCache(Environment((variable, value), ("HF_TOP", "~/top"))));

    [Fact]
    public void A_relative_cache_of_Hugging_Face_is_an_error() =>
        Assert.Equal(WiseCodes.UnusablePath,
            Assert.Throws<HubException>(() => HuggingFaceFolders.HubCache(Environment(("HF_HUB_CACHE", "hf")))).Code);

    [Fact]
    public void A_folder_hub_of_a_configuration_may_be_below_the_home_folder()
    {
        _temp.Write("wisehub.json", """
            { "hubs": { "mine": { "protocol": "store", "path": "~/hub" }, "near": { "protocol": "store", "path": "hub" } } }
            """);
        HubConfig config = HubConfig.Load(_temp["wisehub.json"], Environment());
        Assert.Equal(_temp["hub"], config.Find("near").Path);
        Assert.Equal(_temp["home/hub"], config.Find("mine").Path);
    }
}
