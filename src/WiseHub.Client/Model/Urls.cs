namespace WiseHub.Client;

/// <summary>Formats and compares URLs.</summary>
internal static class Urls
{
    /// <summary>A URL for messages: without query and fragment, which may contain signatures.</summary>
    public static string Show(Uri uri)
    {
        if (!uri.IsAbsoluteUri)
            return uri.OriginalString.Split('?', '#')[0];
        // In other schemes, the query or its equivalent is part of the path.
        return uri.Scheme is "http" or "https"
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : uri.Scheme + ":…";
    }

    /// <summary>Escapes each segment of a path with <c>/</c>, such as the path of a file in a repo.</summary>
    public static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary>True if two URLs have the same scheme, host and port (RFC 6454).</summary>
    public static bool SameOrigin(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>
    /// Parses an endpoint from configuration or environment, without a slash at the end; null if it is invalid.
    /// </summary>
    public static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0 ? uri : null;
}
