using System.Globalization;
using System.Net;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The messages of Hugging Face hubs, in the order of the work: repos, pushes, commits, the cache.</summary>
internal static class HuggingFaceMessages
{
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
        string what = $"The hub '{hub}' answered {(int)status} at {Urls.Show(url)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";
        return status != HttpStatusCode.Unauthorized
            ? new(WiseCodes.UnexpectedAnswer, $"{what}. Check the search terms and the endpoint of the hub.")
            : connection.Credential is null
                ? new(WiseCodes.TokenNeeded, $"{what}: it requires a token. {connection.TokenRemedy}")
                : new(WiseCodes.TokenRefused,
                    $"{what}: it refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}");
    }

    // A push.

    public static HubException RepoToPushToMissing(HubException cause) => new(WiseCodes.PushRepoMissing,
        $"{cause.Message} To create it with the push, set CreateRepo (WisePushCreateRepo, wisehub upload --create).", cause);

    public static string RepoCreated(string repo, bool isPrivate, Uri? page) =>
        $"{repo}: created the {(isPrivate ? "private " : "")}repo {page}.";

    public static string BranchCreated(string repo, string branch, string hub, string? commit) =>
        $"{repo}: created the branch '{branch}' on '{hub}' from the default branch, at {commit}.";

    public static string FileIgnored(string repo, string path) =>
        $"{repo}: '{path}' is left out, because the repo's .gitignore matches it. "
        + "Change .gitignore, or leave the path out of the push.";

    public static string LargeFile(string repo, string path, long size, long plainGitLimit) =>
        $"{repo}: '{path}' has {ByteSize.Show(size)}. This push sends it in parts. To push files over "
        + $"{ByteSize.Show(plainGitLimit)} with git itself, run 'wisehub lfs enable-largefiles' in the clone first.";

    public static string CardWarning(string path, string hub, string warning) =>
        $"{path}: the hub '{hub}' warns about the front matter: {warning}";

    public static HubException CardRefused(string repo, string hub, string path, IReadOnlyList<string> errors) =>
        new(WiseCodes.CardRefused, $"{repo}: the hub '{hub}' refuses the front matter of {path}: "
            + $"{(errors.Count > 0 ? string.Join(' ', errors) : "it gives no reason.")} Correct it; no file was sent.")
        { File = path };

    // Its commits. The name of a repo is here "owner/name on 'hub'".

    public static string CommitSplit(string name, int changes, int commits, int lfsFiles, long bytes) =>
        $"{name}: {changes} changes become {commits} commits, because one commit on this hub holds at most "
        + $"{lfsFiles.ToString("N0", CultureInfo.InvariantCulture)} LFS files and {ByteSize.Show(bytes)} of other files.";

    public static string CommitHalved(string name, int changes, HttpStatusCode status) =>
        $"{name}: {changes} changes are too large for one commit on this hub (it answered {(int)status}); "
        + "they become two commits.";

    public static HubException PushIncomplete(HubException cause, int commits, string last, string branch) => new(cause.Code,
        $"{cause.Message} Before that, {(commits == 1 ? "1 commit of this push was" : $"{commits} commits of this push were")} "
        + $"made, up to {last} on '{branch}'. Push again to continue from there.", cause);

    public static HubException LostRace(string repo, string hub, string branch, string head, string? parent) =>
        new(WiseCodes.LostRace, $"{repo}: another push moved '{branch}' on '{hub}' to {head} while this push, which began at "
            + $"{parent ?? "no commit"}, was running. No file of this push is visible. Review that commit and push again.");

    public static HubException CommitOutcomeUnknown(string name, string branch, HubException cause) => OutcomeUnknown(
        name, branch, cause, "Push again: a commit that exists is not made twice.");

    public static HubException PullRequestOutcomeUnknown(string name, string branch, Uri discussions, HubException cause) =>
        OutcomeUnknown(name, branch, cause,
            $"Look at {Urls.Show(discussions)} first: pushing again may open a second pull request.");

    // The cache of Hugging Face's own tools.

    public static string WrongSizeInCache(string path, string cache, long bytes, long? expected) =>
        $"{path} in {cache} is ignored: it has {bytes} bytes instead of {expected}.";

    private static HubException OutcomeUnknown(string name, string branch, HubException cause, string remedy) =>
        new(WiseCodes.CommitOutcomeUnknown,
            $"{name}: it is not known whether the commit to '{branch}' was made: {cause.Message} {remedy}", cause);
}
