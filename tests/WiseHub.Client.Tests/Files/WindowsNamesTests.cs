using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Names with a special meaning on Windows are not used as file names for names from a user or a hub.</summary>
public sealed class WindowsNamesTests : IDisposable
{
    private readonly TempFolder _temp = new();

    [Theory]
    [InlineData("con", "@config/%63on/main")]
    [InlineData("AUX", "@config/%41UX/main")]
    [InlineData("nul.txt", "@config/nul%2Etxt/main")]
    [InlineData("en ", "@config/en%20/main")]
    [InlineData("a:b", "@config/a%3Ab/main")]
    [InlineData("mrpc", "@config/mrpc/main")]
    public void The_ref_of_a_configuration_is_a_valid_name_on_every_system(string config, string name)
    {
        string made = Client.Store.RefNames.Of(new RepoReference { RepoId = "acme/x", Revision = "main", Config = config });
        Assert.Equal((name, null), (made, PathRules.Reject(made)));
    }

    [Theory]
    [InlineData("con")]
    [InlineData("aux.x")]
    [InlineData("lpt1")]
    [InlineData("a.")]
    public void A_hub_cannot_have_the_name_of_a_device(string name)
    {
        string config = _temp.Write("wisehub.json", "{\"hubs\":{\"" + name + "\":{\"protocol\":\"store\",\"path\":\"hub\"}}}");
        var e = Assert.Throws<HubException>(() => new HubClient(
            new HubClientOptions { ConfigFile = config, CacheDirectory = _temp["cache"], Environment = TestEnvironment.Empty })
            .Dispose());
        Assert.Contains($"the hub name '{name}' cannot be used: '{name}' ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("con/x")]
    [InlineData("x/com\u00b9")]
    [InlineData("aux")]
    [InlineData("a:b")]
    [InlineData("x/y.")]
    public void A_repo_cannot_have_the_name_of_a_device_or_a_stream(string id) =>
        Assert.Equal("WISE1003", Assert.Single(new RepoReference { RepoId = id }.Validate()).Code);

    [Theory]
    [InlineData("con")]
    [InlineData("feature/nul")]
    [InlineData("a:b")]
    [InlineData("aux.1")]
    public void A_revision_cannot_have_the_name_of_a_device_or_a_stream(string revision) =>
        Assert.Equal("WISE1005", Assert.Single(new RepoReference { RepoId = "acme/x", Revision = revision }.Validate()).Code);

    [Fact]
    public async Task Paths_of_more_than_260_characters_are_restored_and_placed()
    {
        using var bench = new RestoreBench();
        string path = string.Join('/', Enumerable.Repeat(new string('d', 60), 5)) + "/model.bin";
        await bench.Hub.PushAsync("acme/deep", (path, "hello"));
        Snapshot snapshot = (await bench.RestoreAsync(new RepoReference { RepoId = "acme/deep" })).Snapshots[0];
        string placed = Path.Combine(_temp.Path, path.Replace('/', Path.DirectorySeparatorChar));
        foreach (LinkMode mode in (LinkMode[])[LinkMode.Auto, LinkMode.Copy, LinkMode.Hardlink])
        {
            new FilePlacer().Place(snapshot.Files[0].BlobPath, placed, mode);
            Assert.Equal("hello", await File.ReadAllTextAsync(placed));
        }
    }

    public void Dispose() => _temp.Dispose();
}
