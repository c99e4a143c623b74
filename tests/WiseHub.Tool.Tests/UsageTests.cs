using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("", "wisehub", "Required command was not provided.")]
    [InlineData("bogus", "wisehub", "There is no command 'bogus'.")]
    [InlineData("--bogus=secret", "wisehub", "There is no option '--bogus'.")]
    [InlineData("cache", "wisehub cache", "Required command was not provided.")]
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

    [Fact]
    public async Task Help_lists_the_commands()
    {
        Assert.Equal(new ProcessResult(0,
            "Description:\n"
            + "  Downloads models and datasets from hubs, verifies them by sha256, and drives WiseHub.Build.\n\n"
            + "Usage:\n"
            + "  wisehub [command] [options]\n\n"
            + "Options:\n"
            + "  -?, -h, --help  Show help and usage information\n"
            + "  --version       Show version information\n\n"
            + "Commands:\n"
            + "  download <repo-id or URL> <path>  Downloads a repo or some of its files. The last line of standard "
            + "output is the folder, or the one file, that was downloaded. A token is read from WISEHUB_TOKEN_<HUB>.\n"
            + "  upload <path> <repo-id>           Uploads a folder or a file as one commit. Files that the hub "
            + "already has are not sent. The last line of standard output is the URL of the commit, or the commit "
            + "itself if the hub has no pages. A token is read from WISEHUB_TOKEN_<HUB>.\n"
            + "  restore <project>                 Downloads and verifies the models that a project references.\n"
            + "  update <project>                  Resolves every revision that projects reference again, and rewrites "
            + "their lock files.\n"
            + "  verify <project>                  Hashes the models of projects again, in the cache and in the "
            + "output, and compares them with the lock file.\n"
            + "  cache                             Manages the cache of this machine.\n"
            + "  mirror                            Copies commits between hubs, and into bundle files for machines "
            + "that reach no hub.\n"
            + "  login <hub>                       Stores a token for a hub, readable only by you, after the hub has "
            + "confirmed its owner. With --user, stores the session for a user name and password. Tokens and passwords "
            + "are read from the terminal, not shown, and never given as options.\n"
            + "  logout <hub>                      Removes the stored login for a hub. Environment variables and files "
            + "of other tools are left alone.\n"
            + "  whoami <hub>                      Asks a hub who owns the token in use, and prints where the token "
            + "comes from.\n"
            + "  entries                           Works with the entry points of a repo (hubconf.json, hubconf.dll, "
            + "hubconf.py).\n"
            + "  snippet <repo-id or URL>          Prints the lines with which a project uses a repo. Contacts no "
            + "hub.\n"
            + "  repo                              Creates, finds and deletes repos of a hub.\n"
            + "  search <text>                     Finds repos by a part of their id, by owner and by tags.\n"
            + "  hg                                Does what hg_localization does, on its folders and buckets. "
            + "Settings are read from wisehub.json, or from HGLOC_* variables in the environment or a .env file.\n"
            + "  lfs                               Works with git-lfs.\n\n", ""), await _workspace.RunAsync("--help"));
    }

    [Fact]
    public async Task Help_of_download_lists_its_options()
    {
        Assert.Equal(new ProcessResult(0,
            "Description:\n"
            + "  Downloads a repo or some of its files. The last line of standard output is the folder, or the one "
            + "file, that was downloaded. A token is read from WISEHUB_TOKEN_<HUB>.\n\n"
            + "Usage:\n"
            + "  wisehub download <repo-id or URL> [<path>...] [options]\n\n"
            + "Arguments:\n"
            + "  <repo-id or URL>  owner/name, the page URL of a repo, folder or file on a configured hub, or the URL "
            + "of any other file.\n"
            + "  <path>            Files of the repo, by their exact paths. Default: all files.\n\n"
            + "Options:\n"
            + "  --hub <name>            The hub. With several, separated by ';', the first resolves the revision and "
            + "the others only provide bytes.\n"
            + "  --type <type>           model (default), dataset, code or space.\n"
            + "  --revision <revision>   Branch, tag or commit. Default: the hub's default branch. A branch is "
            + "resolved again on every call.\n"
            + "  --config <name>         The configuration of a dataset, on hubs that have configurations.\n"
            + "  --include <pattern>     Files to take, as fnmatch patterns: '*' also matches '/'. Repeat the option, "
            + "or separate patterns by ';'.\n"
            + "  --exclude <pattern>     Files to leave out, as fnmatch patterns.\n"
            + "  --local-dir <folder>    Put the files there instead of into the cache. Files that differ are "
            + "replaced; other files stay.\n"
            + "  --sha256 <hex>          The sha256 that the one file, or the archive, must have.\n"
            + "  --unpack                Unpack the .zip, .tar or .tar.gz at the URL.\n"
            + "  --force                 Download existing files again. They are replaced only after verification.\n"
            + "  --offline               Open no socket: the cache and folder hubs must have everything.\n"
            + "  --no-mirror-write       Write to no mirror, not even to those with \"write\": true.\n"
            + "  --connections <number>  Maximum connections for one large file, 1 to 8. Default: 8. 1 is a single "
            + "stream.\n"
            + "  --timeout <seconds>     Seconds without a byte after which a hub counts as stalled. Default: 15.\n"
            + "  --use-git               Download with the local git instead of over HTTPS, on hubs that allow it.\n"
            + "  --json                  Print one JSON object on standard output, and no progress.\n"
            + "  -?, -h, --help          Show help and usage information\n\n", ""),
            await _workspace.RunAsync("download", "--help"));
    }
}
