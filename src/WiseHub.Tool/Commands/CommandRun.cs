using System.Text.Json;
using Spectre.Console;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// One run of a command. It creates the client, and writes progress, warnings and the result to a terminal, to a pipe, or into
/// the one JSON object that <c>--json</c> requests.
/// </summary>
internal sealed class CommandRun(CancellationToken cancel)
{
    /// <summary>Standard output is one JSON object.</summary>
    public bool AsJson { get; init; }

    /// <summary>The text on a terminal before there is progress; null for commands without progress.</summary>
    public string? Waiting { get; init; }

    /// <summary>The hub whose missing token the user is asked for; null for commands that do not ask.</summary>
    public Func<HubClient, string>? TokenOf { get; init; }

    /// <summary>The options of the client.</summary>
    public Func<IHubLog?, HubClientOptions> Options { get; init; } = InFolder;

    /// <summary>The writer of messages if there is neither progress nor JSON.</summary>
    public TextWriter Messages { get; init; } = Console.Error;

    /// <summary>Options with the <c>wisehub.json</c> in the working directory or above it.</summary>
    public static HubClientOptions InFolder(IHubLog? log) =>
        WithoutConfiguration(log) with { ConfigFile = HubConfig.FindUpward(Directory.GetCurrentDirectory()) };

    /// <summary>Options without <c>wisehub.json</c>: a mistake in it must not block work on the cache.</summary>
    public static HubClientOptions WithoutConfiguration(IHubLog? log) => new()
    {
        Product = "WiseHub.Tool",
        ExcludeOption = "--exclude",
        Log = log,
    };

    /// <summary>A client with the configuration of a project, which may differ from that of the working directory.</summary>
    /// <param name="log">The log of the run.</param>
    /// <param name="configFile">The project's <c>wisehub.json</c>; null if it has none.</param>
    /// <param name="defaultHub">The default hub that the project sets; null for that of the configuration.</param>
    /// <param name="folder">The folder of the project; null for the working directory.</param>
    public static HubClient ForProject(IHubLog? log, string? configFile, string? defaultHub = null, string? folder = null) =>
        new(WithoutConfiguration(log) with { ConfigFile = configFile, DefaultHub = defaultHub, WorkingDirectory = folder });

    /// <summary>Runs the command, writes the result, and returns the exit code.</summary>
    /// <param name="work">The work of the command.</param>
    /// <param name="print">Writes the result as text.</param>
    /// <param name="write">Writes the result into the JSON object; warnings follow it.</param>
    /// <param name="judge">Returns the exit code of a result; without it, every result is a success.</param>
    public async Task<int> RunAsync<T>(
        Func<HubClient, IHubLog, Task<T>> work, Action<T> print, Action<Utf8JsonWriter, T>? write = null,
        Func<T, int>? judge = null)
    {
        T result;
        if (AsJson)
        {
            result = await ForJsonAsync(work, write!).ConfigureAwait(false);
        }
        else
        {
            result = await ForPeopleAsync(work).ConfigureAwait(false);
            print(result);
        }
        return judge?.Invoke(result) ?? ExitCodes.Done;
    }

    // A failure is an object, too, so that a script learns why there is no result. CommandLine writes the line for people.
    private async Task<T> ForJsonAsync<T>(Func<HubClient, IHubLog, Task<T>> work, Action<Utf8JsonWriter, T> write)
    {
        var log = new QuietLog();
        try
        {
            T result = await WithClientAsync(log, work).ConfigureAwait(false);
            JsonOutput.Write(json =>
            {
                write(json, result);
                JsonOutput.WriteFailures(json, "warnings", log.Warnings);
            });
            return result;
        }
        catch (Exception e)
        {
            JsonOutput.Write(
                json => JsonOutput.WriteFailures(json, "errors", Failures.Describe(e, cancel.IsCancellationRequested)));
            throw;
        }
    }

    // A user without a token is asked for it once, and then the work starts again.
    private async Task<T> ForPeopleAsync<T>(Func<HubClient, IHubLog, Task<T>> work)
    {
        try
        {
            return await ShowAsync(work).ConfigureAwait(false);
        }
        catch (HubException e)
            when (TokenOf is not null && e.Code is WiseCodes.TokenNeeded or WiseCodes.TokenRefused && Prompt.IsPossible)
        {
            await Console.Error.WriteLineAsync($"{e.Code}: {Failures.Printable(e.Message)}").ConfigureAwait(false);
            await WithClientAsync(new PlainLog(Console.Error),
                (client, _) => LoginCommand.AskAsync(client, TokenOf!(client), cancel))
                .ConfigureAwait(false);
            return await ShowAsync(work).ConfigureAwait(false);
        }
    }

    private async Task<T> ShowAsync<T>(Func<HubClient, IHubLog, Task<T>> work) =>
        Waiting is not null && !Verbosity.IsQuiet && TerminalLog.OpenConsole() is IAnsiConsole console
            ? await TerminalLog.RunAsync(console, log => WithClientAsync(log, work), Waiting).ConfigureAwait(false)
            : await WithClientAsync(new PlainLog(Messages, isResult: Messages == Console.Out), work).ConfigureAwait(false);

    private async Task<T> WithClientAsync<T>(IHubLog log, Func<HubClient, IHubLog, Task<T>> work)
    {
        using var client = new HubClient(Options(log));
        return await work(client, log).ConfigureAwait(false);
    }
}
