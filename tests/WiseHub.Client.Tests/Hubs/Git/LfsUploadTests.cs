using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Responses of an LFS server to an upload (docs/protocols/huggingface.md#lfs), and the checks of them.
/// </summary>
public sealed partial class LfsUploadTests
{
    private static readonly string Sha256 = RestoreBench.Sha256("weights");

    [Fact]
    public async Task An_error_of_one_object_fails_the_push_and_names_the_file()
    {
        await using HubBench bench = await StartAsync(
            _ => Answer(new JsonObject { ["error"] = new JsonObject { ["code"] = 422, ["message"] = "too large\nfor you" } }));
        Assert.Equal("WISE5020: acme/tiny on 'huggingface': the hub refuses 'model.bin' (7 B): "
            + "<hub>/acme/tiny.git/info/lfs/objects/batch answered 422: \"too large for you\". No commit was made. Check the "
            + "permissions and the storage quota of the account, then push again: uploaded files are not sent again.",
            await FailureAsync(bench));
    }

    [Fact]
    public async Task Headers_of_an_LFS_action_are_sent_only_to_its_URL()
    {
        await using HubBench bench = await StartAsync(
            hub => Answer(Actions(Upload($"{hub.CdnEndpoint}elsewhere?sig=1", ("X-Storage-Key", "k"),
                ("Authorization", "Basic eA=="), ("Host", "evil.example"), ("Content-Type", "application/x-model")))));
        bench.Hub.Faults.On("/elsewhere", new Fault.Status(200));
        await FailureAsync(bench);
        RequestRecord put = bench.Hub.Requests.All.Single(r => r.Method == "PUT");
        Assert.Equal(("k", "Basic eA==", bench.Hub.CdnEndpoint.Authority, "application/x-model"),
            (put.Headers["X-Storage-Key"], put.Headers["Authorization"], put.Headers["Host"], put.Headers["Content-Type"]));
        Assert.All(bench.Hub.Requests.All.Where(r => r.Origin == "hub"),
            r => Assert.False(r.Headers.ContainsKey("X-Storage-Key")));
    }

    [Fact]
    public async Task An_LFS_URL_of_the_official_host_is_sent_to_the_configured_endpoint()
    {
        await using HubBench bench = await StartAsync(_ => Answer(Actions(Upload("https://huggingface.co/lfs/put?x=1"))));
        bench.Hub.Faults.On("/lfs/put", new Fault.Status(200));
        await FailureAsync(bench);
        Assert.Contains("hub PUT /lfs/put?x=1 200", bench.Requests, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/x")]
    [InlineData("relative/path")]
    public async Task An_upload_URL_that_is_not_a_web_address_is_refused(string href)
    {
        await using HubBench bench = await StartAsync(_ => Answer(Actions(Upload(href))));
        Assert.StartsWith("WISE2011: acme/tiny on 'huggingface': 'model.bin': the LFS server "
            + "(<hub>/acme/tiny.git/info/lfs/objects/batch) names a URL that is not allowed",
            await FailureAsync(bench), StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Hub.Requests.All, r => r.Method == "PUT");
    }

    [Theory]
    [InlineData("0", "00001")]
    [InlineData("x", "00001")]
    [InlineData("3", "00001 00002")]
    [InlineData("3", "00001 00002 00004")]
    [InlineData("3", "00001 00002 00003 00004")]
    public async Task Parts_that_do_not_add_up_to_the_file_are_refused(string size, string numbers)
    {
        await using HubBench bench = await StartAsync(hub => Answer(Actions(Upload($"{hub.CdnEndpoint}join",
            [("chunk_size", size), .. numbers.Split(' ').Select(n => (n, $"{hub.CdnEndpoint}part-{n}"))]))));
        Assert.StartsWith("WISE2031: acme/tiny on 'huggingface': the LFS server (<hub>/acme/tiny.git/info/lfs/objects/batch) "
            + "requests 'model.bin' (7 bytes) in ", await FailureAsync(bench), StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Hub.Requests.All, r => r.Method == "PUT");
    }

    [Fact]
    public async Task A_part_accepted_without_an_ETag_is_an_error()
    {
        await using HubBench bench = await StartAsync(
            hub => Answer(Actions(Upload($"{hub.CdnEndpoint}join", ("chunk_size", "7"), ("00001", $"{hub.CdnEndpoint}part-1")))));
        bench.Hub.Faults.On("/part-1", new Fault.Status(200));
        Assert.Equal("WISE2031: acme/tiny on 'huggingface': <cdn>/part-1 accepted part 1 of 'model.bin' without an ETag, which "
            + "is needed to join the parts. Tell the operator of the hub.", await FailureAsync(bench));
    }

    [Theory]
    [InlineData("""{"transfer":"xet","objects":[]}""",
        "it chose the transfer 'xet', but only 'basic' and 'multipart' were offered")]
    [InlineData("""{"objects":{}}""", "it has no list of objects")]
    [InlineData("[]", "it has no list of objects")]
    public async Task An_invalid_LFS_response_is_an_error(string answer, string reason)
    {
        await using HubBench bench = await StartAsync(_ => answer);
        Assert.StartsWith("WISE2031: acme/tiny on 'huggingface': the LFS server at <hub>/acme/tiny.git/info/lfs/objects/batch "
            + $"gave no usable response: {reason}.", await FailureAsync(bench), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_missing_from_the_LFS_response_is_an_error()
    {
        await using HubBench bench = await StartAsync(_ => """{"objects":[]}""");
        Assert.Equal("WISE2031: acme/tiny on 'huggingface': the response of the LFS server does not mention the object <sha256> "
            + "('model.bin'). Tell the operator of the hub.", await FailureAsync(bench));
    }

    [Fact]
    public async Task An_LFS_response_with_expired_URLs_is_requested_again_and_then_an_error()
    {
        JsonObject action = Upload("http://127.0.0.1:9/x");
        action["upload"]!["expires_at"] = "2020-01-01T00:00:00Z";
        await using HubBench bench = await StartAsync(_ => Answer(Actions(action)));
        string failure = await FailureAsync(bench);
        Assert.Equal(3, bench.Hub.Requests.Count("POST", "/acme/tiny.git/info/lfs/objects/batch"));
        Assert.NotEqual("", failure);
    }

    [Fact]
    public async Task Two_paths_with_the_same_content_are_uploaded_once()
    {
        await using HubBench bench = await StartAsync(null);
        await PushAsync(bench, "one.bin", "two.bin");
        Assert.Single(bench.Hub.Requests.All, r => r.Method == "PUT");
        Assert.Equal("weights"u8.ToArray(), bench.Hub.FindRepo(HubBench.Id)!.Read("two.bin"));
    }

    private static async Task<HubBench> StartAsync(Func<TestHub, string>? answer)
    {
        HubBench bench = await HubBench.StartAsync();
        bench.Project.SetEnvironment("HF_TOKEN", bench.Hub.Token);
        bench.Repo(("a", "a"));
        if (answer is not null)
            bench.Hub.Faults.On("/objects/batch", new Fault.Status(200, Body: answer(bench.Hub)), int.MaxValue);
        return bench;
    }

    private static JsonObject Upload(string href, params (string Name, string Value)[] headers) =>
        new()
        {
            ["upload"] = new JsonObject
            {
                ["href"] = href,
                ["header"] = new JsonObject(headers.Select(h => KeyValuePair.Create(h.Name, (JsonNode?)h.Value)))
            }
        };

    private static JsonObject Actions(JsonObject actions) => new() { ["actions"] = actions };

    private static string Answer(JsonObject item)
    {
        item["oid"] = Sha256;
        item["size"] = 7;
        return new JsonObject { ["objects"] = new JsonArray(item) }.ToJsonString();
    }

    private static async Task PushAsync(HubBench bench, params string[] paths)
    {
        using HubClient client = bench.NewClient();
        await client.PushAsync(new PushRequest
        {
            RepoId = HubBench.Id,
            Files = [.. paths.Select(p => new PushFile(bench.Project.Temp.Write("source/" + p, "weights"), p))]
        });
    }

    private static async Task<string> FailureAsync(HubBench bench) =>
        Digests()
            .Replace(await bench.Project.FailureOfAsync(() => PushAsync(bench, "model.bin")), "<sha256>");

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Digests();
}
