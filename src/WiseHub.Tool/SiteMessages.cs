using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>The messages of <c>wisehub site</c>.</summary>
internal static class SiteMessages
{
    public static Text Reading => $"Reading the hub …";

    public static HubException NotABundle(string path) => new(WiseCodes.WrongUsage,
        $"{path} is a bundle. Import it into a hub with 'wisehub mirror push', and name the hub.");

    public static HubException ForeignFolder(string folder, string marker) => new(WiseCodes.ForeignSiteFolder,
        $"{folder} is not empty, and has no {marker}, so it is not the folder of a site. Nothing was written. "
        + $"Name a new folder.");

    public static HubException ForeignFile(string file, string marker) => new(WiseCodes.ForeignSiteFolder,
        $"{file} has the name of a page, but {marker} does not list it, so it is not a page of this site. Nothing was written. "
        + $"Move the file, or name another folder.");

    public static HubException ForeignLink(string folder) => new(WiseCodes.ForeignSiteFolder,
        $"{folder} is a link or a file, where the site needs a folder of its own. Nothing was written. "
        + $"Remove it, or name another folder.");

    public static HubException DamagedMarker(string marker, int line) => new(WiseCodes.ForeignSiteFolder,
        $"{marker}({line}) is not as wisehub writes it, so the pages of the site are not known. Nothing was written. "
        + $"Name a new folder.");

    public static HubException NotWritten(string folder, Exception e) => new(WiseCodes.SiteNotWritten,
        $"The site in {folder} could not be written: {e.Message.TrimEnd('.')}. Run the command again when the cause is removed.",
        e);
}
