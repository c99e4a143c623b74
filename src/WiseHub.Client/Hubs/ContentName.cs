using System.Net.Http.Headers;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>
/// The file name of a content: the one in Content-Disposition (RFC 6266, RFC 8187), else the last part of the requested
/// URL.
/// </summary>
internal static class ContentName
{
    /// <exception cref="HubException">WISE3003: a name that could be a path, or that some system does not allow.</exception>
    public static string Of(RepoReference reference, HubResponse response)
    {
        // The platform gives null for a header that cannot be parsed.
        ContentDispositionHeaderValue? disposition = response.ContentHeaders.ContentDisposition;
        string? given = disposition?.FileNameStar ?? Unquote(disposition?.FileName);
        // Not the URL after redirects, because content delivery networks name files by their hashes.
        string name = given is { Length: > 0 } ? given : UrlReference.NameOf(reference.RepoId);
        return PathNames.RejectSegment(name) is not string reason ? name
            : throw HubMessages.FileNameUnusable(reference, Printable(name), given is { Length: > 0 }, reason);
    }

    // RFC 9110: quoted-string; the platform leaves quotes and backslashes in place.
    private static string? Unquote(string? value)
    {
        if (value is not ['"', .., '"'])
            return value;
        var text = new System.Text.StringBuilder();
        for (int i = 1; i < value.Length - 1; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length - 1)
                i++;
            text.Append(value[i]);
        }
        return text.ToString();
    }

    private static string Printable(string name) =>
        string.Concat(name.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
