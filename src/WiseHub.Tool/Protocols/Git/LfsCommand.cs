using System.CommandLine;
using System.Text;
using WiseHub.Client;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool.Protocols.Git;

/// <summary>
/// <c>wisehub lfs …</c>: lets git-lfs push files of more than 5 GB to hubs that accept them in parts
/// (docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
/// </summary>
internal sealed class LfsCommand : IProtocolCommand
{
    private const string Agent = "multipart-upload";

    public IReadOnlyDictionary<string, CommandPage> Pages => LfsMessages.Pages;

    public Command Create(string[] args)
    {
        var folder = new Argument<string>("folder")
        { Description = LfsMessages.Folder, DefaultValueFactory = _ => "." };
        Arguments.RefuseOptions(folder);
        var enable = new Command("enable-largefiles", LfsMessages.Enable) { folder };
        enable.SetAction((parsed, cancel) => new CommandRun(cancel) { Options = Options }.RunAsync(async (client, log) =>
        {
            string place = parsed.GetValue(folder)!;
            (string program, string[] before) = Self();
            await client.EnableLargeFilesAsync(place, program, [.. before, "lfs", Agent], cancel).ConfigureAwait(false);
            log.Info(LfsMessages.Enabled(Path.GetFullPath(place), program));
            return place;
        }, _ => { }));
        var serve = new Command(Agent, LfsMessages.Serve);
        serve.SetAction(async (_, cancel) =>
        {
            using var client = new HubClient(Options(null));
            // Not Console.Out, whose encoding writes a byte order mark on some systems.
            await using Stream stream = Console.OpenStandardOutput();
            await using var output = new StreamWriter(stream, new UTF8Encoding(false));
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            return await client.ServeGitLfsAsync(input, output, cancel).ConfigureAwait(false) ? ExitCodes.Done : ExitCodes.Failed;
        });
        return new Command("lfs", LfsMessages.Group) { enable, serve };
    }

    // No wisehub.json: git-lfs passes everything that is needed.
    private static HubClientOptions Options(IHubLog? log) => new() { Log = log, Product = "WiseHub.Tool" };

    // A global tool is a program of its own; a local tool is run by dotnet.
    private static (string Program, string[] Before) Self()
    {
        string program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? (program, [Path.GetFullPath(Environment.GetCommandLineArgs()[0])]) : (program, []);
    }
}
