using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using WiseHub.Client;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool;

/// <summary>Parses the arguments, runs the command, and turns any outcome into an exit code.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            // Checked before parsing, because no message may repeat the value of such an option.
            string[] options = [.. args.TakeWhile(a => a != "--").Where(a => a.StartsWith('-'))
                .Select(a => a.Split('=', ':')[0])];
            if (options.FirstOrDefault(IsPassword) is string password)
                return Usage(errors, "wisehub", ToolMessages.PasswordOption(password));
            if (options.FirstOrDefault(IsToken) is string token)
                return Usage(errors, "wisehub", ToolMessages.TokenOption(token));
            // A path or pattern that begins with '@' is not a response file. There are no one-letter options to bundle.
            ParseResult parsed = Build(args).Parse(args,
                new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parsed.Action is ParseErrorAction)
                return Usage(errors, NameOf(parsed.CommandResult), Mistakes(parsed));
            var how = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(how, cancel).ConfigureAwait(false);
        }
        // The one place that catches everything: the user gets a line, never a stack trace.
        catch (Exception e)
        {
            return Failures.Report(e, errors, cancel.IsCancellationRequested, Failures.IsTracing);
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Build(string[] args)
    {
        var root = new RootCommand(ToolHelp.Root)
        {
            DownloadCommand.Create(args),
            UploadCommand.Create(args),
            BuildCommand.CreateRestore(),
            BuildCommand.CreateUpdate(),
            BuildCommand.CreateVerify(),
            CacheCommand.Create(args),
            MirrorCommand.Create(args),
            LoginCommand.CreateLogin(),
            LoginCommand.CreateLogout(),
            LoginCommand.CreateWhoAmI(),
            EntriesCommand.Create(args),
            SnippetCommand.Create(args),
            SiteCommand.Create(args),
            RepoCommand.Create(args),
            RepoCommand.CreateSearch(args),
        };
        foreach (IProtocolCommand command in ProtocolCommands.All)
            root.Subcommands.Add(command.Create(args));
        return root;
    }

    // Unexpected words explain what else is missing, so only they are reported. The text after '=' is not repeated: it may be a
    // secret.
    private static string[] Mistakes(ParseResult parsed) => parsed.UnmatchedTokens.Count == 0
        ? [.. parsed.Errors.Select(e => e.Message).Distinct()]
        : [.. parsed.UnmatchedTokens.Select(t => t.StartsWith('-') ? ToolMessages.UnknownOption(t.Split('=')[0])
            : parsed.CommandResult.Command.Subcommands.Count > 0 ? ToolMessages.UnknownCommand(t)
            : ToolMessages.UnexpectedArgument(t))];

    private static bool IsPassword(string option) => NameOf(option) == "PASSWORD";

    // Also names that other tools use, such as --access-token.
    private static bool IsToken(string option) =>
        NameOf(option) is not "PRINT-TOKEN" and string name
        && (name == "TOKEN" || name.EndsWith("-TOKEN", StringComparison.Ordinal));

    private static string NameOf(string option) => option.TrimStart('-').Replace('_', '-').ToUpperInvariant();

    private static int Usage(TextWriter errors, string command, params string[] mistakes)
    {
        foreach (string mistake in mistakes)
            errors.WriteLine($"error {WiseCodes.WrongUsage}: {Failures.Printable(mistake)}");
        errors.WriteLine(ToolMessages.SeeHelp(command));
        return ExitCodes.Usage;
    }

    private static string NameOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "wisehub";
}
