using System.Net;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>The messages of Wisemodel hubs: references, login, the gateway, GitLab's API, pushes.</summary>
internal static class WisemodelMessages
{
    public static Text InvalidChunkSize() =>
        $"'uploadChunkSize' must be {PushRequest.SmallestChunk} (64 KiB) to {PushRequest.LargestChunk} (1 GiB).";

    // References.

    public static HubException NoSpaces(RepoReference reference, string hub) => new(WiseCodes.RepoTypeNotSupported,
        $"The hub '{hub}' has no repos of type space. Use model, dataset or code.")
    { Reference = reference };

    public static HubException NoConfigurations(RepoReference reference, string hub) => new(WiseCodes.ConfigNotSupported,
        $"The hub '{hub}' has no dataset configurations. Remove Config, or select files with AllowPatterns.")
    { Reference = reference };

    public static HubException OwnerMissing(RepoReference reference, string hub) => new(WiseCodes.MalformedRepoId,
        $"'{reference.RepoId}' is not a repo id of '{hub}': write owner/name.")
    { Reference = reference };

    // Login and session.

    public static HubException LoginRefused(string hub, string user, Uri url, string code, string message, string web) =>
        new(WiseCodes.LoginRefused, $"'{hub}' refused the login of '{user}' ({Urls.Show(url)}, code {code}: \"{message}\"). "
            + $"Check the user name and the password. To read private repos, a git token ({web}/my-token) is enough.");

    public static HubException LoginNeeded(RepoReference reference, string hub) =>
        SessionNeeded(hub, (Text)$"{reference} on '{hub}': this requires a login.");

    public static HubException SessionEnded(RepoReference reference, string hub) =>
        SessionNeeded(hub, (Text)$"{reference} on '{hub}': the session has ended.");

    public static HubException SessionEnded(string hub, DateTimeOffset? end) =>
        SessionNeeded(hub, (Text)$"The session for '{hub}' ended at {end:u}.");

    public static HubException PasswordNeeded(string hub, string user) =>
        SessionNeeded(hub, (Text)$"The session of '{user}' for '{hub}' has ended, and no password was given.", user);

    /// <param name="hub">The hub.</param>
    /// <param name="what">The request and the response, as <see cref="GatewayResponse"/> words them.</param>
    public static HubException NewSessionRefused(string hub, string what) =>
        SessionNeeded(hub, (Text)$"{what}: the hub refuses the session, although it is new.");

    private static HubException SessionNeeded(string hub, string what, string user = "NAME") => new(WiseCodes.SessionNeeded,
        $"{what} Run 'wisehub login {hub} --user {user}' on a terminal.");

    // The gateway.

    /// <summary>The beginning of a message about an error response of the gateway.</summary>
    public static Text GatewayResponse(RepoReference reference, string hub, Uri url, string code, string message) =>
        $"{reference} on '{hub}' ({Urls.Show(url)}, code {code}: \"{message}\")";

    public static HubException NotFoundByGateway(string what, string page) => new(WiseCodes.RepoNotFound,
        $"{what}: the repo, branch or folder does not exist. Check {page}.");

    public static HubException GatewayRefused(string what, string page) => new(WiseCodes.GatewayRefused,
        $"{what}: the hub refused the request. Check {page} and the permissions of your account.");

    public static HubException ChunkTooLarge(string hub, Uri url) => new(WiseCodes.ChunkTooLarge,
        $"'{hub}' does not accept a chunk of this size (413 at {Urls.Show(url)}). "
        + $"Push with a smaller ChunkSize (--chunk-size, or \"uploadChunkSize\" of the hub in {HubNames.ConfigFile}).");

    public static HubException UnexpectedFromGateway(string hub, Uri url, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The gateway of '{hub}' answered {Urls.Show(url)} in an unexpected way: {reason}. Check its endpoint "
        + $"\"{(url.AbsolutePath.Contains("/fileupload/", StringComparison.Ordinal) ? (Text)$"upload" : (Text)$"gateway")}\".");

    // GitLab's API.

    public static HubException TooManyPages(RepoReference reference, string hub, int limit) => new(WiseCodes.TooManyPages,
        $"{reference} on '{hub}' lists more than {limit} pages of files. Tell the operator of the hub.");

    public static HubException UnexpectedFromGitLab(string hub, Uri url, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{hub}' answered {Urls.Show(url)} in an unexpected way: {reason}. "
        + $"Check that its endpoint \"gitlab\" is a GitLab server.");

    public static HubException NoCommit(RepoReference reference, string hub) => new(WiseCodes.RevisionNotFound,
        $"{reference} on '{hub}' has no commit yet. Push files to it first.");

    public static Text Renamed(RepoReference reference, string path, string hub) =>
        $"{reference} is now called {path} on '{hub}'. Update the reference: the old name may stop working or name another repo.";

    public static Text SubmoduleSkipped(RepoReference reference, string path) =>
        $"{reference}: '{path}' is a submodule, which is left out. Reference its repo if you need it.";

    public static HubException PointerDiffers(RepoReference reference, string hub, string path, string found, string listed) =>
        new(WiseCodes.UnexpectedAnswer, $"{reference} on '{hub}': the LFS pointer of '{path}' has the git id {found}, but the "
            + $"file list states {listed}. Try again; if it happens again, tell the operator of the hub.");

    public static HubException PageInsteadOfFile(RepoReference reference, string hub, Uri url, string path, string ifPrivate) =>
        new(WiseCodes.UnexpectedAnswer, $"{reference} on '{hub}': {Urls.Show(url)} gave a web page instead of '{path}'. "
            + $"{ifPrivate} Otherwise check the endpoints of the hub.");

    /// <summary>The beginning of a message about a response of the size of an LFS pointer.</summary>
    public static Text PointerInsteadOfContent(RepoReference reference, string path, Uri url) =>
        $"{reference} {path}: {Urls.Show(url)} gave as many bytes as the LFS pointer of the file has";

    public static Text IfPrivate(bool hasToken, string remedy) =>
        $"{(hasToken ? (Text)$"The git token in use may not read it." : (Text)$"It may be private.")} {remedy}";

    /// <summary>The error response to a read, of GitLab's API or of the raw proxy in front of it.</summary>
    /// <param name="reference">The repo, and the requested revision.</param>
    /// <param name="path">The file; null for other requests.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="response">URL, status and detail of the response.</param>
    /// <param name="page">The page of the repo.</param>
    /// <param name="hasToken">The request had a token.</param>
    /// <param name="remedy">The way to give a token.</param>
    public static HubException ReadRefused(RepoReference reference, string? path, string hub,
        (Uri Url, HttpStatusCode Status, string Said) response, string page, bool hasToken, string remedy)
    {
        (Uri url, HttpStatusCode status, string said) = response;
        string what = HubMessages.Answered(reference, hub, status, url, said);
        string ifPrivate = IfPrivate(hasToken, remedy);
        return status switch
        {
            HttpStatusCode.NotFound when Says("Commit Not Found") || Says("Tree Not Found") || Says("Branch Not Found")
                || Says("invalid revision") => new(WiseCodes.RevisionNotFound, $"{what}: the revision "
                    + $"'{reference.Revision ?? (Text)$"default branch"}' does not exist. See the branches and tags on {page}."),
            HttpStatusCode.NotFound when path is not null && !Says("Project Not Found") => new(WiseCodes.FileNotFound,
                $"{what}: the file '{path}' is not available at {reference.Revision}. See {page}. {ifPrivate}"),
            HttpStatusCode.NotFound => new(WiseCodes.RepoNotFound,
                $"{what}: the repo does not exist. Check its name, RepoType and the hub on {page}. {ifPrivate}"),
            HttpStatusCode.Unauthorized when !hasToken => new(WiseCodes.TokenNeeded,
                $"{what}: the repo is not public. {remedy}"),
            HttpStatusCode.Unauthorized => new(WiseCodes.TokenRefused,
                $"{what}: the hub refused the git token. A public repo needs none. {remedy}"),
            HttpStatusCode.Forbidden => new(WiseCodes.Forbidden, $"{what}: access is forbidden. {ifPrivate}"),
            _ => new(WiseCodes.UnexpectedAnswer, $"{what}: unexpected response. Check the endpoints of the hub."),
        };

        bool Says(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    // A push. The page is that of the repo.

    public static HubException RepoToPushToMissing(
        bool wantsNew, RepoReference reference, string hub, string ifPrivate, string page, Exception cause) =>
        new(wantsNew ? WiseCodes.MadeOnPageOnly : WiseCodes.PushRepoMissing,
            $"{reference}: '{hub}' has no such repo. {ifPrivate} Create a new one on {page[..page.IndexOf('/', 8)]}; "
            + $"the hub has no known API for that.", cause);

    public static HubException BranchMissing(
        RepoReference reference, string hub, string branch, string defaultBranch, string page) => new(WiseCodes.MadeOnPageOnly,
        $"{reference}: the repo on '{hub}' has no branch '{branch}'; its default branch is '{defaultBranch}'. Create the branch "
        + $"on {page} (the hub has no known API for that), push with git (--use-git), or name another branch with Revision "
        + $"(WisePushRevision).");

    public static HubException NoDeletions(RepoReference reference, string hub, int files, string first, string page) =>
        new(WiseCodes.NoDeletions, $"{reference}: this push would delete {FileCount.Show(files)} on '{hub}' ("
            + $"'{PathRules.Printable(first)}'{(files > 1 ? ", …" : "")}), but its gateway cannot delete files. "
            + $"Delete on {page}, push with git (--use-git), or omit Prune (WisePushPrune).");

    public static HubException EmptyFileRefused(string path, Exception cause) => new(WiseCodes.EmptyFileRefused,
        $"{cause.Message} '{path}' is empty, and the gateway has no other way to upload empty files. "
        + $"Leave it out, or push with git (--use-git).", cause);

    public static HubException MergeRefused(string path, Exception cause) => new(WiseCodes.MergeRefused,
        $"{cause.Message} All chunks of '{PathRules.Printable(path)}' were sent twice. "
        + $"Push with git (--use-git), or tell the operator of the hub.", cause);

    public static HubException ChunksLost(
        RepoReference reference, string hub, string path, IReadOnlyCollection<int> stored, int expected) => new(
        WiseCodes.PiecesLost, $"{reference}: '{hub}' reports {stored.Count} chunks of '{PathRules.Printable(path)}'"
        + $"{(stored.Count > 0 ? (Text)$", the last with number {stored.Max()}" : "")}, but this push made {expected}. If "
        + $"another push of the same content is running, wait until it ends. Otherwise push with git (--use-git).");

    public static Text CommitPerFolder(string repo, string hub, int folders) =>
        $"{repo}: '{hub}' makes one commit for each of the {folders} folders.";

    public static HubException QueuedPartly(HubException cause, IEnumerable<string> folders) => new(cause.Code,
        $"{cause.Message} The files of {string.Join(", ", folders.Select(f => $"'{f}'"))} were queued before that and will be "
        + $"committed. Push again.", cause);

    public static Text Queued(string repo, string hub, int files) =>
        $"{repo}: '{hub}' has queued {FileCount.Show(files)}; waiting for the commit …";

    public static HubException QueuedNotVisible(RepoReference reference, string hub, int files, TimeSpan timeout,
        IReadOnlyCollection<string> waiting, string branch, string? head, string page) => new(WiseCodes.QueuedNotVisible,
        $"{reference}: '{hub}' has queued {FileCount.Show(files)}, but for {timeout.TotalSeconds} s (\"commitTimeout\") made no "
        + $"commit with {string.Join(", ", waiting.Take(5).Select(p => $"'{PathRules.Printable(p)}'"))}"
        + $"{(waiting.Count > 5 ? (Text)$" and {waiting.Count - 5} more" : "")}; '{branch}' is at {head ?? (Text)$"no commit"}. "
        + $"It gives no reason. Check {page}. If the files do not appear, push again or with git (--use-git).");

    public static HubException CommittedWrong(RepoReference reference, string path, string hub, string commit,
        (Digest Sha256, string GitOid) sent, (Digest? Sha256, string GitOid) found, string page) => new(WiseCodes.CommittedWrong,
        $"{reference}: '{hub}' committed '{PathRules.Printable(path)}' at {commit} with different content: sent "
        + $"sha256 {sent.Sha256}, git id {sent.GitOid}; found {(found.Sha256 is Digest d ? (Text)$"sha256 {d}, " : "")}git id "
        + $"{found.GitOid}. Either the hub stored it wrong, or another push changed it. "
        + $"Check {page}, and push again with Force (--force).");

    public static HubException LostRaceBefore(string repo, string branch, string hub, string? began, string? now) =>
        LostRace(repo, branch, hub, began, now, (Text)$"No commit was made. Review the other commit and push again.");

    public static HubException LostRaceAfter(
        string repo, string branch, string hub, string? began, string? now, string changed, string page) =>
        LostRace(repo, branch, hub, began, now, Text.Of($"All files of this push are committed, but "
            + $"'{PathRules.Printable(changed)}' was changed by another push. Check {page}."));

    private static HubException LostRace(string repo, string branch, string hub, string? began, string? now, string then) =>
        new(WiseCodes.LostRace, $"{repo}: '{branch}' on '{hub}' {(now is null ? (Text)$"was deleted" : (Text)$"moved to {now}")} "
            + $"during this push, which began at {began ?? (Text)$"no commit"}. {then}");
}
