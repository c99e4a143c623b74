using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>How one hub is reached: its connections and its token. Both are made when first used: a build that has everything needs neither.</summary>
internal sealed class HubWire(string hub, Func<HubHttp> http, Func<Credential?> credential)
{
    private readonly Lazy<Credential?> _credential = new(credential);

    public Credential? Credential => _credential.Value;

    /// <inheritdoc cref="HubHttp.AskAsync"/>
    public Task<HubAnswer> AskAsync(Uri uri, CancellationToken cancel) => http().AskAsync(hub, uri, Credential, cancel);
}
