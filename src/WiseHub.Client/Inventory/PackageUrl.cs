namespace WiseHub.Client.Inventory;

/// <summary>
/// Package URLs (https://github.com/package-url/purl-spec). Models of some hubs have a type of their own; all other repos are of
/// the type <c>generic</c>.
/// </summary>
internal static class PackageUrl
{
    /// <param name="key">The repo.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="address">Its address.</param>
    public static string Of(LockKey key, string commit, RepoAddress address)
    {
        if (UrlReference.IsUrl(key.RepoId))
            return $"pkg:generic/{Escape(NameOfUrl(key.RepoId))}@{Escape(commit)}{Qualifier("download_url", key.RepoId)}";
        if (key.RepoType != RepoType.Model || address.PackageType is null)
            return $"pkg:generic/{EscapePath(key.RepoId)}@{Escape(commit)}"
                + Qualifier("download_url", address.Page?.AbsoluteUri);
        return $"pkg:{address.PackageType}/{EscapePath(key.RepoId)}@{Escape(commit)}"
            + Qualifier("repository_url", address.Registry?.AbsoluteUri.TrimEnd('/'));
    }

    /// <summary>Escapes a part: all but letters, digits and <c>-._~:</c> ("Character encoding" of the specification).</summary>
    public static string Escape(string text) =>
        Uri.EscapeDataString(Unicode.Repair(text)).Replace("%3A", ":", StringComparison.Ordinal);

    /// <summary>Escapes the parts of a path.</summary>
    public static string EscapePath(string path) => Escape(path).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>The name of the file at a URL, also of one that cannot be parsed.</summary>
    public static string NameOfUrl(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && UrlReference.NameOf(parsed.AbsoluteUri) is { Length: > 0 } name
            ? name : url;

    // The specification's own examples leave a slash in a value as it is.
    private static string Qualifier(string name, string? value) => value is null ? "" : $"?{name}={EscapePath(value)}";
}
