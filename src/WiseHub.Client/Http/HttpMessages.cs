using System.Net;
using System.Security.Authentication;

namespace WiseHub.Client.Http;

/// <summary>The messages about requests and responses. URLs are shown without their query.</summary>
internal static class HttpMessages
{
    public static HubException CaBundleUnreadable(string bundle, Exception e) => new(WiseCodes.InvalidValue,
        $"The certificates in {bundle} (AWS_CA_BUNDLE) cannot be read: {e.Message} Correct the variable, or remove it.", e);

    public static HubException Unreachable(string hub, Uri uri, string reason, Exception? cause, bool isTransient) =>
        new(WiseCodes.HubUnreachable,
            $"The hub '{hub}' gave no usable response at {Urls.Show(uri)}: {reason}. Check the network, a proxy (HTTPS_PROXY), "
            + $"and the endpoint in wisehub.json; a build whose lock file and cache are complete needs no network.", cause)
        { IsTransient = isTransient };

    /// <summary>A reason for <see cref="Unreachable"/>.</summary>
    public static Text Answered(HttpStatusCode status) => $"it answered {(int)status}";

    /// <summary>A reason for <see cref="Unreachable"/>.</summary>
    public static Text NotWithin(TimeSpan totalTimeout) =>
        $"no complete response within {totalTimeout.TotalSeconds} s (totalTimeout)";

    public static Text NoResponseWithin(TimeSpan stallTimeout) => $"no response within {stallTimeout.TotalSeconds} s";

    public static Text NoConnectionWithin(TimeSpan connectTimeout) => $"no connection within {connectTimeout.TotalSeconds} s";

    public static Text NoBytesFor(TimeSpan stallTimeout) => $"no bytes for {stallTimeout.TotalSeconds} s";

    public static HubException RateLimited(string hub, Uri uri, TimeSpan? wait, bool isTransient) => new(WiseCodes.RateLimited,
        $"The hub '{hub}' limits the request rate at {Urls.Show(uri)}"
        + $"{(wait is TimeSpan w ? (Text)$" and asks to wait {w.TotalSeconds:0} s" : "")}. "
        + $"Try again later. Requests with a token have higher limits, and a warm cache needs none.")
    { IsTransient = isTransient };

    public static HubException ResponseTooLarge(Uri uri, int limit) => new(WiseCodes.UnexpectedAnswer,
        $"{Urls.Show(uri)} answered with more than {limit} bytes. Check the endpoint of the hub.");

    /// <summary>A reason of an error in the hub's own words.</summary>
    public static Text WebPageNotJson => $"it is a web page, such as a login or proxy page, and not JSON";

    /// <summary>A reason of an error in the hub's own words.</summary>
    public static Text NotJson(Exception e) => $"it is not JSON ({e.Message})";

    /// <summary>A reason of an error in the hub's own words.</summary>
    public static Text NextPageNotUrl => $"the link to the next page is not a URL";

    /// <summary>A reason of an error in the hub's own words.</summary>
    public static Text NextPageWithoutQuery => $"the link to the next page has no query";

    public static HubException RedirectRefused(Uri from, Uri to, bool hasBody) => new(WiseCodes.RedirectRefused,
        $"{Urls.Show(from)} redirects to {Urls.Show(to)}. Only redirects to http(s) are followed, and never from https to http"
        + $"{(hasBody ? (Text)$", and uploads are never redirected to another server" : "")}. Ask the operator of the hub.");

    public static HubException TooManyRedirects(Uri uri, int most) => new(WiseCodes.RedirectRefused,
        $"{Urls.Show(uri)} redirects more than {most} times. Check the endpoint of the hub.");

    public static HubException NotTrusted(string hub, Uri uri, AuthenticationException e) => new(WiseCodes.CertificateNotTrusted,
        $"The certificate of {uri.GetLeftPart(UriPartial.Authority)} (hub '{hub}') is not trusted: {e.Message} If your own "
        + $"certificate authority issued it, add that authority to the system's store, or on Linux set SSL_CERT_FILE to a file "
        + $"with all trusted authorities. If the name or the dates in it are wrong, ask the operator of the hub.", e);

    public static HubException ProxyFailed(string hub, Uri uri, Uri proxy, string problem, Exception? cause, bool isTransient) =>
        new(WiseCodes.ProxyFailed,
            $"The hub '{hub}' at {Urls.Show(uri)} is reached through the proxy {Urls.Show(proxy)}, but {problem}. Correct "
            + $"{(uri.Scheme == Uri.UriSchemeHttps ? (Text)$"HTTPS_PROXY" : (Text)$"HTTP_PROXY")} (or ALL_PROXY), with user and "
            + $"password (http://user:password@host:port) if the proxy requires them, or add {uri.Host} to NO_PROXY.", cause)
        { IsTransient = isTransient };

    /// <summary>A problem for <see cref="ProxyFailed"/>.</summary>
    public static Text ProxyUnreachable => $"the proxy cannot be reached";

    /// <summary>A problem for <see cref="ProxyFailed"/>.</summary>
    public static Text ProxyRequiresLogin => $"the proxy requires a user and a password, or refused the given ones (407)";

    /// <summary>A problem for <see cref="ProxyFailed"/>.</summary>
    public static Text NoTunnel(HttpStatusCode? status) =>
        $"the proxy refused to open a tunnel{(status is HttpStatusCode s ? $" ({(int)s})" : "")}";

    public static Text Retrying(string hub, string what, string reason, TimeSpan pause, int attempt, TimeSpan soFar) =>
        $"The hub '{hub}' ({what}): {reason}; "
            + $"trying again in {pause.TotalSeconds:0.#} s (attempt {attempt}, {soFar.TotalSeconds:0} s so far).";

    /// <summary>A reason for <see cref="Retrying"/>.</summary>
    public static Text NoSourceAvailable => $"no source is available right now";
}
