using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub repo</c> and <c>wisehub search</c>.</summary>
public sealed class RepoCommandTests
{
    [Fact]
    public async Task A_repo_is_created_listed_and_deleted()
    {
        using var workspace = new ToolWorkspace();
        await using TestHub hub = await TestHub.StartAsync();
        workspace.Configure(hub);
        workspace.Environment["WISEHUB_TOKEN_NET"] = hub.Token;
        string page = hub.Endpoint.GetLeftPart(UriPartial.Authority);

        Assert.Equal(new ProcessResult(0, $"{page}/acme/one\n", ""),
            await workspace.RunAsync("repo", "create", "acme/one", "--hub", "net", "--private"));
        Assert.True(hub.FindRepo("acme/one")!.IsPrivate);
        ProcessResult again = await workspace.RunAsync("repo", "create", "acme/one", "--hub", "net");
        Assert.Equal((1, $"error WISE5028: acme/one on 'net' already exists ({page}/acme/one). Choose another name, or delete "
            + "that repo first.\n"),
            (again.ExitCode, again.Error));
        Assert.Equal(new ProcessResult(0, $"{page}/acme/one\n", ""),
            await workspace.RunAsync("repo", "create", "acme/one", "--hub", "net", "--exist-ok"));

        Assert.StartsWith("acme/one  private  20",
            (await workspace.RunAsync("repo", "list", "--hub", "net", "--author", "acme")).Output, StringComparison.Ordinal);
        Assert.StartsWith("acme/one  private  20", (await workspace.RunAsync("search", "ONE", "--hub", "net")).Output,
            StringComparison.Ordinal);

        ProcessResult asked = await workspace.RunAsync("repo", "delete", "acme/one", "--hub", "net");
        Assert.Equal((2, "error WISE1101: 'wisehub repo delete' asks for the name of the repo before it deletes anything, "
            + "and there is no terminal to ask on. Add --yes.\n"), (asked.ExitCode, asked.Error));
        Assert.NotNull(hub.FindRepo("acme/one"));
        Assert.Equal(new ProcessResult(0, "Deleted acme/one.\n", ""),
            await workspace.RunAsync("repo", "delete", "acme/one", "--hub", "net", "--yes"));
        Assert.Null(hub.FindRepo("acme/one"));
    }

    [Fact]
    public async Task Files_details_and_URLs_of_a_repo_are_printed_as_text_and_as_JSON()
    {
        using var workspace = new ToolWorkspace();
        await using TestHub hub = await TestHub.StartAsync();
        workspace.Configure(hub);
        string commit = hub.CreateRepo("acme/one").Commit(new Dictionary<string, byte[]?>
        {
            ["config.json"] = "{}"u8.ToArray(),
            ["sub dir/model.bin"] = "weights"u8.ToArray()
        });

        Assert.Equal(new ProcessResult(0, "config.json  2 B\nsub dir/model.bin  7 B\n", ""),
            await workspace.RunAsync("repo", "files", "acme/one", "--hub", "net"));
        ProcessResult json = await workspace.RunAsync("repo", "files", "acme/one", "--hub", "net", "--json");
        Assert.Contains($"\"commit\": \"{commit}\"", json.Output, StringComparison.Ordinal);
        Assert.Contains("\"path\": \"sub dir/model.bin\",\n      \"size\": 7,\n      \"sha256\": \"", json.Output,
            StringComparison.Ordinal);
        Assert.StartsWith($"repo: acme/one\ntype: model\ncommit: {commit}\nprivate: no\ngated: no\nmodified: 20",
            (await workspace.RunAsync("repo", "info", "acme/one", "--hub", "net")).Output, StringComparison.Ordinal);
        Assert.Equal(new ProcessResult(0, $"{hub.Endpoint}acme/one/resolve/v1%2F0/sub%20dir/model.bin\n", ""),
            await workspace.RunAsync("repo", "url", "acme/one", "sub dir/model.bin", "--hub", "net", "--revision", "v1/0"));
    }

    [Fact]
    public async Task Repos_of_a_folder_hub_can_be_listed_searched_and_deleted()
    {
        using var workspace = new ToolWorkspace();
        string commit = await workspace.PushAsync("acme/two", ("a", "hello"));
        Assert.Equal(new ProcessResult(0, "acme/two\n", ""), await workspace.RunAsync("repo", "list"));
        Assert.Equal(new ProcessResult(0, "a  5 B\n", ""), await workspace.RunAsync("repo", "files", "acme/two"));
        Assert.Contains($"\"commit\": \"{commit}\"", (await workspace.RunAsync("search", "two", "--json")).Output,
            StringComparison.Ordinal);
        Assert.Equal(new ProcessResult(0, "Deleted acme/two.\n", ""),
            await workspace.RunAsync("repo", "delete", "acme/two", "--yes"));
        Assert.Equal(new ProcessResult(0, "", ""), await workspace.RunAsync("repo", "list"));
    }

    [Theory]
    [InlineData("repo", "'wisehub repo' requires one of its commands.")]
    [InlineData("repo delete", "Required argument 'repo-id' missing for command: 'delete'.")]
    [InlineData("repo list --limit 0", "--limit is '0'; it must be a whole number of at least 1.")]
    public async Task A_wrong_repo_command_line_is_an_error(string command, string mistake)
    {
        using var workspace = new ToolWorkspace();
        ProcessResult result = await workspace.RunAsync(command.Split(' '));
        Assert.Equal((2, $"error WISE1101: {mistake}"), (result.ExitCode, result.Error.Split('\n')[0]));
    }

    [Theory]
    [InlineData("acme/tow", 130)]
    [InlineData("acme/two", 0)]
    public async Task On_a_terminal_deleting_a_repo_requires_typing_its_name(string typed, int code)
    {
        using var workspace = new ToolWorkspace();
        await workspace.PushAsync("acme/two", ("a", "hello"));
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(workspace, "repo delete acme/two");
        await terminal.WaitForAsync("This permanently deletes acme/two with everything in it. Type its name to continue: ");
        await terminal.TypeAsync(typed + "\n");
        Assert.Equal(code, (await terminal.EndAsync()).ExitCode);
        Assert.Equal(code != 0, File.Exists(workspace.PathOf("hub/models/acme/two/refs/main")));
    }
}
