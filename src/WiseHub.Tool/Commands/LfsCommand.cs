using System.CommandLine;
using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub lfs …</c>: lets git-lfs push files of more than 5 GB to hubs that take them in parts
/// (docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
/// </summary>
internal static class LfsCommand
{
    private const string Agent = "multipart-upload";

    public static Command Create()
    {
        var folder = new Argument<string>("folder")
        { Description = "The repository; default is the working directory.", DefaultValueFactory = _ => "." };
        Arguments.RefuseOptions(folder);
        var enable = new Command("enable-largefiles", "Sets up a git repository so that 'git push' sends LFS files of more than "
            + "5 GB in parts. Once a repository is enough. 'wisehub upload' needs none of it.")
        { folder };
        enable.SetAction((parsed, cancel) => new CommandRun(cancel) { Options = Options }.RunAsync(async (client, log) =>
        {
            string place = parsed.GetValue(folder)!;
            (string program, string[] before) = Self();
            await client.EnableLargeFilesAsync(place, program, [.. before, "lfs", Agent], cancel).ConfigureAwait(false);
            log.Info($"git-lfs sends large files of {Path.GetFullPath(place)} in parts from now on, by {program}.");
            return place;
        }, _ => { }));
        var serve = new Command(Agent, "Is what git-lfs starts; not for people.");
        serve.SetAction(async (_, cancel) =>
        {
            using var client = new HubClient(Options(null));
            // Not Console.Out: on some systems that has an encoding with a mark at its beginning.
            await using Stream stream = Console.OpenStandardOutput();
            await using var output = new StreamWriter(stream, new UTF8Encoding(false));
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            return await client.ServeGitLfsAsync(input, output, cancel).ConfigureAwait(false) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return new Command("lfs", "Works with git-lfs.") { enable, serve };
    }

    // It works on what git-lfs says, whatever configuration is around.
    private static HubClientOptions Options(IHubLog? log) => new() { Log = log, Product = "WiseHub.Tool" };

    // A global tool is a program of its own; a local one is run by dotnet.
    private static (string Program, string[] Before) Self()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? (program, [Path.GetFullPath(Environment.GetCommandLineArgs()[0])]) : (program, []);
    }
}
