namespace WiseHub.Client.Accounts;

/// <summary>The messages about logins and accounts.</summary>
internal static class AccountMessages
{
    /// <summary>The source of a token in messages about it.</summary>
    public static Text ThisLogin => $"this login";

    public static HubException NoPasswordLogin(HubDefinition hub) => new(WiseCodes.NoPasswordLogin,
        $"The hub '{hub.Name}' has no login by user name and password. Log in with a token: wisehub login {hub.Name}. "
        + $"{CreateToken(hub)}");

    public static HubException EmptyToken(HubDefinition hub) => new(WiseCodes.LoginNotPossible,
        $"The token for the hub '{hub.Name}' is empty. {CreateToken(hub)}");

    public static HubException EmptyLogin(HubDefinition hub, bool hasUser) => new(WiseCodes.LoginNotPossible,
        $"The {(hasUser ? (Text)$"password" : (Text)$"user name")} for the hub '{hub.Name}' is empty. Nothing was sent.");

    public static HubException NotConfirmed(HubDefinition hub, IEnumerable<string> origins) => new(WiseCodes.LoginNotPossible,
        $"The project's {HubNames.ConfigFile} redirects the hub '{hub.Name}' to {string.Join(", ", origins)}. You have not "
        + $"confirmed that server, so nothing was sent to it. If you trust it, set "
        + $"WISEHUB_ENDPOINT_{HubNames.ForEnvironment(hub.Name)} to it, or log in on a terminal, which asks you.");

    /// <param name="hub">The hub.</param>
    /// <param name="reason">The protocol's reason; null for a folder.</param>
    public static HubException NoLogin(HubDefinition hub, string? reason) => new(WiseCodes.NoLogin,
        $"The hub '{hub.Name}' has no login: {reason ?? (Text)$"it is a folder. Access is controlled by file permissions"}.");

    public static HubException NoToken(HubDefinition hub, string origin, string remedy) => new(WiseCodes.TokenNeeded,
        $"There is no token for the hub '{hub.Name}' ({origin}). {remedy}");

    public static HubException SessionExpired(HubDefinition hub, HubSession session) => new(WiseCodes.SessionNeeded,
        $"The session for '{hub.Name}' from {session.Source} expired at {session.Ends:u}. "
        + $"Run 'wisehub login {hub.Name} --user {session.User ?? (Text)$"NAME"}' on a terminal.");

    public static HubException Offline(HubDefinition hub, IEnumerable<string> variables) => new(WiseCodes.OfflineAndMissing,
        $"The hub '{hub.Name}' cannot be asked for the owner of a token, because network access is disabled. "
        + $"Unset {string.Join((Text)$" and ", variables)}.");

    private static Text CreateToken(HubDefinition hub) => hub.TokenPage is Uri page
        ? (Text)$"Create a token at {page.AbsoluteUri}." : (Text)$"Ask the operator of the hub for a token.";
}
