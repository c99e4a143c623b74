using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client;

/// <summary>References to a file by its URL: how such a URL is written, checked and named.</summary>
internal static class UrlReference
{
    // All proxies and servers accept this length. https://www.rfc-editor.org/rfc/rfc9110#section-4.1 recommends 8000, but a lock
    // file must be readable.
    private const int Longest = 2000;

    // The queries of copied "download" links. Any other query may be a secret, which would end up in the lock file and the log.
    private static readonly string[] HarmlessNames = ["download", "dl", "raw", "inline"],
        HarmlessValues = ["", "0", "1", "true", "false"];

    // Query parameters that grant access to a file on S3, Azure, Google, CloudFront and other sites.
    private static readonly string[] SecretWords =
        ["sig", "token", "key", "secret", "password", "auth", "credential", "expires", "policy", "jwt", "session"];

    /// <summary>The built-in hub for references to a single file by URL. Users neither declare nor name it.</summary>
    public const string Hub = "url";

    /// <summary>The built-in hub for references to the files of an archive by URL.</summary>
    public const string ArchiveHub = "archive";

    /// <summary>True for the built-in hubs of references by URL. These references have no other hub.</summary>
    public static bool IsHub(string hub) =>
        hub.Equals(Hub, StringComparison.OrdinalIgnoreCase) || hub.Equals(ArchiveHub, StringComparison.OrdinalIgnoreCase);

    public static bool IsUrl(string repoId) => repoId.Contains("://", StringComparison.Ordinal);

    /// <summary>The reason why the query or user of a URL is refused, or null. Does not repeat any part of it.</summary>
    public static Text? RejectSecrets(Uri url)
    {
        if (url.UserInfo.Length > 0)
            return $"has a user in its URL, which may be a secret and would appear in the log";
        if (url.Query.Length <= 1)
            return null;
        string[][] parameters = [.. url.Query[1..].Split('&').Select(p => p.Split('=', 2))];
        if (parameters.All(p => HarmlessNames.Contains(p[0], StringComparer.Ordinal)
            && HarmlessValues.Contains(p.ElementAtOrDefault(1) ?? "", StringComparer.Ordinal)))
            return null;
        return parameters.Any(p => SecretWords.Any(w => p[0].Contains(w, StringComparison.OrdinalIgnoreCase)))
            ? Text.Of($"has a signature or token in its query, which is a secret, expires, and would appear in the lock file and "
                + $"the log")
            : (Text)$"has a query in its URL, which may be a secret and would appear in the log";
    }

    /// <summary>Makes a reference to the file at a URL, or to the files of the archive there.</summary>
    /// <exception cref="HubException">WISE1011.</exception>
    public static RepoReference Create(Uri url, bool unpack)
    {
        string text = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);
        // Checks the URL as written; the stored form has no fragment.
        if (Reject(url.AbsoluteUri) is Text reason)
            throw Unusable(text, reason);
        return new RepoReference { RepoId = text, Hubs = [unpack ? UrlReference.ArchiveHub : UrlReference.Hub] };
    }

    /// <param name="text">The URL; its query is not shown.</param>
    /// <param name="reason">The reason from <see cref="Reject"/>.</param>
    public static HubException Unusable(string text, string reason) => ModelMessages.UnusableUrl(
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? Urls.Show(url) : text.Split("://")[0] + "://…", reason);

    /// <summary>The reason why a text is not a valid URL for a reference, or null.</summary>
    public static Text? Reject(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return $"is not an http(s) URL";
        if (RejectSecrets(url) is Text secret)
            return secret;
        if (url.Fragment.Length > 0)
            return $"has a fragment, which is not sent to a server";
        if (text.Length > Longest)
            return $"is longer than {Longest} characters";
        return url.AbsolutePath.EndsWith('/') ? (Text)$"names a folder" : null;
    }

    /// <summary>The last part of the path: the name of the file, unless the server sends another one.</summary>
    public static string NameOf(string url) => Uri.UnescapeDataString(new Uri(url).AbsolutePath.Split('/')[^1]);

    /// <summary>The name without extensions: <c>weights</c> for <c>weights.tar.gz</c>.</summary>
    public static string StemOf(string url)
    {
        string name = NameOf(url), stem = Path.GetFileNameWithoutExtension(name);
        if (stem.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            stem = stem[..^4];
        return stem.Length > 0 ? stem : name;
    }

    /// <summary>64 hexadecimal characters that represent a URL in a path.</summary>
    public static string Hash(string url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));
}
