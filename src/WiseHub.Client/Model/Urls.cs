namespace WiseHub.Client;

/// <summary>URLs as they are shown and compared.</summary>
internal static class Urls
{
    /// <summary>A URL as it may be shown: without query and fragment, where signatures stand.</summary>
    public static string Show(Uri uri)
    {
        if (!uri.IsAbsoluteUri)
            return uri.OriginalString.Split('?', '#')[0];
        // In other schemes the query, or what stands for it, is part of the path.
        return uri.Scheme is "http" or "https"
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
            : uri.Scheme + ":…";
    }

    /// <summary>Whether two URLs have the same scheme, host and port (RFC 6454).</summary>
    public static bool SameOrigin(Uri a, Uri b) =>
        Uri.Compare(a, b, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>
    /// An endpoint as configuration and environment have it, without a slash at its end; null when it cannot be one.
    /// </summary>
    public static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0 ? uri : null;
}
