namespace WiseHub.Client.Http;

/// <summary>The <c>Link</c> header of paged responses (RFC 8288): <c>&lt;url&gt;; rel="next"</c>.</summary>
internal static class LinkHeader
{
    /// <summary>
    /// The next page of a list. A server behind a proxy, or a mirror that forwards responses, may name itself with another
    /// scheme, host, port or path than the request. Of such a link only the query is used, which identifies the page.
    /// </summary>
    /// <param name="page">The URL of the page with the header.</param>
    /// <param name="link">The header.</param>
    /// <param name="unexpected">Makes the exception for an unusable link.</param>
    /// <returns>Null for the last page; never another origin.</returns>
    public static Uri? NextPage(Uri page, string? link, Func<Uri, string, HubException> unexpected)
    {
        if (Next(link) is not string target)
            return null;
        if (!Uri.TryCreate(page, target, out Uri? next))
            throw unexpected(page, HttpMessages.NextPageNotUrl);
        if (Urls.SameOrigin(next, page))
            return next;
        return next.Query.Length > 0 ? new UriBuilder(page) { Query = next.Query }.Uri
            : throw unexpected(page, HttpMessages.NextPageWithoutQuery);
    }

    /// <summary>The URL in angle brackets before <c>rel="next"</c>, or null.</summary>
    public static string? Next(string? link)
    {
        if (link is null)
            return null;
        // Split by angle brackets, because a URL may contain commas and semicolons.
        for (int open = link.IndexOf('<', StringComparison.Ordinal); open >= 0;)
        {
            int close = link.IndexOf('>', open);
            if (close < 0)
                return null;
            int following = link.IndexOf('<', close);
            string parameters = link[close..(following < 0 ? link.Length : following)].Replace(" ", "", StringComparison.Ordinal);
            if (parameters.Contains(";rel=\"next\"", StringComparison.Ordinal)
                || parameters.Contains(";rel=next", StringComparison.Ordinal))
                return link[(open + 1)..close];
            open = following;
        }
        return null;
    }
}
