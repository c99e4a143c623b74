namespace WiseHub.Client.Http;

/// <summary>The <c>Link</c> header of paged answers (RFC 8288): <c>&lt;url&gt;; rel="next"</c>.</summary>
internal static class LinkHeader
{
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
            if (parameters.Contains(";rel=\"next\"", StringComparison.Ordinal) || parameters.Contains(";rel=next", StringComparison.Ordinal))
                return link[(open + 1)..close];
            open = following;
        }
        return null;
    }
}
