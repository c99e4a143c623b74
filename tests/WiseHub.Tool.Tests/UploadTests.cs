using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class UploadTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    // What the hub has now, by the tool's own download.
    private async Task<IReadOnlyList<string>> OnHubAsync(params string[] options)
    {
        ProcessResult result = await _workspace.RunAsync(["download", "acme/m", .. options]);
        Assert.True(result.ExitCode == 0, result.Error);
        return ToolWorkspace.Contents(result.Output.TrimEnd('\n').Replace("$", _workspace.Root, StringComparison.Ordinal)
            .Replace("hubs/local-HASH", LocalHub(), StringComparison.Ordinal));
    }

    private string LocalHub() => Path.GetRelativePath(_workspace.Cache,
        Directory.EnumerateDirectories(Path.Combine(_workspace.Cache, "hubs"), "local-*").Single());

    private string CommitOf(string branch = "main") => File.ReadAllText(_workspace.PathOf($"hub/models/acme/m/refs/{branch}"));

    private void WriteOut()
    {
        _workspace.Write("work/out/config.json", "{}");
        _workspace.Write("work/out/onnx/m.onnx", "mmm");
    }

    [Fact]
    public async Task A_folder_is_pushed_as_one_commit_whose_id_is_the_last_line()
    {
        WriteOut();

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--create");

        Assert.Equal(new ProcessResult(0, CommitOf() + "\n",
            $"Pushing 2 files, 5 B, of acme/m to 'local' …\nacme/m: pushed to 'local' as {CommitOf()}: 2 new; sent 5 B in N.\n"),
            result);
        Assert.Equal(["config.json={}", "onnx/m.onnx=mmm"], await OnHubAsync());
    }

    [Fact]
    public async Task An_unchanged_upload_sends_nothing_and_makes_no_commit()
    {
        WriteOut();
        await _workspace.RunAsync("upload", "out", "acme/m", "--create");

        Assert.Equal(new ProcessResult(0, CommitOf() + "\n",
            $"acme/m: 'local' already has exactly these 2 files at {CommitOf()}; no commit.\n"),
            await _workspace.RunAsync("upload", "out/", "acme/m"));
        _workspace.Write("work/out/config.json", "{2}");
        ProcessResult changed = await _workspace.RunAsync("upload", "out", "acme/m");
        Assert.Equal(new ProcessResult(0, CommitOf() + "\n",
            $"Pushing 1 file, 3 B, of acme/m to 'local' …\nacme/m: pushed to 'local' as {CommitOf()}: 1 changed, "
            + "1 unchanged; sent 3 B in N.\n"), changed);
    }

    [Fact]
    public async Task Options_set_message_branch_patterns_and_folder_in_the_repo()
    {
        WriteOut();
        _workspace.Write("work/out/.git/config", "never");
        _workspace.Write("work/out/a.tmp", "left out");

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--create", "--revision", "v2",
            "--path-in-repo", "sub/dir", "--include", "*.json;*.tmp", "--include", "onnx/*", "--exclude", "*.tmp",
            "--message", "第二 version", "--workers", "1", "--chunk-size", "64KiB", "--retries", "1", "--timeout", "5");

        Assert.Equal((0, CommitOf("v2") + "\n"), (result.ExitCode, result.Output));
        Assert.Equal(["sub/dir/config.json={}", "sub/dir/onnx/m.onnx=mmm"], await OnHubAsync("--revision", "v2"));
        using JsonDocument tree =
            JsonDocument.Parse(File.ReadAllBytes(_workspace.PathOf($"hub/models/acme/m/trees/{CommitOf("v2")}.json")));
        Assert.Equal("第二 version", tree.RootElement.GetProperty("message").GetString());
        Assert.False(File.Exists(_workspace.PathOf("hub/models/acme/m/refs/main")));
    }

    [Theory]
    [InlineData(null, "m.onnx")]
    [InlineData("onnx/", "onnx/m.onnx")]
    [InlineData("onnx/model.onnx", "onnx/model.onnx")]
    public async Task A_file_is_uploaded_to_the_given_path_and_other_files_are_kept(string? pathInRepo, string path)
    {
        WriteOut();
        await _workspace.PushAsync("acme/m", ("z.txt", "stays"));

        ProcessResult result = await _workspace.RunAsync(
            ["upload", "out/onnx/m.onnx", "acme/m", .. pathInRepo is null ? (string[])[] : ["--path-in-repo", pathInRepo]]);

        Assert.Equal((0, CommitOf() + "\n"), (result.ExitCode, result.Output));
        Assert.Equal([$"{path}=mmm", "z.txt=stays"], await OnHubAsync());
    }

    [Fact]
    public async Task Prune_deletes_files_that_are_not_uploaded()
    {
        WriteOut();
        await _workspace.PushAsync("acme/m", ("z.txt", "goes"), ("config.json", "{}"));

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--prune");

        Assert.Equal(new ProcessResult(0, CommitOf() + "\n",
            $"Pushing 1 file, 3 B, of acme/m to 'local' …\nacme/m: pushed to 'local' as {CommitOf()}: 1 new, 1 deleted, "
            + "1 unchanged; sent 3 B in N.\n"), result);
        Assert.Equal(["config.json={}", "onnx/m.onnx=mmm"], await OnHubAsync());
    }

    [Fact]
    public async Task A_dry_run_only_prints_the_plan_to_standard_output()
    {
        WriteOut();
        string before = await _workspace.PushAsync("acme/m", ("config.json", "old"), ("z.txt", "goes"));
        string hub = TempFolder.Tree(_workspace.PathOf("hub"));

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--prune", "--dry-run");

        Assert.Equal(new ProcessResult(0, $"""
            acme/m: a push to 'local' (main, now {before}) would be 1 new, 1 changed, 1 deleted; at most 5 B to send.
              change  config.json  2 B
              add     onnx/m.onnx  3 B
              delete  z.txt  4 B

            """.ReplaceLineEndings("\n"), ""), result);
        Assert.Equal((hub, false),
            (TempFolder.Tree(_workspace.PathOf("hub")), Directory.Exists(Path.Combine(_workspace.Cache, "pushes"))));
    }

    [Fact]
    public async Task With_json_standard_output_is_one_object()
    {
        WriteOut();
        await _workspace.PushAsync("acme/m", ("config.json", "{}"), ("z.txt", "goes"));

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--prune", "--json");

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "repoId": "acme/m",
              "repoType": "model",
              "hub": "local",
              "commit": "{{CommitOf()}}",
              "url": null,
              "changed": true,
              "dryRun": false,
              "steps": [
                {
                  "path": "config.json",
                  "action": "keep",
                  "size": 2
                },
                {
                  "path": "onnx/m.onnx",
                  "action": "add",
                  "size": 3
                },
                {
                  "path": "z.txt",
                  "action": "delete",
                  "size": 4
                }
              ],
              "filesSent": 1,
              "bytesSent": 3,
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), result);
    }

    [Fact]
    public async Task With_json_a_failed_upload_is_an_object_too()
    {
        const string Message = "$/work/none does not exist. Correct the path.";
        ProcessResult result = await _workspace.RunAsync("upload", "none", "acme/m", "--json");
        Assert.Equal((1, $"error WISE5004: {Message}\n"), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal($$"""[{"code":"WISE5004","message":"{{Message}}"}]""",
            JsonSerializer.Serialize(json.RootElement.GetProperty("errors")));
    }

    [Fact]
    public async Task An_upload_of_a_folder_without_selected_files_is_an_error()
    {
        WriteOut();
        Assert.Equal(new ProcessResult(1, "", "error WISE5004: No file in the folder $/work/out is selected by *.bin; "
            + "it has config.json, onnx/m.onnx. Patterns are case-sensitive, match the whole path below the "
            + "folder, and * crosses '/'.\n"), await _workspace.RunAsync("upload", "out", "acme/m", "--include", "*.bin"));
    }

    [Fact]
    public async Task An_upload_neither_creates_nor_validates_a_card()
    {
        _workspace.Write("work/out/a.txt", "a");
        await _workspace.RunAsync("upload", "out", "acme/m", "--create");
        Assert.Equal(["a.txt=a"], await OnHubAsync());
        _workspace.Write("work/out/README.md", "---\nlicense: [\n---\n");
        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m");
        Assert.Equal((0, CommitOf() + "\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Digests_of_uploaded_files_are_remembered_until_the_files_are_deleted()
    {
        WriteOut();
        // Files that were written this very moment are not believed to stay as they are.
        foreach (string file in Directory.EnumerateFiles(_workspace.PathOf("work/out"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(-1));
        await _workspace.RunAsync("upload", "out", "acme/m", "--create");

        string memory = Assert.Single(Directory.EnumerateFiles(Path.Combine(_workspace.Cache, "pushes")));
        Assert.Matches("^[0-9a-f]{16}[.]json$", Path.GetFileName(memory));
        Assert.Contains("onnx/m.onnx", File.ReadAllText(memory), StringComparison.Ordinal);
        // The cache has nothing else yet, and is still not taken for something foreign.
        Assert.Equal((0, ""), ((await _workspace.RunAsync("cache", "ls", "--json")).ExitCode,
            (await _workspace.RunAsync("cache", "verify")).Error));

        await OnHubAsync();
        File.SetLastWriteTimeUtc(memory, DateTime.UtcNow.AddDays(-2));
        await _workspace.RunAsync("cache", "prune");
        Assert.True(File.Exists(memory));
        Directory.Delete(_workspace.PathOf("work/out"), recursive: true);
        await _workspace.RunAsync("cache", "prune", "--dry-run");
        Assert.True(File.Exists(memory));
        await _workspace.RunAsync("cache", "prune");
        Assert.False(File.Exists(memory));
    }
}
