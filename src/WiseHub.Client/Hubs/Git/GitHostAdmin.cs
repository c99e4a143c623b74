using System.Net.Http.Headers;
using System.Text.Json;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Creates repos by the REST APIs of GitHub (https://docs.github.com/en/rest/repos/repos), of Gitea and Forgejo, whose API is
/// similar (https://docs.gitea.com/api), and of GitLab (https://docs.gitlab.com/api/projects).
/// </summary>
internal sealed class GitHostAdmin(HubDefinition hub, HubConnection connection, string remedy)
{
    private const int MostAnswerBytes = 1 << 20;

    /// <exception cref="HubException">WISE5041: the host is of another kind, or refused; WISE2005: no token is set.</exception>
    public async Task CreateAsync(string repoId, bool isPrivate, CancellationToken cancel)
    {
        if (GitAddress.IsSsh(hub.Endpoint!))
            throw GitMessages.NoReposOverSsh(repoId, hub.Name);
        Secret secret = connection.Find(hub.Endpoint!, SecretKind.Token)
            ?? throw GitMessages.TokenToCreateMissing(repoId, hub.Name, remedy);
        // The password of user:password is an API token, too.
        string token = secret.User is null && secret.Value.Split(':', 2) is [_, var password] ? password : secret.Value;
        (Uri api, bool isGitLab) = await ApiAsync(repoId, token, cancel).ConfigureAwait(false);
        Credential credential = Of(api, isGitLab, token);
        int slash = repoId.LastIndexOf('/');
        (string owner, string name) = (repoId[..Math.Max(slash, 0)], repoId[(slash + 1)..]);
        using JsonDocument user = await SendAsync(repoId,
            new HubRequest(Below(api, "/user")), credential, cancel).ConfigureAwait(false);
        bool isOwn = owner.Length == 0 || owner.Equals(StrictJson.Text(user.RootElement, isGitLab ? "username" : "login"),
            StringComparison.OrdinalIgnoreCase);
        long? namespaceId = null;
        if (isGitLab && !isOwn)
        {
            using JsonDocument found = await SendAsync(repoId,
                new HubRequest(Below(api, $"/namespaces/{Uri.EscapeDataString(owner)}")), credential,
                    cancel).ConfigureAwait(false);
            namespaceId = found.RootElement.GetProperty("id").GetInt64();
        }
        byte[] body = Body(name, isPrivate, isGitLab, namespaceId);
        var request = new HubRequest(Below(api,
            isGitLab ? "/projects" : isOwn ? "/user/repos" : $"/orgs/{Uri.EscapeDataString(owner)}/repos"))
        {
            Body = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        using JsonDocument created = await SendAsync(repoId, request, credential, cancel).ConfigureAwait(false);
    }

    private static Uri Below(Uri api, string path) => new(api.AbsoluteUri.TrimEnd('/') + path);

    private static Credential Of(Uri api, bool isGitLab, string token) =>
        isGitLab ? Credential.Header(api, "PRIVATE-TOKEN", token) : Credential.Bearer(api, token);

    private async Task<(Uri Api, bool IsGitLab)> ApiAsync(string repoId, string token, CancellationToken cancel)
    {
        if (GitHostApi.Of(hub) is GitHostApi known)
            return (known.Root, known.IsGitLab);
        Uri gitea = Below(hub.Endpoint!, "/api/v1"), gitlab = Below(hub.Endpoint!, "/api/v4");
        return await HasVersionAsync(gitea, isGitLab: false).ConfigureAwait(false) ? (gitea, false)
            : await HasVersionAsync(gitlab, isGitLab: true).ConfigureAwait(false) ? (gitlab, true)
            : throw GitMessages.HostOfUnknownKind(repoId, hub.Name, hub.Endpoint!);

        async Task<bool> HasVersionAsync(Uri api, bool isGitLab)
        {
            using HubResponse response = await connection.SendAsync(new HubRequest(Below(api, "/version")),
                Of(api, isGitLab, token),
                MostAnswerBytes, cancel).ConfigureAwait(false);
            try
            {
                using JsonDocument? json = response.IsSuccess ? JsonDocument.Parse(response.Body) : null;
                return json is not null && StrictJson.Text(json.RootElement, "version") is not null;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    private static byte[] Body(string name, bool isPrivate, bool isGitLab, long? namespaceId)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            if (isGitLab)
            {
                json.WriteString("path", name);
                json.WriteString("visibility", isPrivate ? "private" : "public");
                if (namespaceId is long id)
                    json.WriteNumber("namespace_id", id);
            }
            else
                json.WriteBoolean("private", isPrivate);
            json.WriteEndObject();
        }
        return memory.ToArray();
    }

    private async Task<JsonDocument> SendAsync(string repoId, HubRequest request, Credential credential, CancellationToken cancel)
    {
        // A retry is harmless: the second response reports that the repo exists.
        using HubResponse response = await connection.SendAsync(request, credential, MostAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return response.Json((uri, reason) => GitMessages.CreationUnclear(repoId, hub.Name, uri, reason));
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        throw GitMessages.CreationRefused(repoId, hub.Name, response.Uri, response.Status, said, remedy);
    }
}

/// <summary>The REST API of a git host of a known kind.</summary>
/// <param name="Root">The base URL.</param>
/// <param name="IsGitLab">GitLab's API; otherwise GitHub's.</param>
internal sealed record GitHostApi(Uri Root, bool IsGitLab)
{
    /// <summary>Null if neither name nor endpoint shows the kind.</summary>
    public static GitHostApi? Of(HubDefinition hub) => hub switch
    {
        { Protocol: "git", Endpoint: Uri at }
            when at.Host == "gitlab.com" || hub.Name.Equals("gitlab", StringComparison.OrdinalIgnoreCase) =>
            new GitHostApi(Below(at, "/api/v4"), true),
        // docs.github.com/rest: github.com has a separate host for its API, self-hosted servers have a path.
        { Protocol: "git" } when hub.Origins.Count > 1 => new GitHostApi(hub.Origins[1], false),
        { Protocol: "git", Endpoint: Uri at } when hub.Name.Equals("github", StringComparison.OrdinalIgnoreCase) =>
            new GitHostApi(Below(at, "/api/v3"), false),
        _ => null,
    };

    private static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + path);
}
