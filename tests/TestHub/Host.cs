using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.TestHubHost;

/// <summary>Starts a test hub on loopback and serves until it is interrupted.</summary>
internal static class Host
{
    private const int UsageError = 2;

    private static readonly Option<int> Port =
        new("--port") { Description = "Port of the hub on 127.0.0.1. 0 takes one that is free.", DefaultValueFactory = _ => 0 };

    private static readonly Option<string> User =
        new("--user") { Description = "Name of the account that clients use.", DefaultValueFactory = _ => "tester" };

    private static readonly Option<string> Token =
        new("--token") { Description = "Token of that account.", DefaultValueFactory = _ => "hf_test" };

    private static readonly Option<string[]> Organizations = new("--org")
    {
        Description = "An organization of that account, whose namespace it may write to. May be given several times.",
        DefaultValueFactory = _ => ["acme"],
    };

    private static readonly Option<string[]> Accounts = new("--account")
    {
        Description = "A further account: NAME=TOKEN, or NAME=TOKEN=read for a token that may only read. "
            + "May be given several times.",
        DefaultValueFactory = _ => ["reader=hf_read=read"],
    };

    private static readonly Option<string[]> PrivateByDefault = new("--private-by-default")
    {
        Description = "A namespace whose new repos are private unless their creator says otherwise.",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<DirectoryInfo?> Repos =
        new("--repos") { Description = "A folder to serve: <models|datasets|spaces|codes>/<owner>/<name>/<files>." };

    private static readonly Option<FileInfo?> Faults =
        new("--faults") { Description = "A JSON file that says which answers go wrong, and how." };

    private static readonly Option<string?> Log =
        new("--log") { Description = "A file to which each request is written; - is standard error." };

    private static readonly Option<bool> AsJson =
        new("--json") { Description = "Print the endpoint and the token as one line of JSON." };

    public static async Task<int> RunAsync(string[] args)
    {
        var command = new RootCommand("A hub for tests of clients. It speaks Hugging Face's protocol and Wisemodel's, "
            + "on loopback only, and forgets everything at its end.")
        {
            Port, User, Token, Organizations, Accounts, PrivateByDefault, Repos, Faults, Log, AsJson,
        };
        command.SetAction(ServeAsync);
        ParseResult parsed = command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            // The process ends by itself after a signal.
            int code = await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
            return parsed.Errors.Count > 0 ? UsageError : code;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or UsageException)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return e is UsageException ? UsageError : 1;
        }
    }

    private static async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End),
            terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

        var options = new TestHubOptions { Port = parsed.GetValue(Port) };
        options.Accounts.Clear();
        options.Accounts.Add(
            new TestAccount(parsed.GetValue(User)!, parsed.GetValue(Token)!) { Organizations = parsed.GetValue(Organizations)! });
        foreach (string account in parsed.GetValue(Accounts)!)
            options.Accounts.Add(ReadAccount(account));
        foreach (string ns in parsed.GetValue(PrivateByDefault)!)
            options.PrivateByDefault.Add(ns);
        List<(string PathContains, Fault Fault, int Times, string? Method, string? Origin)> faults =
            parsed.GetValue(Faults) is FileInfo script
                ? FaultFile.Read(await File.ReadAllTextAsync(script.FullName, end.Token)) : [];
        await using TextWriter? log = parsed.GetValue(Log) switch
        {
            null => null,
            "-" => Console.Error,
            string file => TextWriter.Synchronized(new StreamWriter(file) { AutoFlush = true }),
        };

        await using TestHub hub = await TestHub.StartAsync(options);
        if (parsed.GetValue(Repos) is DirectoryInfo folder)
            RepoFolder.Load(hub, folder);
        foreach ((string path, Fault fault, int times, string? method, string? origin) in faults)
            hub.Faults.On(path, fault, times, method, origin);
        // A long run must not collect what nobody asks for.
        hub.Requests.IsKept = false;
        hub.Requests.OnAdded = r => log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r} {r.BodyBytes}"));
        await TellAsync(hub, options.Accounts[0], parsed.GetValue(AsJson));
        try
        {
            await Task.Delay(Timeout.Infinite, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
        return 0;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            end.Cancel();
        }
    }

    private static async Task TellAsync(TestHub hub, TestAccount account, bool asJson)
    {
        string endpoint = hub.Endpoint.GetLeftPart(UriPartial.Authority);
        string text = asJson
            ? new JsonObject
            {
                ["endpoint"] = endpoint,
                ["user"] = account.Name,
                ["token"] = account.Token,
                ["cdn"] = hub.CdnEndpoint.GetLeftPart(UriPartial.Authority),
                ["gitToken"] = hub.GitToken,
                ["password"] = hub.Password,
            }.ToJsonString() + "\n"
            : $"HF_ENDPOINT={endpoint}\nHF_TOKEN={account.Token}\n";
        await Console.Out.WriteAsync(text);
        await Console.Out.FlushAsync();
    }

    private static TestAccount ReadAccount(string text) => text.Split('=') switch
    {
        [{ Length: > 0 } name, { Length: > 0 } token] => new TestAccount(name, token),
        [{ Length: > 0 } name, { Length: > 0 } token, "read"] => new TestAccount(name, token) { MayWrite = false },
        _ => throw new UsageException($"--account {text}: write NAME=TOKEN or NAME=TOKEN=read."),
    };
}

/// <summary>What was asked for makes no sense; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
