using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Finds the LFS server of a repo: beside the repo over HTTP, or where the host says over ssh
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
            throw new HubException(WiseCodes.LfsUnusable,
                $"{reference} on '{host.Definition.Name}': ssh git-lfs-authenticate failed: "
                + $"{e.Message}. The host has no LFS over ssh, or the key may not "
                + $"{(operation == "upload" ? "write to" : "read")} the repo.", e);
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
            // Told below: what it said may have a secret.
        }
        throw new HubException(WiseCodes.LfsUnusable,
            $"{reference} on '{host.Definition.Name}': ssh git-lfs-authenticate answered "
            + "something else than the address of an LFS server. Ask the operator of the host.");
    }
}
