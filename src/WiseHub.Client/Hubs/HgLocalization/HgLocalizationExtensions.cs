namespace WiseHub.Client;

/// <summary>Access to the folders and buckets of the tool hg_localization.</summary>
public static class HgLocalizationExtensions
{
    /// <summary>The folders and the bucket of the tool hg_localization.</summary>
    /// <param name="client">The client.</param>
    /// <param name="hub">
    /// A hub of <c>wisehub.json</c>; null = the only one of that protocol, else the hub of the <c>HGLOC_*</c> variables, else
    /// folders in the working directory.
    /// </param>
    /// <exception cref="HubException">WISE1002, WISE1036 or WISE1038.</exception>
    public static HgLocalizationClient HgLocalization(this IHubClient client, string? hub = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new HgLocalizationClient(client.Context, hub);
    }
}
