using WiseHub.Client;

namespace LangId;

internal static class Publish
{
    /// <summary>Pushes the model's files to the hub named "local" of the configuration; returns the reference to the commit.</summary>
    public static async Task<string> ToLocalHubAsync(string configPath, string folder, string message)
    {
        using HubClient client = new(new HubClientOptions { ConfigFile = Path.GetFullPath(configPath) });
        PushResult pushed = await client.PushAsync(new PushRequest
        {
            Hub = "local",
            RepoId = "acme/langid",
            Revision = "main",
            Message = message,
            Prune = true,
            Files = [.. ModelFiles.Names.Select(name => new PushFile(Path.Combine(folder, name), name))],
        });
        return $"acme/langid@{pushed.Commit}";
    }
}
