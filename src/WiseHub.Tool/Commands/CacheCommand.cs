using System.CommandLine;
using System.CommandLine.Parsing;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub cache dir|ls|verify|prune|rm</c>.</summary>
internal static class CacheCommand
{
    public static Command Create(string[] args) =>
        new("cache", ToolHelp.Cache)
        { CreateDir(), CreateList(), CreateVerify(), CreatePrune(), CacheRemoveCommand.Create(args) };

    private static Command CreateDir()
    {
        var dir = new Command("dir", ToolHelp.CacheDirectory);
        dir.SetAction((_, cancel) => NewRun(asJson: false, cancel)
            .RunAsync((client, _) => Task.FromResult(client.Cache.Root), Console.Out.WriteLine));
        return dir;
    }

    private static Command CreateList()
    {
        Option<string?> sort = Arguments.Choice("--sort", "order", ToolHelp.CacheSort, "name", "size", "used");
        Option<bool> json = NewJsonOption();
        var list = new Command("ls", ToolHelp.CacheList) { sort, json };
        list.SetAction((parsed, cancel) => NewRun(parsed.GetValue(json), cancel)
            .RunAsync((client, _) => client.Cache.ListAsync(cancel),
                report => CacheText.Print(report, parsed.GetValue(sort), DateTimeOffset.UtcNow), CacheJson.Write));
        return list;
    }

    private static Command CreateVerify()
    {
        Option<bool> json = NewJsonOption();
        var verify = new Command("verify", ToolHelp.CacheVerify) { json };
        verify.SetAction((parsed, cancel) =>
        {
            var run = new CommandRun(cancel)
            {
                AsJson = parsed.GetValue(json),
                Options = CommandRun.WithoutConfiguration,
                Waiting = ToolMessages.ContactingHub,
            };
            return run.RunAsync((client, _) => client.Cache.VerifyAsync(cancel), CacheText.Print,
                CacheJson.Write, CacheText.Report);
        });
        return verify;
    }

    private static Command CreatePrune()
    {
        var olderThan = new Option<TimeSpan?>("--older-than")
        {
            Description = ToolHelp.OlderThan,
            HelpName = "age",
            CustomParser = result => Read(result, "--older-than", Amounts.ReadAge, ToolMessages.AgeForm),
        };
        var maxSize = new Option<long?>("--max-size")
        {
            Description = ToolHelp.MaxSize,
            HelpName = "size",
            CustomParser = result => Read(result, "--max-size", Amounts.ReadSize, ToolMessages.SizeForm),
        };
        Option<bool> dryRun = NewDryRunOption(), json = NewJsonOption();
        var prune = new Command("prune", ToolHelp.CachePrune) { olderThan, maxSize, dryRun, json };
        prune.SetAction((parsed, cancel) =>
        {
            var request = new CachePruneRequest
            {
                OlderThan = parsed.GetValue(olderThan),
                MaxSize = parsed.GetValue(maxSize),
                DryRun = parsed.GetValue(dryRun)
            };
            return NewRun(parsed.GetValue(json), cancel)
                .RunAsync((client, _) => client.Cache.PruneAsync(request, cancel), CacheText.Print, CacheJson.Write);
        });
        return prune;
    }

    public static Option<bool> NewJsonOption() => new("--json") { Description = ToolHelp.Json };

    public static Option<bool> NewDryRunOption() => new("--dry-run") { Description = ToolHelp.DryRun };

    /// <summary>A run that uses only the cache.</summary>
    public static CommandRun NewRun(bool asJson, CancellationToken cancel) =>
        new(cancel) { AsJson = asJson, Options = CommandRun.WithoutConfiguration };

    private static T? Read<T>(ArgumentResult result, string option, Func<string, T?> read, string form)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        if (read(text) is T value)
            return value;
        result.AddError(ToolMessages.WrongValue(option, text, form));
        return null;
    }
}
