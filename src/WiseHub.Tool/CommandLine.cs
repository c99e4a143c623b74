using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using WiseHub.Client;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool;

/// <summary>From arguments to a command, and from whatever happens to an exit code.</summary>
internal static class CommandLine
{
    private static readonly string[] TokenOptions = ["token", "access-token", "hf-token", "api-token"];

    public static async Task<int> RunAsync(string[] args, TextWriter errors, CancellationToken cancel)
    {
        try
        {
            // Before anything else looks at the arguments: what follows such an option must not be repeated in any message.
            if (args.TakeWhile(a => a != "--").FirstOrDefault(a => IsOption(a, "password")) is string password)
            {
                return Usage(errors, "wisehub",
                    $"'{password.Split('=', ':')[0]}' is not an option, because other users of this machine see a process's "
                    + "arguments. 'wisehub login --user NAME' takes the password from the terminal, "
                    + "or with --password-stdin from a pipe. Change the password if the command line was logged.");
            }
            if (args.TakeWhile(a => a != "--").FirstOrDefault(a => IsOption(a, TokenOptions)) is string option)
            {
                return Usage(errors, "wisehub",
                    $"'{option.Split('=', ':')[0]}' is not an option, because other users of this machine see a process's "
                    + "arguments. Set the environment variable WISEHUB_TOKEN_<HUB> instead, for example "
                    + "WISEHUB_TOKEN_HUGGINGFACE for the hub 'huggingface', or store the token by 'wisehub login', which takes "
                    + "it from the terminal or with --token-stdin from a pipe. Renew the token if the command line was logged.");
            }
            // A path or a pattern may begin with '@' and is not a response file; there are no one-letter options to bundle.
            ParseResult parsed = Build(args).Parse(args,
                new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
            if (parsed.Action is ParseErrorAction)
                return Usage(errors, NameOf(parsed.CommandResult), Mistakes(parsed));
            var how = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(how, cancel).ConfigureAwait(false);
        }
        // The one place where everything ends up: a person gets a line, never a stack trace.
        catch (Exception e)
        {
            return Failures.Report(e, errors, cancel.IsCancellationRequested, Failures.IsTracing);
        }
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Build(string[] args) => new(
        "Downloads models and datasets from hubs, verified by sha256, and drives WiseHub.Build.")
    {
        DownloadCommand.Create(args),
        UploadCommand.Create(args),
        BuildCommand.CreateRestore(),
        BuildCommand.CreateUpdate(),
        BuildCommand.CreateVerify(),
        CacheCommand.Create(args),
        HgCommand.Create(args),
        MirrorCommand.Create(args),
        LoginCommand.CreateLogin(),
        LoginCommand.CreateLogout(),
        LoginCommand.CreateWhoAmI(),
        EntriesCommand.Create(args),
        SnippetCommand.Create(args),
        RepoCommand.Create(args),
        RepoCommand.CreateSearch(args),
        LfsCommand.Create(),
    };

    // Words that have no place explain what else is missing. What stands behind '=' is not repeated: it may be anything.
    private static string[] Mistakes(ParseResult parsed) => parsed.UnmatchedTokens.Count == 0
        ? [.. parsed.Errors.Select(e => e.Message).Distinct()]
        : [.. parsed.UnmatchedTokens.Select(t => t.StartsWith('-') ? $"There is no option '{t.Split('=')[0]}'."
            : parsed.CommandResult.Command.Subcommands.Count > 0 ? $"There is no command '{t}'."
            : $"'{t}' is one argument too many.")];

    private static bool IsOption(string argument, params string[] names) => argument.StartsWith('-')
        && names.Contains(argument.TrimStart('-').Split('=', ':')[0].Replace('_', '-'), StringComparer.OrdinalIgnoreCase);

    private static int Usage(TextWriter errors, string command, params string[] mistakes)
    {
        foreach (string mistake in mistakes)
            errors.WriteLine($"error {WiseCodes.WrongUsage}: {Failures.Printable(mistake)}");
        errors.WriteLine($"'{command} --help' shows what can be written.");
        return ExitCodes.Usage;
    }

    private static string NameOf(CommandResult result) =>
        result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "wisehub";
}
