using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary><c>wisehub login</c>, <c>logout</c> and <c>whoami</c>.</summary>
internal static class LoginCommand
{
    public static Command CreateLogin()
    {
        HubChoice hub = new();
        Option<string?> user = Arguments.Text("--user", "name", "Log in by this user name and a password (Wisemodel). "
            + "The password is asked for and not shown; it is never an option.");
        var fromInput = new Option<bool>("--token-stdin") { Description = "Read the token from standard input, for scripts." };
        var passwordFromInput = new Option<bool>("--password-stdin")
        { Description = "With --user: read the password from standard input, for scripts." };
        var force = new Option<bool>("--force") { Description = "Ask for a token or password although there is a login." };
        var print = new Option<bool>("--print-token")
        { Description = "Print the token that is in use as the last line of standard output; nothing else prints it." };
        Option<bool> json = NewJson();
        var command = new Command("login", "Stores a token for a hub, for this user alone, once the hub has said whose it is; "
            + "with --user the session that a password gives. On a terminal it is asked for and not "
            + "shown; it is never an option.")
        {
            hub.Argument, hub.Option, user, fromInput, passwordFromInput, force, print, json,
        };
        command.Validators.Add(hub.Validate);
        command.Validators.Add(result =>
        {
            if (result.GetValue(print) && result.GetValue(json))
                result.AddError("--print-token and --json exclude each other.");
            if (result.GetValue(passwordFromInput) && result.GetValue(user) is null)
                result.AddError("--password-stdin needs --user.");
            if (result.GetValue(user) is not null && (result.GetValue(fromInput) || result.GetValue(print)))
                result.AddError("--user and what is about tokens (--token-stdin, --print-token) exclude each other.");
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async (client, log) =>
        {
            string name = hub.Of(parsed) ?? client.DefaultHub;
            return parsed.GetValue(user) is string account
                ? (await LoginByPasswordAsync(client, log, name, account.Trim(), parsed.GetValue(passwordFromInput),
                    parsed.GetValue(force), cancel).ConfigureAwait(false), null)
                : (await LoginByTokenAsync(client, log, name, parsed.GetValue(fromInput), parsed.GetValue(force),
                    cancel).ConfigureAwait(false), parsed.GetValue(print) ? client.Accounts.GetToken(name) : null);
        }, result => result.Item2, (writer, result) => Write(writer, result.Item1), cancel));
        return command;
    }

    private static async Task<HubIdentity> LoginByTokenAsync(
        HubClient client, IHubLog log, string name, bool fromInput, bool force, CancellationToken cancel)
    {
        if (!fromInput && !force && await KnownAsync(client, name, cancel).ConfigureAwait(false) is HubIdentity known)
        {
            log.Info($"Logged in at {Show(known)} already, with the token of {known.Source}. --force asks for another.");
            return known;
        }
        HubIdentity identity = fromInput
            ? await client.Accounts.LoginAsync(
                new HubLogin(name, await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false)), cancel).ConfigureAwait(false)
            : await AskAsync(client, name, cancel).ConfigureAwait(false);
        if (identity is { IsBySession: true, Session: HubSession session })
        {
            TellSession(client, log, identity, session);
            return identity;
        }
        log.Info($"Logged in at {Show(identity)}. The token is in {identity.Source}.");
        TellWhatComesFirst(log, client.Accounts.FindTokenSource(name), identity.Source);
        return identity;
    }

    private static async Task<HubIdentity> LoginByPasswordAsync(
        HubClient client, IHubLog log, string name, string user, bool fromInput, bool force, CancellationToken cancel)
    {
        if (!fromInput && !force && client.Accounts.FindSession(name) is HubSession known && known.User == user
            && !(known.Ends <= DateTimeOffset.UtcNow))
        {
            var same = new HubIdentity
            {
                Hub = name,
                Endpoint = client.Config.Find(name).Endpoint!,
                Account = new HubAccount(user),
                Source = known.Source,
                Session = known
            };
            log.Info($"Logged in at {Show(same)} already, by the session of {known.Source}{Until(known)}. "
                + "--force asks for the password.");
            return same;
        }
        HubPasswordLogin login;
        if (fromInput)
            // Only the line end is not the password's.
            login = new HubPasswordLogin(name, user, (await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false))
                .TrimEnd('\r', '\n'));
        else
            login = await AskPasswordAsync(client, name, user, cancel).ConfigureAwait(false);
        HubIdentity identity = await client.Accounts.LoginAsync(login, cancel).ConfigureAwait(false);
        TellSession(client, log, identity, identity.Session!);
        return identity;
    }

    private static void TellSession(HubClient client, IHubLog log, HubIdentity identity, HubSession session)
    {
        log.Info($"Logged in at {Show(identity)}. The session is in {session.Source}{Until(session)}.");
        TellWhatComesFirst(log, client.Accounts.FindSession(identity.Hub)?.Source, session.Source);
    }

    private static void TellWhatComesFirst(IHubLog log, string? used, string stored)
    {
        if (used is not null && used != stored)
            log.Info($"But {used} comes first; unset it to use what was stored.");
    }

    private static string Until(HubSession session) => session.Ends is DateTimeOffset end
        ? string.Create(CultureInfo.InvariantCulture, $", until {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";

    public static Command CreateLogout()
    {
        HubChoice hub = new();
        var all = new Option<bool>("--all") { Description = "Of all hubs." };
        Option<bool> json = NewJson();
        var command = new Command("logout",
            "Removes what 'wisehub login' stored for a hub. Environment variables and files of other tools are left alone.")
        { hub.Argument, hub.Option, all, json };
        command.Validators.Add(hub.Validate);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && hub.IsGiven(result))
                result.AddError("A hub and --all exclude each other.");
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async (client, log) =>
        {
            string? name = parsed.GetValue(all) ? null : hub.Of(parsed) ?? client.DefaultHub;
            IReadOnlyList<string> gone = await client.Accounts.LogoutAsync(name, cancel).ConfigureAwait(false);
            log.Info(gone.Count == 0 ? "There was no stored token."
                : $"Removed the token for {string.Join(", ", gone)}. To end it everywhere, delete it on the hub's page, too.");
            if (name is not null && client.Accounts.FindTokenSource(name) is string source)
                log.Info($"The hub '{name}' still gets the token of {source}.");
            if (name is not null && client.Accounts.FindSession(name) is HubSession session)
                log.Info($"The hub '{name}' still gets the session of {session.Source}.");
            return gone;
        }, _ => null, (writer, gone) => JsonOutput.WriteStrings(writer, "removed", gone), cancel));
        return command;
    }

    public static Command CreateWhoAmI()
    {
        HubChoice hub = new();
        Option<bool> json = NewJson();
        var command = new Command("whoami", "Asks a hub whose token is in use, and says where the token is.")
        { hub.Argument, hub.Option, json };
        command.Validators.Add(hub.Validate);
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async (client, log) =>
        {
            HubIdentity identity =
                await client.Accounts.WhoAmIAsync(hub.Of(parsed) ?? client.DefaultHub, cancel).ConfigureAwait(false);
            if (identity is { IsBySession: true, Session: HubSession own })
            {
                log.Info($"{Show(identity)}, by the session of {own.Source}{Until(own)}.");
                return identity;
            }
            log.Info(identity.Account is null ? $"The hub '{identity.Hub}' cannot say whose token it is. "
                + $"It gets that of {identity.Source}." : $"{Show(identity)}, by the token of {identity.Source}.");
            if (identity.Session is HubSession session)
                log.Info($"Its gateway gets the session{(session.User is string user ? $" of {user}" : "")} of "
                    + $"{session.Source}{Until(session)}.");
            return identity;
        }, identity => identity.Account?.Name, Write, cancel));
        return command;
    }

    /// <summary>Asks on the terminal and logs in.</summary>
    /// <exception cref="HubException">WISE1058: nobody can be asked, or somebody said no.</exception>
    public static async Task<HubIdentity> AskAsync(HubClient client, string hub, CancellationToken cancel)
    {
        HubDefinition definition = client.Config.Find(hub);
        string page = client.Accounts.GetTokenPage(hub) is Uri made ? $" Tokens are made at {made.AbsoluteUri}." : "";
        if (!Prompt.IsPossible)
        {
            throw new HubException(WiseCodes.LoginNotPossible, $"A token for the hub '{hub}' is needed, "
                + $"and nobody can be asked here.{page} Set {client.Accounts.GetTokenVariable(hub)}, "
                + $"or pipe the token into 'wisehub login {hub} --token-stdin'.");
        }
        await ConfirmPlaceAsync(client, definition, cancel).ConfigureAwait(false);
        string kind = client.Accounts.TakesPassword(hub) ? "Git token" : "Token";
        string token = await Prompt.ReadSecretAsync($"{(page.Length > 0 ? page.TrimStart() + " " : "")}{kind} for '{hub}' at "
            + $"{definition.Endpoint} (not shown): ", cancel).ConfigureAwait(false);
        return await client.Accounts.LoginAsync(
            new HubLogin(hub, token) { ConfirmedOrigins = definition.Origins }, cancel).ConfigureAwait(false);
    }

    private static async Task<HubPasswordLogin> AskPasswordAsync(
        HubClient client, string hub, string user, CancellationToken cancel)
    {
        HubDefinition definition = client.Config.Find(hub);
        // What the library would say after the password was typed is said before.
        bool takesPassword = client.Accounts.TakesPassword(hub);
        if (takesPassword)
        {
            if (!Prompt.IsPossible)
            {
                throw new HubException(WiseCodes.LoginNotPossible,
                    $"The password of '{user}' for the hub '{hub}' is needed, and nobody can be asked here. "
                    + $"Pipe it into 'wisehub login {hub} --user {user} --password-stdin'.");
            }
            await ConfirmPlaceAsync(client, definition, cancel).ConfigureAwait(false);
        }
        string password = !takesPassword ? ""
            : await Prompt.ReadSecretAsync(
                $"Password of '{user}' for '{hub}' at {definition.Endpoint} (not shown): ", cancel).ConfigureAwait(false);
        return new HubPasswordLogin(hub, user, password) { ConfirmedOrigins = definition.Origins };
    }

    private static async Task ConfirmPlaceAsync(HubClient client, HubDefinition definition, CancellationToken cancel)
    {
        // Services at the same host are one place to a person.
        string places = string.Join(", ", definition.Origins.Select(o => o.ToString()).Distinct());
        if (definition.IsMovedByProject
            && !await Prompt.ConfirmAsync($"{client.Config.File} moves the hub '{definition.Name}' to "
                + $"{places}. Log in at that place?", cancel).ConfigureAwait(false))
        {
            throw new HubException(WiseCodes.LoginNotPossible,
                $"Nothing was sent to {places}. To log in elsewhere, run this outside of the project.");
        }
    }

    // A token that the hub refuses is as good as none.
    private static async Task<HubIdentity?> KnownAsync(HubClient client, string hub, CancellationToken cancel)
    {
        try
        {
            HubIdentity identity = await client.Accounts.WhoAmIAsync(hub, cancel).ConfigureAwait(false);
            return identity.Account is null || identity.IsBySession ? null : identity;
        }
        catch (HubException e) when (e.Code is WiseCodes.TokenNeeded or WiseCodes.TokenRefused)
        {
            return null;
        }
    }

    private static Task<int> RunAsync<T>(
        bool asJson, Func<HubClient, IHubLog, Task<T>> work, Func<T, string?> line, Action<Utf8JsonWriter, T> write,
        CancellationToken cancel) => new CommandRun(cancel) { AsJson = asJson }.RunAsync(work, result =>
    {
        if (line(result) is string text)
            Console.Out.WriteLine(Failures.Printable(text));
    }, write);

    private static void Write(Utf8JsonWriter json, HubIdentity identity)
    {
        json.WriteString("hub", identity.Hub);
        json.WriteString("endpoint", identity.Endpoint.AbsoluteUri);
        json.WriteString("name", identity.Account?.Name);
        json.WriteString("fullName", identity.Account?.FullName);
        JsonOutput.WriteStrings(json, "organizations", identity.Account?.Organizations ?? []);
        json.WriteString("source", identity.Source);
        if (identity.Session is not HubSession session)
            return;
        json.WriteStartObject("session");
        json.WriteString("user", session.User);
        json.WriteString("ends", session.Ends?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
        json.WriteString("source", session.Source);
        json.WriteEndObject();
    }

    private static string Show(HubIdentity identity) => $"'{identity.Hub}' ({identity.Endpoint})"
        + (identity.Account is HubAccount account
            ? $" as {account.Name}" + (account.FullName is { Length: > 0 } full && full != account.Name ? $" ({full})" : "")
            : "");

    private static Option<bool> NewJson() => new("--json") { Description = "Standard output is one JSON object." };
}
