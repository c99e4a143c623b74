namespace WiseHub.Client.Configuration;

/// <summary>Reads what people write to name a repo.</summary>
internal static class ReferenceText
{
    /// <summary>See <see cref="HubClient.ParseReference"/>.</summary>
    /// <exception cref="HubException">WISE1011 or WISE1040.</exception>
    public static RepoReference Parse(string idOrUrl, bool unpack, HubConfig config)
    {
        string text = idOrUrl.Trim();
        if (!UrlReference.IsUrl(text))
        {
            return !unpack ? ParseId(text) : throw new HubException(WiseCodes.UrlSetting,
                $"'{text}' is no URL, so there is nothing to unpack. Leave Unpack out.");
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new HubException(WiseCodes.UnusableUrl,
                $"'{text.Split("://")[0]}://…' is not an http(s) URL. Write owner/name, or the https URL of a file.");
        }
        if (UrlReference.RejectSecrets(uri) is string reason)
            throw new HubException(WiseCodes.UnusableUrl, $"'{Urls.Show(uri)}' {reason}. Write the URL without it.");
        if (config.ParsePage(text) is not RepoReference page)
            return UrlReference.Create(uri, unpack);
        return !unpack ? page : throw new HubException(WiseCodes.UrlSetting,
            $"'{Urls.Show(uri)}' is a page of the hub '{page.Hubs[0]}', whose files are never unpacked. Leave Unpack out.");
    }

    // docs/protocols/megengine-hub.md#references: a '/' before the ':' (more with subgroups), and a revision may have more of
    // them. The restore reports what has another form.
    private static RepoReference ParseId(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && text.AsSpan(0, colon).Contains('/')
            ? new RepoReference { RepoId = text[..colon], Revision = text[(colon + 1)..] }
            : new RepoReference { RepoId = text };
    }
}
