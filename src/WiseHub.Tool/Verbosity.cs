using System.CommandLine;

namespace WiseHub.Tool;

/// <summary>How much the command of this process prints besides its result, which the options of all commands choose.</summary>
internal static class Verbosity
{
    private const string Quiet = "--quiet", Verbose = "--verbose";

    /// <summary>Only the result and errors.</summary>
    public static bool IsQuiet { get; private set; }

    /// <summary>Requests and decisions, too.</summary>
    public static bool IsVerbose { get; private set; }

    /// <summary>Whether the library's details are printed.</summary>
    public static bool ShowsDetails => IsVerbose || Failures.IsTracing;

    /// <summary>The same for MSBuild, whose normal messages are those of a build that shows little.</summary>
    public static string ForMSBuild => IsQuiet ? "-v:q" : IsVerbose ? "-v:d" : "-v:m";

    /// <summary>Adds the options to all commands.</summary>
    public static void AddTo(RootCommand root)
    {
        var verbose = new Option<bool>(Verbose) { Description = ToolHelp.Verbose, Recursive = true };
        var quiet = new Option<bool>(Quiet) { Description = ToolHelp.Quiet, Recursive = true };
        quiet.Validators.Add(result =>
        {
            if (result.GetValue(quiet) && result.GetValue(verbose))
                result.AddError(ToolMessages.QuietWithVerbose);
        });
        root.Options.Add(quiet);
        root.Options.Add(verbose);
    }

    /// <summary>Takes the choice of a command line. A process runs one.</summary>
    public static void Use(ParseResult parsed)
    {
        bool IsGiven(string name) => parsed.GetValue(
            (Option<bool>)parsed.RootCommandResult.Command.Options.Single(o => o.Name == name));
        (IsQuiet, IsVerbose) = (IsGiven(Quiet), IsGiven(Verbose));
    }
}
