using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("bogus", "wisehub", "There is no command 'bogus'.")]
    [InlineData("downlaod acme/m", "wisehub", "There is no command 'downlaod'. Did you mean 'download'?")]
    [InlineData("cache lst", "wisehub cache", "There is no command 'lst'. Did you mean 'ls'?")]
    [InlineData("hg list-s4", "wisehub hg", "There is no command 'list-s4'. Did you mean 'list-s3'?")]
    [InlineData("--verbos", "wisehub", "There is no option '--verbos'. Did you mean '--verbose'?")]
    [InlineData("cache ls --sord=secret", "wisehub cache ls", "There is no option '--sord'. Did you mean '--sort'?")]
    [InlineData("download acme/m --revison=secret", "wisehub download",
        "There is no option '--revison'. Did you mean '--revision'?")]
    [InlineData("download acme/m --rev v1", "wisehub download", "There is no option '--rev'. Did you mean '--revision'?")]
    [InlineData("cache ls --sort sise", "wisehub cache ls",
        "--sort is 'sise'; it must be name, size or used. Did you mean 'size'?")]
    [InlineData("download acme/m --type modle", "wisehub download",
        "--type is 'modle'; it must be model, dataset, code or space. Did you mean 'model'?")]
    [InlineData("whoami --quiet --verbose", "wisehub whoami", "--quiet and --verbose cannot be combined.")]
    [InlineData("help downlaod", "wisehub help", "There is no command 'downlaod'. Did you mean 'download'?")]
    [InlineData("help cache lst", "wisehub help", "There is no command 'lst'. Did you mean 'ls'?")]
    [InlineData("help whoami ls", "wisehub help", "Unexpected argument 'ls'.")]
    [InlineData("--bogus=secret", "wisehub", "There is no option '--bogus'.")]
    [InlineData("cache dir x", "wisehub cache dir", "Unexpected argument 'x'.")]
    [InlineData("mirror pull acme/m", "wisehub mirror pull", "Option '--to' is required.")]
    [InlineData("mirror pull acme/m --to team --have a.tar", "wisehub mirror pull",
        "--have requires a bundle: --to must end in .tar.")]
    [InlineData("mirror push acme/m --from a.tar --to team", "wisehub mirror push",
        "A bundle is imported as a whole. Omit the repos.")]
    [InlineData("download", "wisehub download", "Required argument 'repo-id or URL' missing for command: 'download'.")]
    [InlineData("download --retries", "wisehub download", "There is no option '--retries'.")]
    [InlineData("hg download glue --full-model", "wisehub hg download-dataset", "There is no option '--full-model'.")]
    [InlineData("hg download", "wisehub hg download-dataset", "Required argument 'dataset-id' missing for command: 'download'.")]
    [InlineData("download acme/m --connections 9", "wisehub download",
        "--connections is '9'; it must be a whole number from 1 to 8.")]
    [InlineData("download acme/m --workers 4", "wisehub download", "There is no option '--workers'.")]
    [InlineData("download acme/m --retries=3", "wisehub download", "There is no option '--retries'.")]
    [InlineData("download acme/m --no-such", "wisehub download", "There is no option '--no-such'.")]
    [InlineData("download acme/m --retries -- -a.txt", "wisehub download", "There is no option '--retries'.")]
    [InlineData("download acme/m --hub", "wisehub download", "Required argument missing for option: '--hub'.")]
    [InlineData("download acme/m --type thing", "wisehub download",
        "--type is 'thing'; it must be model, dataset, code or space.")]
    [InlineData("download acme/m --timeout 0", "wisehub download",
        "--timeout is '0'; it must be a whole number of seconds from 1 to 86400.")]
    [InlineData("download acme/m --timeout soon", "wisehub download",
        "--timeout is 'soon'; it must be a whole number of seconds from 1 to 86400.")]
    [InlineData("download acme/m --hub a --hub b", "wisehub download",
        "Option '--hub' expects a single argument but 2 were provided.")]
    [InlineData("upload out", "wisehub upload", "Required argument 'repo-id' missing for command: 'upload'.")]
    [InlineData("upload out acme/m x", "wisehub upload", "Unexpected argument 'x'.")]
    [InlineData("upload out --bogus", "wisehub upload", "There is no option '--bogus'.")]
    [InlineData("upload out acme/m --private", "wisehub upload",
        "--private applies only to a repo that --create creates. Give both, or omit --private.")]
    [InlineData("upload out acme/m --workers 65", "wisehub upload", "--workers is '65'; it must be a whole number from 1 to 64.")]
    [InlineData("upload out acme/m --retries 0", "wisehub upload", "--retries is '0'; it must be a whole number from 1 to 100.")]
    [InlineData("upload out acme/m --chunk-size 5", "wisehub upload",
        "--chunk-size is '5'; it must be from 64KiB to 1GiB, with a unit, for example 5MiB.")]
    [InlineData("upload out acme/m --chunk-size 63KiB", "wisehub upload",
        "--chunk-size is '63KiB'; it must be from 64KiB to 1GiB, with a unit, for example 5MiB.")]
    [InlineData("upload out acme/m --type thing", "wisehub upload",
        "--type is 'thing'; it must be model, dataset, code or space.")]
    [InlineData("snippet", "wisehub snippet", "Required argument 'repo-id or URL' missing for command: 'snippet'.")]
    [InlineData("restore a b", "wisehub restore", "Unexpected argument 'b'.")]
    [InlineData("restore --bogus", "wisehub restore", "There is no option '--bogus'.")]
    [InlineData("update --locked", "wisehub update", "There is no option '--locked'.")]
    public async Task An_invalid_command_line_is_an_error_that_names_the_help_command(
        string arguments, string command, string mistake)
    {
        ProcessResult result = await _workspace.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(
            new ProcessResult(2, "", $"error WISE1101: {mistake}\nRun '{command} --help' for usage.\n"), result);
    }

    [Fact]
    public async Task Every_mistake_in_a_command_line_is_reported()
    {
        ProcessResult result = await _workspace.RunAsync("download", "acme/m", "--type", "thing", "--timeout", "x");

        Assert.Equal(new ProcessResult(2, "",
            "error WISE1101: --type is 'thing'; it must be model, dataset, code or space.\n"
            + "error WISE1101: --timeout is 'x'; it must be a whole number of seconds from 1 to 86400.\n"
            + "Run 'wisehub download --help' for usage.\n"), result);
    }

    [Theory]
    [InlineData("--hub")]
    [InlineData("--revision")]
    [InlineData("--include")]
    [InlineData("--exclude")]
    [InlineData("--local-dir")]
    public async Task An_empty_value_is_refused_because_it_would_mean_everything_or_the_default(string option)
    {
        ProcessResult result = await _workspace.RunAsync("download", "acme/m", option, "");

        Assert.Equal(new ProcessResult(2, "", $"error WISE1101: {option} is empty. Omit it or give a value.\n"
            + "Run 'wisehub download --help' for usage.\n"), result);
    }

    [Theory]
    [InlineData("--token")]
    [InlineData("--access_token")]
    [InlineData("--access-token")]
    [InlineData("--HF-Token")]
    public async Task A_token_given_as_an_option_is_refused_and_not_repeated(string option)
    {
        ProcessResult separate = await _workspace.RunAsync("download", "acme/m", option, "hf_secret");
        ProcessResult joined = await _workspace.RunAsync("download", "acme/m", option + "=hf_secret");

        var expected = new ProcessResult(2, "",
            $"error WISE1101: '{option}' is not an option, because other users of this machine can read the arguments of a "
            + "process. Set the environment variable WISEHUB_TOKEN_<HUB>, for example WISEHUB_TOKEN_TEAM for the hub 'team'. Or "
            + "store the token with 'wisehub login', which reads it from the terminal, or with --token-stdin from a pipe. "
            + "Replace the token if the command line was logged.\n"
            + "Run 'wisehub --help' for usage.\n");
        Assert.Equal((expected, expected), (separate, joined));
    }

    [Fact]
    public async Task Version_prints_only_the_package_version()
    {
        Assert.Equal(new ProcessResult(0, $"{typeof(Failures).Assembly.GetName().Version!.ToString(3)}\n", ""),
            await _workspace.RunAsync("--version"));
    }
}
