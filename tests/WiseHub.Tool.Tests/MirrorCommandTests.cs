using System.Text.Json;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub mirror</c>: commits are carried from a site with a hub to one without.</summary>
public sealed class MirrorCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public MirrorCommandTests() => _workspace.Configure("""
        "inside": { "protocol": "store", "path": "../inside" }, "nowhere": { "protocol": "huggingface",
         "endpoint": "http://127.0.0.1:9" }
        """);

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task A_bundle_is_exported_listed_and_imported_into_a_hub()
    {
        string commit = await _workspace.PushAsync("acme/tiny", ("a.txt", "hello"), ("b.txt", "world!"));
        string said = $"local  acme/tiny  {commit} (HEAD)\nWrote 2 files, 11 B.\n";
        ProcessResult pulled = await _workspace.RunAsync("mirror", "pull", "acme/tiny", "--to", "carried.tar");
        Assert.Equal((0, said), (pulled.ExitCode, pulled.Output));
        Assert.Equal(new ProcessResult(0, $"acme/tiny  {commit} (HEAD)  2 files, 11 B\n", ""),
            await _workspace.RunAsync("mirror", "ls", "carried.tar"));

        ProcessResult pushed = await _workspace.RunAsync("mirror", "push", "--from", "carried.tar", "--to", "inside");
        Assert.Equal((0, said), (pushed.ExitCode, pushed.Output));
        Assert.Equal(new ProcessResult(0, $"acme/tiny  {commit} (HEAD)  2 files, 11 B\n", ""),
            await _workspace.RunAsync("mirror", "ls", "inside"));
        ProcessResult digests = await _workspace.RunAsync("mirror", "ls", "inside", "--digests");
        Assert.Equal(2, digests.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        _workspace.Write("work/have.txt", digests.Output);
        ProcessResult second = await _workspace.RunAsync("mirror", "pull", "acme/tiny", "--to", "second.tar",
            "--have", "have.txt", "--json");
        using JsonDocument json = JsonDocument.Parse(second.Output);
        Assert.Equal((0, 2),
            (json.RootElement.GetProperty("filesWritten").GetInt32(), json.RootElement.GetProperty("filesLeftOut").GetInt32()));
    }

    [Fact]
    public async Task A_renamed_bundle_is_recognized_by_its_content()
    {
        string commit = await _workspace.PushAsync("acme/tiny", ("a.txt", "hello"));
        await _workspace.RunAsync("mirror", "pull", "acme/tiny", "--to", "carried.tar");
        File.Move(_workspace.PathOf("work/carried.tar"), _workspace.PathOf("work/carried"));

        Assert.Equal(new ProcessResult(0, $"acme/tiny  {commit} (HEAD)  1 file, 5 B\n", ""),
            await _workspace.RunAsync("mirror", "ls", "carried"));
        Assert.Equal(new ProcessResult(1, "", "error WISE1101: A bundle is imported as a whole. Omit the repos.\n"),
            await _workspace.RunAsync("mirror", "push", "acme/tiny", "--from", "carried", "--to", "inside"));
        ProcessResult pushed = await _workspace.RunAsync("mirror", "push", "--from", "carried", "--to", "inside");
        Assert.Equal((0, $"local  acme/tiny  {commit} (HEAD)\nWrote 1 file, 5 B.\n"), (pushed.ExitCode, pushed.Output));
    }

    [Fact]
    public async Task A_source_that_is_neither_a_bundle_nor_a_hub_is_an_error() => Assert.Equal(
        new ProcessResult(1, "", "error WISE1052: 'carried' is neither a bundle (there is no file $/work/carried) nor a hub. The "
            + "known hubs are github, gitlab, huggingface, inside, local, nowhere, wisemodel.\n"),
        await _workspace.RunAsync("mirror", "push", "--from", "carried", "--to", "inside"));

    [Fact]
    public async Task Repos_are_copied_from_hub_to_hub()
    {
        string commit = await _workspace.PushAsync("acme/tiny", ("a.txt", "hello"));
        ProcessResult pushed = await _workspace.RunAsync("mirror", "push", "acme/tiny", "--from", "local", "--to",
            "inside", "--revision", "main");
        Assert.Equal((0, $"local  acme/tiny  {commit} (main)\nWrote 1 file, 5 B.\n"), (pushed.ExitCode, pushed.Output));
    }

    [Fact]
    public async Task A_mirror_failure_prints_an_error_line_and_exits_with_1()
    {
        Assert.Equal(new ProcessResult(1, "", "error WISE1051: There is nothing to mirror. Name repos, "
            + "or a lock file that lists some.\n"), await _workspace.RunAsync("mirror", "pull", "--to", "inside"));
        ProcessResult wrong = await _workspace.RunAsync("mirror", "push", "--from", "none.tar", "--to", "inside");
        Assert.Equal(1, wrong.ExitCode);
        Assert.StartsWith("error WISE3013: The bundle $/work/none.tar could not be imported into 'inside'", wrong.Error,
            StringComparison.Ordinal);
    }
}
