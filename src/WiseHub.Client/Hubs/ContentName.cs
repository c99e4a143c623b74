using System.Net.Http.Headers;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs;

/// <summary>
/// The file name of a content: what Content-Disposition says (RFC 6266, RFC 8187), else the last part of the URL
/// that was asked for.
/// </summary>
internal static class ContentName
{
    /// <exception cref="HubException">WISE3003: a name that could be a path, or that some system does not allow.</exception>
    public static string Of(RepoReference reference, HubResponse response)
    {
        // What cannot be parsed says nothing; the platform gives null for it.
        ContentDispositionHeaderValue? disposition = response.ContentHeaders.ContentDisposition;
        string? given = disposition?.FileNameStar ?? Unquote(disposition?.FileName);
        // Not of what it redirects to: content delivery networks call files by their hashes.
        string name = given is { Length: > 0 } ? given : UrlReference.NameOf(reference.RepoId);
        return PathNames.RejectSegment(name) is not string reason ? name
            : throw new HubException(WiseCodes.HostileFileName,
                $"{reference}: " + (given is { Length: > 0 } ? $"the server calls the file '{Printable(name)}'"
                    : $"the file of the URL is called '{Printable(name)}'")
                + $", which cannot be used: {reason}. Download it by hand and push it to a store.")
            { Reference = reference };
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
