using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client;

/// <summary>References to one file by its address: how such a URL is written, judged and named.</summary>
internal static class UrlReference
{
    // As long as a URL that every proxy and server takes; https://www.rfc-editor.org/rfc/rfc9110#section-4.1 asks for 8000, and a
    // lock file is read by people.
    private const int Longest = 2000;

    // What people copy from "download" buttons. Anything else may be a secret, and would stand in lock file and log.
    private static readonly string[] HarmlessNames = ["download", "dl", "raw", "inline"],
        HarmlessValues = ["", "0", "1", "true", "false"];

    // The parameters in which S3, Azure, Google, CloudFront and sites of all kinds carry what opens a file.
    private static readonly string[] SecretWords =
        ["sig", "token", "key", "secret", "password", "auth", "credential", "expires", "policy", "jwt", "session"];

    /// <summary>The hub of references to one file by its URL. Nobody declares it, and no reference needs to name it.</summary>
    public const string Hub = "url";

    /// <summary>The hub of references to the files of an archive by its URL.</summary>
    public const string ArchiveHub = "archive";

    /// <summary>
    /// Whether a hub is one of those that stand for URLs: nobody declares it, and a reference by URL has no other.
    /// </summary>
    public static bool IsHub(string hub) =>
        hub.Equals(Hub, StringComparison.OrdinalIgnoreCase) || hub.Equals(ArchiveHub, StringComparison.OrdinalIgnoreCase);

    public static bool IsUrl(string repoId) => repoId.Contains("://", StringComparison.Ordinal);

    /// <summary>Why the query or user of a URL cannot be used, or null. No part of it is repeated.</summary>
    public static string? RejectSecrets(Uri url)
    {
        if (url.UserInfo.Length > 0)
            return "has a user in its URL, which may be a secret and would stand in the log";
        if (url.Query.Length <= 1)
            return null;
        string[][] parameters = [.. url.Query[1..].Split('&').Select(p => p.Split('=', 2))];
        if (parameters.All(p => HarmlessNames.Contains(p[0], StringComparer.Ordinal)
            && HarmlessValues.Contains(p.ElementAtOrDefault(1) ?? "", StringComparer.Ordinal)))
            return null;
        return parameters.Any(p => SecretWords.Any(w => p[0].Contains(w, StringComparison.OrdinalIgnoreCase)))
            ? "has a signature or token in its query, which is a secret, expires, and would stand in the lock file and the log"
            : "has a query in its URL, which may be a secret and would stand in the log";
    }

    /// <summary>A reference to the file at a URL, or to the files of the archive there.</summary>
    /// <exception cref="HubException">WISE1011.</exception>
    public static RepoReference Create(Uri url, bool unpack)
    {
        string text = url.GetComponents(UriComponents.SchemeAndServer | UriComponents.PathAndQuery, UriFormat.UriEscaped);
        // The whole as it was written: the form that is kept has no fragment.
        if (Reject(url.AbsoluteUri) is string reason)
            throw Unusable(text, reason);
        return new RepoReference { RepoId = text, Hubs = [unpack ? UrlReference.ArchiveHub : UrlReference.Hub] };
    }

    /// <param name="text">The URL; of its query nothing is shown.</param>
    /// <param name="reason">What <see cref="Reject"/> said.</param>
    public static HubException Unusable(string text, string reason) => new(WiseCodes.UnusableUrl,
        $"'{(Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? Urls.Show(url) : text.Split("://")[0] + "://…")}' {reason}. "
        + "Write the https URL of a file, without user and query.");

    /// <summary>Why a text cannot be the URL of a reference, or null.</summary>
    public static string? Reject(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return "is not an http(s) URL";
        if (RejectSecrets(url) is string secret)
            return secret;
        if (url.Fragment.Length > 0)
            return "has a fragment, which is not sent to a server";
        if (text.Length > Longest)
            return $"is longer than {Longest} characters";
        return url.AbsolutePath.EndsWith('/') ? "names a folder" : null;
    }

    /// <summary>The last part of the path, which is the file's name unless the server gives it another one.</summary>
    public static string NameOf(string url) => Uri.UnescapeDataString(new Uri(url).AbsolutePath.Split('/')[^1]);

    /// <summary>The name without what says how the file is written: <c>weights</c> for <c>weights.tar.gz</c>.</summary>
    public static string StemOf(string url)
    {
        string name = NameOf(url), stem = Path.GetFileNameWithoutExtension(name);
        if (stem.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            stem = stem[..^4];
        return stem.Length > 0 ? stem : name;
    }

    /// <summary>64 hexadecimal characters that stand for a URL in a path.</summary>
    public static string Hash(string url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url)));
}
