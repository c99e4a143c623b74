using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using System.Text.Json;
using WiseHub.Client;
using WiseHub.Client.Files;
using WiseHub.EntryHost;

namespace WiseHub.Tool;

/// <summary>
/// Runs the code of a repo in a process of its own, <c>wisehub-entry-host.dll</c>. The code gets neither the tool's environment
/// nor its standard input and output; it can still do everything that the user can do.
/// </summary>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="log">Gets the stack trace of a failure.</param>
/// <param name="errors">Gets the lines that the code prints.</param>
internal sealed class EntryProcess(Func<string, string?> environment, IHubLog log, TextWriter errors)
{
    /// <summary>The time for the last output to arrive, and for a process without a response to end.</summary>
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(2);

    private const int MaxLine = 1 << 14;

    // Nothing else of the tool's environment reaches the code: not a token, nor a proxy, whose URL may have a password.
    private static readonly HashSet<string> Passed = new(StringComparer.OrdinalIgnoreCase)
    {
        "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
        "USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "SystemRoot", "SystemDrive",
        "windir", "ComSpec", "ProgramData", "ProgramFiles", "ProgramFiles(x86)", "OS", "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE",
    };

    // DOTNET_ is where .NET is and how its runtime must run here, which holds for this process of .NET, too.
    private static readonly string[] PassedPrefixes = ["LC_", "DOTNET_"];

    /// <summary>The codes of failures that the host reports; another code is not from it.</summary>
    private static readonly string[] HostCodes = [WiseCodes.EntryArgument, WiseCodes.EntryDependencyMissing,
        WiseCodes.EntryFailed, WiseCodes.VerificationFailed];

    // Output and errors of the code arrive at the same time.
    private readonly TextWriter _errors = TextWriter.Synchronized(errors);

    /// <summary>The folders in which <c>dotnet</c> is searched if neither a variable nor PATH leads to it.</summary>
    public IReadOnlyList<string> InstallFolders { get; init; } = OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet")]
        : ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet"];

    /// <summary>The program with the host, beside the tool.</summary>
    public string HostPath { get; init; } = Path.Combine(AppContext.BaseDirectory, "wisehub-entry-host.dll");

    /// <summary>Runs a request to its end.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="limit">The time after which it is ended.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">
    /// WISE1060: it could not be started; WISE1061: it took too long; WISE1062: it ended without a result; or WISE1042, WISE1048,
    /// WISE1049 and WISE3014 of the host.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<EntryHostResponse> RunAsync(EntryHostRequest request, TimeSpan limit, CancellationToken cancel)
    {
        string dotnet = FindDotnet() ?? throw ToolMessages.NoRuntime(InstallFolders);
        if (!File.Exists(HostPath))
            throw ToolMessages.NoEntryHost(HostPath);
        using var requests = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        using var responses = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        using Process process = Start(dotnet, requests.GetClientHandleAsString(), responses.GetClientHandleAsString());
        requests.DisposeLocalCopyOfClientHandle();
        responses.DisposeLocalCopyOfClientHandle();
        // It reads the end of its input at once, instead of waiting for a person.
        process.StandardInput.Close();
        Task printed = Task.WhenAll(RelayAsync(process.StandardOutput), RelayAsync(process.StandardError));
        // On a thread of its own: a read of such a pipe cannot be cancelled on every system.
        Task<Outcome> exchange = Task.Run(() => Exchange(request, requests, responses), CancellationToken.None);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        watch.CancelAfter(limit);
        Outcome outcome;
        try
        {
            Task exit = process.WaitForExitAsync(watch.Token);
            await Task.WhenAny(exit, exchange).ConfigureAwait(false);
            // What an ended process wrote is in the pipe, but programs that it started may keep the pipe open.
            await Task.WhenAny(exchange, Task.Delay(TimeToEnd, watch.Token)).ConfigureAwait(false);
            outcome = exchange.IsCompleted ? await exchange.ConfigureAwait(false) : new Outcome(OutcomeKind.Silent);
            // Without a response, only the exit code is of interest, and the process is ended if it does not end by itself.
            await (outcome.Response is not null ? exit : Task.WhenAny(exit, Task.Delay(TimeToEnd, watch.Token)))
                .ConfigureAwait(false);
            watch.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            throw ToolMessages.EntryTimeLimit(request, limit);
        }
        finally
        {
            await EndAsync(process).ConfigureAwait(false);
            await Task.WhenAny(printed, Task.Delay(TimeToEnd, CancellationToken.None)).ConfigureAwait(false);
        }
        return Judge(request, outcome, dotnet, process.ExitCode);
    }

    /// <summary>The absolute path of <c>dotnet</c>, or null. A relative path is never found.</summary>
    public string? FindDotnet() =>
        Absolute(environment("DOTNET_HOST_PATH"))
        ?? In(environment("DOTNET_ROOT"))
        ?? Programs.Find("dotnet", environment)
        ?? InstallFolders.Select(In).FirstOrDefault(p => p is not null);

    private string? In(string? folder) => folder is null ? null : Absolute(Path.Combine(folder, "dotnet"));

    private string? Absolute(string? path) => Path.IsPathFullyQualified(path ?? "") ? Programs.Find(path!, environment) : null;

    private Process Start(string dotnet, string requests, string responses)
    {
        ProcessStartInfo start = Programs.Describe(dotnet, [HostPath, requests, responses]);
        start.CreateNoWindow = true;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        foreach (string name in start.Environment.Keys.ToArray().Where(n => !Passed.Contains(n)
            && !Array.Exists(PassedPrefixes, p => n.StartsWith(p, StringComparison.OrdinalIgnoreCase))))
            start.Environment.Remove(name);
        Programs.Protect(start, environment);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw ToolMessages.RuntimeNotStarted(dotnet, e.Message, e);
        }
    }

    /// <summary>The ways in which an exchange with the host ends.</summary>
    private enum OutcomeKind
    {
        /// <summary>There is a response.</summary>
        Answered,
        /// <summary>The host did not start.</summary>
        NotStarted,
        /// <summary>The host started, and gave no response.</summary>
        Silent,
        /// <summary>The response is too large, or not a response.</summary>
        Unusable,
    }

    private sealed record Outcome(OutcomeKind Kind, EntryHostResponse? Response = null);

    private static Outcome Exchange(EntryHostRequest request, Stream requests, Stream responses)
    {
        try
        {
            int first = responses.ReadByte();
            if (first != EntryExchange.Version)
                return new Outcome(first < 0 ? OutcomeKind.NotStarted : OutcomeKind.Unusable);
            EntryExchange.Write(requests,
                JsonSerializer.SerializeToUtf8Bytes(request, EntryHostJson.Default.EntryHostRequest));
            byte[] json = EntryExchange.Read(responses, EntryExchange.MaxResponse);
            return JsonSerializer.Deserialize(json, EntryHostJson.Default.EntryHostResponse) is EntryHostResponse response
                && IsPossible(request, response)
                ? new Outcome(OutcomeKind.Answered, response) : new Outcome(OutcomeKind.Unusable);
        }
        catch (IOException)
        {
            return new Outcome(OutcomeKind.Silent);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            return new Outcome(OutcomeKind.Unusable);
        }
    }

    // The code has the pipe, too, and could write anything into it.
    private static bool IsPossible(EntryHostRequest request, EntryHostResponse response) =>
        response.Code is not null ? response.Message is not null && HostCodes.Contains(response.Code)
        : request.Entry is not null || response.Assembly is not null;

    private EntryHostResponse Judge(EntryHostRequest request, Outcome outcome, string dotnet, int exitCode)
    {
        switch (outcome)
        {
            case { Response: { Code: string code, Message: string message } failure }:
                if (failure.Detail is string detail)
                    log.Detail(detail);
                throw new HubException(code, message);
            case { Response: EntryHostResponse response }:
                return response;
            case { Kind: OutcomeKind.NotStarted }:
                throw ToolMessages.RuntimeNotStarted(dotnet, (Text)$"it ended with exit code {exitCode}");
            case { Kind: OutcomeKind.Silent }:
                throw ToolMessages.EntryProcessEnded(request, exitCode);
            default:
                throw ToolMessages.EntryResponseUnusable(request, EntryExchange.MaxResponse);
        }
    }

    private async Task RelayAsync(StreamReader reader)
    {
        var line = new StringBuilder();
        void Flush()
        {
            _errors.WriteLine(Failures.Printable(line.ToString().TrimEnd('\r')));
            line.Clear();
        }
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer).ConfigureAwait(false) is int read and > 0)
        {
            foreach (char c in buffer.AsSpan(0, read))
            {
                if (c != '\n')
                    line.Append(c);
                // A line without an end must not fill the memory.
                if (c == '\n' || line.Length >= MaxLine)
                    Flush();
            }
        }
        if (line.Length > 0)
            Flush();
    }

    // With all that it started.
    private static async Task EndAsync(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (AggregateException)
        {
            // A program that runs as another user cannot be ended.
        }
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
