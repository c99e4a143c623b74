using System.CommandLine;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub cache rm</c>: lists what it would remove, asks, and removes it.</summary>
internal sealed class CacheRemoveCommand
{
    private readonly Argument<string> _repo = new("repo-id") { Description = ToolHelp.CacheRepo };
    private readonly Option<string?> _hub = Arguments.Text("--hub", "name", ToolHelp.CacheHub);
    private readonly Option<RepoType?> _type = Arguments.Type(ToolHelp.CacheType);
    private readonly Option<string?> _revision = Arguments.Text("--revision", "revision", ToolHelp.CacheRevision);
    private readonly Option<bool> _yes = new("--yes") { Description = ToolHelp.Yes };
    private readonly Option<bool> _dryRun = CacheCommand.NewDryRunOption();
    private readonly Option<bool> _json = CacheCommand.NewJsonOption();

    public static Command Create(string[] args)
    {
        var options = new CacheRemoveCommand();
        Arguments.RefuseOptions(options._repo, args);
        var command = new Command("rm", ToolHelp.CacheRemove)
        {
            options._repo, options._hub, options._type, options._revision, options._yes, options._dryRun, options._json,
        };
        command.SetAction(options.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        bool asJson = parsed.GetValue(_json), ask = !parsed.GetValue(_yes) && !parsed.GetValue(_dryRun);
        var request = new CacheRemoveRequest
        {
            RepoId = parsed.GetValue(_repo)!,
            Hub = parsed.GetValue(_hub),
            RepoType = parsed.GetValue(_type),
            Revision = parsed.GetValue(_revision),
            DryRun = parsed.GetValue(_dryRun),
        };
        if (ask && (asJson || Console.IsInputRedirected || Console.IsErrorRedirected))
        {
            Failures.Write(Console.Error, WiseCodes.WrongUsage, ToolMessages.RemovalNeedsYes);
            return ExitCodes.Usage;
        }
        if (ask && !await IsWantedAsync(request, cancel).ConfigureAwait(false))
            return ExitCodes.Cancelled;
        return await CacheCommand.NewRun(asJson, cancel)
            .RunAsync((client, _) => client.Cache.RemoveAsync(request, cancel),
                CacheText.Print, CacheJson.Write).ConfigureAwait(false);
    }

    private static async Task<bool> IsWantedAsync(CacheRemoveRequest request, CancellationToken cancel)
    {
        await CacheCommand.NewRun(asJson: false, cancel)
            .RunAsync((client, _) => client.Cache.RemoveAsync(request with { DryRun = true }, cancel),
                CacheText.Print).ConfigureAwait(false);
        await Console.Error.WriteAsync(ToolMessages.Confirm(ToolMessages.RemoveNow)).ConfigureAwait(false);
        return await Console.In.ReadLineAsync(cancel).ConfigureAwait(false) is "y" or "Y" or "yes";
    }
}
