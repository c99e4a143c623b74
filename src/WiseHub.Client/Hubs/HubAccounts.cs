using System.Net;
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
            string where = $"The hub '{_hub.Name}' answered {(int)response.Status} at "
                + $"{Urls.Show(response.Uri)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";
            throw response.Status switch
            {
                HttpStatusCode.Unauthorized =>
                    new HubException(WiseCodes.TokenRefused, $"{where}: it refused the token of {secret.Source}. {MakeOne()}"),
                HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                    $"{where}: the token of {secret.Source} may not ask who it belongs to. {MakeOne()}"),
                _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Check the endpoint of the hub."),
            };
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
            // Said below: what stands there is no account either way.
        }
        throw new HubException(WiseCodes.UnexpectedAnswer, $"The hub '{_hub.Name}' answered {Urls.Show(response.Uri)} with "
            + "something that names no account. Check the endpoint of the hub.");
    }

    private string MakeOne() =>
        _hub.TokenPage is Uri page ? $"Make another one at {page.AbsoluteUri}." : "Ask the operator of the hub for another one.";

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
