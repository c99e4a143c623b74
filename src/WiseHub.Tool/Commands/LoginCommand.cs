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
        Option<string?> user = Arguments.Text("--user", "name", ToolHelp.LoginUser);
        var fromInput = new Option<bool>("--token-stdin") { Description = ToolHelp.TokenFromInput };
        var passwordFromInput = new Option<bool>("--password-stdin") { Description = ToolHelp.PasswordFromInput };
        var force = new Option<bool>("--force") { Description = ToolHelp.ForceLogin };
        var print = new Option<bool>("--print-token") { Description = ToolHelp.PrintToken };
        Option<bool> json = NewJson();
        var command = new Command("login", ToolHelp.Login)
        {
            hub.Argument, hub.Option, user, fromInput, passwordFromInput, force, print, json,
        };
        command.Validators.Add(hub.Validate);
        command.Validators.Add(result =>
        {
            if (result.GetValue(print) && result.GetValue(json))
                result.AddError(ToolMessages.PrintTokenWithJson);
            if (result.GetValue(passwordFromInput) && result.GetValue(user) is null)
                result.AddError(ToolMessages.PasswordInputWithoutUser);
            if (result.GetValue(user) is not null && (result.GetValue(fromInput) || result.GetValue(print)))
                result.AddError(ToolMessages.UserWithToken);
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
            log.Info(ToolMessages.AlreadyLoggedIn(known));
            return known;
        }
        HubIdentity identity = fromInput
            ? await client.Accounts.LoginAsync(
                new HubLogin(name, await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false)), cancel).ConfigureAwait(false)
            : await AskAsync(client, name, cancel).ConfigureAwait(false);
        if (identity is { IsBySession: true, Session: HubSession session })
        {
            ReportSession(client, log, identity, session);
            return identity;
        }
        log.Info(ToolMessages.LoggedIn(identity));
        ReportPrecedence(log, client.Accounts.FindTokenSource(name), identity.Source);
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
            log.Info(ToolMessages.AlreadyLoggedIn(same, known));
            return same;
        }
        HubPasswordLogin login;
        if (fromInput)
            // The line break is not part of the password.
            login = new HubPasswordLogin(name, user, (await Console.In.ReadToEndAsync(cancel).ConfigureAwait(false))
                .TrimEnd('\r', '\n'));
        else
            login = await AskPasswordAsync(client, name, user, cancel).ConfigureAwait(false);
        HubIdentity identity = await client.Accounts.LoginAsync(login, cancel).ConfigureAwait(false);
        ReportSession(client, log, identity, identity.Session!);
        return identity;
    }

    private static void ReportSession(HubClient client, IHubLog log, HubIdentity identity, HubSession session)
    {
        log.Info(ToolMessages.LoggedIn(identity, session));
        ReportPrecedence(log, client.Accounts.FindSession(identity.Hub)?.Source, session.Source);
    }

    private static void ReportPrecedence(IHubLog log, string? used, string stored)
    {
        if (used is not null && used != stored)
            log.Info(ToolMessages.OtherSourceWins(used));
    }

    public static Command CreateLogout()
    {
        HubChoice hub = new();
        var all = new Option<bool>("--all") { Description = ToolHelp.LogoutAll };
        Option<bool> json = NewJson();
        var command = new Command("logout", ToolHelp.Logout) { hub.Argument, hub.Option, all, json };
        command.Validators.Add(hub.Validate);
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && hub.IsGiven(result))
                result.AddError(ToolMessages.HubWithAll);
        });
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async (client, log) =>
        {
            string? name = parsed.GetValue(all) ? null : hub.Of(parsed) ?? client.DefaultHub;
            IReadOnlyList<string> gone = await client.Accounts.LogoutAsync(name, cancel).ConfigureAwait(false);
            log.Info(gone.Count == 0 ? ToolMessages.NothingStored : ToolMessages.LoggedOut(gone));
            if (name is not null && client.Accounts.FindTokenSource(name) is string source)
                log.Info(ToolMessages.TokenStillUsed(name, source));
            if (name is not null && client.Accounts.FindSession(name) is HubSession session)
                log.Info(ToolMessages.SessionStillUsed(name, session));
            return gone;
        }, _ => null, (writer, gone) => JsonOutput.WriteStrings(writer, "removed", gone), cancel));
        return command;
    }

    public static Command CreateWhoAmI()
    {
        HubChoice hub = new();
        Option<bool> json = NewJson();
        var command = new Command("whoami", ToolHelp.WhoAmI) { hub.Argument, hub.Option, json };
        command.Validators.Add(hub.Validate);
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(json), async (client, log) =>
        {
            HubIdentity identity =
                await client.Accounts.WhoAmIAsync(hub.Of(parsed) ?? client.DefaultHub, cancel).ConfigureAwait(false);
            if (identity is { IsBySession: true, Session: HubSession own })
            {
                log.Info(ToolMessages.Account(identity, own));
                return identity;
            }
            log.Info(ToolMessages.Account(identity));
            if (identity.Session is HubSession session)
                log.Info(ToolMessages.SessionToo(session));
            return identity;
        }, identity => identity.Account?.Name, Write, cancel));
        return command;
    }

    /// <summary>Asks for a token on the terminal, and logs in.</summary>
    /// <exception cref="HubException">WISE1058: there is no terminal, or the user answered no.</exception>
    public static async Task<HubIdentity> AskAsync(HubClient client, string hub, CancellationToken cancel)
    {
        HubDefinition definition = client.Config.Find(hub);
        Uri? page = client.Accounts.GetTokenPage(hub);
        if (!Prompt.IsPossible)
            throw ToolMessages.TokenNeeded(hub, client.Accounts.GetTokenVariable(hub), page);
        await ConfirmPlaceAsync(client, definition, cancel).ConfigureAwait(false);
        string token = await Prompt.ReadSecretAsync(
            ToolMessages.TokenFor(definition, page, client.Accounts.TakesPassword(hub)), cancel).ConfigureAwait(false);
        return await client.Accounts.LoginAsync(
            new HubLogin(hub, token) { ConfirmedOrigins = definition.Origins }, cancel).ConfigureAwait(false);
    }

    private static async Task<HubPasswordLogin> AskPasswordAsync(
        HubClient client, string hub, string user, CancellationToken cancel)
    {
        HubDefinition definition = client.Config.Find(hub);
        // A hub without passwords is refused by the library; no password is asked for first.
        bool takesPassword = client.Accounts.TakesPassword(hub);
        if (takesPassword)
        {
            if (!Prompt.IsPossible)
                throw ToolMessages.PasswordNeeded(hub, user);
            await ConfirmPlaceAsync(client, definition, cancel).ConfigureAwait(false);
        }
        string password = !takesPassword ? ""
            : await Prompt.ReadSecretAsync(ToolMessages.PasswordFor(definition, user), cancel).ConfigureAwait(false);
        return new HubPasswordLogin(hub, user, password) { ConfirmedOrigins = definition.Origins };
    }

    private static async Task ConfirmPlaceAsync(HubClient client, HubDefinition definition, CancellationToken cancel)
    {
        // Services at the same host are one place for the user.
        string places = string.Join(", ", definition.Origins.Select(o => o.ToString()).Distinct());
        if (definition.IsMovedByProject && !await Prompt.ConfirmAsync(
            ToolMessages.LoginAtMovedHub(client.Config.File, definition, places), cancel).ConfigureAwait(false))
            throw ToolMessages.MovedHubRefused(places);
    }

    // A token that the hub refuses counts as missing.
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

    private static Option<bool> NewJson() => new("--json") { Description = ToolHelp.LoginJson };
}
