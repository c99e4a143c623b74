using System.Net;
using System.Text.Json;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The Hugging Face protocol, reading side (docs/protocols/huggingface.md).</summary>
internal sealed class HuggingFaceHub(HubDefinition definition, HubConnection connection, IHubLog log, TimeProvider time)
    : IPushHub, IAdministeredHub
{
    // The second is where Hugging Face tests; addresses of both are given also by hubs that stand for them.
    private static readonly string[] OfficialHosts = ["huggingface.co", "hub-ci.huggingface.co"];

    // At 1,000 files a page this is ten million files.
    private const int MaxTreePages = 10_000;

    // A page of 1,000 entries with long names and Xet hashes is about 500 KB; security status and the like are not asked for.
    private const int MaxAnswerBytes = 64 << 20;

    public HubDefinition Definition { get; } = definition;

    public IPushTarget OpenPush(PushRequest request) => CommitId.IsGitId(request.Revision)
        ? throw new HubException(WiseCodes.InvalidPush,
            $"{request.RepoId}: '{request.Revision}' is a commit, which never changes. Push to a branch.")
        : new HuggingFacePush(this, connection, request, log, time);

    public IRepoAdmin Admin => new HuggingFaceAdmin(this, connection);

    public void Check(RepoReference reference)
    {
        if (reference.RepoType == RepoType.Code)
            throw new HubException(WiseCodes.RepoTypeNotSupported,
                $"The hub '{Definition.Name}' has no repos of type code. Use model, dataset or space.")
            { Reference = reference };
        if (reference.Config is not null)
        {
            throw new HubException(WiseCodes.ConfigNotSupported,
                $"The hub '{Definition.Name}' has no dataset configurations to restore; its configurations are folders. "
                + $"Use AllowPatterns=\"{reference.Config}/*\".")
            { Reference = reference };
        }
        reference.RefuseSubgroups(Definition.Name);
        foreach (string part in reference.RepoId.Split('/'))
        {
            if (part.Contains("--", StringComparison.Ordinal) || part.EndsWith(".git", StringComparison.Ordinal))
                throw new HubException(WiseCodes.MalformedRepoId,
                    $"'{reference.RepoId}' is not a repo id of '{Definition.Name}': no part has '--' or ends in '.git'.")
                { Reference = reference };
        }
    }

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        Open(reference, await CommitOfAsync(reference, cancel).ConfigureAwait(false), run);

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new HuggingFaceCommitReader(this, connection, reference, commit);

    /// <summary>The commit that the revision of a reference names now.</summary>
    public async Task<string> CommitOfAsync(RepoReference reference, CancellationToken cancel)
    {
        // A commit needs no request: its file list either exists or is answered with RevisionNotFound.
        if (reference.Revision is string commit && CommitId.IsGitId(commit))
            return commit;
        Uri uri = Api(reference, reference.Revision is null ? "" : "/revision/" + Uri.EscapeDataString(reference.Revision));
        using HubResponse response = await SendAsync(reference, uri, cancel).ConfigureAwait(false);
        using JsonDocument info = response.Json(Unexpected);
        string? sha = StrictJson.Text(info.RootElement, "sha");
        if (sha is null || !CommitId.IsGitId(sha))
        {
            // An empty repo has no commit.
            throw sha is null && info.RootElement.ValueKind == JsonValueKind.Object
                ? new HubException(WiseCodes.RevisionNotFound,
                    $"{reference} on '{Definition.Name}' has no commit yet. Push files to it first.")
                : Unexpected(uri, "it names no commit");
        }
        if (StrictJson.Text(info.RootElement, "id") is string id
            && !id.Equals(reference.RepoId, StringComparison.OrdinalIgnoreCase))
        {
            log.Warning(WiseCodes.RepoRenamed, $"{reference} is now called {id} on '{Definition.Name}'. Change the reference: "
                + "the old name may go away or be taken by somebody else.", reference);
        }
        return sha;
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
                throw new HubException(WiseCodes.TooManyPages, $"{reference} on '{Definition.Name}' lists more than "
                    + $"{MaxTreePages} pages of files. Ask the operator of the hub.");
            using HubResponse response = await SendAsync(reference, new HubRequest(page) { IsImmutable = true },
                writing: false, cancel).ConfigureAwait(false);
            using JsonDocument items = response.Json(Unexpected);
            if (items.RootElement.ValueKind != JsonValueKind.Array)
                throw Unexpected(page, "it is not a list of files");
            foreach (JsonElement item in items.RootElement.EnumerateArray())
            {
                if (StrictJson.Text(item, "type") == "directory")
                    continue;
                TreeEntry entry = ReadEntry(item, page);
                if (!paths.Add(entry.Path))
                    throw Unexpected(page, $"it lists '{entry.Path}' twice");
                files.Add(entry);
            }
            page = NextPage(page, response.Header("Link"));
        }
        return files;
    }

    public Uri FileUrl(RepoReference reference, string path) => ResolveUri(reference, reference.Revision ?? "main", path);

    /// <summary>The address of a content: the revision is escaped whole, the path by segment.</summary>
    public Uri ResolveUri(RepoReference reference, string revision, string path) =>
        At($"/{Prefix(reference)}{reference.RepoId}/resolve/{Uri.EscapeDataString(revision)}/"
            + $"{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>An address of the API for one repo.</summary>
    public Uri Api(RepoReference reference, string rest) => At($"/api/{reference.RepoType.ToPlural()}/{reference.RepoId}{rest}");

    /// <summary>An address below the endpoint.</summary>
    public Uri At(string pathAndQuery) => new(Definition.Endpoint!.AbsoluteUri.TrimEnd('/') + pathAndQuery);

    /// <summary>
    /// An address that the hub gives: one of the official host is meant for the endpoint that is in use
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

    /// <summary>Asks, or tells by a code why there is no good response.</summary>
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

    /// <summary>What a response means that is an error: docs/protocols/huggingface.md#errors, in that order.</summary>
    public async Task<HubException> ReadErrorAsync(
        RepoReference reference, string? path, HubResponse response, CancellationToken cancel, bool writing = false)
    {
        string? code = response.Header("X-Error-Code");
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string where = $"{reference} on '{Definition.Name}' ({Urls.Show(response.Uri)}, "
            + $"{(int)response.Status}{(said.Length > 0 ? $": \"{said}\"" : "")})";
        string page = Urls.Show(Page(reference));
        string setToken = connection.Credential is null
            ? $"If it is private, it needs a token. {connection.TokenRemedy}"
            : $"If it is private, {connection.TokenInUse} may not see it.";
        return code switch
        {
            "RevisionNotFound" => Error(WiseCodes.RevisionNotFound, $"{where}: there is no revision "
                + $"'{reference.Revision ?? "default branch"}'. Look at the branches and tags on {page}."),
            "EntryNotFound" => Error(WiseCodes.FileNotFound, $"{where}: there is no file '{path}' at {reference.Revision}."),
            "GatedRepo" => Error(WiseCodes.RepoGated, $"{where}: the repo is gated. Accept its conditions on {page}, "
                + $"then set {Definition.TokenVariable} to a token of that account."),
            _ when said == "Access to this resource is disabled." =>
                Error(WiseCodes.RepoDisabled, $"{where}: the hub has disabled the repo. Ask its operator or use another repo."),
            _ when response.Status == HttpStatusCode.Unauthorized && said == "Invalid credentials in Authorization header" =>
                Error(WiseCodes.TokenRefused,
                    $"{where}: the hub refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}"),
            _ when response.Status == HttpStatusCode.Unauthorized && writing && connection.Credential is null =>
                Error(WiseCodes.TokenNeeded, $"{where}: to write, the hub wants a token that may. {connection.TokenRemedy}"),
            _ when response.Status == HttpStatusCode.Unauthorized => connection.Credential is null
                ? Error(WiseCodes.TokenNeeded, $"{where}: the repo does not exist, or it is private and no token was sent. "
                    + $"Check the name on {page}. {setToken}")
                : Error(WiseCodes.TokenRefused, $"{where}: the hub refused {connection.TokenInUse}, or the repo does not exist. "
                    + $"Check the name, or renew the token. {connection.TokenRemedy}"),
            "RepoNotFound" => Error(WiseCodes.RepoNotFound,
                $"{where}: there is no such repo. Check the name, the hub and RepoType. {setToken}"),
            _ when response.Status == HttpStatusCode.Forbidden && writing => Error(WiseCodes.MayNotWrite,
                $"{where}: {connection.TokenInUse} may not write there. Use one with write access to that repo of an account "
                + $"that may. {connection.TokenRemedy}"),
            _ when response.Status == HttpStatusCode.Forbidden =>
                Error(WiseCodes.Forbidden, $"{where}: access is forbidden. Check the rights of {connection.TokenInUse}."),
            _ when response.Status == HttpStatusCode.NotFound => Error(WiseCodes.RepoNotFound,
                $"{where}: not found. Check the name, the hub, RepoType and the hub's endpoint. {setToken}"),
            // Another change of the repo is under way, or what was asked contradicts what is there.
            _ when writing && response.Status is HttpStatusCode.Conflict or HttpStatusCode.BadRequest
                or HttpStatusCode.UnprocessableEntity =>
                Error(WiseCodes.CommitRefused, $"{where}: the hub refused " + (response.Status == HttpStatusCode.Conflict
                    ? "it because of another change. Push again" : "it. Correct what it names") + "."),
            _ => Error(WiseCodes.UnexpectedAnswer, $"{where}: unexpected response. Check the endpoint of the hub."),
        };

        static HubException Error(string wise, string text) => new(wise, text);
    }

    private TreeEntry ReadEntry(JsonElement item, Uri page)
    {
        string? path = StrictJson.Text(item, "path"), oid = StrictJson.Text(item, "oid");
        if (path is null || Size(item) is not long size)
            throw Unexpected(page, $"the entry '{path}' has no path or size");
        if (item.TryGetProperty("lfs", out JsonElement lfs) && lfs.ValueKind == JsonValueKind.Object)
        {
            if (!Digest.TryParse(StrictJson.Text(lfs, "oid"), out Digest sha256) || Size(lfs) is not long contentSize)
                throw Unexpected(page, $"the LFS entry '{path}' has no sha256 or size");
            // The oid beside it is that of the pointer file, not of the content.
            return new TreeEntry(path, contentSize, null, sha256);
        }
        if (oid is null || !CommitId.IsGitId(oid))
            throw Unexpected(page, $"the entry '{path}' has no git blob id");
        return new TreeEntry(path, size, oid, null);
    }

    /// <inheritdoc cref="LinkHeader.NextPage"/>
    public Uri? NextPage(Uri page, string? link) => LinkHeader.NextPage(page, link, Unexpected);

    public HubException Unexpected(Uri uri, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{Definition.Name}' answered {Urls.Show(uri)} in an unexpected way: {reason}. "
        + "Check that its endpoint is a Hugging Face hub.");

    private static long? Size(JsonElement element) =>
        element.TryGetProperty("size", out JsonElement value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetInt64(out long size) && size >= 0
            ? size : null;
}
