namespace WiseHub.Client.Http;

/// <summary>The <c>Link</c> header of paged answers (RFC 8288): <c>&lt;url&gt;; rel="next"</c>.</summary>
internal static class LinkHeader
{
    /// <summary>
    /// The next page of a list. A server behind a proxy, or a mirror that passes answers through, names itself by another scheme,
    /// host, port or path than it was asked by: of such a link only the query counts, which is what tells pages apart.
    /// </summary>
    /// <param name="page">The page that the header came with.</param>
    /// <param name="link">The header.</param>
    /// <param name="unexpected">What to throw where the link leads nowhere.</param>
    /// <returns>Null for the last page; never on another origin.</returns>
    public static Uri? NextPage(Uri page, string? link, Func<Uri, string, HubException> unexpected)
    {
        if (Next(link) is not string target)
            return null;
        if (!Uri.TryCreate(page, target, out Uri? next))
            throw unexpected(page, "the link to the next page is not a URL");
        if (Urls.SameOrigin(next, page))
            return next;
        return next.Query.Length > 0 ? new UriBuilder(page) { Query = next.Query }.Uri
            : throw unexpected(page, "the link to the next page has no query");
    }

    /// <summary>What stands in the angle brackets before <c>rel="next"</c>, or null.</summary>
    public static string? Next(string? link)
    {
        if (link is null)
            return null;
        // By the angle brackets: a URL may have commas and semicolons of its own.
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
