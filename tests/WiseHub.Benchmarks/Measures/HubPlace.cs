using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Measures;

/// <summary>The hub of the tests, which speaks the Hugging Face protocol, in this process.</summary>
internal sealed class HubPlace(TestHub hub) : IPushPlace
{
    private int _repos;

    public string Title => "Pushes to a hub";

    public string Note =>
        "The server is the hub of the tests, which writes the received bytes to the disk and hashes them before it responds.";

    public string? WhyNot => null;

    public bool TakesSmallFilesTogether => true;

    public string Hub => $"\"protocol\":\"huggingface\",\"endpoint\":\"{hub.Endpoint}\"";

    public IReadOnlyDictionary<string, string?> Secrets { get; } =
        new Dictionary<string, string?> { ["WISEHUB_TOKEN_TEAM"] = hub.Token };

    public int? Requests => hub.Requests.Count();

    // One part, because the parts of the public hub have many megabytes, too.
    public static async Task<IPushPlace> StartAsync() =>
        new HubPlace(await TestHub.StartAsync(new TestHubOptions { MultipartThreshold = 5L << 30 }));

    public Task<string> BeginAsync(CancellationToken cancel) => Task.FromResult($"tester/pushed{++_repos}");

    // The hub stores contents once for all its repos.
    public Task EndAsync()
    {
        foreach (FileInfo file in hub.Root.EnumerateFiles("*", SearchOption.AllDirectories))
            file.Delete();
        return Task.CompletedTask;
    }

    public async Task<string> UrlAsync(string file, CancellationToken cancel)
    {
        string repo = $"tester/curl{_repos}";
        hub.CreateRepo(repo);
        await using FileStream content = File.OpenRead(file);
        var wanted = new JsonObject
        {
            ["oid"] = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel)),
            ["size"] = content.Length
        };
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(hub.Endpoint, $"{repo}.git/info/lfs/objects/batch"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", hub.Token);
        request.Content = JsonContent.Create(new JsonObject
        {
            ["operation"] = "upload",
            ["transfers"] = new JsonArray("basic"),
            ["objects"] = new JsonArray(wanted)
        });
        using HttpResponseMessage answer = await client.SendAsync(request, cancel);
        JsonNode body = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>(cancel))!;
        return body["objects"]![0]!["actions"]!["upload"]!["href"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => hub.DisposeAsync();
}
