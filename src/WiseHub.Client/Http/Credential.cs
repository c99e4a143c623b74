using System.Net.Http.Headers;
using System.Text;

namespace WiseHub.Client.Http;

/// <summary>A secret, its request headers, and the only origin that may receive them.</summary>
internal sealed class Credential
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _headers;

    private Credential(Uri origin, string token, params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        (Origin, Token, _headers) = (origin, token, headers);

    /// <summary>Scheme, host and port.</summary>
    public Uri Origin { get; }

    /// <summary>The secret itself.</summary>
    public string Token { get; }

    /// <summary>RFC 6750.</summary>
    public static Credential Bearer(Uri origin, string token) =>
        new(origin, token, new KeyValuePair<string, string>("Authorization", "Bearer " + token));

    /// <summary>RFC 7617.</summary>
    public static Credential Basic(Uri origin, string user, string password) => new(origin, password,
        new KeyValuePair<string, string>("Authorization", "Basic "
            + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));

    /// <summary>A server-specific header, such as GitLab's <c>PRIVATE-TOKEN</c>.</summary>
    public static Credential Header(Uri origin, string name, string token) =>
        new(origin, token, new KeyValuePair<string, string>(name, token));

    /// <summary>Headers that one server supplies for requests to another, as LFS servers do.</summary>
    public static Credential Given(Uri origin, IReadOnlyList<KeyValuePair<string, string>> headers) => new(origin, "", headers);

    public void AddTo(HttpRequestHeaders headers)
    {
        foreach ((string name, string value) in _headers)
            headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>
    /// Removes the secret from a server's text, in any form the server may repeat it: as sent, decoded, or escaped for a URL.
    /// </summary>
    public string Hide(string text)
    {
        // Longest first: a header contains the token, and must be replaced as a whole.
        foreach (string secret in Forms().Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)
            .OrderByDescending(s => s.Length))
            text = text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    private IEnumerable<string> Forms()
    {
        foreach (string value in _headers.Select(h => h.Value).Append(Token))
        {
            // "Basic dXNlcjpwYXNz" may also appear without its scheme.
            foreach (string part in (string[])[value, value[(value.IndexOf(' ', StringComparison.Ordinal) + 1)..]])
            {
                yield return part;
                yield return Uri.EscapeDataString(part);
                yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(part));
                yield return Convert.ToBase64String(Encoding.UTF8.GetBytes(part)).TrimEnd('=');
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"a token for {Origin.GetLeftPart(UriPartial.Authority)}";
}
