using System.Text.Json;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The session that Wisemodel's gateway gives: a signed JWT (RFC 7519). Its other secret, the git token, never has that shape, so
/// that each is understood wherever it is given.
/// </summary>
internal static class SessionToken
{
    /// <summary>Whether a secret is a session.</summary>
    public static bool Is(string secret)
    {
        using JsonDocument? claims = Claims(secret.Trim());
        return claims is not null;
    }

    /// <summary>When a session ends, as it says itself in the claim <c>exp</c>; null when it does not say.</summary>
    public static DateTimeOffset? EndOf(string session)
    {
        using JsonDocument? claims = Claims(session);
        return claims is not null && claims.RootElement.TryGetProperty("exp", out JsonElement end)
            // The last second of the year 9999.
            && end.ValueKind == JsonValueKind.Number && end.TryGetInt64(out long seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static JsonDocument? Claims(string text)
    {
        string[] parts = text.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            string claims = parts[1].Replace('-', '+').Replace('_', '/');
            JsonDocument json = JsonDocument.Parse(Convert.FromBase64String(claims.PadRight((claims.Length + 3) / 4 * 4, '=')));
            if (json.RootElement.ValueKind == JsonValueKind.Object)
                return json;
            json.Dispose();
            return null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
