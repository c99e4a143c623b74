using System.Text.Json;
using Spectre.Console;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>One transfer by a command: with progress on a terminal, with lines in a pipe, or as one JSON object.</summary>
/// <param name="open">A client for this run.</param>
/// <param name="hub">Whose token is asked for when one is missing.</param>
/// <param name="waiting">What a terminal shows before there is progress.</param>
internal sealed class HubRun(Func<IHubLog, HubClient> open, Func<HubClient, string> hub, string waiting)
{
    /// <summary>A person without a token is asked for it once, and then it goes on.</summary>
    public async Task<T> AskingAsync<T>(Func<HubClient, Task<T>> work, CancellationToken cancel)
    {
        try
        {
            return await ShowingAsync(work).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code is WiseCodes.TokenNeeded or WiseCodes.TokenRefused && Prompt.IsPossible)
        {
            await Console.Error.WriteLineAsync($"{e.Code}: {Failures.Printable(e.Message)}").ConfigureAwait(false);
            using HubClient client = open(new PlainLog(Console.Error));
            await LoginCommand.AskAsync(client, hub(client), cancel).ConfigureAwait(false);
            return await ShowingAsync(work).ConfigureAwait(false);
        }
    }

    /// <summary>The one object on standard output, also of a failure: a script that reads it finds out why there is no result.</summary>
    public async Task<int> ForJsonAsync<T>(Func<HubClient, Task<T>> work, Action<Utf8JsonWriter, T> write, CancellationToken cancel)
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
            return ExitCodes.Done;
        }
        catch (Exception e)
        {
            // The line for people is written where all errors are.
            JsonOutput.Write(json => JsonOutput.WriteFailures(json, "errors", Failures.Describe(e, cancel.IsCancellationRequested)));
            throw;
        }
    }

    /// <summary>With a log of the caller's choice.</summary>
    public async Task<T> WithClientAsync<T>(IHubLog log, Func<HubClient, Task<T>> work)
    {
        using HubClient client = open(log);
        return await work(client).ConfigureAwait(false);
    }

    private async Task<T> ShowingAsync<T>(Func<HubClient, Task<T>> work) => TerminalLog.OpenConsole() is IAnsiConsole console
        ? await TerminalLog.RunAsync(console, log => WithClientAsync(log, work), waiting).ConfigureAwait(false)
        : await WithClientAsync(new PlainLog(Console.Error), work).ConfigureAwait(false);
}
