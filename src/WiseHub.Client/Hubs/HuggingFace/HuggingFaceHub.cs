using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The Hugging Face protocol, reading side (docs/protocols/huggingface.md).</summary>
internal sealed class HuggingFaceHub(HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time)
    : IPushHub, IAdministeredHub
{
    // The second is the test server of Hugging Face. Mirrors of Hugging Face give URLs of both, too.
    private static readonly string[] OfficialHosts = ["huggingface.co", "hub-ci.huggingface.co"];

    // Ten million files, at 1,000 files a page.
    private const int MaxTreePages = 10_000;

    // A page of 1,000 entries with long names and Xet hashes is about 500 KB, without security status and the like.
    private const int MaxAnswerBytes = 64 << 20;

    public HubDefinition Definition { get; } = definition;

    public IPushTarget OpenPush(PushRequest request) => CommitId.IsGitId(request.Revision)
        ? throw HuggingFaceMessages.CommitInsteadOfBranch(request.RepoId, request.Revision)
        : new HuggingFacePush(this, connection, request, log, time);

    public IRepoAdmin Admin => new HuggingFaceAdmin(this, connection);

    public void Check(RepoReference reference)
    {
        if (reference.RepoType == RepoType.Code)
            throw HuggingFaceMessages.NoCode(reference, Definition.Name);
        if (reference.Config is not null)
            throw HuggingFaceMessages.NoConfigurations(reference, Definition.Name);
        reference.RefuseSubgroups(Definition.Name);
        foreach (string part in reference.RepoId.Split('/'))
        {
            if (part.Contains("--", StringComparison.Ordinal) || part.EndsWith(".git", StringComparison.Ordinal))
                throw HuggingFaceMessages.MalformedId(reference, Definition.Name);
        }
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        try
        {
            (string commit, CommitFacts? facts) = await ResolveAsync(reference, cancel).ConfigureAwait(false);
            return new HuggingFaceCommitReader(this, connection, reference, commit, facts);
        }
        catch (HubException e)
            when (e.Code is WiseCodes.RevisionNotFound or WiseCodes.RepoNotFound or WiseCodes.TokenNeeded)
        {
            throw e.With(await new HuggingFaceSuggestions(this).ForAsync(reference, e.Code, cancel).ConfigureAwait(false));
        }
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new HuggingFaceCommitReader(this, connection, reference, commit, facts: null);

    /// <summary>Asks for the current commit of the revision of a reference.</summary>
    public async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel) =>
        (await ResolveAsync(reference, cancel).ConfigureAwait(false)).Commit;

    // A commit needs no request: its file list either exists or is answered with RevisionNotFound.
    private async Task<(string Commit, CommitFacts? Facts)> ResolveAsync(RepoReference reference, CancellationToken cancel) =>
        reference.Revision is string commit && CommitId.IsGitId(commit) ? (commit, null)
            : await AskAsync(reference, cancel).ConfigureAwait(false);

    /// <summary>Asks for the commit of the revision of a reference, and what the hub states about it.</summary>
    public async Task<(string Commit, CommitFacts Facts)> AskAsync(RepoReference reference, CancellationToken cancel)
    {
        Uri uri = Api(reference, reference.Revision is null ? "" : "/revision/" + Uri.EscapeDataString(reference.Revision));
        using HubResponse response = await SendAsync(reference, uri, cancel).ConfigureAwait(false);
        using JsonDocument info = response.Json(Unexpected);
        string? sha = StrictJson.Text(info.RootElement, "sha");
        if (sha is null || !CommitId.IsGitId(sha))
        {
            // An empty repo has no commit.
            throw sha is null && info.RootElement.ValueKind == JsonValueKind.Object
                ? HuggingFaceMessages.NoCommit(reference, Definition.Name)
                : Unexpected(uri, (Text)$"it names no commit");
        }
        if (StrictJson.Text(info.RootElement, "id") is string id
            && !id.Equals(reference.RepoId, StringComparison.OrdinalIgnoreCase))
        {
            log.Warning(WiseCodes.RepoRenamed, HuggingFaceMessages.Renamed(reference, id, Definition.Name), reference);
        }
        return (sha, CommitFacts.Read(info.RootElement));
    }

    /// <summary>The files of a commit, page by page.</summary>
    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        reference = reference with { Revision = commit };
        var files = new List<TreeEntry>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        Uri? page = Api(reference, $"/tree/{commit}?recursive=true&expand=false");
        for (int count = 0; page is not null; count++)
        {
            if (count == MaxTreePages)
                throw HuggingFaceMessages.TooManyFilePages(reference, Definition.Name, MaxTreePages);
            using HubResponse response = await SendAsync(reference, new HubRequest(page) { IsImmutable = true },
                writing: false, cancel).ConfigureAwait(false);
            using JsonDocument items = response.Json(Unexpected);
            if (items.RootElement.ValueKind != JsonValueKind.Array)
                throw Unexpected(page, (Text)$"it is not a list of files");
            foreach (JsonElement item in items.RootElement.EnumerateArray())
            {
                if (StrictJson.Text(item, "type") == "directory")
                    continue;
                TreeEntry entry = ReadEntry(item, page);
                if (!paths.Add(entry.Path))
                    throw Unexpected(page, (Text)$"it lists '{entry.Path}' twice");
                files.Add(entry);
            }
            page = NextPage(page, response.Header("Link"));
        }
        return files;
    }

    public Uri PageUrl(RepoReference reference) => Page(reference);

    public Uri FileUrl(RepoReference reference, string path) => ResolveUri(reference, reference.Revision ?? "main", path);

    /// <summary>The URL of a content. The revision is escaped as a whole, the path by segment.</summary>
    public Uri ResolveUri(RepoReference reference, string revision, string path) =>
        At($"/{Prefix(reference)}{reference.RepoId}/resolve/{Uri.EscapeDataString(revision)}/"
            + Urls.EscapePath(path));

    /// <summary>A URL of the API for one repo.</summary>
    public Uri Api(RepoReference reference, string rest) => At($"/api/{reference.RepoType.ToPlural()}/{reference.RepoId}{rest}");

    /// <summary>A URL below the endpoint.</summary>
    public Uri At(string pathAndQuery) => new(Definition.Endpoint!.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    /// <summary>
    /// Replaces an official host in a URL of the hub by the endpoint in use
    /// (docs/protocols/huggingface.md#the-variables-of-its-tools).
    /// </summary>
    public Uri OnEndpoint(Uri uri) =>
        OfficialHosts.Contains(uri.Host) && uri.Host != Definition.Endpoint!.Host ? At(uri.PathAndQuery) : uri;

    /// <summary>The page of a repo.</summary>
    public Uri Page(RepoReference reference, string rest = "") => At($"/{Prefix(reference)}{reference.RepoId}{rest}");

    private static string Prefix(RepoReference reference) =>
        reference.RepoType == RepoType.Model ? "" : reference.RepoType.ToPlural() + "/";

    private Task<HubResponse> SendAsync(RepoReference reference, Uri uri, CancellationToken cancel) =>
        SendAsync(reference, new HubRequest(uri), writing: false, cancel);

    /// <inheritdoc cref="HubHttp.TryOnceAsync"/>
    public Task<HubResponse?> TryOnceAsync(Uri uri, CancellationToken cancel) =>
        connection.Http.TryOnceAsync(new HubRequest(uri), connection.Credential, MaxAnswerBytes, cancel);

    /// <summary>Sends a request, and throws with a code for an error response.</summary>
    public async Task<HubResponse> SendAsync(RepoReference reference, HubRequest httpRequest, bool writing,
        CancellationToken cancel)
    {
        HubResponse response = await connection.SendAsync(httpRequest, connection.Credential, MaxAnswerBytes,
            cancel).ConfigureAwait(false);
        if (response.IsSuccess)
            return response;
        using (response)
            throw await ReadErrorAsync(reference, null, response, cancel, writing).ConfigureAwait(false);
    }

    /// <summary>Turns an error response into an exception with a code.</summary>
    public async Task<HubException> ReadErrorAsync(
        RepoReference reference, string? path, HubResponse response, CancellationToken cancel, bool writing = false)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        return HuggingFaceMessages.ErrorResponse(reference, path, Definition, connection,
            (response.Uri, response.Status, response.Header("X-Error-Code"), said), Urls.Show(Page(reference)), writing);
    }

    private TreeEntry ReadEntry(JsonElement item, Uri page)
    {
        string? path = StrictJson.Text(item, "path"), oid = StrictJson.Text(item, "oid");
        if (path is null || Size(item) is not long size)
            throw Unexpected(page, (Text)$"the entry '{path}' has no path or size");
        if (item.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object)
        {
            if (!Digest.TryParse(StrictJson.Text(lfs, "oid"), out Digest sha256) || Size(lfs) is not long contentSize)
                throw Unexpected(page, (Text)$"the LFS entry '{path}' has no sha256 or size");
            // The oid of the entry is that of the pointer, not of the content.
            return new TreeEntry(path, contentSize, null, sha256);
        }
        if (oid is null || !CommitId.IsGitId(oid))
            throw Unexpected(page, $"the entry '{path}' has no git blob id");
        return new TreeEntry(path, size, oid, null);
    }

    /// <inheritdoc cref="LinkHeader.NextPage"/>
    public Uri? NextPage(Uri page, string? link) => LinkHeader.NextPage(page, link, Unexpected);

    public HubException Unexpected(Uri uri, string reason) => HuggingFaceMessages.Unexpected(Definition.Name, uri, reason);

    private static long? Size(JsonElement element) =>
        element.TryGetProperty("size", out JsonElement value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out long size) && size >= 0
            ? size : null;
}
