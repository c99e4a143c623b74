using System.Text;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub upload</c> to a hub on the network, which has web pages and requires a token.</summary>
public sealed class UploadToHubTests : IAsyncLifetime
{
    private readonly ToolWorkspace _workspace = new();
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _workspace.Configure(_hub);
        _workspace.Write("work/out/sub/a.txt", "hello");
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _workspace.Dispose();
    }

    private string Read(string path) => Encoding.UTF8.GetString(_hub.FindRepo("acme/m")!.Read(path));

    [Fact]
    public async Task The_last_line_is_the_URL_of_the_commit()
    {
        _workspace.Environment["WISEHUB_TOKEN_NET"] = "hf_test";
        _hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["old.txt"] = "old"u8.ToArray() });

        ProcessResult result = await _workspace.RunAsync("upload", "out", "acme/m", "--hub", "net");

        string commit = _hub.FindRepo("acme/m")!.Head();
        Assert.Equal((0, $"{_hub.Endpoint.AbsoluteUri}acme/m/commit/{commit}\n"), (result.ExitCode, result.Output));
        Assert.Contains($"acme/m: pushed to 'net' as {commit}: 1 new; ", result.Error, StringComparison.Ordinal);
        Assert.Equal("hello", Read("sub/a.txt"));
    }

    [Fact]
    public async Task A_missing_repo_is_created_only_with_the_create_option()
    {
        _workspace.Environment["WISEHUB_TOKEN_NET"] = "hf_test";

        ProcessResult without = await _workspace.RunAsync("upload", "out", "acme/m", "--hub", "net");
        Assert.Equal((1, ""), (without.ExitCode, without.Output));
        Assert.StartsWith("error WISE5005: ", without.Error, StringComparison.Ordinal);
        Assert.Null(_hub.FindRepo("acme/m"));

        ProcessResult with = await _workspace.RunAsync("upload", "out", "acme/m", "--hub", "net", "--create", "--private");
        Assert.Equal((0, true, "hello"), (with.ExitCode, _hub.FindRepo("acme/m")!.IsPrivate, Read("sub/a.txt")));
    }

    [Fact]
    public async Task On_a_terminal_an_upload_without_a_token_prompts_once_and_continues()
    {
        TestRepo repo = _hub.CreateRepo("acme/m");
        repo.IsPrivate = true;
        repo.Commit(new Dictionary<string, byte[]?> { ["old.txt"] = "old"u8.ToArray() });
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "upload out acme/m --hub net");
        await terminal.WaitForAsync("(not shown): ");
        await terminal.TypeAsync("hf_test\n");
        (int code, string screen) = await terminal.EndAsync();

        Assert.EndsWith($"/acme/m/commit/{repo.Head()}\n", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_test", screen, StringComparison.Ordinal);
        Assert.Equal((0, "hello"), (code, Read("sub/a.txt")));
    }
}
