namespace WiseHub.Tool;

/// <summary>The help texts of <c>wisehub site</c>.</summary>
internal static class SiteHelp
{
    public static Text Site => $"Writes web pages about the repos of a hub.";
    public static Text Hub => $"A hub with a folder or bucket.";
    public static Text Out => $"The folder for the pages: a new or empty one, or that of an earlier run. "
        + $"Pages that no longer apply are removed from it.";
    public static Text Title => $"The title of the pages. Default: the name of the hub.";
}
