using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>How one hub is reached: its connections and its token. Both are made when first used: a build that has everything needs neither.</summary>
internal sealed class HubWire(Func<HubHttp> http, Func<Credential?> credential)
{
    private readonly Lazy<Credential?> _credential = new(credential);

    public Credential? Credential => _credential.Value;

    /// <summary>GETs something small, with the hub's own token.</summary>
    /// <inheritdoc cref="HubHttp.AskAsync"/>
    public Task<HubAnswer> AskAsync(Uri uri, int limit, CancellationToken cancel) => AskAsync(new Question(uri), Credential, limit, cancel);

    /// <inheritdoc cref="HubHttp.AskAsync"/>
    public Task<HubAnswer> AskAsync(Question question, Credential? credential, int limit, CancellationToken cancel) => http().AskAsync(question, credential, limit, cancel);
}
