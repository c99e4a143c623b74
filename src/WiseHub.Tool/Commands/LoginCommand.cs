using System.CommandLine;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub login</c>, <c>logout</c> and <c>whoami</c>.</summary>
internal static class LoginCommand
{
    public static Command CreateLogin()
    {
        Argument<string?> hub = NewHub();
        var fromInput = new Option<bool>("--token-stdin") { Description = "Read the token from standard input, for scripts." };
        var force = new Option<bool>("--force") { Description = "Ask for a token although there is one." };
        var print = new Option<bool>("--print-token") { Description = "Print the token that is in use as the last line of standard output; nothing else prints it." };
        Option<bool> json = NewJson();
        var command = new Command("login", "Stores a token for a hub, for this user alone, once the hub has said whose it is. On a terminal it is asked for and not shown; it is never an option.")
        {
            hub, fromInput, force, print, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(print) && result.GetValue(json))
                result.AddError("--print-token and --json exclude each other.");
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async log =>
        {
            using HubClient client = NewClient(log);
            string name = parsed.GetValue(hub) ?? client.DefaultHub;
            HubIdentity? identity = parsed.GetValue(fromInput) || parsed.GetValue(force) ? null : await KnownAsync(client, name, cancel).ConfigureAwait(false);
            if (identity is null)
            {
                identity = parsed.GetValue(fromInput)
                    ? await client.LoginAsync(new HubLogin(name, await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false)), cancel).ConfigureAwait(false)
                    : await AskAsync(client, name, cancel).ConfigureAwait(false);
                log.Info($"Logged in at {Show(identity)}. The token is in {identity.Source}.");
                if (client.FindTokenSource(name) is string used && used != identity.Source)
                    log.Info($"But {used} comes first; unset it to use what was stored.");
            }
            else
            {
                log.Info($"Logged in at {Show(identity)} already, with the token of {identity.Source}. --force asks for another.");
            }
            return (identity, parsed.GetValue(print) ? client.GetToken(name) : null);
        }, result => result.Item2, (writer, result) => Write(writer, result.identity), cancel));
        return command;
    }

    public static Command CreateLogout()
    {
        Argument<string?> hub = NewHub();
        var all = new Option<bool>("--all") { Description = "Of all hubs." };
        Option<bool> json = NewJson();
        var command = new Command("logout", "Removes what 'wisehub login' stored for a hub. Environment variables and files of other tools are left alone.") { hub, all, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(hub) is not null)
                result.AddError("A hub and --all exclude each other.");
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async log =>
        {
            using HubClient client = NewClient(log);
            string? name = parsed.GetValue(all) ? null : parsed.GetValue(hub) ?? client.DefaultHub;
            IReadOnlyList<string> gone = await client.LogoutAsync(name, cancel).ConfigureAwait(false);
            log.Info(gone.Count == 0 ? "There was no stored token." : $"Removed the token for {string.Join(", ", gone)}. To end it everywhere, delete it on the hub's page, too.");
            if (name is not null && client.FindTokenSource(name) is string source)
                log.Info($"The hub '{name}' still gets the token of {source}.");
            return gone;
        }, _ => null, (writer, gone) => JsonOutput.WriteStrings(writer, "removed", gone), cancel));
        return command;
    }

    public static Command CreateWhoAmI()
    {
        Argument<string?> hub = NewHub();
        Option<bool> json = NewJson();
        var command = new Command("whoami", "Asks a hub whose token is in use, and says where the token is.") { hub, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async log =>
        {
            using HubClient client = NewClient(log);
            HubIdentity identity = await client.WhoAmIAsync(parsed.GetValue(hub) ?? client.DefaultHub, cancel).ConfigureAwait(false);
            log.Info(identity.Account is null ? $"The hub '{identity.Hub}' cannot say whose token it is. It gets that of {identity.Source}." : $"{Show(identity)}, by the token of {identity.Source}.");
            return identity;
        }, identity => identity.Account?.Name, Write, cancel));
        return command;
    }

    /// <summary>Asks on the terminal and logs in.</summary>
    /// <exception cref="HubException">WISE1058: nobody can be asked, or somebody said no.</exception>
    public static async Task<HubIdentity> AskAsync(HubClient client, string hub, CancellationToken cancel)
    {
        HubDefinition definition = client.Config.Find(hub);
        string page = client.GetTokenPage(hub) is Uri made ? $" Tokens are made at {made.AbsoluteUri}." : "";
        if (!Prompt.IsPossible)
        {
            throw new HubException(WiseCodes.LoginNotPossible, $"A token for the hub '{hub}' is needed, and nobody can be asked here.{page} Set {client.GetTokenVariable(hub)}, or pipe the token into "
                + $"'wisehub login {hub} --token-stdin'.");
        }
        if (definition.IsMovedByProject)
        {
            if (!await Prompt.ConfirmAsync($"{client.Config.File} moves the hub '{hub}' to {definition.Endpoint}. Log in at that place?", cancel).ConfigureAwait(false))
                throw new HubException(WiseCodes.LoginNotPossible, $"Nothing was sent to {definition.Endpoint}. To log in elsewhere, run this outside of the project.");
        }
        string token = await Prompt.ReadSecretAsync($"{(page.Length > 0 ? page.TrimStart() + " " : "")}Token for '{hub}' at {definition.Endpoint} (not shown): ", cancel).ConfigureAwait(false);
        return await client.LoginAsync(new HubLogin(hub, token) { ConfirmedEndpoint = definition.Endpoint }, cancel).ConfigureAwait(false);
    }

    // A token that the hub refuses is as good as none.
    private static async Task<HubIdentity?> KnownAsync(HubClient client, string hub, CancellationToken cancel)
    {
        try
        {
            HubIdentity identity = await client.WhoAmIAsync(hub, cancel).ConfigureAwait(false);
            return identity.Account is null ? null : identity;
        }
        catch (HubException e) when (e.Code is WiseCodes.TokenNeeded or WiseCodes.TokenRefused)
        {
            return null;
        }
    }

    private static HubClient NewClient(IHubLog log) => new(new HubClientOptions { ConfigFile = HubConfig.FindUpward(Directory.GetCurrentDirectory()), Product = "WiseHub.Tool", Log = log });

    private static async Task<int> RunAsync<T>(bool isJson, Func<IHubLog, Task<T>> work, Func<T, string?> line, Action<Utf8JsonWriter, T> write, CancellationToken cancel)
    {
        if (!isJson)
        {
            T result = await work(new PlainLog(Console.Error)).ConfigureAwait(false);
            if (line(result) is string text)
                await Console.Out.WriteLineAsync(Failures.Printable(text)).ConfigureAwait(false);
            return ExitCodes.Done;
        }
        try
        {
            T result = await work(new QuietLog()).ConfigureAwait(false);
            JsonOutput.Write(json => write(json, result));
            return ExitCodes.Done;
        }
        catch (Exception e)
        {
            JsonOutput.Write(json => JsonOutput.WriteFailures(json, "errors", Failures.Describe(e, cancel.IsCancellationRequested)));
            throw;
        }
    }

    private static void Write(Utf8JsonWriter json, HubIdentity identity)
    {
        json.WriteString("hub", identity.Hub);
        json.WriteString("endpoint", identity.Endpoint.AbsoluteUri);
        json.WriteString("name", identity.Account?.Name);
        json.WriteString("fullName", identity.Account?.FullName);
        JsonOutput.WriteStrings(json, "organizations", identity.Account?.Organizations ?? []);
        json.WriteString("source", identity.Source);
    }

    private static string Show(HubIdentity identity) => $"'{identity.Hub}' ({identity.Endpoint})"
        + (identity.Account is HubAccount account ? $" as {account.Name}" + (account.FullName is { Length: > 0 } full && full != account.Name ? $" ({full})" : "") : "");

    private static Argument<string?> NewHub()
    {
        var hub = new Argument<string?>("hub") { Description = "The name of the hub; default is the default hub.", Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(hub);
        return hub;
    }

    private static Option<bool> NewJson() => new("--json") { Description = "Standard output is one JSON object." };
}
