using System.Text;

namespace WiseHub.Client.Hubs.S3;

/// <summary>
/// A key pair that signs S3 requests. The secret never leaves this process; the session token of temporary keys is sent along.
/// </summary>
internal sealed class AccessKeys(string id, string secret, string? sessionToken)
{
    public string Id { get; } = id;

    public string Secret { get; } = secret;

    public string? SessionToken { get; } = string.IsNullOrEmpty(sessionToken) ? null : sessionToken;

    /// <summary>
    /// Reads <c>ID:SECRET</c> or <c>ID:SECRET:SESSION-TOKEN</c>, whose parts contain no colon; null for any other text.
    /// </summary>
    public static AccessKeys? Parse(string text)
    {
        string[] parts = text.Trim().Split(':');
        return parts.Length switch
        {
            2 => Of(parts[0], parts[1], null),
            3 => Of(parts[0], parts[1], parts[2]),
            _ => null,
        };
    }

    /// <summary>A server's text with the secret and the session token masked.</summary>
    public string Hide(string text)
    {
        // The forms in which a server may repeat them: plain, percent-encoded, and base64.
        foreach (string secret in SessionToken is null ? (string[])[Secret] : [Secret, SessionToken])
        {
            foreach (string form in (string[])[secret, Uri.EscapeDataString(secret),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)).TrimEnd('=')])
                text = text.Replace(form, "***", StringComparison.OrdinalIgnoreCase);
        }
        return text;
    }

    private static AccessKeys? Of(string id, string secret, string? session) =>
        id.Length > 0 && secret.Length > 0 && session is not "" ? new AccessKeys(id, secret, session) : null;
}
