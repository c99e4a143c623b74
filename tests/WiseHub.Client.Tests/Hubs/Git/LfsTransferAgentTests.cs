using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The transfer agent of git-lfs, line by line.</summary>
public sealed class LfsTransferAgentTests : IDisposable
{
    private const string Init =
        """{"event":"init","operation":"upload","remote":"origin","concurrent":true,"concurrenttransfers":3}""" + "\n",
        End = """{"event":"terminate"}""" + "\n";

    private readonly RestoreBench _bench = new();
    private readonly ConcurrentDictionary<string, byte[]> _taken = new(StringComparer.Ordinal);

    // Takes parts and what joins them; a part whose name has "bad" is refused.
    private Task<WebApplication> StartAsync() => LoopbackServer.StartAsync(async context =>
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        bool isBad = context.Request.Path.Value!.Contains("bad", StringComparison.Ordinal);
        if (!isBad)
            _taken[$"{context.Request.Method} {context.Request.Path.Value}"] = body.ToArray();
        context.Response.StatusCode = isBad ? 403 : 200;
        context.Response.Headers.ETag = $"\"{context.Request.Path.Value[1..]}\"";
        await context.Response.WriteAsync(isBad ? "signature is wrong" : "");
    });

    private string Upload(string name, byte[] content, WebApplication server, int chunk,
        IEnumerable<(string Key, string Path)> parts, string? oid = null)
    {
        var header = new JsonObject { ["chunk_size"] = chunk.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        foreach ((string key, string path) in parts)
            header[key] = new Uri(new Uri(server.Urls.First()), path).AbsoluteUri;
        return new JsonObject
        {
            ["event"] = "upload",
            ["oid"] = oid ?? RestoreBench.Sha256(content),
            ["size"] = content.Length,
            ["path"] = _bench.Temp.Write(name, content),
            ["action"] = new JsonObject
            {
                ["href"] = new Uri(new Uri(server.Urls.First()), "join-" + name).AbsoluteUri,
                ["header"] = header
            },
        }.ToJsonString() + "\n";
    }

    private async Task<(bool Done, string[] Lines)> RunAsync(string input)
    {
        using HubClient client = _bench.NewClient();
        using var output = new StringWriter();
        bool done = await client.ServeGitLfsAsync(new StringReader(input), output);
        return (done, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Parts_are_sent_in_numeric_order_and_progress_adds_up_to_the_size()
    {
        await using WebApplication server = await StartAsync();
        byte[] content = RandomBytes.Of(2_500_000);
        string oid = RestoreBench.Sha256(content);
        // As text, "00010" would come before "00002" only by luck, and JSON has no order.
        (bool done, string[] lines) = await RunAsync(Init
            + Upload("f", content, server, 1_000_000, [("00003", "c"), ("00001", "a"), ("00002", "b")]) + End);

        Assert.True(done);
        Assert.Equal("{}", lines[0]);
        Assert.Equal($$"""{"event":"complete","oid":"{{oid}}"}""", lines[^1]);
        JsonNode[] progress = [.. lines[1..^1].Select(l => JsonNode.Parse(l)!)];
        Assert.All(progress,
            p => Assert.Equal(("progress", oid), (p["event"]!.GetValue<string>(), p["oid"]!.GetValue<string>())));
        Assert.Equal((content.Length, content.Length),
            (progress.Sum(p => p["bytesSinceLast"]!.GetValue<int>()), progress[^1]["bytesSoFar"]!.GetValue<int>()));
        Assert.Equal(["POST /join-f", "PUT /a", "PUT /b", "PUT /c"], _taken.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(content, ((byte[])[.. _taken["PUT /a"], .. _taken["PUT /b"], .. _taken["PUT /c"]]));
        Assert.Equal(
            $$"""{"oid":"{{oid}}","parts":[{"partNumber":1,"etag":"\u0022a\u0022"},{"partNumber":2,"etag":"\u0022b\u0022"},"""
            + """{"partNumber":3,"etag":"\u0022c\u0022"}]}""", Encoding.UTF8.GetString(_taken["POST /join-f"]));
    }

    [Fact]
    public async Task A_failed_upload_is_reported_for_its_object_and_the_next_one_continues()
    {
        await using WebApplication server = await StartAsync();
        byte[] content = RandomBytes.Of(100);
        string oid = RestoreBench.Sha256(content), wrong = new('1', 64);

        (bool done, string[] lines) = await RunAsync(Init + Upload("refused", content, server, 100, [("1", "bad")])
            + Upload("few", content, server, 60, [("1", "x")])
            + Upload("damaged", content, server, 100, [("1", "x")], wrong) + Upload("good", content, server, 100, [("1", "x")]));

        Assert.True(done);
        JsonNode[] completed =
            [.. lines.Select(l => JsonNode.Parse(l)!).Where(l => l["event"]?.GetValue<string>() == "complete")];
        Assert.Equal([oid, oid, wrong, oid], completed.Select(c => c["oid"]!.GetValue<string>()));
        Assert.Equal(["WISE5020", "WISE2031", "WISE3014", null],
            completed.Select(c => c["error"]?["message"]!.GetValue<string>()[..8]));
        Assert.Contains("signature is wrong", completed[0]["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"event":"init","operation":"download"}""")]
    [InlineData("""{"event":"upload"}""")]
    [InlineData("")]
    public async Task A_first_line_other_than_an_upload_init_is_refused_as_git_lfs_expects(string line) => Assert.Equivalent(
        (false, (string[])["""{"error":{"code":32,"message":"this agent expects \u0027init\u0027 first, and only uploads"}}"""]),
        await RunAsync(line));

    [Theory]
    [InlineData("hello")]
    [InlineData("[]")]
    [InlineData("""{"event":"download"}""")]
    [InlineData("""{"event":"upload","oid":"1"}""")]
    public async Task An_event_that_git_lfs_does_not_send_is_an_error(string line) =>
        Assert.Equal("WISE5042", (await Assert.ThrowsAsync<HubException>(() => RunAsync(Init + line))).Code);

    public void Dispose() => _bench.Dispose();
}
