using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub cache dir|ls|verify|prune|rm</c>.</summary>
internal static class CacheCommand
{
    public static Command Create(string[] args) =>
        new("cache", "Works with the cache of this machine.")
        { CreateDir(), CreateList(), CreateVerify(), CreatePrune(), CacheRemoveCommand.Create(args) };

    private static Command CreateDir()
    {
        var dir = new Command("dir", "Prints the root of the cache: WISEHUB_CACHE, else the user's cache folder.");
        dir.SetAction((_, cancel) => NewRun(asJson: false, cancel)
            .RunAsync((client, _) => Task.FromResult(client.Cache.Root), Console.Out.WriteLine));
        return dir;
    }

    private static Command CreateList()
    {
        Option<bool> json = NewJsonOption();
        var list = new Command("ls", "Lists the repos of the cache with their commits, sizes and last use.") { json };
        list.SetAction((parsed, cancel) => NewRun(parsed.GetValue(json), cancel)
            .RunAsync((client, _) => client.Cache.ListAsync(cancel), CacheText.Print, CacheJson.Write));
        return list;
    }

    private static Command CreateVerify()
    {
        Option<bool> json = NewJsonOption();
        var verify = new Command("verify",
            "Hashes every file of the cache. A wrong one is removed, and fetched again by the next build that needs it.")
        { json };
        verify.SetAction((parsed, cancel) =>
        {
            var run = new CommandRun(cancel)
            {
                AsJson = parsed.GetValue(json),
                Options = CommandRun.WithoutConfiguration,
                Waiting = TerminalLog.AskingHub,
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
            Description = "Also what was not used for so long, as 12h, 30d or 8w.",
            HelpName = "age",
            CustomParser = result => Read(result, "--older-than", Amounts.ReadAge, "a whole number with h, d or w, such as 30d"),
        };
        var maxSize = new Option<long?>("--max-size")
        {
            Description = "Also what was not used for longest, until the cache has at most this size, as 500MB, 20GB or 20GiB.",
            HelpName = "size",
            CustomParser = result => Read(result, "--max-size", Amounts.ReadSize,
                "a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 20GB"),
        };
        Option<bool> dryRun = NewDryRunOption(), json = NewJsonOption();
        var prune = new Command("prune", "Removes what no file list of the cache and no lock file that was built with it refers "
            + "to. What was used within the last hour stays.")
        {
            olderThan, maxSize, dryRun, json,
        };
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

    public static Option<bool> NewJsonOption() =>
        new("--json") { Description = "Standard output is one JSON object, and there is no progress." };

    public static Option<bool> NewDryRunOption() => new("--dry-run") { Description = "Only say what would be removed." };

    /// <summary>A run that works on the cache alone.</summary>
    public static CommandRun NewRun(bool asJson, CancellationToken cancel) =>
        new(cancel) { AsJson = asJson, Options = CommandRun.WithoutConfiguration };

    private static T? Read<T>(ArgumentResult result, string option, Func<string, T?> read, string form)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        if (read(text) is T value)
            return value;
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{option} is '{text}'; it must be {form}."));
        return null;
    }
}
