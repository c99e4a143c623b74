namespace WiseHub.Client.Configuration;

/// <summary>Parses references as users write them.</summary>
internal static class ReferenceText
{
    /// <summary>See <see cref="HubClient.ParseReference"/>.</summary>
    /// <exception cref="HubException">WISE1011 or WISE1040.</exception>
    public static RepoReference Parse(string idOrUrl, bool unpack, HubConfig config)
    {
        string text = idOrUrl.Trim();
        if (!UrlReference.IsUrl(text))
        {
            return !unpack ? ParseId(text) : throw ConfigurationMessages.UnpackWithoutUrl(text);
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw ConfigurationMessages.NotAnHttpUrl(text);
        }
        if (UrlReference.RejectSecrets(uri) is Text reason)
            throw ConfigurationMessages.UrlWithSecret(uri, reason);
        if (config.ParsePage(text) is not RepoReference page)
            return UrlReference.Create(uri, unpack);
        return !unpack ? page : throw ConfigurationMessages.UnpackOfPage(uri, page.Hubs[0]);
    }

    // docs/protocols/megengine-hub.md#references: the ':' follows a '/' (more with subgroups), and a revision may contain more of
    // them. '@' means the same, as in package managers. The restore reports other forms.
    private static RepoReference ParseId(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        int end = slash < 1 ? -1 : text.AsSpan(slash).IndexOfAny(':', '@') is >= 0 and int at ? slash + at : -1;
        return end > 0 && end < text.Length - 1
            ? new RepoReference { RepoId = text[..end], Revision = text[(end + 1)..] }
            : new RepoReference { RepoId = text };
    }
}
