using System.Text.Json;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed partial class LoginCommandTests : IAsyncLifetime
{
    private readonly ToolWorkspace _workspace = new();
    private TestHub _hub = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _workspace.Configure(_hub);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _workspace.Dispose();
    }

    private string StoredFile => _workspace.PathOf(OperatingSystem.IsWindows() ? "local/wisehub-login/credentials.json"
        : "config/wisehub/credentials.json");

    private string Origin => _hub.Endpoint.GetLeftPart(UriPartial.Authority);

    // Windows has it in another folder.
    private string Hidden(string text) =>
        EndOfSession().Replace(text.Replace(Origin, "<hub>", StringComparison.Ordinal), "until <end>")
            .Replace("$/local/wisehub-login/", "$/config/wisehub/", StringComparison.Ordinal);

    [GeneratedRegex(@"until \d{4}-\d\d-\d\d \d\d:\d\d UTC")]
    private static partial Regex EndOfSession();

    private async Task<string> RunAsync(string input, params string[] arguments)
    {
        ProcessResult result = await _workspace.RunWithInputAsync(input, arguments);
        return Hidden($"{result.ExitCode}|{result.Output}|{result.Error}");
    }

    [Fact]
    public async Task A_token_from_a_pipe_is_stored_used_and_removed()
    {
        Assert.Equal("0||Logged in to 'net' (<hub>/) as tester. The token is stored in the file "
            + "$/config/wisehub/credentials.json.\n",
            await RunAsync("hf_test\n", "login", "net", "--token-stdin"));
        Assert.Equal("0|tester\n|'net' (<hub>/) as tester, with the token from the file $/config/wisehub/credentials.json.\n",
            await RunAsync("", "whoami", "net"));
        Assert.Equal("0||Already logged in to 'net' (<hub>/) as tester, with the token from the file "
            + "$/config/wisehub/credentials.json. Use --force to enter another one.\n", await RunAsync("", "login", "net"));
        Assert.Equal("0||Removed the token for <hub>. To revoke it everywhere, also delete it on the hub's website.\n",
            await RunAsync("", "logout", "net"));
        Assert.Equal("0||No token was stored.\n", await RunAsync("", "logout", "net"));
        Assert.Equal("1||error WISE2005: There is no token for the hub 'net' (<hub>). Set WISEHUB_TOKEN_NET to a token with read "
            + "access, or run 'wisehub login net'. Create a token at <hub>/settings/tokens.\n",
            await RunAsync("", "whoami", "net"));
    }

    [Fact]
    public async Task Without_a_terminal_the_login_error_names_the_token_page() =>
        Assert.Equal("1||error WISE1058: The hub 'net' requires a token, and there is no terminal to ask for it. "
            + "Create a token at <hub>/settings/tokens. Set WISEHUB_TOKEN_NET, or pipe the token into "
            + "'wisehub login net --token-stdin'.\n",
            await RunAsync("hf_test\n", "login", "net"));

    [Fact]
    public async Task A_refused_token_is_not_stored()
    {
        Assert.Equal("1||error WISE2006: The hub 'net' answered 401 at <hub>/api/whoami-v2 (\"Invalid credentials in "
            + "Authorization header\"): it refused the token of this login. Create a new one at <hub>/settings/tokens.\n",
            await RunAsync("hf_wrong", "login", "net", "--token-stdin"));
        Assert.False(File.Exists(StoredFile));
    }

    [Fact]
    public async Task Login_and_logout_name_a_variable_that_overrides_the_stored_token()
    {
        _workspace.Environment["WISEHUB_TOKEN_NET"] = "hf_read";
        Assert.Equal(
            "0|hf_read\n|Logged in to 'net' (<hub>/) as tester. The token is stored in the file "
                + "$/config/wisehub/credentials.json.\n"
                + "But the environment variable WISEHUB_TOKEN_NET takes precedence. Unset it to use the stored login.\n",
            await RunAsync("hf_test\n", "login", "net", "--token-stdin", "--print-token"));
        Assert.Equal("0||Removed the token for <hub>. To revoke it everywhere, also delete it on the hub's website.\n"
            + "The hub 'net' still gets the token from the environment variable WISEHUB_TOKEN_NET.\n",
            await RunAsync("", "logout", "net"));
    }

    [Fact]
    public async Task With_json_login_commands_print_one_object_without_the_token()
    {
        ProcessResult login = await _workspace.RunWithInputAsync("hf_test\n", "login", "net", "--token-stdin", "--json");
        ProcessResult logout = await _workspace.RunAsync("logout", "--all", "--json");
        ProcessResult whoami = await _workspace.RunAsync("whoami", "net", "--json");
        Assert.Equal("""
            {
              "hub": "net",
              "endpoint": "<hub>/",
              "name": "tester",
              "fullName": "tester",
              "organizations": [
                "acme"
              ],
              "source": "the file $/config/wisehub/credentials.json",
              "warnings": []
            }

            """, Hidden(login.Output));
        Assert.Equal("{\n  \"removed\": [\n    \"<hub>\"\n  ],\n  \"warnings\": []\n}\n", Hidden(logout.Output));
        Assert.Equal("WISE2005", JsonDocument.Parse(whoami.Output).RootElement.GetProperty("errors")[0]
            .GetProperty("code").GetString());
        Assert.Equal(("", "", 1), (login.Error, logout.Error, whoami.ExitCode));
    }

    // Its services are at one place, as behind a company's proxy.
    private void ConfigureWisemodel() => _workspace.Configure($$"""
        "wm": { "protocol": "wisemodel", "endpoint": "{{Origin}}" }
        """);

    [Fact]
    public async Task A_password_from_a_pipe_creates_a_session_that_is_stored_shown_and_removed()
    {
        ConfigureWisemodel();
        Assert.Equal("0||Logged in to 'wm' (<hub>/) as tester. The session is stored in the file "
            + "$/config/wisehub/credentials.json, valid until <end>.\n",
            await RunAsync("wm_password\r\n", "login", "--hub", "wm", "--user", "tester", "--password-stdin"));
        Assert.Equal("0|tester\n|'wm' (<hub>/) as tester, with the session from the file "
            + "$/config/wisehub/credentials.json, valid until <end>.\n", await RunAsync("", "whoami", "--hub", "wm"));
        Assert.Equal("0||Already logged in to 'wm' (<hub>/) as tester, with the session from the file "
            + "$/config/wisehub/credentials.json, valid until <end>. Use --force to enter the password again.\n",
            await RunAsync("", "login", "wm", "--user", "tester"));
        Assert.Equal("0||Removed the token for <hub>. To revoke it everywhere, also delete it on the hub's website.\n",
            await RunAsync("", "logout", "--hub", "wm"));
        Assert.DoesNotContain("wm_password", string.Concat(ToolWorkspace.Contents(_workspace.PathOf("config"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoami_shows_both_a_git_token_and_a_session()
    {
        ConfigureWisemodel();
        await RunAsync("wm_password", "login", "wm", "--user", "tester", "--password-stdin");
        Assert.Equal("0||Logged in to 'wm' (<hub>/) as tester (Tester). The token is stored in the file "
            + "$/config/wisehub/credentials.json.\n", await RunAsync("wm_git", "login", "wm", "--token-stdin"));
        Assert.Equal("0|tester\n|'wm' (<hub>/) as tester (Tester), with the token from the file "
            + "$/config/wisehub/credentials.json.\n"
            + "It also gets the session of tester from the file $/config/wisehub/credentials.json, valid until <end>.\n",
            await RunAsync("", "whoami", "wm"));
        ProcessResult json = await _workspace.RunAsync("whoami", "wm", "--json");
        JsonElement session = JsonDocument.Parse(json.Output).RootElement.GetProperty("session");
        Assert.Equal(("tester", "the file $/config/wisehub/credentials.json"),
            (session.GetProperty("user").GetString(), session.GetProperty("source").GetString()));
        // The test hub's sessions last a week.
        Assert.InRange(session.GetProperty("ends").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddDays(6),
            DateTimeOffset.UtcNow.AddDays(7));
    }

    [Fact]
    public async Task Login_and_logout_name_a_variable_that_overrides_the_stored_session()
    {
        ConfigureWisemodel();
        _workspace.Environment["WISEHUB_SESSION_WM"] = "other";
        Assert.EndsWith(
            "until <end>.\nBut the environment variable WISEHUB_SESSION_WM takes precedence. Unset it to use the stored login.\n",
            await RunAsync("wm_password", "login", "wm", "--user", "tester", "--password-stdin"), StringComparison.Ordinal);
        Assert.EndsWith("The hub 'wm' still gets the session from the environment variable WISEHUB_SESSION_WM.\n",
            await RunAsync("", "logout", "wm"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_for_a_refused_password_does_not_repeat_it()
    {
        ConfigureWisemodel();
        Assert.Equal("1||error WISE2021: 'wm' refused the login of 'tester' (<hub>/gateway/user/api/v1/login, code 10001: "
            + "\"wrong password ***\"). Check the user name and the password. To read private repos, a git token "
            + "(<hub>/my-token) is "
            + "enough.\n", await RunAsync("hunter2\n", "login", "wm", "--user", "tester", "--password-stdin"));
        Assert.False(File.Exists(StoredFile));
    }

    [Fact]
    public async Task Without_a_terminal_the_error_suggests_a_password_from_a_pipe()
    {
        ConfigureWisemodel();
        Assert.Equal("1||error WISE1058: The hub 'wm' requires the password of 'tester', and there is no terminal to ask for it. "
            + "Pipe it into 'wisehub login wm --user tester --password-stdin'.\n",
            await RunAsync("wm_password\n", "login", "wm", "--user", "tester"));
        Assert.Empty(_hub.Requests.All);
    }

    [Fact]
    public async Task A_password_login_at_a_hub_without_passwords_is_an_error() =>
        Assert.Equal("1||error WISE1053: The hub 'net' has no login by user name and password. Log in with a token: "
            + "wisehub login net. Create a token at <hub>/settings/tokens.\n",
            await RunAsync("", "login", "net", "--user", "tester"));

    [Fact]
    public async Task On_a_terminal_the_password_is_requested_and_not_shown()
    {
        ConfigureWisemodel();
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login wm --user tester");
        string asked = await terminal.WaitForAsync("(not shown): ");
        await terminal.TypeAsync("wm_password\n");
        (int code, string screen) = await terminal.EndAsync();

        Assert.Equal("Password of 'tester' for 'wm' at <hub>/ (not shown): ", Hidden(asked));
        Assert.Equal(0, code);
        Assert.StartsWith(asked + $"\nLogged in to 'wm' ({Origin}/) as tester. The session is stored in ", screen,
            StringComparison.Ordinal);
        Assert.DoesNotContain("wm_password", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_redirected_services_are_confirmed_before_a_password_is_requested()
    {
        _workspace.Configure($$"""
            "wisemodel": { "protocol": "wisemodel", "endpoints": { "web": "{{Origin}}" } }
            """);
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login wisemodel --user tester");
        string asked = await terminal.WaitForAsync("[y/N] ");
        await terminal.TypeAsync("n\n");
        (int code, _) = await terminal.EndAsync();

        Assert.Equal("$/work/wisehub.json moves the hub 'wisemodel' to <hub>/, https://wisemodel.cn/, "
            + "https://uploadfile.wisemodel.cn/, https://download.wisemodel.cn/, https://www.wisemodel.cn/. "
            + "Log in there? [y/N] ", Hidden(asked));
        Assert.Equal(1, code);
        Assert.Empty(_hub.Requests.All);
    }

    [Theory]
    [InlineData("login net --print-token --json", "--print-token and --json cannot be combined.")]
    [InlineData("login net --password-stdin", "--password-stdin requires --user.")]
    [InlineData("login net --user ann --token-stdin",
        "--user cannot be combined with --token-stdin or --print-token.")]
    [InlineData("login net --user ann --print-token",
        "--user cannot be combined with --token-stdin or --print-token.")]
    [InlineData("login net --hub net", "The hub is given twice, as an argument and as --hub. Give it once.")]
    [InlineData("logout --hub net --all", "A hub and --all cannot be combined.")]
    [InlineData("login net --user ann --password=hunter2", "'--password' is not an option, because other users of this machine "
        + "can read the arguments of a process. 'wisehub login --user NAME' reads the password from the terminal, "
        + "or with --password-stdin from a pipe. Change the password if the command line was logged.")]
    [InlineData("logout net --all", "A hub and --all cannot be combined.")]
    [InlineData("whoami --nope", "There is no option '--nope'.")]
    [InlineData("login net --token=hf_secret", "'--token' is not an option, because other users of this machine can read the "
        + "arguments of a process. Set the environment variable WISEHUB_TOKEN_<HUB>, for example WISEHUB_TOKEN_TEAM for the hub "
        + "'team'. Or store the token with 'wisehub login', which reads it from the terminal, or with --token-stdin from a pipe. "
        + "Replace the token if the command line was logged.")]
    public async Task Wrong_usage_of_login_commands_is_an_error(string arguments, string expected) =>
        Assert.StartsWith($"2||error WISE1101: {expected}\n", await RunAsync("", arguments.Split(' ')), StringComparison.Ordinal);

    [Fact]
    public async Task On_a_terminal_the_token_is_requested_and_not_shown()
    {
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login net");
        string asked = await terminal.WaitForAsync("(not shown): ");
        await terminal.TypeAsync("hf_test\n");
        (int code, string screen) = await terminal.EndAsync();

        Assert.Equal("Create a token at <hub>/settings/tokens. Token for 'net' at <hub>/ (not shown): ", Hidden(asked));
        Assert.Equal((0, asked + $"\nLogged in to 'net' ({Origin}/) as tester. The token is stored in the file "
            + "$/config/wisehub/credentials.json.\n"), (code, screen));
    }

    [Fact]
    public async Task A_CI_job_with_a_terminal_is_not_prompted()
    {
        _workspace.Environment["CI"] = "true";
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login net");
        (int code, string screen) = await terminal.EndAsync();
        Assert.Equal(1, code);
        Assert.StartsWith("error WISE1058: The hub 'net' requires a token, and there is no terminal to ask for it.", screen,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_prompt_for_a_token()
    {
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login net");
        await terminal.WaitForAsync("(not shown): ");
        await terminal.TypeAsync("\u0003");
        (int code, string screen) = await terminal.EndAsync();
        Assert.Equal(130, code);
        Assert.EndsWith("error WISE2017: Cancelled. Verified files are kept, and the next run continues from there.\n", screen,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_download_that_needs_a_token_prompts_once_and_continues()
    {
        TestRepo repo = _hub.CreateRepo("acme/tiny");
        repo.IsPrivate = true;
        repo.Commit(new Dictionary<string, byte[]?> { ["a.txt"] = "one"u8.ToArray() });
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace,
            "download acme/tiny a.txt --hub net --local-dir out");
        string asked = await terminal.WaitForAsync("(not shown): ");
        await terminal.TypeAsync("hf_test\n");
        (int code, string screen) = await terminal.EndAsync();

        Assert.StartsWith("WISE2005: acme/tiny on 'net' (<hub>/api/models/acme/tiny, 401", Hidden(asked),
            StringComparison.Ordinal);
        Assert.EndsWith("$/work/out/a.txt\n", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_test", screen, StringComparison.Ordinal);
        Assert.Equal((0, "one"), (code, await File.ReadAllTextAsync(_workspace.PathOf("work/out/a.txt"))));
    }

    [Theory]
    [InlineData("n\n")]
    [InlineData("\n")]
    public async Task Login_at_a_redirected_built_in_hub_needs_confirmation(string answer)
    {
        _workspace.Configure($$"""
            "huggingface": { "protocol": "huggingface", "endpoint": "{{Origin}}" }
            """);
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "login huggingface --force");
        string asked = await terminal.WaitForAsync("[y/N] ");
        await terminal.TypeAsync(answer);
        (int code, string screen) = await terminal.EndAsync();

        Assert.Equal("$/work/wisehub.json moves the hub 'huggingface' to <hub>/. Log in there? [y/N] ", Hidden(asked));
        Assert.Equal(1, code);
        Assert.EndsWith("error WISE1058: Nothing was sent to <hub>/. To log in elsewhere, run this outside the project.\n",
            Hidden(screen), StringComparison.Ordinal);
        Assert.Empty(_hub.Requests.All);
    }

    [Fact]
    public async Task Login_from_a_pipe_at_a_redirected_hub_is_an_error()
    {
        _workspace.Configure($$"""
            "huggingface": { "protocol": "huggingface", "endpoint": "{{Origin}}" }
            """);
        Assert.StartsWith("1||error WISE1058: The project's wisehub.json redirects the hub 'huggingface' to <hub>.",
            await RunAsync("hf_test", "login", "huggingface", "--token-stdin"), StringComparison.Ordinal);
        Assert.Empty(_hub.Requests.All);
    }
}
