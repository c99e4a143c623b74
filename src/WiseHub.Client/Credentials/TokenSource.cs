using System.Collections.Concurrent;

namespace WiseHub.Client.Credentials;

/// <summary>
/// Where secrets come from: what the program gave, the environment, what <c>wisehub login</c> stored, files of other tools,
/// netrc, and programs that keep secrets, in this order. Which of them may go where is decided here and nowhere else
/// (docs/tokens.md#trusted-hubs).
/// </summary>
internal sealed class TokenSource
{
    private readonly ConcurrentDictionary<string, Lazy<Secret?>> _found = new(StringComparer.Ordinal);
    private readonly Lazy<ISecretSource[]> _sources;
    private readonly Func<string, string?> _environment;
    private readonly IHubLog _log;

    public TokenSource(
        Func<string, string?> environment, IReadOnlyDictionary<string, string> given, IProtocolSecrets protocols, IHubLog log)
    {
        (_environment, _log) = (environment, log);
        // A build that has everything asks nobody, and need not load them.
        _sources = new(() =>
        [
            new GivenTokens(given, protocols),
            new HubVariables(environment, protocols),
            new ToolVariables(environment, protocols),
            new StoredSecrets(new CredentialFile(environment)),
            new ToolTokenFiles(environment, protocols),
            new NetrcFile(environment),
            .. protocols.Helpers(environment, log),
        ]);
    }

    /// <summary>The secret that may be sent to an origin, or null. What was found once is found again.</summary>
    /// <exception cref="HubException">
    /// WISE1055, WISE1056, WISE1057, WISE3007 or WISE3013: a secret is there and cannot be used.
    /// </exception>
    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind) =>
        // One text, without a space before the name: a dictionary of tuples would be compiled at run time.
        _found.GetOrAdd($"{(int)kind} {Origin(origin)} {hub.Name}", _ => new Lazy<Secret?>(() => Look(hub, origin, kind))).Value;

    /// <summary>After a login or logout.</summary>
    public void Forget() => _found.Clear();

    /// <summary>What to do where a secret is missing or refused: whole sentences for the end of an error message.</summary>
    public string Remedy(HubDefinition hub, Uri origin, SecretKind kind)
    {
        string variable = HubVariables.Name(hub, kind);
        return IsWithheld(hub) && !string.IsNullOrWhiteSpace(_environment(variable)) && Find(hub, origin, kind) is null
            ? $"{variable} was not sent, because the project's {HubNames.ConfigFile} moves the hub '{hub.Name}' to "
                + $"{Origin(origin)}. If you mean that place, set WISEHUB_ENDPOINT_{HubNames.ForEnvironment(hub.Name)} to it or "
                + $"store a token for it with 'wisehub login {hub.Name}'."
            : $"Set {variable} to a token that may read it, or run 'wisehub login "
                + $"{hub.Name}'.{(hub.TokenPage is Uri page ? $" Tokens are made at {page.AbsoluteUri}." : "")}";
    }

    /// <summary>The values of a variable that switches something on.</summary>
    public static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    /// <summary>Scheme, host and, where it is not the usual one, port.</summary>
    public static string Origin(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private Secret? Look(HubDefinition hub, Uri origin, SecretKind kind)
    {
        Secret? found = _sources.Value.Where(s => MayGo(s.Reach, hub, origin)).Select(s => s.Find(hub, origin, kind))
            .FirstOrDefault(s => s is not null);
        if (found is not null)
            _log.Detail($"{Origin(origin)} gets the {(kind == SecretKind.Token ? "token" : "session")} of {found.Source}.");
        return found;
    }

    private static bool MayGo(SecretReach reach, HubDefinition hub, Uri origin) => reach switch
    {
        SecretReach.ExactOrigin => true,
        _ when !hub.Origins.Any(o => Urls.SameOrigin(o, origin)) => false,
        SecretReach.NamedHub => !IsWithheld(hub),
        _ => hub.IsTrustedEndpoint,
    };

    private static bool IsWithheld(HubDefinition hub) => hub.IsMovedByProject;
}
