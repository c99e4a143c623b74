namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// The endpoints of the services of a Wisemodel hub (docs/protocols/wisemodel.md#services), without a slash at the end.
/// </summary>
/// <param name="Web">Pages; their URLs name repos in gateway calls.</param>
/// <param name="Gateway">Login, branch list and file list.</param>
/// <param name="Upload">Check, upload, merge and addfiles.</param>
/// <param name="Raw">The download proxy.</param>
/// <param name="GitLab">GitLab's REST API.</param>
/// <param name="Git">Git over HTTPS.</param>
internal sealed record WisemodelEndpoints(Uri Web, Uri Gateway, Uri Upload, Uri Raw, Uri GitLab, Uri Git)
{
    /// <summary>The public hub.</summary>
    public static WisemodelEndpoints Official { get; } = new(new("https://www.wisemodel.cn"), new("https://wisemodel.cn"),
        new("https://uploadfile.wisemodel.cn"),
        new("https://download.wisemodel.cn"), new("https://wisemodel.cn"), new("https://www.wisemodel.cn"));

    /// <summary>All services at one endpoint, as on a test server or behind a company's proxy.</summary>
    public static WisemodelEndpoints At(Uri one) => new(one, one, one, one, one, one);
}
