using System.Text.Json;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The session token of Wisemodel's gateway: a signed JWT (RFC 7519). A git token never has that form, so the two can be told
/// apart wherever the user gives one.
/// </summary>
internal static class SessionToken
{
    /// <summary>True for a secret that is a session token.</summary>
    public static bool Is(string secret)
    {
        using JsonDocument? claims = Claims(secret.Trim());
        return claims is not null;
    }

    /// <summary>The end of a session, from its claim <c>exp</c>; null without that claim.</summary>
    public static DateTimeOffset? EndOf(string session)
    {
        using JsonDocument? claims = Claims(session);
        return claims is not null && claims.RootElement.TryGetProperty("exp", out JsonElement end)
            // The last second of the year 9999, the limit of DateTimeOffset.
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
