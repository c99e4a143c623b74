using System.Collections.Concurrent;

namespace WiseHub.Client.Credentials;

/// <summary>
/// Finds secrets, in this order: given by the program, environment variables, stored by <c>wisehub login</c>, files of other
/// tools, netrc, and credential helpers. Only this class decides which origin may receive them (docs/tokens.md#trusted-hubs).
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
        // Created on first use: a build with a complete cache needs no secrets.
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

    /// <summary>The secret that may be sent to an origin, or null. Results are remembered.</summary>
    /// <exception cref="HubException">
    /// WISE1055, WISE1056, WISE1057, WISE3007 or WISE3013: a secret exists but is unusable.
    /// </exception>
    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind) =>
        // One text as the key, with the hub's name last: a dictionary of tuples would be compiled at run time.
        _found.GetOrAdd($"{(int)kind} {Origin(origin)} {hub.Name}", _ => new Lazy<Secret?>(() => Look(hub, origin, kind))).Value;

    /// <summary>Forgets all results after a login or logout.</summary>
    public void Forget() => _found.Clear();

    /// <summary>The next step for a missing or refused secret: whole sentences for the end of an error message.</summary>
    public string Remedy(HubDefinition hub, Uri origin, SecretKind kind, bool writes = false)
    {
        string variable = HubVariables.Name(hub, kind);
        return IsWithheld(hub) && !string.IsNullOrWhiteSpace(_environment(variable)) && Find(hub, origin, kind) is null
            ? CredentialMessages.TokenWithheld(variable, hub, Origin(origin))
            : CredentialMessages.SetTokenOrLogIn(variable, hub, writes);
    }

    /// <summary>True for the usual values of an enabled switch.</summary>
    public static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    /// <summary>Scheme, host and any non-default port.</summary>
    public static string Origin(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private Secret? Look(HubDefinition hub, Uri origin, SecretKind kind)
    {
        Secret? found = _sources.Value.Where(s => MayGo(s.Reach, hub, origin)).Select(s => s.Find(hub, origin, kind))
            .FirstOrDefault(s => s is not null);
        if (found is not null)
            _log.Detail(kind == SecretKind.Token ? (Text)$"{Origin(origin)} gets the token from {found.Source}."
                : (Text)$"{Origin(origin)} gets the session from {found.Source}.");
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
