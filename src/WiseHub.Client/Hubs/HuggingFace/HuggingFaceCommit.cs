using System.Net;
using System.Text.Json;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The change of one path in a commit.</summary>
/// <param name="Path">The path.</param>
/// <param name="File">The new content; null = deleted.</param>
/// <param name="Line">The line of the request.</param>
internal sealed record CommitChange(string Path, LocalFile? File, CommitLine Line);

/// <summary>
/// Makes the commit of a push (docs/protocols/huggingface.md#the-commit); several, if one would be too large for the hub. If a
/// response is lost, the branch is inspected before the commit is retried. A retry cannot double a commit: each names its
/// parent, so a branch accepts only the first of two equal ones.
/// </summary>
internal sealed class HuggingFaceCommit(
    HuggingFaceHub hub, HubConnection connection, RepoReference reference, PushRequest request, IHubLog log,
        PushProgress? progress)
{
    // "create_commit is limited to 25k LFS files and a 1GB payload for regular files" (huggingface_hub, create_commit).
    private const int MostLfsFiles = 25_000;
    private const long MostPayload = 1_000_000_000;

    private const int MostAnswerBytes = 1 << 20, MostHistoryBytes = 16 << 20;

    // The hub gives up after about a minute (https://huggingface.co/docs/hub/storage-limits), and its gateway reports that later.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string _branch = request.Revision;
    private bool _opensPullRequest = request.CreatePullRequest;
    private int _commits;

    private string Name => $"{reference.RepoId} on '{hub.Definition.Name}'";

    public async Task<PushedCommit> MakeAsync(string? parent, IReadOnlyList<CommitChange> changes, CancellationToken cancel)
    {
        var left = new Stack<IReadOnlyList<CommitChange>>(Split(changes).Reverse());
        if (left.Count > 1)
        {
            log.Info(HuggingFaceMessages.CommitSplit(Name, changes.Count, left.Count, MostLfsFiles, MostPayload));
        }
        PushedCommit? last = null;
        Uri? pullRequest = null;
        while (left.TryPop(out IReadOnlyList<CommitChange>? part))
        {
            try
            {
                if (await TryMakeAsync(last?.Commit ?? parent, part, cancel).ConfigureAwait(false) is PushedCommit made)
                {
                    (last, pullRequest) = (made, pullRequest ?? made.PullRequestUrl);
                    _commits++;
                    continue;
                }
            }
            catch (HubException e) when (_commits > 0)
            {
                throw HuggingFaceMessages.PushIncomplete(e, _commits, last!.Commit, _branch);
            }
            left.Push([.. part.Skip(part.Count / 2)]);
            left.Push([.. part.Take(part.Count / 2)]);
        }
        return last! with { PullRequestUrl = pullRequest };
    }

    /// <summary>Makes one commit of the part; null if that is too large for the hub, which then made none.</summary>
    private async Task<PushedCommit?> TryMakeAsync(string? parent, IReadOnlyList<CommitChange> part, CancellationToken cancel)
    {
        string suffix = _commits == 0 ? "" : $" (part {_commits + 1})";
        List<CommitLine> lines = [CommitLine.Header(request.Message, suffix, parent), .. part.Select(c => c.Line)];
        RetryCount count = connection.Http.Begin(Name);
        for (int tries = 1; ; tries++)
        {
            count.Start();
            // Each attempt reads the files again, and one may have changed.
            foreach (CommitChange change in part)
                change.File?.RequireUnchanged();
            (HubResponse? response, HubException? lost) = await SendAsync(lines, cancel).ConfigureAwait(false);
            TimeSpan? pause;
            using (response)
            {
                if (response is { IsSuccess: true } && Read(response) is PushedCommit made)
                {
                    Done(part);
                    return made;
                }
                if (response is { IsSuccess: false } && !RetryPolicy.IsTransient(response.Status))
                {
                    if (response.Status == HttpStatusCode.RequestEntityTooLarge && part.Count > 1)
                        return TooMuch(part, response.Status);
                    if (response.Status != HttpStatusCode.PreconditionFailed)
                        throw await hub.ReadErrorAsync(reference, null, response, cancel, writing: true).ConfigureAwait(false);
                    // An earlier attempt, whose response was lost, may have moved the branch.
                    return Found(part, tries > 1 ? await FindOursAsync(parent, part, cancel).ConfigureAwait(false) : null)
                        ?? throw await LostRaceAsync(parent, cancel).ConfigureAwait(false);
                }
                lost ??= HubHttp.Unreachable(hub.Definition.Name, response!.Uri,
                    response.IsSuccess ? (Text)$"its response names no commit" : (Text)$"it answered {(int)response.Status}",
                    null);
                if (_opensPullRequest)
                    throw HuggingFaceMessages.PullRequestOutcomeUnknown(Name, _branch, hub.Page(reference, "/discussions"), lost);
                if (Found(part, await FindLostCommitAsync(parent, part, lost, cancel).ConfigureAwait(false)) is PushedCommit ours)
                    return ours;
                if (response?.Status == HttpStatusCode.GatewayTimeout && part.Count > 1)
                    return TooMuch(part, response.Status);
                pause = count.Failed(RetryVerdict.Yes, response is { IsSuccess: false } ? connection.Http.RetryAfter(response)
                    : null);
                if (pause is null)
                    throw lost;
            }
            await count.PauseAsync(pause.Value, (Text)$"the commit got no usable response and was not made", cancel)
                .ConfigureAwait(false);
        }
    }

    /// <returns>The response, or the reason why it was lost.</returns>
    private async Task<(HubResponse? Response, HubException? Lost)> SendAsync(List<CommitLine> lines, CancellationToken cancel)
    {
        long sent = 0;
        bool isAccepted = false;
        var httpRequest = new HubRequest(hub.Api(reference,
            $"/commit/{Uri.EscapeDataString(_branch)}{(_opensPullRequest ? "?create_pr=1" : "")}"))
        {
            Body = () =>
            {
                // Called again if the server asks for a retry.
                progress?.Sent(-sent);
                sent = 0;
                return new CommitBody(lines, bytes =>
                {
                    sent += bytes;
                    progress?.Sent(bytes);
                });
            },
            Patience = Patience,
            KeepsTrouble = true,
        };
        try
        {
            HubResponse response = await connection.Http.SendWithoutRetryAsync(httpRequest, connection.Credential,
                MostAnswerBytes, cancel).ConfigureAwait(false);
            isAccepted = response.IsSuccess;
            return (response, null);
        }
        catch (HubException e) when (e.Code == WiseCodes.HubUnreachable)
        {
            return (null, e);
        }
        finally
        {
            if (!isAccepted)
                progress?.Sent(-sent);
        }
    }

    private PushedCommit? Read(HubResponse response)
    {
        using JsonDocument json = response.Json(hub.Unexpected);
        if (StrictJson.Text(json.RootElement, "commitOid") is not string commit || !CommitId.IsGitId(commit))
            return null;
        Uri? pullRequest = Url(json.RootElement, "pullRequestUrl");
        if (_opensPullRequest && pullRequest is not null)
        {
            // Further commits go to the branch of the pull request (docs/protocols/huggingface.md#the-commit).
            _branch = "refs/pr/" + pullRequest.AbsolutePath.TrimEnd('/').Split('/')[^1];
            _opensPullRequest = false;
        }
        return new PushedCommit(commit) { Url = Url(json.RootElement, "commitUrl"), PullRequestUrl = pullRequest };
    }

    private Uri? Url(JsonElement response, string key) => StrictJson.Text(response, key) is string text
        && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        ? new Uri(Urls.Show(hub.OnEndpoint(uri))) : null;

    private PushedCommit? Found(IReadOnlyList<CommitChange> part, string? commit)
    {
        if (commit is null)
            return null;
        log.Detail((Text)$"{Name}: the response to a commit was lost, but {commit} on '{_branch}' is that commit.");
        Done(part);
        return new PushedCommit(commit) { Url = hub.Page(reference, "/commit/" + commit) };
    }

    private PushedCommit? TooMuch(IReadOnlyList<CommitChange> part, HttpStatusCode status)
    {
        log.Info(HuggingFaceMessages.CommitHalved(Name, part.Count, status));
        return null;
    }

    private void Done(IReadOnlyList<CommitChange> part)
    {
        foreach (CommitChange change in part)
        {
            // LFS files were reported when they were uploaded.
            if (change is { File: LocalFile file, Line.Content: not null })
                progress?.Done(file);
        }
    }

    private async Task<string?> FindLostCommitAsync(
        string? parent, IReadOnlyList<CommitChange> part, HubException trouble, CancellationToken cancel)
    {
        try
        {
            return await FindOursAsync(parent, part, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code is WiseCodes.HubUnreachable or WiseCodes.RateLimited)
        {
            throw HuggingFaceMessages.CommitOutcomeUnknown(Name, _branch, trouble);
        }
    }

    /// <summary>The commit after the parent if it has our changes; null if the branch is still at the parent.</summary>
    /// <exception cref="HubException">WISE5002: the branch has another commit.</exception>
    private async Task<string?> FindOursAsync(string? parent, IReadOnlyList<CommitChange> part, CancellationToken cancel)
    {
        RepoReference branch = reference with { Revision = _branch };
        string head = await hub.CommitOfAsync(branch, cancel).ConfigureAwait(false);
        if (head == parent)
            return null;
        Uri history = hub.Api(reference, $"/commits/{head}");
        string? next = null;
        using (HubResponse response = await connection.SendAsync(history, MostHistoryBytes, cancel).ConfigureAwait(false))
        {
            if (!response.IsSuccess)
                throw await hub.ReadErrorAsync(branch, null, response, cancel).ConfigureAwait(false);
            using JsonDocument json = response.Json(hub.Unexpected);
            if (json.RootElement.ValueKind == JsonValueKind.Array)
            {
                // Newest first.
                List<string?> ids = [.. json.RootElement.EnumerateArray().Select(c => StrictJson.Text(c, "id"))];
                int at = parent is null ? ids.Count : ids.IndexOf(parent);
                next = at > 0 ? ids[at - 1] : null;
            }
        }
        if (next is null || !CommitId.IsGitId(next))
            throw LostRace(parent, head);
        Dictionary<string, TreeEntry> files = (await hub.ListAsync(branch, next, cancel).ConfigureAwait(false))
            .ToDictionary(f => f.Path, StringComparer.Ordinal);
        return part.All(c => c.File is LocalFile file ? files.TryGetValue(c.Path, out TreeEntry? there)
            && (there.Sha256 is Digest sha256 ? sha256 == file.Sha256 : there.Oid == file.GitOid(cancel))
            : !files.ContainsKey(c.Path))
            ? next : throw LostRace(parent, head);
    }

    private async Task<HubException> LostRaceAsync(string? parent, CancellationToken cancel) =>
        LostRace(parent, await hub.CommitOfAsync(reference with { Revision = _branch }, cancel).ConfigureAwait(false));

    private HubException LostRace(string? parent, string head) =>
        HuggingFaceMessages.LostRace(reference.RepoId, hub.Definition.Name, _branch, head, parent);

    private static IEnumerable<IReadOnlyList<CommitChange>> Split(IReadOnlyList<CommitChange> changes)
    {
        var part = new List<CommitChange>();
        (int lfs, long payload) = (0, 0);
        foreach (CommitChange change in changes)
        {
            bool isLfs = change is { File: not null, Line.Content: null };
            if (part.Count > 0 && (lfs + (isLfs ? 1 : 0) > MostLfsFiles || payload + change.Line.Length > MostPayload))
            {
                yield return part;
                (part, lfs, payload) = ([], 0, 0);
            }
            part.Add(change);
            (lfs, payload) = (lfs + (isLfs ? 1 : 0), payload + change.Line.Length);
        }
        yield return part;
    }
}
