using System.Globalization;

namespace WiseHub.Tool.Site;

/// <summary>The words on the pages of a site.</summary>
internal static class SiteText
{
    public const string SkipToContent = "Skip to the content";
    public const string Path = "Place in this site";
    public const string Search = "Search";
    public const string SearchHint = "Name, owner, license, tag or task";
    public const string SearchKeyBefore = "Press ";
    public const string SearchKeyAfter = " to search";
    public const string NothingFound = "No repo has all of these words.";
    public const string NoRepos = "This hub has no repos yet.";
    public const string Use = "Use it";
    public const string InProject = "In a .NET project";
    public const string InCode = "In C#";
    public const string OnCommandLine = "On the command line";
    public const string Copy = "Copy";
    public const string Copied = "Copied";
    public const string NoSnippet = "The id of this repo is a free name, which a project cannot reference on this hub.";
    public const string Card = "Card";
    public const string NoCard = "This revision has no README.md.";
    public const string Facts = "Facts";
    public const string Type = "Type";
    public const string License = "License";
    public const string NotStated = "not stated";
    public const string Revision = "Revision";
    public const string Revisions = "Revisions";
    public const string CurrentRevision = "this page";
    public const string WithoutName = "without a name";
    public const string Commit = "Commit";
    public const string Pushed = "Pushed";
    public const string Message = "Message";
    public const string Size = "Size";
    public const string Files = "Files";
    public const string File = "File";
    public const string Sha256 = "sha256";
    public const string NotHere = "not in this store";
    public const string Unknown = "unknown";
    public const string CardKeys = "Data of the card";
    public const string CardKeysNotRead =
        "The data at the top of the card is not YAML with keys and values. It is shown as it is.";
    public const string ShowValue = "Show";
    public const string ShownInPart = "Shown in part.";
    public const string Table = "Table";
    public const string ImageMark = "Image: ";
    public const string ImageWithoutText = "without a description";
    public const string CardMissing = "The store does not have the content of this card.";
    public const string CardAsText = "This card is too large or too nested to be formatted. It is shown as text.";
    public const string MadeBy = "Made by wisehub site";

    public static string CardCut(string whole, string shown) => $"The card has {whole}. The first {shown} are shown.";

    public static string CardTooLarge(string whole) => $"The card has {whole}. It is not shown.";

    public static string Count(int number, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:#,0} {(number == 1 ? one : many)}");
}
