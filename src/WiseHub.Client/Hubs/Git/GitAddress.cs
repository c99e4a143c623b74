namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The URLs of git hosts, validated before a socket is opened or a program receives them as an argument.
/// </summary>
internal static class GitAddress
{
    /// <summary>
    /// The reason why a URL has no valid host, or null. Valid are domains (by IDNA), IPv4 and IPv6 addresses, with any port.
    /// </summary>
    public static string? RejectHost(Uri uri)
    {
        if (uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            return null;
        if (uri.HostNameType != UriHostNameType.Dns)
            return (Text)$"it is neither a domain nor an IP address";
        string host;
        try
        {
            host = uri.IdnHost;
        }
        catch (UriFormatException e)
        {
            return e.Message;
        }
        // RFC 1035 section 2.3.4; hosts with '_' exist.
        if (host.Length > 253 || host.TrimEnd('.').Split('.').Any(l => l.Length is 0 or > 63 || l[0] == '-' || l[^1] == '-'
            || !l.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
            return (Text)$"a part of its name is not valid in a domain";
        return null;
    }

    /// <summary>The URL of a repo for git over HTTP.</summary>
    public static Uri HttpPlace(HubDefinition hub, string repoId) =>
        new($"{hub.Endpoint!.AbsoluteUri.TrimEnd('/')}/{Urls.EscapePath(repoId)}.git");

    /// <summary>Parses an endpoint, which may also be an ssh URL with a user and without a password.</summary>
    public static Uri? ParseEndpoint(string text) => Urls.ParseEndpoint(text)
        ?? (Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme == "ssh"
            && !uri.UserInfo.Contains(':', StringComparison.Ordinal)
            && !uri.UserInfo.StartsWith('-') && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0
            ? uri : null);

    /// <summary>The URL of a repo for the git program.</summary>
    public static string Url(HubDefinition hub, string repoId) =>
        hub.Git().Transport != GitTransport.Ssh ? $"{hub.Endpoint!.AbsoluteUri.TrimEnd('/')}/{repoId}.git"
            : $"ssh://{User(hub)}@{HostAndPort(hub.Endpoint!)}{hub.Endpoint!.AbsolutePath.TrimEnd('/')}/{repoId}.git";

    /// <summary>The destination arguments of ssh, and the path of the repo for <c>git-lfs-authenticate</c>.</summary>
    public static (IReadOnlyList<string> Destination, string Path) SshOf(HubDefinition hub, string repoId)
    {
        Uri endpoint = hub.Endpoint!;
        List<string> destination = IsSsh(endpoint) && endpoint.Port > 0
            ? ["-p", endpoint.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)] : [];
        string path = endpoint.AbsolutePath.TrimEnd('/');
        return ([.. destination, "--", $"{User(hub)}@{endpoint.IdnHost}"],
            path.Length == 0 ? repoId + ".git" : $"{path}/{repoId}.git");
    }

    public static bool IsSsh(Uri endpoint) => endpoint.Scheme == "ssh";

    // The port of an http(s) endpoint is not that of ssh.
    private static string HostAndPort(Uri endpoint)
    {
        string host = endpoint.HostNameType == UriHostNameType.IPv6 ? $"[{endpoint.IdnHost}]" : endpoint.IdnHost;
        return IsSsh(endpoint) && endpoint.Port > 0 ? $"{host}:{endpoint.Port}" : host;
    }

    private static string User(HubDefinition hub) => hub.Endpoint!.UserInfo is { Length: > 0 } user ? user : "git";
}
