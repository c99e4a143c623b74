using System.Net;

namespace WiseHub.Client.Hubs.Store;

/// <summary>The messages of stores that are hubs: reading, administration, pushes and mirrors. "At" is a path or a URL.</summary>
internal static class StoreHubMessages
{
    public static Text PathOrEndpoint(string hub) =>
        $"the hub '{hub}' needs either 'path' (a folder) or 'endpoint' (a web server).";

    // Reading.

    public static HubException NoConfigurations(RepoReference reference, string hub) => new(WiseCodes.ConfigNotSupported,
        $"The hub '{hub}' is a store, which has no dataset configurations. Remove Config.")
    { Reference = reference };

    public static HubException NotAStore(string hub, string at, bool isBucket) => new(WiseCodes.NotAStore,
        $"The hub '{hub}' is not a store: {at} is missing. Check its "
            + $"{(isBucket ? (Text)$"bucket and prefix" : (Text)$"path or endpoint")}; "
        + $"a first push makes a {(isBucket ? (Text)$"bucket" : (Text)$"folder")} a store.");

    public static HubException RepoNotFound(RepoReference repo, string hub) => new(WiseCodes.RepoNotFound,
        $"{repo}: the hub '{hub}' has no such repo. Check the name and RepoType.");

    public static HubException RepoNotInFolder(RepoReference repo, string hub, string folder, IReadOnlyList<string> known) => new(
        WiseCodes.RepoNotFound, $"{repo}: the hub '{hub}' ({folder}) has no such repo."
            + $"{ModelMessages.DidYouMeanRepo(repo.RepoId, known)} It has {Some(known, (Text)$"no repo of that type")}. "
            + $"Check the name and RepoType.");

    /// <param name="repo">The repo.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="revision">The revision.</param>
    /// <param name="at">Where it would be.</param>
    /// <param name="known">The revisions of the repo, if they can be listed.</param>
    public static HubException RevisionNotFound(
        RepoReference repo, string hub, string revision, string at, IReadOnlyList<string> known) => new(
            WiseCodes.RevisionNotFound, $"{repo}: the hub '{hub}' has no revision '{revision}' of it ({at} is missing)."
                + $"{ModelMessages.DidYouMean(revision, known)} "
                + $"{(known.Count == 0 ? "" : (Text)$"It has {Some(known, "")}. ")}Check name and revision, or push them.");

    private static string Some(IReadOnlyList<string> names, string none) =>
        names.Count == 0 ? none : NameList.Some(names);

    /// <param name="hub">The hub.</param>
    /// <param name="at">The folder.</param>
    /// <param name="below">Revisions in the folder, if they can be listed.</param>
    public static HubException FolderInsteadOfRevision(string hub, string at, IReadOnlyCollection<string> below) => new(
        WiseCodes.RevisionNotFound, $"The hub '{hub}' has a folder at {at}, but no revision of that name. "
            + $"Name a revision below it{(below.Count > 0 ? ": " + string.Join(", ", below) : "")}.");

    public static HubException CommitNotFound(RepoReference repo, string hub, string commit, string at) => new(
        WiseCodes.RevisionNotFound, $"{repo} on '{hub}': there is no commit {commit} ({at} is missing). "
            + $"Run WiseUpdate (wisehub update), or push that commit to the hub.");

    public static HubException FileNotFound(RepoReference repo, string hub, string commit, string path) => new(
        WiseCodes.FileNotFound, $"{repo} on '{hub}': commit {commit} has no file '{path}', or the store has no content for it.");

    public static HubException RefNotACommit(string hub, string at) => new(WiseCodes.DamagedStore,
        $"{at} does not hold a commit. Push to '{hub}' again.");

    public static HubException FileWithoutDigest(string hub, string at, string path) => new(WiseCodes.DamagedStore,
        $"{at} states no size or sha256 of '{path}'. Push to '{hub}' again.");

    public static Text Commit => $"a commit";

    public static Text Json => $"JSON";

    public static HubException PageInsteadOfFile(string hub, string at, string wanted, string? token) => new(
        WiseCodes.UnexpectedAnswer, $"The hub '{hub}' gives a web page at {at} instead of {wanted}. It may be a login page, "
            + $"a page of a proxy, or the server's list of a folder. Check the endpoint of the hub, the name of the revision, "
            + $"and {token ?? (Text)$"whether a token is needed"}.");

    public static Text Unreadable(string hub, string path) => $"The hub '{hub}' cannot be read at {path}";

    public static Text NotListable(HubDefinition hub) => $"The store '{hub.Name}' ({hub.Path}) cannot be listed";

    public static HubException ErrorResponse(HubConnection connection, string hub, Uri url, HttpStatusCode status, string said)
    {
        string where = HubMessages.Answered(hub, status, url, said);
        return status switch
        {
            HttpStatusCode.Unauthorized when connection.Credential is null =>
                new HubException(WiseCodes.TokenNeeded, $"{where}. {connection.TokenRemedy}"),
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenRefused,
                $"{where}: it refused {connection.TokenInUse}. Renew it. {connection.TokenRemedy}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}. Check the permissions of {connection.TokenInUse}, and those of the files on the server."),
            HttpStatusCode.NotFound =>
                new HubException(WiseCodes.FileNotFound, $"{where}: a blob that the hub lists is missing. Push it again."),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Check the endpoint of the hub."),
        };
    }

    // Administration.

    public static HubException NoPrivateRepos(string hub) => Unsupported(hub,
        (Text)$"has no private repos. The permissions of the folder or bucket decide who can read");

    public static HubException NoTags(string hub) => Unsupported(hub, (Text)$"has no tags of repos. Search by text or author");

    public static HubException WebServerUnmanaged(string hub) => Unsupported(hub,
        (Text)$"is a static web server and only serves files. Name the folder or the bucket behind it");

    public static HubException RepoExists(string repo, string hub) => new(WiseCodes.ExistsAlready,
        $"{repo} already exists on '{hub}'. Choose another name, or delete the existing repo first.");

    public static HubException RevisionExists(RepoReference repo, string hub, string name) => new(WiseCodes.ExistsAlready,
        $"{repo} on '{hub}' already has '{name}'. Choose another name, or delete the existing one first.");

    public static HubException RevisionToDeleteMissing(RepoReference repo, string hub, string name) => new(
        WiseCodes.RevisionNotFound, $"{repo}: the hub '{hub}' has no revision '{name}' of it.");

    // Pushes.

    public static HubException CannotBePushedTo(string hub) => new(WiseCodes.CannotBePushedTo,
        $"The hub '{hub}' is a static web server, which only serves files. Push to the folder or the bucket behind it: a hub "
        + $"with \"protocol\": \"store\" and a \"path\", or with \"protocol\": \"s3\".");

    public static HubException NoPullRequests(string hub) => new(WiseCodes.InvalidPush,
        $"The hub '{hub}' is a store, which has no pull requests. Push to a branch of another name.");

    public static HubException NamesDifferByCase(string repo, HubDefinition hub, string existing, string wanted) => new(
        WiseCodes.NamesDifferByCase, $"{repo}: the hub '{hub.Name}' ({hub.Path}) already has '{existing}', and its disk does not "
            + $"distinguish '{wanted}' from it. Nothing was written. Use the existing name, or choose one that differs by more "
            + $"than upper and lower case.");

    public static HubException ListOfRefMissing(string repo, string revision, string hub, string commit) => new(
        WiseCodes.DamagedStore, $"{repo}: '{revision}' on '{hub}' is at {commit}, but the file list of that commit is missing. "
            + $"Restore it from a backup, or delete the ref and push again.");

    public static HubException KeptFileWithoutContent(
        string repo, string revision, string hub, string? commit, string path) => new(WiseCodes.InvalidPush,
        $"{repo}: '{revision}' on '{hub}' is at {commit}, a mirrored commit; the store has no content for '{path}'. "
        + $"Mirror that file first, or push the whole set with Prune (WisePushPrune).");

    /// <param name="repo">The repo.</param>
    /// <param name="revision">The branch.</param>
    /// <param name="hub">The hub.</param>
    /// <param name="began">The commit of the branch when the push began; null for none.</param>
    /// <param name="now">The commit that another push made; empty if the branch was deleted.</param>
    /// <param name="own">The commit of this push.</param>
    public static HubException LostRace(string repo, string revision, string hub, string? began, string now, string own) => new(
        WiseCodes.LostRace, $"{repo}: '{revision}' on '{hub}' "
            + $"{(now.Length > 0 ? (Text)$"moved to {now}" : (Text)$"was deleted")} while this "
            + $"push, which began at {began ?? (Text)$"no commit"}, made {own}. Review the other change and push again.");

    public static Text LeftoverNotRemoved(string path, Exception cause) =>
        $"The temporary file {path} of an interrupted push could not be removed: {cause.Message}";

    public static Text LeftoversRemoved(string folder, int count) =>
        $"{folder}: removed {(count == 1 ? (Text)$"a temporary file" : (Text)$"{count} temporary files")} of interrupted pushes.";

    // Mirrors.

    public static Text NotMirrored(string repo, HubDefinition hub) =>
        $"{repo} could not be written to '{hub.Name}'{(hub.Path is null ? "" : $" ({hub.Path})")}";

    /// <summary>Stands for the repo where contents are mirrored before any commit.</summary>
    public static Text MirroredContents => $"The mirrored contents";

    public static HubException ContentChanged(string hub, string path, Digest actual) => new(WiseCodes.DigestMismatch,
        $"The hub '{hub}' has a changed file: {path} has the sha256 {actual.Hex}. "
        + $"Restore it from a backup, or push the file again.");

    public static HubException CacheDamaged(string what, string path, Digest found, Digest wanted) => new(
        WiseCodes.DigestMismatch, $"{what}: {path} has the sha256 {found.Hex}, but it must be {wanted.Hex}. "
            + $"Run wisehub cache verify, and try again.");

    /// <param name="commit">The commit.</param>
    /// <param name="hub">The mirror.</param>
    /// <param name="path">The file.</param>
    /// <param name="difference">What differs, as <see cref="TreeEntryDifference"/> words it.</param>
    /// <param name="list">The path of the file list.</param>
    public static HubException MirrorDisagrees(
        MirroredCommit commit, string hub, string path, string difference, string list) => new(WiseCodes.MirrorDisagrees,
        $"{commit.RepoId}: in the file list of commit {commit.Commit} on '{hub}', '{path}' has {difference} on "
        + $"'{commit.Origin}'. Nothing was written. Find out who wrote {list} there, remove it, and mirror it again.");

    public static Text MirrorRefKept(MirroredCommit commit, string hub, string revision, string current) =>
        $"{commit.RepoId}: '{revision}' on '{hub}' stays at {current}, which was not mirrored from '{commit.Origin}'. The commit "
        + $"{commit.Commit} was written under its own name. Two repos of the same name need two mirrors.";

    private static HubException Unsupported(string hub, string reason) =>
        new(WiseCodes.NoRepoAdmin, $"The hub '{hub}' is a store, which {reason}.");
}
