namespace WiseHub.Client.Hubs.S3;

/// <summary>What S3 requests are signed with. The secret only signs and never leaves this process; the session token of temporary keys is sent along.</summary>
internal sealed class AccessKeys(string id, string secret, string? sessionToken)
{
    public string Id { get; } = id;

    public string Secret { get; } = secret;

    public string? SessionToken { get; } = string.IsNullOrEmpty(sessionToken) ? null : sessionToken;

    /// <summary>Reads <c>ID:SECRET</c> or <c>ID:SECRET:SESSION-TOKEN</c>, of which none may hold a colon; null for anything else.</summary>
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

    /// <summary>A text without secret and session token, should a server repeat them.</summary>
    public string Hide(string text)
    {
        text = text.Replace(Secret, "***", StringComparison.Ordinal);
        return SessionToken is null ? text : text.Replace(SessionToken, "***", StringComparison.Ordinal);
    }

    private static AccessKeys? Of(string id, string secret, string? session) =>
        id.Length > 0 && secret.Length > 0 && session is not "" ? new AccessKeys(id, secret, session) : null;
}
