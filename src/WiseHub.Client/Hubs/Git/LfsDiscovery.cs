using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Finds the LFS server of a repo: below the URL of the repo over HTTP, or as the host states over ssh
/// (https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md).
/// </summary>
internal sealed class LfsDiscovery(GitHost host, GitTool git)
{
    /// <summary>Finds the LFS server of a repo.</summary>
    /// <param name="reference">The repo.</param>
    /// <param name="operation"><c>download</c> or <c>upload</c>.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE2031: ssh names no server.</exception>
    public async Task<LfsServer> FindAsync(RepoReference reference, string operation, CancellationToken cancel)
    {
        if (host.Definition.Git().Transport != GitTransport.Ssh)
            return new LfsServer(host.RepoUri(reference, "/info/lfs"), host.Credential);
        (IReadOnlyList<string> destination, string path) = GitAddress.SshOf(host.Definition, reference.RepoId);
        string said;
        try
        {
            said =
                await git.SshAsync([.. destination, $"git-lfs-authenticate '{path}' {operation}"], cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw GitMessages.LfsOverSshFailed(reference, host.Definition.Name, operation == "upload", e);
        }
        try
        {
            using JsonDocument json = JsonDocument.Parse(said);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("href", out JsonElement href) && href.ValueKind == JsonValueKind.String
                && Uri.TryCreate(href.GetString(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                && uri.UserInfo.Length == 0)
            {
                KeyValuePair<string, string>[] headers = json.RootElement.TryGetProperty("header", out JsonElement header)
                    && header.ValueKind == JsonValueKind.Object
                    ? [.. header.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String)
                        .Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))]
                    : [];
                return new LfsServer(uri, headers.Length == 0 ? null : Credential.Given(uri, headers));
            }
        }
        catch (JsonException)
        {
            // Reported below, without the text.
        }
        throw GitMessages.LfsOverSshUnusable(reference, host.Definition.Name);
    }
}
