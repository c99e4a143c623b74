using System.Text.Json;
using WiseHub.Client.Credentials;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>A project on GitLab.</summary>
/// <param name="Path">The current path, which differs from the requested one if the project was renamed.</param>
/// <param name="DefaultBranch">Null for an empty project.</param>
/// <param name="IsPublic">Reading requires no token.</param>
internal sealed record GitLabProject(string? Path, string? DefaultBranch, bool IsPublic);

/// <summary>
/// The reading requests of Wisemodel, all to GitLab's REST API (https://docs.gitlab.com/api/repositories/), and the meaning of
/// its error responses. Repos of type code are below <c>codes/</c>; models and datasets share one namespace.
/// </summary>
internal sealed class GitLabApi(HubDefinition definition, HubConnection connection)
{
    // GitLab's own limit. A server may send shorter pages.
    private const int PageSize = 100, MaxPages = 10_000;

    // A page of 100 names of 4 KiB, escaped.
    private const int MaxAnswerBytes = 4 << 20;

    private readonly Uri _base = definition.Services().GitLab;

    /// <summary>The git token, in the form that GitLab's API requires.</summary>
    public Credential? Credential =>
        connection.Find(_base, SecretKind.Token) is Secret token ? Credential.Header(_base, "PRIVATE-TOKEN", token.Value) : null;

    /// <summary>The path of a repo's project.</summary>
    public static string Project(RepoReference reference) =>
        (reference.RepoType == RepoType.Code ? "codes/" : "") + reference.RepoId;

    public async Task<GitLabProject> ProjectAsync(RepoReference reference, CancellationToken cancel)
    {
        using HubResponse response = await SendAsync(reference, At(reference, ""), cancel).ConfigureAwait(false);
        using JsonDocument json = response.Json(Unexpected);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
            throw Unexpected(response.Uri, (Text)$"it is not a project");
        // The visibility is part of the response only with a token; without one, every visible project is public.
        return new GitLabProject(StrictJson.Text(json.RootElement, "path_with_namespace"),
            StrictJson.Text(json.RootElement, "default_branch"),
            StrictJson.Text(json.RootElement, "visibility") is null or "public");
    }

    /// <summary>The commit of a branch; null if the branch does not exist.</summary>
    public async Task<string?> BranchAsync(RepoReference reference, string branch, CancellationToken cancel)
    {
        Uri uri = At(reference, "/repository/branches/" + Uri.EscapeDataString(branch));
        using HubResponse response = await connection.SendAsync(new HubRequest(uri), Credential, MaxAnswerBytes,
            cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            HubException failure =
                await ReadErrorAsync(reference with { Revision = branch }, null, response, cancel).ConfigureAwait(false);
            return failure.Code == WiseCodes.RevisionNotFound ? null : throw failure;
        }
        using JsonDocument json = response.Json(Unexpected);
        return json.RootElement.ValueKind == JsonValueKind.Object
            && json.RootElement.TryGetProperty("commit", out JsonElement commit) && commit.ValueKind == JsonValueKind.Object
            && StrictJson.Text(commit, "id") is string id && CommitId.IsGitId(id)
            ? id
            : throw Unexpected(uri, (Text)$"it names no commit");
    }

    /// <summary>The commit of a branch, tag or commit id; IsMoved is true if the project now has another name.</summary>
    public async Task<(string Commit, bool IsMoved)> CommitAsync(
        RepoReference reference, string revision, CancellationToken cancel)
    {
        Uri uri = At(reference, "/repository/commits/" + Uri.EscapeDataString(revision));
        using HubResponse response = await SendAsync(reference with { Revision = revision }, uri, cancel).ConfigureAwait(false);
        using JsonDocument json = response.Json(Unexpected);
        string? id = StrictJson.Text(json.RootElement, "id");
        return id is not null && CommitId.IsGitId(id) ? (id, response.Uri.AbsolutePath != uri.AbsolutePath)
            : throw Unexpected(uri, (Text)$"it names no commit");
    }

    public async Task<IReadOnlyList<TreeEntry>> TreeAsync(
        RepoReference reference, string commit, Action<string> ignored, CancellationToken cancel)
    {
        var files = new List<TreeEntry>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        string query = $"?ref={commit}&recursive=true&per_page={PageSize}&pagination=keyset";
        for (int count = 0; ; count++)
        {
            if (count == MaxPages)
                throw WisemodelMessages.TooManyPages(reference, definition.Name, MaxPages);
            Uri page = At(reference, "/repository/tree" + query);
            using HubResponse response = await SendAsync(reference with { Revision = commit },
                new HubRequest(page) { IsImmutable = true }, MaxAnswerBytes, cancel).ConfigureAwait(false);
            using JsonDocument items = response.Json(Unexpected);
            if (items.RootElement.ValueKind != JsonValueKind.Array)
                throw Unexpected(page, (Text)$"it is not a list of files");
            foreach (JsonElement item in items.RootElement.EnumerateArray())
            {
                if (ReadEntry(item, page, ignored) is not TreeEntry entry)
                    continue;
                if (!paths.Add(entry.Path))
                    throw Unexpected(page, (Text)$"it lists '{entry.Path}' twice");
                files.Add(entry);
            }
            if (NextQuery(query, response) is not string next)
                return files;
            query = next != query ? next : throw Unexpected(page, (Text)$"its next page is itself");
        }
    }

    /// <summary>The beginning of a git blob; for an LFS file, the pointer.</summary>
    public async Task<byte[]> BlobAsync(RepoReference reference, string oid, int limit, CancellationToken cancel)
    {
        using HubResponse response = await SendAsync(reference, new HubRequest(At(reference, $"/repository/blobs/{oid}/raw"))
        { BeginningIsEnough = true, IsImmutable = true }, limit, cancel).ConfigureAwait(false);
        return response.Body;
    }

    /// <summary>The download URL of a file. Old servers ignore <c>lfs</c> and send the pointer of an LFS file.</summary>
    public Uri RawUri(RepoReference reference, string commit, string path) =>
        At(reference, $"/repository/files/{Uri.EscapeDataString(path)}/raw?ref={commit}&lfs=true");

    /// <summary>The URL of a file on the raw proxy, which needs no token.</summary>
    // GitLab's route takes the revision as one segment only if it has no slash; a commit never has one.
    public Uri ProxyUri(RepoReference reference, string revision, string path) =>
        new($"{definition.Services().Raw.AbsoluteUri.TrimEnd('/')}/file-proxy/{Project(reference)}/-/raw/"
            + $"{Urls.EscapePath(revision)}/{Urls.EscapePath(path)}");

    /// <summary>Explains an error response of this API, or of the raw proxy in front of it.</summary>
    /// <param name="reference">The repo, and the requested revision.</param>
    /// <param name="path">The file; null for other requests.</param>
    /// <param name="response">The error response.</param>
    /// <param name="cancel">Cancels reading its body.</param>
    public async Task<HubException> ReadErrorAsync(
        RepoReference reference, string? path, HubResponse response, CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string page = $"{definition.Services().Web.AbsoluteUri.TrimEnd('/')}/{reference.RepoType.ToPlural()}/{reference.RepoId}";
        return WisemodelMessages.ReadRefused(reference, path, definition.Name, (response.Uri, response.Status, said), page,
            Credential is not null, Remedy);
    }

    /// <summary>The advice for a repo that may be private.</summary>
    public string IfPrivate() => WisemodelMessages.IfPrivate(Credential is not null, Remedy);

    private string Remedy => connection.Remedy(_base, SecretKind.Token);

    // The project's path is one segment, with its slash escaped.
    private Uri At(RepoReference reference, string rest) =>
        new($"{_base.AbsoluteUri.TrimEnd('/')}/api/v4/projects/{Uri.EscapeDataString(Project(reference))}{rest}");

    private Task<HubResponse> SendAsync(RepoReference reference, Uri uri, CancellationToken cancel) =>
        SendAsync(reference, new HubRequest(uri), MaxAnswerBytes, cancel);

    private async Task<HubResponse> SendAsync(RepoReference reference, HubRequest request, int limit, CancellationToken cancel)
    {
        HubResponse response = await connection.SendAsync(request, Credential, limit, cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return response;
        using (response)
            throw await ReadErrorAsync(reference, null, response, cancel).ConfigureAwait(false);
    }

    private TreeEntry? ReadEntry(JsonElement item, Uri page, Action<string> ignored)
    {
        string? type = StrictJson.Text(item, "type"), path = StrictJson.Text(item, "path"), id = StrictJson.Text(item, "id");
        if (type == "tree")
            return null;
        if (path is null || id is null || !CommitId.IsGitId(id))
            throw Unexpected(page, (Text)$"the entry '{path}' has no path or git id");
        if (type == "commit")
        {
            ignored(path);
            return null;
        }
        return type == "blob" ? new TreeEntry(path, null, id, null)
            : throw Unexpected(page, (Text)$"the entry '{path}' is of type '{type}'");
    }

    // Keyset pagination sends Link; the numbered pages of older servers send Link and X-Next-Page. Behind a proxy, GitLab's link
    // has its internal host name, so only the query is used.
    private string? NextQuery(string query, HubResponse response)
    {
        if (LinkHeader.Next(response.Header("Link")) is string link)
        {
            int mark = link.IndexOf('?', StringComparison.Ordinal);
            return mark >= 0 ? link[mark..].Split('#')[0]
                : throw Unexpected(response.Uri, (Text)$"the link to the next page has no query");
        }
        if (response.Header("X-Next-Page") is not { Length: > 0 } number)
            return null;
        return number.All(char.IsAsciiDigit)
            ? query.Split("&page=")[0].Replace("&pagination=keyset", "", StringComparison.Ordinal) + "&page=" + number
            : throw Unexpected(response.Uri, (Text)$"the next page is not a number");
    }

    private HubException Unexpected(Uri uri, string reason) =>
        WisemodelMessages.UnexpectedFromGitLab(definition.Name, uri, reason);
}
