namespace WiseHub.Client.Hubs.Git;

/// <summary>The accounts of GitLab servers (https://docs.gitlab.com/api/users/).</summary>
internal static class GitLabAccounts
{
    public static HubAccounts At(HubDefinition hub, HubConnection connection, Uri server) =>
        HubAccounts.Header(hub, connection, HubAccounts.Below(server, "/api/v4/user"), "PRIVATE-TOKEN",
            response => HubAccounts.Account(response, "username", "name"));
}
