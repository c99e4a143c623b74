using System.Net.Http.Headers;
using System.Text;

namespace WiseHub.Client.Http;

/// <summary>A secret, the headers that carry it, and the only origin they may be sent to.</summary>
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

    /// <summary>A header of a server's own, such as GitLab's <c>PRIVATE-TOKEN</c>.</summary>
    public static Credential Header(Uri origin, string name, string token) =>
        new(origin, token, new KeyValuePair<string, string>(name, token));

    /// <summary>Headers that a server gave to be sent to another one, as an LFS server does.</summary>
    public static Credential Given(Uri origin, IReadOnlyList<KeyValuePair<string, string>> headers) => new(origin, "", headers);

    public void AddTo(HttpRequestHeaders headers)
    {
        foreach ((string name, string value) in _headers)
            headers.TryAddWithoutValidation(name, value);
    }

    /// <summary>
    /// A text without the secret, in whatever form a server may have put it there: as it was sent, decoded, or escaped for a URL.
    /// </summary>
    public string Hide(string text)
    {
        // Longest first: a header holds the token, and must go as a whole.
        foreach (string secret in Forms().Where(s => s.Length > 0).Distinct(StringComparer.Ordinal)
            .OrderByDescending(s => s.Length))
            text = text.Replace(secret, "***", StringComparison.OrdinalIgnoreCase);
        return text;
    }

    private IEnumerable<string> Forms()
    {
        foreach (string value in _headers.Select(h => h.Value).Append(Token))
        {
            // "Basic dXNlcjpwYXNz" is also shown without its scheme.
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
