using System.Text.Json;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>Looks up the account of a token with one GET, whose response is a JSON object.</summary>
internal sealed class HubAccounts : IHubAccounts
{
    // An account in many organizations is a few KB.
    private const int MaxAnswerBytes = 1 << 20;

    private readonly HubDefinition _hub;
    private readonly HubConnection _connection;
    private readonly Uri _uri;
    private readonly Func<Secret, Credential> _credential;
    private readonly Func<JsonElement, HubAccount?> _read;

    private HubAccounts(
        HubDefinition hub, HubConnection connection, Uri uri, Func<Secret, Credential> credential, Func<JsonElement,
            HubAccount?> read) =>
        (_hub, _connection, _uri, _credential, _read) = (hub, connection, uri, credential, read);

    public Uri Asked => _uri;

    public async Task<HubAccount> WhoAmIAsync(Secret secret, CancellationToken cancel)
    {
        using HubResponse response = await _connection.SendAsync(new HubRequest(_uri), _credential(secret),
            MaxAnswerBytes, cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
            throw HubMessages.AccountRefused(_hub, response.Uri, response.Status, said, secret.Source);
        }
        return Read(response);
    }

    private HubAccount Read(HubResponse response)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(response.Body);
            if (_read(json.RootElement) is HubAccount account)
                return account;
        }
        catch (JsonException)
        {
            // Reported below, like JSON without an account.
        }
        throw HubMessages.NoAccount(_hub.Name, response.Uri);
    }

    public static HubAccounts Bearer(HubDefinition hub, HubConnection connection, Uri uri, Func<JsonElement, HubAccount?> read) =>
        new(hub, connection, uri, s => Credential.Bearer(uri, s.Value), read);

    /// <summary>Sends the token in a header of its own.</summary>
    public static HubAccounts Header(
        HubDefinition hub, HubConnection connection, Uri uri, string header, Func<JsonElement, HubAccount?> read) =>
        new(hub, connection, uri, s => Credential.Header(uri, header, s.Value), read);

    public static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + path);

    public static HubAccount? Account(JsonElement response, string name, string fullName) =>
        StrictJson.Text(response, name) is { Length: > 0 } found
            ? new HubAccount(found) { FullName = StrictJson.Text(response, fullName) } : null;

    public static string[] Names(JsonElement response, string list) =>
        !response.TryGetProperty(list, out JsonElement items) || items.ValueKind != JsonValueKind.Array ? []
            : [.. items.EnumerateArray().Select(i => StrictJson.Text(i, "name")).OfType<string>()];
}
