using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>The references that a project file itself has, compared with those that a user names.</summary>
internal static class ProjectReferences
{
    /// <summary>Says whether an item names the repo of a reference.</summary>
    public static bool Names(ProjectText.Element item, HubClient client, RepoReference reference) =>
        Parse(item, client) is RepoReference named && named.RepoType == reference.RepoType
        && named.RepoId.Equals(reference.RepoId, StringComparison.OrdinalIgnoreCase);

    /// <summary>The alias of an item; null if its id cannot be read here.</summary>
    public static string? AliasOf(ProjectText.Element item, HubClient client) =>
        item.Metadata("Alias") is { Length: > 0 } alias ? alias : Parse(item, client)?.DefaultAlias;

    // An item may contain properties, which only MSBuild can evaluate. Such an id names nothing here.
    private static RepoReference? Parse(ProjectText.Element item, HubClient client)
    {
        string include = item.Attributes["Include"].Trim();
        if (include.Length == 0 || include.Contains("$(", StringComparison.Ordinal) || include.Contains("@(",
            StringComparison.Ordinal)
            || include.Contains(';', StringComparison.Ordinal))
            return null;
        try
        {
            RepoReference named = client.ParseReference(include);
            return named with
            {
                RepoType = item.Metadata("RepoType") is string text && RepoTypes.TryParse(text, out RepoType type)
                    ? type : named.RepoType,
            };
        }
        catch (HubException e) when (e.Code is WiseCodes.UnusableUrl or WiseCodes.UrlSetting)
        {
            return null;
        }
    }
}
