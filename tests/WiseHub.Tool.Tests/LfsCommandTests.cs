using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub lfs</c>, with the real git-lfs on the other side.</summary>
public sealed class LfsCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    [Fact]
    public async Task Git_lfs_pushes_in_parts_through_the_transfer_agent()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("git-lfs"), "git-lfs is not installed");
        var parts = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        byte[] joined = [], content = new byte[2_500_000];
        new Random(1).NextBytes(content);
        await using WebApplication server = LoopbackServer.Create();
        // A batch answer as Hugging Face gives it to who offers 'multipart'.
        server.Run(async context =>
        {
            using var memory = new MemoryStream();
            await context.Request.Body.CopyToAsync(memory);
            byte[] body = memory.ToArray();
            string path = context.Request.Path.Value!;
            if (path.EndsWith("/objects/batch", StringComparison.Ordinal))
            {
                JsonNode wanted = JsonNode.Parse(body)!;
                Assert.Contains("multipart", wanted["transfers"]!.AsArray().Select(t => t!.GetValue<string>()));
                JsonNode one = wanted["objects"]![0]!.DeepClone();
                one["actions"] = new JsonObject
                {
                    ["upload"] = new JsonObject
                    {
                        ["href"] = $"{server.Urls.First()}/join",
                        ["header"] = new JsonObject
                        {
                            ["chunk_size"] = "1000000",
                            ["00002"] = $"{server.Urls.First()}/p2",
                            ["00003"] = $"{server.Urls.First()}/p3",
                            ["00001"] = $"{server.Urls.First()}/p1"
                        },
                    },
                };
                context.Response.ContentType = "application/vnd.git-lfs+json";
                await context.Response.WriteAsync(
                    new JsonObject { ["transfer"] = "multipart", ["objects"] = new JsonArray(one) }.ToJsonString());
            }
            else if (path.StartsWith("/p", StringComparison.Ordinal))
            {
                lock (parts)
                    parts[path] = body;
                context.Response.Headers.ETag = $"\"{path[1..]}\"";
            }
            else if (path == "/join")
                joined = body;
            else
                context.Response.StatusCode = 404;
        });
        await server.StartAsync();
        string repo = Path.Combine(_workspace.Work, "repo"), bare = Path.Combine(_workspace.Root, "bare.git");
        await GitAsync(_workspace.Root, "init", "--quiet", "--bare", "bare.git");
        await GitAsync(_workspace.Work, "init", "--quiet", "--initial-branch=main", "repo");
        await GitAsync(repo, "lfs", "install", "--local");
        await GitAsync(repo, "config", "lfs.url", $"{server.Urls.First()}/x.git/info/lfs");
        await GitAsync(repo, "config", "lfs.locksverify", "false");
        await GitAsync(repo, "remote", "add", "origin", bare);
        await File.WriteAllTextAsync(Path.Combine(repo, ".gitattributes"), "*.bin filter=lfs diff=lfs merge=lfs -text\n");
        await File.WriteAllBytesAsync(Path.Combine(repo, "model.bin"), content);
        await GitAsync(repo, "add", "--all");
        await GitAsync(repo, "commit", "--quiet", "--message=one");

        ProcessResult enabled = await _workspace.RunAsync("lfs", "enable-largefiles", "repo");
        Assert.Equal(0, enabled.ExitCode);
        await GitAsync(repo, "push", "--quiet", "origin", "main");

        Assert.Equal(content, parts.Values.SelectMany(p => p));
        string oid = Convert.ToHexStringLower(SHA256.HashData(content));
        Assert.Equal(oid, JsonNode.Parse(joined)!["oid"]!.GetValue<string>());
        Assert.Equal(["\"p1\"", "\"p2\"", "\"p3\""], JsonNode.Parse(joined)!["parts"]!.AsArray()
            .Select(p => p!["etag"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_folder_outside_any_git_repository_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(_workspace.Work, "plain"));

        ProcessResult result = await _workspace.RunAsync("lfs", "enable-largefiles", "plain");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("error WISE5043: plain: git reports: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_manually_started_transfer_agent_says_what_it_is_for()
    {
        ProcessResult result = await _workspace.RunWithInputAsync("hello\n", "lfs", "multipart-upload");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE5042: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("wisehub lfs enable-largefiles", result.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _workspace.Dispose();

    private async Task GitAsync(string folder, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>(_workspace.Environment);
        foreach ((string name, string? value) in GitRepo.Environment)
            environment[name] = value;
        ProcessResult run = await ProcessRunner.RunAsync("git", arguments, folder, environment);
        Assert.True(run.ExitCode == 0, run.Error);
    }
}
