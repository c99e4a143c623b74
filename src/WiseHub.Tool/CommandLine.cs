using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
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
                return IsBareGroup(parsed) ? UsageOfGroup(errors, parsed.CommandResult.Command)
                    : Usage(errors, HelpText.PathOf(parsed.CommandResult.Command), Mistakes(parsed));
            Verbosity.Use(parsed);
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
            VerifyCommand.Create(args),
            SignCommand.Create(args),
            AddCommand.Create(args),
            RemoveCommand.Create(args),
            ListCommand.CreateList(),
            ListCommand.CreateOutdated(),
            DiffCommand.Create(args),
            InfoCommand.Create(args),
            LockCommand.Create(),
            CacheCommand.Create(args),
            MirrorCommand.Create(args),
            LoginCommand.CreateLogin(),
            LoginCommand.CreateLogout(),
            LoginCommand.CreateWhoAmI(),
            EntriesCommand.Create(args),
            SnippetCommand.Create(args),
            SiteCommand.Create(args),
            BomCommand.Create(args),
            RepoCommand.Create(args),
            RepoCommand.CreateSearch(args),
        };
        foreach (IProtocolCommand command in ProtocolCommands.All)
            root.Subcommands.Add(command.Create(args));
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(CompletionCommand.CreateScript());
        root.Subcommands.Add(CompletionCommand.CreateAnswer(root));
        root.Subcommands.Add(HelpCommand.Create(root));
        Verbosity.AddTo(root);
        var help = new HelpPageAction();
        root.Options.OfType<HelpOption>().Single().Action = help;
        // Without a command, the same as with --help. As its action, it would also hide mistakes.
        root.SetAction(help.Invoke);
        return root;
    }

    // Unexpected words explain what else is missing, so only they are reported. The text after '=' is not repeated: it may be a
    // secret.
    private static string[] Mistakes(ParseResult parsed) => parsed.UnmatchedTokens.Count == 0
        ? [.. parsed.Errors.Select(e => e.Message).Distinct()]
        // The words after an unknown command are its own.
        : parsed.CommandResult.Command.Subcommands.Count > 0 ? [Mistake(parsed.CommandResult.Command, parsed.UnmatchedTokens[0])]
        : [.. parsed.UnmatchedTokens.Select(t => Mistake(parsed.CommandResult.Command, t))];

    private static string Mistake(Command command, string word) =>
        word.StartsWith('-') ? Arguments.UnknownOption(command, word)
        : command.Subcommands.Count > 0 ? ToolMessages.UnknownCommand(word, Arguments.NearestCommand(command, word))
        : ToolMessages.UnexpectedArgument(word);

    private static bool IsBareGroup(ParseResult parsed) =>
        parsed.CommandResult.Command is { Subcommands.Count: > 0, Action: null } && parsed.UnmatchedTokens.Count == 0;

    // Its help is an answer, too, but a script whose variable is empty must not go on.
    private static int UsageOfGroup(TextWriter errors, Command group)
    {
        Failures.Write(errors, WiseCodes.WrongUsage, ToolMessages.NoSubcommand(HelpText.PathOf(group)));
        errors.WriteLine();
        errors.Write(HelpText.Write(group, HelpText.TerminalWidth(Console.IsErrorRedirected)));
        return ExitCodes.Usage;
    }

    private static bool IsPassword(string option) => NameOf(option) == "PASSWORD";

    // Also names that other tools use, such as --access-token.
    private static bool IsToken(string option) =>
        NameOf(option) is not "PRINT-TOKEN" and string name
        && (name == "TOKEN" || name.EndsWith("-TOKEN", StringComparison.Ordinal));

    private static string NameOf(string option) => option.TrimStart('-').Replace('_', '-').ToUpperInvariant();

    private static int Usage(TextWriter errors, string command, params string[] mistakes)
    {
        foreach (string mistake in mistakes)
            Failures.Write(errors, WiseCodes.WrongUsage, mistake);
        errors.WriteLine(ToolMessages.SeeHelp(command));
        return ExitCodes.Usage;
    }
}
