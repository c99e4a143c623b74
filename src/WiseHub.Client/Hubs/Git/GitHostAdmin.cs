using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Makes repos by the REST APIs of GitHub (https://docs.github.com/en/rest/repos/repos), of Gitea and Forgejo, whose API has the
/// same form (https://docs.gitea.com/api), and of GitLab (https://docs.gitlab.com/api/projects).
/// </summary>
internal sealed class GitHostAdmin(HubDefinition hub, HubConnection connection, string remedy)
{
    private const int MostAnswerBytes = 1 << 20;

    /// <exception cref="HubException">WISE5041: the host is of another kind, or refused; WISE2005: there is no token.</exception>
    public async Task CreateAsync(string repoId, bool isPrivate, CancellationToken cancel)
    {
        if (GitAddress.IsSsh(hub.Endpoint!))
            throw new HubException(WiseCodes.RepoNotCreated, $"{repoId} is not on '{hub.Name}', and cannot be made over ssh. "
                + "Make it on the pages of the host, or push to a hub whose endpoint is https.");
        Secret secret = connection.Find(hub.Endpoint!, SecretKind.Token)
            ?? throw new HubException(WiseCodes.TokenNeeded,
                $"{repoId} is not on '{hub.Name}', or may not be seen without a token, and to make it takes one. {remedy}");
        // A password of user:password is what an API takes as a token, too.
        string token = secret.User is null && secret.Value.Split(':', 2) is [_, var password] ? password : secret.Value;
        (Uri api, bool isGitLab) = await ApiAsync(repoId, token, cancel).ConfigureAwait(false);
        Credential credential = Of(api, isGitLab, token);
        int slash = repoId.LastIndexOf('/');
        (string owner, string name) = (repoId[..Math.Max(slash, 0)], repoId[(slash + 1)..]);
        using JsonDocument user = await SendAsync(repoId,
            new HubRequest(Below(api, "/user")), credential, cancel).ConfigureAwait(false);
        bool isOwn = owner.Length == 0 || owner.Equals(StrictJson.Text(user.RootElement, isGitLab ? "username" : "login"),
            StringComparison.OrdinalIgnoreCase);
        long? place = null;
        if (isGitLab && !isOwn)
        {
            using JsonDocument found = await SendAsync(repoId,
                new HubRequest(Below(api, $"/namespaces/{Uri.EscapeDataString(owner)}")), credential,
                    cancel).ConfigureAwait(false);
            place = found.RootElement.GetProperty("id").GetInt64();
        }
        byte[] body = Body(name, isPrivate, isGitLab, place);
        var request = new HubRequest(Below(api,
            isGitLab ? "/projects" : isOwn ? "/user/repos" : $"/orgs/{Uri.EscapeDataString(owner)}/repos"))
        {
            Body = () => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        using JsonDocument made = await SendAsync(repoId, request, credential, cancel).ConfigureAwait(false);
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
            : throw new HubException(WiseCodes.RepoNotCreated,
                $"{repoId} is not on '{hub.Name}', and {Urls.Show(hub.Endpoint!)} is neither GitHub, GitLab, Gitea nor Forgejo, "
                + "whose repos can be made from here. Make it on the pages of the host, and push again.");

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

    private static byte[] Body(string name, bool isPrivate, bool isGitLab, long? place)
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
                if (place is long id)
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
        // To make a repo twice is no harm: the second response says that it is there.
        using HubResponse response = await connection.SendAsync(request, credential, MostAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return response.Json((uri, why) => new HubException(WiseCodes.RepoNotCreated, $"{repoId} could not be made on "
                + $"'{hub.Name}': {Urls.Show(uri)} gave a response that is not understood: {why}. "
                + "Make it on the pages of the host."));
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        throw new HubException(response.Status == HttpStatusCode.Unauthorized ? WiseCodes.TokenRefused : WiseCodes.RepoNotCreated,
            $"{repoId} could not be made on '{hub.Name}': {Urls.Show(response.Uri)} answered "
            + $"{(int)response.Status}{(said.Length > 0 ? $" (\"{said}\")" : "")}. Check that the token may make repos there, "
            + $"or make it on the pages of the host. {remedy}");
    }
}

/// <summary>The REST API of a git host of a known kind.</summary>
/// <param name="Root">What its paths are put behind.</param>
/// <param name="IsGitLab">GitLab's; otherwise GitHub's.</param>
internal sealed record GitHostApi(Uri Root, bool IsGitLab)
{
    /// <summary>Null where the kind does not show in name or address.</summary>
    public static GitHostApi? Of(HubDefinition hub) => hub switch
    {
        { Protocol: "git", Endpoint: Uri at }
            when at.Host == "gitlab.com" || hub.Name.Equals("gitlab", StringComparison.OrdinalIgnoreCase) =>
            new GitHostApi(Below(at, "/api/v4"), true),
        // docs.github.com/rest: github.com has a host for its API, servers of one's own have a path.
        { Protocol: "git" } when hub.Origins.Count > 1 => new GitHostApi(hub.Origins[1], false),
        { Protocol: "git", Endpoint: Uri at } when hub.Name.Equals("github", StringComparison.OrdinalIgnoreCase) =>
            new GitHostApi(Below(at, "/api/v3"), false),
        _ => null,
    };

    private static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + path);
}
