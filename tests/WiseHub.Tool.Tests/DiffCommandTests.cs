using System.Buffers.Binary;
using System.Text;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub diff</c> and <c>wisehub info</c>, which read no weights, and what <c>wisehub update</c> tells.</summary>
public sealed class DiffCommandTests : IDisposable
{
    private readonly ProjectBench _bench = new();

    public void Dispose() => _bench.Dispose();

    // Version 8 of the format, the producer, a graph with the initializer w of 2x3 floats, and an import of operators.
    private static byte[] Onnx => [0x08, 8, 0x12, 7, .. "pytorch"u8, 0x1A, 3, .. "2.1"u8, 0x3A, 11, 0x2A, 9, 0x08, 2, 0x08, 3,
        0x10, 1, 0x42, 1, (byte)'w', 0x42, 2, 0x10, 17];

    private static byte[] Safetensors(int weights)
    {
        string tensor = $"{{\"dtype\":\"F32\",\"shape\":[{weights}],\"data_offsets\":[0,{weights * 4}]}}";
        byte[] json = Encoding.UTF8.GetBytes("{\"w\":" + tensor + "}");
        byte[] bytes = new byte[8 + json.Length + (weights * 4)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        return bytes;
    }

    private static byte[] Card(string license, string tags) => Encoding.UTF8.GetBytes($"---\nlicense: {license}\ntags: "
        + $"[{tags}]\n---\n");

    [Fact]
    public async Task Diff_lists_files_with_sizes_and_digests_and_the_change_of_the_card()
    {
        string first = await _bench.Workspace.PushAsync("acme/m",
            [("README.md", Card("mit", "a, b")), ("gone.txt", "x"u8.ToArray()), ("same.txt", "s"u8.ToArray())]);
        string second = await _bench.Workspace.PushAsync("acme/m",
            [("README.md", Card("apache-2.0", "b, c")), ("new.txt", "yz"u8.ToArray()), ("same.txt", "s"u8.ToArray())]);

        ProcessResult result = await _bench.RunAsync("diff", "acme/m", first, second);

        Assert.Equal(new ProcessResult(0, $"""
            changed  README.md  34 B → 41 B  {Sha(Card("mit", "a, b"))} → {Sha(Card("apache-2.0", "b, c"))}
            removed  gone.txt  1 B  {Sha("x"u8)}
            added    new.txt  2 B  {Sha("yz"u8)}
            README.md: license mit → apache-2.0
            README.md: tags a → c
            {first} → {second}: 1 file, 2 B added; 1 file, 41 B changed; 1 file, 1 B removed

            """.ReplaceLineEndings("\n"), ""), result);
        Assert.Equal(new ProcessResult(0, $"{second} → {second}: no difference\n", ""),
            await _bench.RunAsync("diff", "acme/m", second, "main"));
    }

    [Fact]
    public async Task Diff_as_JSON()
    {
        string first = await _bench.Workspace.PushAsync("acme/m", ("a.txt", "1"));
        string second = await _bench.Workspace.PushAsync("acme/m", ("a.txt", "22"));

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "hub": "local",
              "from": "{{first}}",
              "to": "{{second}}",
              "files": [
                {
                  "change": "changed",
                  "path": "a.txt",
                  "before": {
                    "size": 1,
                    "sha256": "{{FullSha("1"u8)}}"
                  },
                  "after": {
                    "size": 2,
                    "sha256": "{{FullSha("22"u8)}}"
                  }
                }
              ],
              "card": [],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("diff", "acme/m", first, second, "--json"));
    }

    [Fact]
    public async Task Of_a_hub_diff_requests_lists_and_cards_only_and_info_the_beginning_of_weights()
    {
        await using TestHub hub = await TestHub.StartAsync();
        TestRepo repo = hub.CreateRepo("acme/m");
        byte[] weights = Safetensors(200_000);
        repo.Commit(new Dictionary<string, byte[]?>
        {
            ["README.md"] = Card("mit", "a"),
            ["config.json"] = "{\"architectures\":[\"BertModel\"]}"u8.ToArray(),
            ["model.safetensors"] = weights,
        });
        repo.Branch("old", repo.Head());
        repo.Commit(new Dictionary<string, byte[]?>
        {
            ["README.md"] = Card("other", "a"),
            ["model.safetensors"] = Safetensors(100_000)
        });
        _bench.Workspace.Configure(hub);

        ProcessResult diff = await _bench.RunAsync("diff", "acme/m", "old", "main", "--hub", "net");
        long afterDiff = hub.Requests.All.Count(r => r.Path.Contains("model.safetensors", StringComparison.Ordinal));
        hub.Requests.Clear();
        ProcessResult info = await _bench.RunAsync("info", "acme/m", "--hub", "net", "--revision", "old");

        Assert.InRange(hub.Requests.BytesSent, 1 << 17, 200_000);

        Assert.Equal((0, 0L, 0), (diff.ExitCode, afterDiff, info.ExitCode));
        Assert.Contains("README.md: license mit → other\n", diff.Output, StringComparison.Ordinal);
        Assert.EndsWith("license: mit\ntags: a\narchitecture: BertModel\n"
            + "model.safetensors: safetensors, 800 kB, 1 tensor, 200,000 parameters, F32\n", info.Output,
            StringComparison.Ordinal);
    }

    private async Task<TestHub> StartHubAsync(byte[] weights)
    {
        TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["model.safetensors"] = weights });
        _bench.Workspace.Configure(hub);
        return hub;
    }

    private static int RequestsOfWeights(TestHub hub) =>
        hub.Requests.All.Count(r => r.Path.Contains("model.safetensors", StringComparison.Ordinal));

    [Fact]
    public async Task A_second_info_requests_no_weights_and_says_the_same()
    {
        await using TestHub hub = await StartHubAsync(Safetensors(200_000));
        ProcessResult first = await _bench.RunAsync("info", "acme/m", "--hub", "net");
        int requested = RequestsOfWeights(hub);
        hub.Requests.Clear();

        ProcessResult second = await _bench.RunAsync("info", "acme/m", "--hub", "net");

        Assert.InRange(requested, 1, 2);
        Assert.Equal((first, 0), (second, RequestsOfWeights(hub)));
        Assert.Contains("1 tensor, 200,000 parameters, F32\n", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_restore_info_requests_no_weights()
    {
        await using TestHub hub = await StartHubAsync(Safetensors(10));
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" Hub=\"net\" />");
        ProcessResult restore = await _bench.RunAsync("restore", "App");
        hub.Requests.Clear();
        Directory.Delete(Path.Combine(_bench.Workspace.Cache, "blobs"), recursive: true);

        ProcessResult info = await _bench.RunAsync("info", "acme/m", "--hub", "net");

        Assert.Equal((0, 0), (restore.ExitCode, RequestsOfWeights(hub)));
        Assert.EndsWith("1 tensor, 10 parameters, F32\n", info.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"architectures\":[\"\\ud800\"]}")]
    [InlineData("{\"architectures\":[1,{}]}")]
    [InlineData("[")]
    public async Task Info_leaves_out_an_architecture_that_is_no_text(string configuration)
    {
        string commit = await _bench.Workspace.PushAsync("acme/m", [("config.json", Encoding.UTF8.GetBytes(configuration))]);

        Assert.Equal(new ProcessResult(0, $"""
            repo: acme/m
            hub: local
            commit: {commit}
            files: 1 file, {configuration.Length} B

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("info", "acme/m"));
    }

    [Fact]
    public async Task Info_shows_the_header_of_one_file_and_of_a_damaged_one_the_error()
    {
        string commit = await _bench.Workspace.PushAsync("acme/m",
            [("a.safetensors", Safetensors(10)), ("b.gguf", "no"u8.ToArray()), ("c.onnx", Onnx)]);

        Assert.Equal(new ProcessResult(0, $"""
            repo: acme/m
            hub: local
            commit: {commit}
            files: 3 files, {Safetensors(10).Length + 2 + Onnx.Length} B
            c.onnx: ONNX, 33 B, pytorch 2.1, operators of ai.onnx 17, 1 tensor, 6 parameters, FLOAT

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("info", "acme/m", "c.onnx"));
        Assert.Equal(new ProcessResult(1, "", "error WISE1092: The header of the file cannot be shown: it has no valid GGUF "
            + "header. It may be another kind of file, or damaged.\n"), await _bench.RunAsync("info", "acme/m", "b.gguf"));
        Assert.Equal(new ProcessResult(1, "", $"error WISE1015: acme/m: commit {commit} has no file 'd'. List its files with "
            + "'wisehub repo files acme/m'.\n"), await _bench.RunAsync("info", "acme/m", "d"));
        Assert.Equal(new ProcessResult(0, $$"""
            {
              "repoId": "acme/m",
              "repoType": "model",
              "hub": "local",
              "commit": "{{commit}}",
              "files": 3,
              "size": {{Safetensors(10).Length + 2 + Onnx.Length}},
              "license": [],
              "baseModel": [],
              "tags": [],
              "architectures": [],
              "weights": [
                {
                  "path": "a.safetensors",
                  "size": {{Safetensors(10).Length}},
                  "format": "safetensors",
                  "complete": true,
                  "tensors": 1,
                  "parameters": 10,
                  "types": [
                    {
                      "type": "F32",
                      "tensors": 1,
                      "parameters": 10
                    }
                  ],
                  "metadata": {}
                }
              ],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("info", "acme/m", "--json"));
    }

    [Fact]
    public async Task Info_tells_producer_operators_and_files_of_an_ONNX_model_as_JSON()
    {
        await _bench.Workspace.PushAsync("acme/m", [("c.onnx", Onnx)]);

        Assert.Contains("""
                  "types": [
                    {
                      "type": "FLOAT",
                      "tensors": 1,
                      "parameters": 6
                    }
                  ],
                  "producer": "pytorch 2.1",
                  "irVersion": 8,
                  "opsets": [
                    {
                      "domain": "ai.onnx",
                      "version": 17
                    }
                  ],
                  "customDomains": [],
                  "externalFiles": [],
                  "metadata": {}

            """.ReplaceLineEndings("\n").TrimEnd(), (await _bench.RunAsync("info", "acme/m", "--json")).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Update_tells_commits_files_and_the_change_of_the_card()
    {
        string first = await _bench.Workspace.PushAsync("acme/m",
            [("README.md", Card("mit", "a")), ("gone.txt", "x"u8.ToArray()), ("same.txt", "s"u8.ToArray())]);
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" />");
        await _bench.RunAsync("restore", "App");
        string second = await _bench.Workspace.PushAsync("acme/m",
            [("README.md", Card("apache-2.0", "a")), ("new.txt", "yz"u8.ToArray()), ("same.txt", "s"u8.ToArray())]);

        ProcessResult result = await _bench.RunAsync("update", "App"), again = await _bench.RunAsync("update", "App");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Contains($"  WiseHub: Updated model acme/m from local at the default branch: commit {first} → {second}; "
            + "1 file added, 2 B (new.txt); 1 file changed, 38 B (README.md); 1 file removed, 1 B (gone.txt).\n",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("warning WISE6007: model acme/m from local at the default branch: the license changes from mit to "
            + "apache-2.0. Read it before you commit the lock file.", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Updated", again.Output, StringComparison.Ordinal);
    }

    private static string Sha(ReadOnlySpan<byte> content) => FullSha(content)[..12];

    private static string FullSha(ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
}
