using System.Net;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Url;

/// <summary>The messages of files by URL, in the order of their codes.</summary>
internal static class UrlMessages
{
    private static Text NoToken =>
        $"No token is sent to a URL. Name the file by a hub that accepts a token, or mirror it into a store.";

    // WISE1013
    public static HubException NoConfigurations(RepoReference reference) => new(WiseCodes.ConfigNotSupported,
        $"{reference}: a URL has no dataset configurations. Remove Config.")
    { Reference = reference };

    // WISE1040
    public static HubException NotAUrl(RepoReference reference, string hub) => new(WiseCodes.UrlSetting,
        $"{reference}: the hub '{hub}' accepts only URLs of files. Name another hub, or write https://….")
    { Reference = reference };

    public static HubException NoOtherHubs(RepoReference reference) => new(WiseCodes.UrlSetting,
        $"{reference}: a URL already identifies its server, so no other hub can be named for it. Remove Hub; the mirrors in "
        + $"{HubNames.ConfigFile} are used anyway.")
    { Reference = reference };

    public static HubException NoRevisions(RepoReference reference) => new(WiseCodes.UrlSetting,
        $"{reference}: a URL has no revisions. Remove Revision; to require certain content, set Sha256.")
    { Reference = reference };

    // WISE1041
    public static HubException PlainHttp(RepoReference reference) => new(WiseCodes.PlainHttp,
        $"{reference}: anyone on the network can change a file that is sent over http. Use https, or set the Sha256 that the "
        + $"file must have.")
    { Reference = reference };

    // WISE2003
    public static HubException ContentGone(RepoReference reference, string commit, HubException cause) => new(
        WiseCodes.RevisionNotFound, $"{reference}: the URL no longer gives the content with sha256 {commit}. "
            + $"Run WiseUpdate (wisehub update), and review the change in the lock file.", cause);

    // WISE2005, WISE2016, WISE2008, WISE2010
    public static HubException ErrorResponse(RepoReference reference, HubResponse response, string said)
    {
        string where = Text.Of($"{reference}: the server answered {(int)response.Status} at "
            + $"{Urls.Show(response.Uri)}{(said.Length > 0 ? $" (\"{said}\")" : "")}");
        return response.Status switch
        {
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenNeeded, $"{where}. {NoToken}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden, $"{where}. {NoToken}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                new HubException(WiseCodes.FileNotFound, $"{where}: there is no such file. Check the URL."),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Open the URL in a browser to see what it is."),
        };
    }

    // WISE2008
    public static HubException NotInArchive(RepoReference reference, string archive, string path) => new(WiseCodes.FileNotFound,
        $"{reference}: the archive {archive} has no file '{path}'. Run WiseUpdate (wisehub update).");

    // WISE2060
    public static HubException PageInsteadOfFile(RepoReference reference, Uri url) => new(WiseCodes.PageInsteadOfFile,
        $"{reference}: {Urls.Show(url)} gave a web page instead of a file, for example a login, a notice, or the page that links "
        + $"to the file. Use the URL behind the download button. If the page is what you want, set its Sha256.")
    { Reference = reference };

    // WISE2061
    public static Text ContentChanged(RepoReference reference, UrlRecord before, UrlRecord now) =>
        $"{reference} gives different content than when this machine last requested it: sha256 {now.Sha256} ({now.Size} bytes) "
        + $"instead of {before.Sha256} ({before.Size} bytes).";

    public static Text ContentTrusted(RepoReference reference, Digest sha256) =>
        $"{reference}: no Sha256 is set, so the downloaded content is trusted from now on. "
        + $"To require it, set Sha256=\"{sha256}\".";

    // WISE2062
    public static HubException EndUnknown(RepoReference reference, Uri url) => new(WiseCodes.EndUnknown,
        $"{reference}: {Urls.Show(url)} states no length, so a dropped connection looks like the end of the file. "
        + $"Set the Sha256 that the file must have.")
    { Reference = reference };

    public static HubException RequiredDigestMismatch(RepoReference reference, Uri url, Digest found) => new(
        WiseCodes.RequiredDigestMismatch, $"{reference}: {Urls.Show(url)} gave bytes whose sha256 is {found}, but "
            + $"{reference.Sha256} is required. Nothing was kept. Correct Sha256 if the new content is the right one.")
    { Reference = reference };
}
