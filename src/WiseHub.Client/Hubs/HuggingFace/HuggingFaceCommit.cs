using System.Globalization;
using System.Net;
using System.Text.Json;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>What a commit does with one path.</summary>
/// <param name="Path">The path.</param>
/// <param name="File">Its new content; null = it goes.</param>
/// <param name="Line">How that is written.</param>
internal sealed record CommitChange(string Path, LocalFile? File, CommitLine Line);

/// <summary>
/// Makes the commit of a push (docs/protocols/huggingface.md#the-commit): one, unless the hub does not take that much at once.
/// What the hub may have done although no response came is looked up, and not done again: a commit names its parent, so that of
/// two
/// equal ones a branch takes only the first.
/// </summary>
internal sealed class HuggingFaceCommit(
    HuggingFaceHub hub, HubConnection connection, RepoReference reference, PushRequest request, IHubLog log,
        PushProgress? progress)
{
    // "create_commit is limited to 25k LFS files and a 1GB payload for regular files" (huggingface_hub, create_commit).
    private const int MostLfsFiles = 25_000;
    private const long MostPayload = 1_000_000_000;

    private const int MostAnswerBytes = 1 << 20, MostHistoryBytes = 16 << 20;

    // The hub itself gives up after about a minute (https://huggingface.co/docs/hub/storage-limits); then its gateway has to say
    // so.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string _branch = request.Revision;
    private bool _opensPullRequest = request.CreatePullRequest;
    private int _made;

    private string Name => $"{reference.RepoId} on '{hub.Definition.Name}'";

    public async Task<PushedCommit> MakeAsync(string? parent, IReadOnlyList<CommitChange> changes, CancellationToken cancel)
    {
        var left = new Stack<IReadOnlyList<CommitChange>>(Split(changes).Reverse());
        if (left.Count > 1)
        {
            log.Info($"{Name}: {changes.Count} changes become {left.Count} commits, because the hub takes at most "
                + $"{MostLfsFiles.ToString("N0", CultureInfo.InvariantCulture)} LFS files and "
                + $"{ByteSize.Show(MostPayload)} of others in one.");
        }
        PushedCommit? last = null;
        Uri? proposal = null;
        while (left.TryPop(out IReadOnlyList<CommitChange>? part))
        {
            try
            {
                if (await TryMakeAsync(last?.Commit ?? parent, part, cancel).ConfigureAwait(false) is PushedCommit made)
                {
                    (last, proposal) = (made, proposal ?? made.PullRequestUrl);
                    _made++;
                    continue;
                }
            }
            catch (HubException e) when (_made > 0)
            {
                throw new HubException(e.Code, $"{e.Message} Of this push {_made} commits were made before, "
                    + $"up to {last!.Commit} on '{_branch}'. Push again: it goes on from there.", e);
            }
            left.Push([.. part.Skip(part.Count / 2)]);
            left.Push([.. part.Take(part.Count / 2)]);
        }
        return last! with { PullRequestUrl = proposal };
    }

    /// <summary>A part as one commit; null when that is too much at once, and nothing was made.</summary>
    private async Task<PushedCommit?> TryMakeAsync(string? parent, IReadOnlyList<CommitChange> part, CancellationToken cancel)
    {
        List<CommitLine> lines =
            [CommitLine.Header(request.Message, _made == 0 ? "" : $" (part {_made + 1})", parent), .. part.Select(c => c.Line)];
        RetryCount count = connection.Http.Begin(Name);
        for (int tries = 1; ; tries++)
        {
            count.Start();
            // Read again for each try: a file may have changed since.
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
                if (response is { IsSuccess: false } && !RetryPolicy.MayPass(response.Status))
                {
                    if (response.Status == HttpStatusCode.RequestEntityTooLarge && part.Count > 1)
                        return TooMuch(part, response.Status);
                    if (response.Status != HttpStatusCode.PreconditionFailed)
                        throw await hub.ReadErrorAsync(reference, null, response, cancel, writing: true).ConfigureAwait(false);
                    // It may be an earlier try, of which no response came, that moved the branch.
                    return Found(part, tries > 1 ? await FindOursAsync(parent, part, cancel).ConfigureAwait(false) : null)
                        ?? throw await LostRaceAsync(parent, cancel).ConfigureAwait(false);
                }
                lost ??= HubHttp.Unreachable(hub.Definition.Name, response!.Uri,
                    response.IsSuccess ? "its answer names no commit" : $"it answered {(int)response.Status}", null);
                if (_opensPullRequest)
                    throw Unknown(lost, $"Look at {Urls.Show(hub.Page(reference, "/discussions"))} first: "
                        + "pushing again may open a second proposal.");
                if (Found(part, await LookAsync(parent, part, lost, cancel).ConfigureAwait(false)) is PushedCommit ours)
                    return ours;
                if (response?.Status == HttpStatusCode.GatewayTimeout && part.Count > 1)
                    return TooMuch(part, response.Status);
                pause = count.Failed(RetryVerdict.Yes, response is { IsSuccess: false } ? connection.Http.RetryAfter(response)
                    : null);
                if (pause is null)
                    throw lost;
            }
            await count.PauseAsync(pause.Value, "the commgot no usable response and was not made", cancel).ConfigureAwait(false);
        }
    }

    /// <returns>The response, or why none came.</returns>
    private async Task<(HubResponse? Answer, HubException? Lost)> SendAsync(List<CommitLine> lines, CancellationToken cancel)
    {
        long went = 0;
        bool isTaken = false;
        var httpRequest = new HubRequest(hub.Api(reference,
            $"/commit/{Uri.EscapeDataString(_branch)}{(_opensPullRequest ? "?create_pr=1" : "")}"))
        {
            Body = () =>
            {
                // Anew, where the server asked to come back.
                progress?.Sent(-went);
                went = 0;
                return new CommitBody(lines, bytes =>
                {
                    went += bytes;
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
            isTaken = response.IsSuccess;
            return (response, null);
        }
        catch (HubException e) when (e.Code == WiseCodes.HubUnreachable)
        {
            return (null, e);
        }
        finally
        {
            if (!isTaken)
                progress?.Sent(-went);
        }
    }

    private PushedCommit? Read(HubResponse response)
    {
        using JsonDocument json = response.Json(hub.Unexpected);
        if (StrictJson.Text(json.RootElement, "commitOid") is not string commit || !CommitId.IsGitId(commit))
            return null;
        Uri? proposal = Address(json.RootElement, "pullRequestUrl");
        if (_opensPullRequest && proposal is not null)
        {
            // The rest of a proposal goes to its own branch (docs/protocols/huggingface.md#the-commit).
            _branch = "refs/pr/" + proposal.AbsolutePath.TrimEnd('/').Split('/')[^1];
            _opensPullRequest = false;
        }
        return new PushedCommit(commit) { Url = Address(json.RootElement, "commitUrl"), PullRequestUrl = proposal };
    }

    private Uri? Address(JsonElement response, string key) => StrictJson.Text(response, key) is string text
        && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        ? new Uri(Urls.Show(hub.OnEndpoint(uri))) : null;

    private PushedCommit? Found(IReadOnlyList<CommitChange> part, string? commit)
    {
        if (commit is null)
            return null;
        log.Detail($"{Name}: the answer to a commit was lost, and {commit} on '{_branch}' is that commit.");
        Done(part);
        return new PushedCommit(commit) { Url = hub.Page(reference, "/commit/" + commit) };
    }

    private PushedCommit? TooMuch(IReadOnlyList<CommitChange> part, HttpStatusCode status)
    {
        log.Info($"{Name}: {part.Count} changes are too much for one commit there (it answered "
            + $"{(int)status}); they are made in two.");
        return null;
    }

    private void Done(IReadOnlyList<CommitChange> part)
    {
        foreach (CommitChange change in part)
        {
            // What LFS has was told when it got there.
            if (change is { File: LocalFile file, Line.Content: not null })
                progress?.Done(file);
        }
    }

    private async Task<string?> LookAsync(
        string? parent, IReadOnlyList<CommitChange> part, HubException trouble, CancellationToken cancel)
    {
        try
        {
            return await FindOursAsync(parent, part, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code is WiseCodes.HubUnreachable or WiseCodes.RateLimited)
        {
            throw Unknown(trouble, "Push again: a commit that is there is not made twice.");
        }
    }

    /// <summary>The commit after the parent, where it has our changes; null while the branch is at the parent.</summary>
    /// <exception cref="HubException">WISE5002: another one is there.</exception>
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
                // The newest first.
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

    private HubException LostRace(string? parent, string head) => new(WiseCodes.LostRace,
        $"{reference.RepoId}: somebody pushed {head} to '{_branch}' on '{hub.Definition.Name}' while this push, "
        + $"which began at {parent ?? "no commit"}, was made. Nothing of it is visible. Look at theirs and push again.");

    private HubException Unknown(HubException cause, string remedy) => new(WiseCodes.CommitOutcomeUnknown,
        $"{Name}: whether the commit to '{_branch}' was made is not known: {cause.Message} {remedy}", cause);

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
