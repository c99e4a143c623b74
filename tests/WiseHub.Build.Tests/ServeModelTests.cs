using System.Net;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The sample that serves a model, as built: it fetches the model from the samples' hub when it starts.</summary>
public sealed class ServeModelTests : IDisposable
{
    private const string Question = "language?text=Wie%20geht%20es%20dir%20heute%3F";
    private const string Answer = """
        [{"code":"de","probability":0.9996},{"code":"nl","probability":0.0004},{"code":"en","probability":0}]
        """;

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task It_fetches_the_model_into_an_empty_cache_and_names_the_language_of_a_text()
    {
        await using ServedSample sample = await ServedSample.StartAsync(_temp);

        await sample.WaitUntilReadyAsync();

        Assert.Equal((HttpStatusCode.OK, Answer), await sample.GetAsync(Question));
    }

    [Fact]
    public async Task It_answers_from_the_cache_when_the_hub_is_gone()
    {
        await using (ServedSample first = await ServedSample.StartAsync(_temp))
            await first.WaitUntilReadyAsync();

        await using ServedSample second = await ServedSample.StartAsync(
            _temp, ("WISEHUB_OFFLINE", "1"), ("WISEHUB_CONFIG", ConfigWithoutTheHub()));

        await second.WaitUntilReadyAsync();
        Assert.Equal((HttpStatusCode.OK, Answer), await second.GetAsync(Question));
    }

    [Fact]
    public async Task Without_the_model_it_is_alive_but_not_ready()
    {
        await using ServedSample sample = await ServedSample.StartAsync(_temp, ("WISEHUB_CONFIG", ConfigWithoutTheHub()));

        await sample.WaitForOutputAsync("The model langid is not there: WISE3005: ");

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await sample.GetAsync("alive"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Unhealthy"), await sample.GetAsync("health"));
    }

    [Fact]
    public async Task It_ends_without_a_failure_when_it_is_asked_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        await using ServedSample sample = await ServedSample.StartAsync(_temp);
        await sample.WaitUntilReadyAsync();

        Assert.Equal(0, await sample.StopAsync());
    }

    // The folder that it names is not there.
    private string ConfigWithoutTheHub() =>
        _temp.Write("gone/wisehub.json", """{ "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");
}
