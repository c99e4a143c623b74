using System.Net;

namespace WiseHub.Client.Hubs;

/// <summary>The messages that all kinds of hubs share: their declarations, pages, accounts and file names.</summary>
internal static class HubMessages
{
    // Declarations in wisehub.json. StrictJson adds file and line.

    public static Text NotDeclarable(string protocol) => $"hubs of the protocol '{protocol}' cannot be declared.";

    public static Text NotBooleanOrAuto(string key) => $"'{key}' must be true, false or \"auto\".";

    public static Text NotSeconds(string key) => $"'{key}' must be 1 to 86400 seconds.";

    public static Text NotOneOf(string key, string text, IEnumerable<string> allowed) =>
        $"'{key}' is '{text}'; it may be {string.Join(", ", allowed)}.";

    public static Text NotAnEndpoint(string text) => $"'{text}' is not an http(s) URL without user, query and fragment.";

    // WISE1011

    public static HubException NotAPage(Uri url) => new(WiseCodes.UnusableUrl,
        $"{Urls.Show(url)} is not a page of a repo. Write owner/name.");

    public static HubException NotAPageOfARepo(Uri url, string hub) => new(WiseCodes.UnusableUrl,
        $"{Urls.Show(url)} is a page of the hub '{hub}', but not of a repo. Write owner/name.");

    /// <summary>The beginning of a sentence about an error response, or all of it but its end.</summary>
    public static Text Answered(string hub, HttpStatusCode status, Uri url, string said) =>
        $"The hub '{hub}' answered {(int)status} at {Urls.Show(url)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";

    /// <summary>The beginning of a sentence about the error response to a request for a repo.</summary>
    public static Text Answered(RepoReference reference, string hub, HttpStatusCode status, Uri url, string said) =>
        $"{reference} on '{hub}' ({Urls.Show(url)}, {(int)status}{(said.Length > 0 ? $": \"{said}\"" : "")})";

    // WISE2006, WISE2016, WISE2010: the account of a token

    public static HubException AccountRefused(HubDefinition hub, Uri url, HttpStatusCode status, string said, string token)
    {
        string where = Answered(hub.Name, status, url, said);
        string newToken = hub.TokenPage is Uri page ? (Text)$"Create a new one at {page.AbsoluteUri}."
            : (Text)$"Ask the operator of the hub for a new one.";
        return status switch
        {
            HttpStatusCode.Unauthorized =>
                new HubException(WiseCodes.TokenRefused, $"{where}: it refused the token of {token}. {newToken}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}: the token of {token} has no permission to read its account. {newToken}"),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Check the endpoint of the hub."),
        };
    }

    public static HubException NoAccount(string hub, Uri url) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{hub}' answered {Urls.Show(url)} without naming an account. Check the endpoint of the hub.");

    // WISE3003

    /// <param name="reference">The URL.</param>
    /// <param name="name">The name, printable.</param>
    /// <param name="isOfServer">The server gave the name; else it is the end of the URL.</param>
    /// <param name="reason">The reason, as <see cref="PathNames"/> words it.</param>
    public static HubException FileNameUnusable(RepoReference reference, string name, bool isOfServer, string reason) => new(
        WiseCodes.HostileFileName, $"{reference}: the {(isOfServer ? (Text)$"server" : (Text)$"URL")} gives the file name "
            + $"'{name}', which "
            + $"cannot be used: {reason}. Download the file yourself and push it to a store.")
    { Reference = reference };
}
