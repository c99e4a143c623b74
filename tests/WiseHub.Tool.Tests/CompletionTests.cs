using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub completion</c>: what shells get that run its scripts.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("download", "down")]
    [InlineData("cache,completion", "c")]
    [InlineData("ls", "cache", "l")]
    [InlineData("--revision", "download", "--re")]
    [InlineData("--hub,--help", "hg", "list-local", "--h")]
    [InlineData("--quiet", "--q")]
    [InlineData("local", "download", "acme/langid", "--hub", "l")]
    [InlineData("--hub=local", "download", "acme/langid", "--hub=l")]
    [InlineData("local", "download", "acme/langid", "--hub", "=", "l")]
    [InlineData("github,gitlab,huggingface,local,wisemodel", "download", "--hub", "=")]
    [InlineData("model,dataset,code,space", "download", "x", "--type", "")]
    [InlineData("dataset", "download", "x", "--type", "D")]
    [InlineData("name,size,used", "cache", "ls", "--sort", "")]
    [InlineData("bash,zsh,fish,pwsh", "completion", "")]
    [InlineData("local", "whoami", "lo")]
    [InlineData("acme/langid", "download", "ac")]
    [InlineData("acme/langid", "download", "--quiet", "--", "")]
    [InlineData("acme/langid,acme/other", "mirror", "pull", "acme/langid", "")]
    [InlineData("", "download", "acme/langid", "conf")]
    [InlineData("", "download", "--local-dir", "")]
    [InlineData("", "download", "--no-such=")]
    [InlineData("", "cache", "ls", "x")]
    [InlineData("", "nothing", "like", "that")]
    public async Task A_line_is_completed(string expected, params string[] words)
    {
        await _workspace.PushAsync("acme/langid", ("a.txt", "a"));
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/langid")).ExitCode);
        if (expected.Contains("other", StringComparison.Ordinal))
        {
            await _workspace.PushAsync("acme/other", ("a.txt", "a"));
            Assert.Equal(0, (await _workspace.RunAsync("download", "acme/other")).ExitCode);
        }

        IEnumerable<string> lines = expected.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(w => w + "\n");
        Assert.Equal(new ProcessResult(0, string.Concat(lines), ""), await _workspace.RunAsync(["complete", "--", .. words]));
    }

    [Fact]
    public async Task An_option_says_that_the_last_word_is_empty() =>
        Assert.Equal(await _workspace.RunAsync("complete", "--", "cache", ""),
            await _workspace.RunAsync("complete", "--empty-word", "--", "cache"));

    [Fact]
    public async Task A_wrong_configuration_is_no_message_in_the_middle_of_a_line()
    {
        _workspace.Write("work/wisehub.json", "{ nonsense");

        Assert.Equal(new ProcessResult(0, "", ""), await _workspace.RunAsync("complete", "--", "download", "--hub", ""));
    }

    [Fact]
    public async Task Bash_completes_with_the_script()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("bash"), "There is no bash.");

        // What bash does when Tab is pressed: the words in COMP_WORDS, the function of the command, the answer in COMPREPLY.
        Assert.Equal("download\n--revision\nlocal\nacme/langid\nmodel\n", await InShellAsync("bash", "bash", """
            tab() {
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
                $(complete -p wisehub | sed 's/.* -F \([^ ]*\) .*/\1/')
                printf '%s\n' "${COMPREPLY[@]}"
            }
            tab wisehub down
            tab wisehub download --re
            tab wisehub download acme/langid --hub l
            tab wisehub download ac
            tab wisehub download x --type = mo
            """));
    }

    [Fact]
    public async Task Zsh_completes_with_the_script()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("zsh"), "There is no zsh.");

        // compadd and compdef are those of the completion system; here they show what they get.
        Assert.Equal("_wisehub wisehub\ndownload\n--revision\nlocal\nfiles\n", await InShellAsync("zsh", "zsh", """
            tab() { words=("$@"); CURRENT=$#; _wisehub }
            tab wisehub down
            tab wisehub download --re
            tab wisehub download acme/langid --hub l
            tab wisehub download acme/langid ''
            """, """
            compdef() { print -r -- "$@" }
            compadd() { print -rl -- "${(@P)2}" }
            _files() { print files }
            """));
    }

    [Fact]
    public async Task Fish_completes_with_the_script()
    {
        Assert.SkipUnless(await ProcessRunner.ExistsAsync("fish"), "There is no fish.");

        Assert.Equal("download\n--revision\nlocal\nwisehub.json\n", await InShellAsync("fish", "fish", """
            complete --do-complete 'wisehub down'
            complete --do-complete 'wisehub download --re'
            complete --do-complete 'wisehub download acme/langid --hub l'
            complete --do-complete 'wisehub download acme/langid wiseh'
            """));
    }

    [Fact]
    public async Task The_script_for_PowerShell_registers_a_completer()
    {
        ProcessResult result = await _workspace.RunAsync("completion", "pwsh");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Register-ArgumentCompleter -Native -CommandName wisehub -ScriptBlock {", result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_shell_is_an_error() =>
        Assert.Equal(new ProcessResult(2, "", "error WISE1101: There is no completion for 'bsh'; name bash, zsh, fish or pwsh. "
            + "Did you mean 'bash'?\nRun 'wisehub completion --help' for usage.\n"),
            await _workspace.RunAsync("completion", "bsh"));

    private async Task<string> InShellAsync(string program, string shell, string script, string before = "")
    {
        await _workspace.PushAsync("acme/langid", ("a.txt", "a"));
        Assert.Equal(0, (await _workspace.RunAsync("download", "acme/langid")).ExitCode);
        string tool = string.Join(' ', ToolProgram.Command.Select(w => $"'{w}'"));
        string function = shell == "fish" ? $"function wisehub; {tool} $argv; end" : $"wisehub() {{ {tool} \"$@\"; }}";
        string source = shell == "fish" ? "wisehub completion fish | source" : $"source <(wisehub completion {shell})";
        _workspace.Write("work/try", $"{function}\n{before}\n{source}\n{script}\n");
        ProcessResult result = await ProcessRunner.RunAsync(program, ["try"], _workspace.Work, _workspace.Environment);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }
}
