using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using WiseHub.Client;

namespace WiseHub.Extensions.Hosting.Tests;

/// <summary>Models that a host fetches when it starts.</summary>
public sealed class WiseModelsTests : IDisposable
{
    private readonly HostBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static IWiseModels Models(IHost host) => host.Services.GetRequiredService<IWiseModels>();

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 1500 && !isSo(); i++)
            await Task.Delay(20, Cancel);
        Assert.True(isSo());
    }

    [Fact]
    public async Task A_host_fetches_its_models_when_it_starts()
    {
        RunTimeModel one = await _bench.ModelAsync("one", "1"), two = await _bench.ModelAsync("two", "22");
        using IHost host = _bench.Host(null, [], one, two);
        await host.StartAsync(Cancel);
        string first = await Models(host).GetAsync("ONE", Cancel), second = await Models(host).GetAsync(two, Cancel);
        Assert.Equal(("1", "22"),
            (await File.ReadAllTextAsync(Path.Combine(first, "a"), Cancel),
                await File.ReadAllTextAsync(Path.Combine(second, "a"), Cancel)));
        Assert.Equal([("one", WiseModelPhase.Ready, 100, first), ("two", WiseModelPhase.Ready, 100, second)],
            Models(host).States.Select(s => (s.Alias, s.Phase, s.Percent, s.Directory)));
        Assert.Equal("Healthy: All 2 models are there. one=ready, two=ready", await HostBench.HealthAsync(host));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_host_runs_while_a_model_is_missing_and_gets_it_as_soon_as_the_hub_is_back()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        _bench.MoveHub(away: true);
        using IHost host = _bench.Host(null, [], model);
        await host.StartAsync(Cancel);
        Task<string> wait = Models(host).GetAsync("one", Cancel);
        await UntilAsync(() => Models(host).States[0].Phase == WiseModelPhase.Failed);
        Assert.False(wait.IsCompleted);
        Assert.Matches(@"^Unhealthy: Not there yet: one \((failed: WISE3005|0 %)\)\. one=(failed: WISE3005|0 %)$",
            await HostBench.HealthAsync(host));
        _bench.MoveHub(away: false);
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine(await wait, "a"), Cancel));
        Assert.Contains("Error: The model one is not there: WISE3005: ", _bench.Log, StringComparison.Ordinal);
        Assert.Contains("Information: The model one is in <temp>/cache/", _bench.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_waits_starts_when_its_models_are_there()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using IHost host = _bench.Host(o => o.WaitForModels = true, [], model);
        await host.StartAsync(Cancel);
        Assert.Equal(WiseModelPhase.Ready, Models(host).States[0].Phase);
    }

    [Fact]
    public async Task A_failure_ends_the_start_of_a_host_that_waits()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        _bench.MoveHub(away: true);
        using IHost host = _bench.Host(null, [("WiseModels:WaitForModels", "true")], model);
        Assert.Equal(WiseCodes.NotAStore, (await Assert.ThrowsAsync<HubException>(() => host.StartAsync(Cancel))).Code);
    }

    [Fact]
    public async Task The_configuration_names_a_folder_to_use_instead()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        _bench.Temp.Write("own/a", "2");
        using IHost host = _bench.Host(null, [("WiseModels:one:Path", _bench.Temp["own"])], model);
        await host.StartAsync(Cancel);
        Assert.Equal(_bench.Temp["own"], await Models(host).GetAsync("one", Cancel));
        Assert.False(Directory.Exists(_bench.Cache));
    }

    [Fact]
    public async Task The_configuration_sets_the_cache_and_the_configuration_file()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        File.Move(_bench.Temp["program/wisehub.json"], Directory.CreateDirectory(_bench.Temp["etc"]).FullName + "/hubs.json");
        using IHost host = _bench.Host(null,
            [("WiseModels:CacheDirectory", _bench.Temp["other"]), ("WiseModels:ConfigFile", _bench.Temp["etc/hubs.json"])],
            model);
        await host.StartAsync(Cancel);
        Assert.StartsWith(_bench.Temp["other"], await Models(host).GetAsync("one", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_forbids_the_network()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        _bench.Temp.Write("program/wisehub.json",
            """{"hubs":{"local":{"protocol":"store","endpoint":"https://hub.example.org"}}}""");
        using IHost host = _bench.Host(null, [("WiseModels:Offline", "true")], model);
        await host.StartAsync(Cancel);
        await UntilAsync(() => Models(host).States[0].Code == WiseCodes.OfflineAndMissing);
    }

    [Fact]
    public async Task A_switch_that_is_neither_true_nor_false_is_an_error()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using IHost host = _bench.Host(null, [("WiseModels:WaitForModels", "maybe")], model);
        HubException e = await Assert.ThrowsAsync<HubException>(() => host.StartAsync(Cancel));
        Assert.Equal("WISE1004: The configuration has 'maybe' for WiseModels:WaitForModels; it must be true or false.",
            $"{e.Code}: {e.Message}");
    }

    [Fact]
    public async Task An_unknown_model_is_an_error()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using IHost host = _bench.Host(null, [], model);
        HubException e = await Assert.ThrowsAsync<HubException>(() => Models(host).GetAsync("two", Cancel));
        Assert.Equal("WISE1109: The host has no model 'two'. It has one. Add it with "
            + "services.AddWiseModels(WiseModels.<alias>.Model).", $"{e.Code}: {e.Message}");
    }

    [Fact]
    public async Task A_model_that_is_added_twice_is_fetched_once_and_another_one_with_its_alias_is_an_error()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using (IHost host = _bench.Host(null, [], model, new RunTimeModel("ONE", "one.json", model.ManifestSha256)))
            Assert.Single(Models(host).States);
        using IHost other = _bench.Host(null, [], model, new RunTimeModel("ONE", "one.json", new string('0', 64)));
        Assert.Equal("Two different models have the alias 'ONE'. Give one of the references another Alias.",
            Assert.Throws<InvalidOperationException>(() => Models(other)).Message);
    }

    [Fact]
    public async Task Several_calls_add_models_to_one_service()
    {
        RunTimeModel one = await _bench.ModelAsync("one", "1"), two = await _bench.ModelAsync("two", "2");
        var services = new ServiceCollection();
        services.AddWiseModels(one).AddWiseModels(two);
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal(["one", "two"], provider.GetRequiredService<IWiseModels>().States.Select(s => s.Alias));
        Assert.Single(provider.GetServices<IHostedService>());
    }

    [Fact]
    public async Task Before_the_start_models_wait_and_a_question_begins_the_fetch()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using IHost host = _bench.Host(null, [], model);
        Assert.Equal("Unhealthy: Not there yet: one (waiting). one=waiting", await HostBench.HealthAsync(host));
        await Models(host).GetAsync("one", Cancel);
        Assert.Equal("Healthy: The model is there. one=ready", await HostBench.HealthAsync(host));
    }

    [Fact]
    public async Task A_stop_ends_waits_and_tries()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        _bench.MoveHub(away: true);
        using IHost host = _bench.Host(o => o.FirstPause = o.LongestPause = TimeSpan.FromHours(1), [], model);
        await host.StartAsync(Cancel);
        Task<string> wait = Models(host).GetAsync("one", Cancel);
        await UntilAsync(() => Models(host).States[0].Phase == WiseModelPhase.Failed);
        await host.StopAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(1), Cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Pauses_must_be_more_than_zero()
    {
        RunTimeModel model = await _bench.ModelAsync("one", "1");
        using IHost host = _bench.Host(o => o.FirstPause = TimeSpan.Zero, [], model);
        Assert.Equal("FirstPause and LongestPause must be more than zero, and LongestPause not less than FirstPause.",
            Assert.Throws<InvalidOperationException>(() => Models(host)).Message);
    }

    [Fact]
    public void A_percentage_is_full_only_when_the_model_is_ready()
    {
        var state = new WiseModelState(
            "one", WiseModelPhase.Fetching, new TransferProgress(999, 1000, 1, 2, default), null, null);
        Assert.Equal((99, 0, 100), (state.Percent, (state with { Progress = default }).Percent,
            (state with { Phase = WiseModelPhase.Ready }).Percent));
    }
}
