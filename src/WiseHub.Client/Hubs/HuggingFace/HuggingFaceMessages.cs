using System.Globalization;
using System.Net;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The messages of Hugging Face hubs, in the order of the work: reading, repos, pushes, commits, the cache.</summary>
internal static class HuggingFaceMessages
{
    // Reading.

    public static HubException NoCode(RepoReference reference, string hub) => new(WiseCodes.RepoTypeNotSupported,
        $"The hub '{hub}' has no repos of type code. Use model, dataset or space.")
    { Reference = reference };

    public static HubException NoConfigurations(RepoReference reference, string hub) => new(WiseCodes.ConfigNotSupported,
        $"The hub '{hub}' has no dataset configurations to restore; its configurations are folders. "
        + $"Use AllowPatterns=\"{reference.Config}/*\".")
    { Reference = reference };

    public static HubException MalformedId(RepoReference reference, string hub) => new(WiseCodes.MalformedRepoId,
        $"'{reference.RepoId}' is not a repo id of '{hub}': no part may contain '--' or end in '.git'.")
    { Reference = reference };

    public static HubException NoCommit(RepoReference reference, string hub) => new(WiseCodes.RevisionNotFound,
        $"{reference} on '{hub}' has no commit yet. Push files to it first.");

    public static Text Renamed(RepoReference reference, string id, string hub) =>
        $"{reference} is now called {id} on '{hub}'. Update the reference: the old name may stop working or name another repo.";

    public static HubException TooManyFilePages(RepoReference reference, string hub, int limit) => new(WiseCodes.TooManyPages,
        $"{reference} on '{hub}' lists more than {limit} pages of files. Ask the operator of the hub.");

    public static HubException Unexpected(string hub, Uri url, string reason) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{hub}' answered {Urls.Show(url)} in an unexpected way: {reason}. "
        + $"Check that its endpoint is a Hugging Face hub.");

    /// <summary>A line of the log of a push.</summary>
    public static Text CardNotChecked(Uri url, HttpStatusCode status) => $"{Urls.Show(url)} answered {(int)status}: "
        + $"the front matter of README.md was not checked before the push.";

    /// <summary>Words an error response: docs/protocols/huggingface.md#errors, in the order of that table.</summary>
    /// <param name="reference">The repo, and the requested revision.</param>
    /// <param name="path">The file; null for other requests.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="connection">The token of the request.</param>
    /// <param name="response">URL, status, error code and detail of the response.</param>
    /// <param name="page">The page of the repo.</param>
    /// <param name="writing">The request was to write.</param>
    public static HubException ErrorResponse(RepoReference reference, string? path, HubDefinition hub, HubConnection connection,
        (Uri Url, HttpStatusCode Status, string? Code, string Said) response, string page, bool writing)
    {
        (Uri url, HttpStatusCode status, string? code, string said) = response;
        string where = HubMessages.Answered(reference, hub.Name, status, url, said);
        string setToken = connection.Credential is null ? (Text)$"If it is private, it needs a token. {connection.TokenRemedy}"
            : (Text)$"If it is private, {connection.TokenInUse} may lack access to it.";
        return code switch
        {
            "RevisionNotFound" => new(WiseCodes.RevisionNotFound, $"{where}: there is no revision "
                + $"'{reference.Revision ?? (Text)$"default branch"}'. See the branches and tags on {page}."),
            "EntryNotFound" => new(WiseCodes.FileNotFound, $"{where}: there is no file '{path}' at {reference.Revision}."),
            "GatedRepo" => new(WiseCodes.RepoGated, $"{where}: the repo is gated. Accept its conditions on {page}, "
                + $"then set {hub.TokenVariable} to a token of that account."),
            _ when said == "Access to this resource is disabled." =>
                new(WiseCodes.RepoDisabled, $"{where}: the hub has disabled the repo. Ask its operator or use another repo."),
            _ when status == HttpStatusCode.Unauthorized && said == "Invalid credentials in Authorization header" =>
                new(WiseCodes.TokenRefused,
                    $"{where}: the hub refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}"),
            _ when status == HttpStatusCode.Unauthorized && writing && connection.Credential is null => new(WiseCodes.TokenNeeded,
                $"{where}: writing requires a token with write access. {connection.TokenRemedy}"),
            _ when status == HttpStatusCode.Unauthorized => connection.Credential is null
                ? new(WiseCodes.TokenNeeded, $"{where}: the repo does not exist, or it is private and no token was sent. "
                    + $"Check the name on {page}. {setToken}")
                : new(WiseCodes.TokenRefused, $"{where}: the hub refused {connection.TokenInUse}, or the repo does not exist. "
                    + $"Check the name, or renew the token. {connection.TokenRemedy}"),
            "RepoNotFound" => new(WiseCodes.RepoNotFound,
                $"{where}: there is no such repo. Check the name, the hub and RepoType. {setToken}"),
            _ when status == HttpStatusCode.Forbidden && writing => new(WiseCodes.MayNotWrite,
                $"{where}: {connection.TokenInUse} has no write access there. Use a token with write access, of an account that "
                + $"can write to the repo. {connection.TokenRemedy}"),
            _ when status == HttpStatusCode.Forbidden =>
                new(WiseCodes.Forbidden, $"{where}: access is forbidden. Check the permissions of {connection.TokenInUse}."),
            _ when status == HttpStatusCode.NotFound => new(WiseCodes.RepoNotFound,
                $"{where}: not found. Check the name, the hub, RepoType and the hub's endpoint. {setToken}"),
            _ when writing && status == HttpStatusCode.Conflict => new(WiseCodes.CommitRefused,
                $"{where}: the hub refused the request because of another change. Push again."),
            _ when writing && status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => new(
                WiseCodes.CommitRefused, $"{where}: the hub refused the request. Correct what it names."),
            _ => new(WiseCodes.UnexpectedAnswer, $"{where}: unexpected response. Check the endpoint of the hub."),
        };
    }

    // Repos, branches and tags.

    public static HubException OwnerUnknown(string hub, string tokenRemedy) => new(WiseCodes.TokenNeeded,
        $"A name without an owner means your own namespace on '{hub}', and no token is set to say whose that is. "
        + $"{tokenRemedy} Or write owner/name.");

    public static HubException RepoExists(RepoReference repo, string hub, Uri page) => new(WiseCodes.ExistsAlready,
        $"{repo} on '{hub}' already exists ({Urls.Show(page)}). Choose another name, or delete that repo first.");

    /// <param name="repo">The repo.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="name">The existing branch or tag, for example "the branch 'dev'".</param>
    public static HubException RefExists(RepoReference repo, string hub, string name) => new(WiseCodes.ExistsAlready,
        $"{repo} on '{hub}' already has {name}. Choose another name, or delete that one first.");

    public static HubException CreatedPublic(RepoReference repo, string hub, Uri settings) => new(WiseCodes.UnexpectedAnswer,
        $"{repo} on '{hub}' was created, but it is public although a private repo was requested. "
        + $"Make it private at {Urls.Show(settings)} before you push to it.");

    public static HubException TooManyRepoPages(string hub, int limit) => new(WiseCodes.TooManyPages,
        $"The hub '{hub}' lists more than {limit} pages of repos. Narrow the search by a limit, an author or a text.");

    public static HubException SearchRefused(string hub, HubConnection connection, Uri url, HttpStatusCode status, string said)
    {
        string what = HubMessages.Answered(hub, status, url, said);
        return status != HttpStatusCode.Unauthorized
            ? new(WiseCodes.UnexpectedAnswer, $"{what}. Check the search terms and the endpoint of the hub.")
            : connection.Credential is null
                ? new(WiseCodes.TokenNeeded, $"{what}: it requires a token. {connection.TokenRemedy}")
                : new(WiseCodes.TokenRefused,
                    $"{what}: it refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}");
    }

    // A push.

    public static HubException CommitInsteadOfBranch(string repo, string revision) => new(WiseCodes.InvalidPush,
        $"{repo}: '{revision}' is a commit, which never changes. Push to a branch.");

    public static HubException RepoToPushToMissing(HubException cause) => new(WiseCodes.PushRepoMissing,
        $"{cause.Message} To create it with the push, set CreateRepo (WisePushCreateRepo, wisehub upload --create).", cause);

    public static Text RepoCreated(string repo, bool isPrivate, Uri? page) =>
        $"{repo}: created the {(isPrivate ? (Text)$"private " : "")}repo {page}.";

    public static Text BranchCreated(string repo, string branch, string hub, string? commit) =>
        $"{repo}: created the branch '{branch}' on '{hub}' from the default branch, at {commit}.";

    public static Text FileIgnored(string repo, string path) =>
        $"{repo}: '{path}' is left out, because the repo's .gitignore matches it. "
        + $"Change .gitignore, or leave the path out of the push.";

    public static Text LargeFile(string repo, string path, long size, long plainGitLimit) =>
        $"{repo}: '{path}' has {ByteSize.Show(size)}. This push sends it in parts. To push files over "
        + $"{ByteSize.Show(plainGitLimit)} with git itself, run 'wisehub lfs enable-largefiles' in the clone first.";

    public static Text CardWarning(string path, string hub, string warning) =>
        $"{path}: the hub '{hub}' warns about the front matter: {warning}";

    public static HubException CardRefused(string repo, string hub, string path, IReadOnlyList<string> errors) =>
        new(WiseCodes.CardRefused, $"{repo}: the hub '{hub}' refuses the front matter of {path}: "
            + $"{(errors.Count > 0 ? string.Join(' ', errors) : (Text)$"it gives no reason.")} Correct it; no file was sent.")
        { File = path };

    // Its commits. The name of a repo is here "owner/name on 'hub'".

    public static Text CommitSplit(string name, int changes, int commits, int lfsFiles, long bytes) =>
        $"{name}: {changes} changes become {commits} commits, because one commit on this hub holds at most "
        + $"{lfsFiles.ToString("N0", CultureInfo.InvariantCulture)} LFS files and {ByteSize.Show(bytes)} of other files.";

    public static Text CommitHalved(string name, int changes, HttpStatusCode status) =>
        $"{name}: {changes} changes are too large for one commit on this hub (it answered {(int)status}); "
        + $"they become two commits.";

    public static HubException PushIncomplete(HubException cause, int commits, string last, string branch) => new(cause.Code,
        $"{cause.Message} Before that, "
            + $"{(commits == 1 ? (Text)$"1 commit of this push was" : (Text)$"{commits} commits of this push were")} "
        + $"made, up to {last} on '{branch}'. Push again to continue from there.", cause);

    public static HubException LostRace(string repo, string hub, string branch, string head, string? parent) =>
        new(WiseCodes.LostRace, $"{repo}: another push moved '{branch}' on '{hub}' to {head} while this push, which began at "
            + $"{parent ?? (Text)$"no commit"}, was running. No file of this push is visible. Review that commit and push "
            + $"again.");

    public static HubException CommitOutcomeUnknown(string name, string branch, HubException cause) => OutcomeUnknown(
        name, branch, cause, (Text)$"Push again: a commit that exists is not made twice.");

    public static HubException PullRequestOutcomeUnknown(string name, string branch, Uri discussions, HubException cause) =>
        OutcomeUnknown(name, branch, cause,
            (Text)$"Look at {Urls.Show(discussions)} first: pushing again may open a second pull request.");

    // The cache of Hugging Face's own tools.

    public static Text WrongSizeInCache(string path, string cache, long bytes, long? expected) =>
        $"{path} in {cache} is ignored: it has {bytes} bytes instead of {expected}.";

    private static HubException OutcomeUnknown(string name, string branch, HubException cause, string remedy) =>
        new(WiseCodes.CommitOutcomeUnknown,
            $"{name}: it is not known whether the commit to '{branch}' was made: {cause.Message} {remedy}", cause);
}
