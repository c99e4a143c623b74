using System.Net;

namespace WiseHub.Client.Hubs.Git;

/// <summary>The messages of git hosts, in the order of the work: pages, git itself, reading, pushes, LFS, git-lfs.</summary>
internal static class GitMessages
{
    public static HubException NotAPageOfARepo(Uri url, string hub) => new(WiseCodes.UnusableUrl,
        $"{Urls.Show(url)} is a page of the hub '{hub}', but not of a repo or its files. Write owner/name.");

    // The programs git and ssh. "For" is the work that needs git; "otherwise" is another way to do it, if there is one.

    public static HubException GitNotFound(Version oldest, string searched) => new(WiseCodes.GitMissing,
        $"git was not found on this machine. Install git {oldest} or later. {searched}.");

    public static HubException GitMissing(string work, Version oldest, string otherwise, string searched) => new(
        WiseCodes.GitMissing,
        $"git was not found on this machine, but {work} requires it. Install git {oldest} or later{otherwise}. {searched}.");

    public static HubException GitNotRunnable(
        string git, string work, Version oldest, string otherwise, string searched, Exception cause) => new(WiseCodes.GitMissing,
        $"{git} cannot be started ({cause.Message}), but {work} requires it. Install git {oldest} or later{otherwise}. "
        + $"{searched}.", cause);

    public static HubException GitTooOld(string version, string work, Version oldest, string otherwise) => new(
        WiseCodes.GitMissing, $"The git on this machine is too old: '{version}'. {Sentence(work)} requires {oldest} or later. "
            + $"Update it{otherwise}.");

    public static HubException SshMissing(string program, string searched) => new(WiseCodes.GitMissing,
        $"The program '{program}' was not found on this machine. Install an ssh client, or correct GIT_SSH_COMMAND. {searched}.");

    public static HubException SshNotRunnable(string program, Exception cause) => new(WiseCodes.GitMissing,
        $"'{program}' cannot be started ({cause.Message}). Install an ssh client, or correct GIT_SSH_COMMAND.", cause);

    // The hub and the reference.

    public static HubException InvalidHost(RepoReference reference, HubDefinition hub, string reason) => new(
        WiseCodes.InvalidGitHost,
        $"The hub '{hub.Name}': '{hub.Endpoint!.Host}' is not a valid host name: {reason}. Correct its endpoint.")
    { Reference = reference };

    public static HubException SshTransportNeeded(RepoReference reference, string hub) => new(WiseCodes.InvalidGitHost,
        $"The hub '{hub}' has an ssh:// endpoint, which only \"transport\": \"ssh\" can use.")
    { Reference = reference };

    public static HubException NoConfigurations(RepoReference reference, string hub) => new(WiseCodes.ConfigNotSupported,
        $"The hub '{hub}' is a git host, which has no dataset configurations. Use AllowPatterns=\"{reference.Config}/*\".")
    { Reference = reference };

    public static HubException IdWithGitSuffix(RepoReference reference, string hub) => new(WiseCodes.MalformedRepoId,
        $"'{reference.RepoId}' is not a repo id of '{hub}': omit '.git'.")
    { Reference = reference };

    // Reading.

    public static HubException NoCommit(RepoReference reference, string hub) => new(WiseCodes.RevisionNotFound,
        $"{reference} on '{hub}' has no commit yet. Push files to it first.");

    public static Text NameIsAmbiguous(RepoReference reference, string name) =>
        $"{reference}: '{name}' is both a branch and a tag. The branch is used; refs/tags/{name} names the tag.";

    public static HubException RevisionNotFound(
        RepoReference reference, string hub, string page, IEnumerable<string> known) => new(
            WiseCodes.RevisionNotFound, $"{reference} on '{hub}' has no branch or tag "
                + $"'{reference.Revision ?? (Text)$"HEAD, main or master"}'."
                + $"{ModelMessages.DidYouMean(reference.Revision ?? "", known)} "
                + $"Check {page}; a commit needs all of its 40 characters.");

    public static Text Renamed(RepoReference reference, string id, string hub) =>
        $"{reference} is now called {id} on '{hub}'. Update the reference: the old name may stop working or name another repo.";

    public static HubException FileNotFound(RepoReference reference, string hub, string commit, string path) => new(
        WiseCodes.FileNotFound, $"{reference} on '{hub}': commit {commit} has no file '{path}'.");

    public static HubException ErrorResponse(
        GitHost host, RepoReference reference, Uri url, HttpStatusCode status, string said)
    {
        string where = HubMessages.Answered(reference, host.Definition.Name, status, url, said);
        bool isCommit = reference.Revision is string revision && CommitId.IsCommit(revision);
        return status switch
        {
            // GitHub and others also answer this for repos that the user may not see.
            HttpStatusCode.Unauthorized when host.Credential is null => new HubException(WiseCodes.TokenNeeded,
                $"{where}: the repo does not exist, or it is private and no token was sent. {SetToken(host)}"),
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenRefused,
                $"{where}: the hub refused the token, or the repo does not exist. Check the name. {host.Remedy}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden, $"{where}: access is forbidden. Check the "
                + $"permissions of the token, and whether the host limits anonymous access. {host.Remedy}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone when isCommit => new HubException(WiseCodes.RevisionNotFound,
                $"{where}: there is no such repo or commit. Check both on {host.PageOf(reference)}. {SetToken(host)}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new HubException(WiseCodes.RepoNotFound,
                $"{where}: there is no such repo. Check the name and the hub's endpoint. {SetToken(host)}"),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}: unexpected response. Check the endpoint of the hub."),
        };
    }

    /// <param name="code">The code.</param>
    /// <param name="reference">The repo.</param>
    /// <param name="hub">The host.</param>
    /// <param name="remedy">The advice; one of those below, for example.</param>
    /// <param name="cause">The error of git.</param>
    public static HubException GitFailed(
        string code, RepoReference reference, HubDefinition hub, string remedy, Exception cause) => new(code,
        $"{reference} on '{hub.Name}' ({GitAddress.Url(hub, reference.RepoId)}): git reports: {cause.Message}. {remedy}", cause);

    public static Text CheckSshKey =>
        $"Check that this user's key has read access to the repo, and that the host's key is in known_hosts; test it with ssh.";

    public static Text CheckNetwork =>
        $"Check the network, a proxy, certificates (http.sslCAInfo), and the endpoint in wisehub.json.";

    public static Text TryGit => $"Run the same fetch with git to see why.";

    public static Text CheckName(string remedy) => $"Check the name. {remedy}";

    public static Text CheckPermissions(string remedy) => $"Check the permissions of the token. {remedy}";

    public static Text CheckPage(string page) => $"Check {page}.";

    public static Text CheckEndpoint(GitHost host) => $"Check the name and the hub's endpoint. {SetToken(host)}";

    public static Text SetToken(GitHost host) => host.Credential is null
        ? (Text)$"If it is private, it needs a token. {host.Remedy}"
        : (Text)$"If it is private, the token in use may lack access. {host.Remedy}";

    public static HubException RefsUnusable(string hub, Uri url, FormatException cause) => new(WiseCodes.UnexpectedAnswer,
        $"The hub '{hub}' answered {Urls.Show(url)} in an unexpected way: {cause.Message}. "
        + $"Check that its endpoint is a git host with smart HTTP.", cause);

    public static HubException RefsOfGitUnusable(RepoReference reference, string hub, string url, FormatException cause) => new(
        WiseCodes.GitFailed, $"{reference} on '{hub}' ({url}): {cause.Message}. Update git.", cause);

    public static HubException GitTimedOut(HubDefinition hub, string url, Exception cause) => new(WiseCodes.HubUnreachable,
        $"The hub '{hub.Name}' gave no response to git at {url} within {hub.TotalTimeout.TotalSeconds} s (totalTimeout). "
        + $"Check the network, and a proxy.", cause);

    /// <param name="reference">The repo.</param>
    /// <param name="hub">The host.</param>
    /// <param name="commit">The missing commit.</param>
    /// <param name="said">The words of git or of the host.</param>
    /// <param name="cause">The error of git or of the host.</param>
    public static HubException CommitGone(
        RepoReference reference, HubDefinition hub, string commit, string said, Exception cause) => new(
        WiseCodes.RevisionNotFound, $"{reference} on '{hub.Name}' ({Urls.Show(hub.Endpoint!)}) has no commit {commit} "
            + $"(\"{said}\"). If it existed before, the history was rewritten (squashed or force-pushed) or the repo was created "
            + $"again. Name a commit or a branch that the host has.", cause)
        { Reference = reference };

    public static Text FetchingList(RepoReference reference, string commit, string hub) =>
        $"Fetching the file list of {reference} at {commit} from {hub} …";

    public static Text FetchingArchive(RepoReference reference, string commit, string hub) =>
        $"Fetching the archive of {reference} at {commit} from {hub} …";

    public static Text FetchingWithGit(RepoReference reference, string commit, string hub) =>
        $"Fetching commit {commit} of {reference} from {hub} with git …";

    public static Text FetchedWithGit(RepoReference reference, string hub) =>
        $"{reference}: the hub '{hub}' did not give the commit by HTTP, so the local git fetched it. "
        + $"To use git right away, set \"transport\": \"git\" in {HubNames.ConfigFile}.";

    public static Text ArchiveUnusable(RepoReference reference, HubException cause) =>
        $"{reference}: the archive cannot be used: {cause.Message}";

    public static Text NotInArchive(string repo, int missing, int files) =>
        $"{repo}: the archive lacks {missing} of {files} files as git stores them (attributes such as eol, ident and "
        + $"export-ignore change archives). They are fetched from git itself.";

    /// <summary>The kinds of requests over git's protocol.</summary>
    public static Text FileList => $"file list";

    /// <inheritdoc cref="FileList"/>
    public static Text Contents => $"files";

    public static Text WayRefused(RepoReference reference, string hub, string what, string reason) =>
        $"{reference}: '{hub}' does not give the {what} in this way ({reason}).";

    public static HubException ProtocolUnusable(
        RepoReference reference, HubDefinition hub, string reason, Exception? cause) => new(WiseCodes.GitProtocolUnusable,
        $"{reference} on '{hub.Name}' ({Urls.Show(GitAddress.HttpPlace(hub, reference.RepoId))}): the response of the host to a "
        + $"git fetch cannot be used: {reason}. Install git, which supports older forms of the protocol, or ask the operator of "
        + $"the host to update it.", cause);

    public static Text ListIncomplete => $"it does not contain the whole file list";

    public static Text NoPack => $"it contains no pack";

    public static Text PackIncomplete => $"it is incomplete";

    public static Text ContentMissing(string oid) => $"it does not contain the content {oid}";

    /// <param name="reference">The repo.</param>
    /// <param name="names">The links.</param>
    /// <param name="isOne">There is only one link.</param>
    /// <param name="exclude">The setting that leaves files out.</param>
    public static Text LinksSkipped(RepoReference reference, string names, bool isOne, string exclude) =>
        $"{reference}: {names} {(isOne ? (Text)$"is a symbolic link, which is" : (Text)$"are symbolic links, which are")} left "
        + $"out, because a link may point anywhere. Reference the target of the link, or leave the link out with {exclude}.";

    public static Text SubmodulesSkipped(RepoReference reference, string names) =>
        $"{reference} has submodules ({names}), which are left out. Reference their repos separately.";

    // Creating a repo.

    public static HubException NoReposOverSsh(string repo, string hub) => new(WiseCodes.RepoNotCreated,
        $"{repo} does not exist on '{hub}' and cannot be created over ssh. "
        + $"Create it on the pages of the host, or push to a hub whose endpoint is https.");

    public static HubException TokenToCreateMissing(string repo, string hub, string remedy) => new(WiseCodes.TokenNeeded,
        $"{repo} does not exist on '{hub}', or is not visible without a token. Creating it requires a token. {remedy}");

    public static HubException HostOfUnknownKind(string repo, string hub, Uri endpoint) => new(WiseCodes.RepoNotCreated,
        $"{repo} does not exist on '{hub}'. WiseHub creates repos on GitHub, GitLab, Gitea and Forgejo, but "
        + $"{Urls.Show(endpoint)} is none of these. Create it on the pages of the host, and push again.");

    public static HubException CreationUnclear(string repo, string hub, Uri url, string reason) => new(WiseCodes.RepoNotCreated,
        $"{repo} could not be created on '{hub}': {Urls.Show(url)} gave an invalid response: {reason}. "
        + $"Create it on the pages of the host.");

    public static HubException CreationRefused(
        string repo, string hub, Uri url, HttpStatusCode status, string said, string remedy) =>
        new(status == HttpStatusCode.Unauthorized ? WiseCodes.TokenRefused : WiseCodes.RepoNotCreated,
            $"{repo} could not be created on '{hub}': {Urls.Show(url)} answered "
            + $"{(int)status}{(said.Length > 0 ? $" (\"{said}\")" : "")}. Check that the token may create repos there, "
            + $"or create it on the pages of the host. {remedy}");

    // A push.

    public static HubException NotABranch(string repo, string revision, string hub) => new(WiseCodes.InvalidPush,
        $"{repo}: '{revision}' is not a branch, and only branches of '{hub}' can be pushed to. "
        + $"Name one with Revision (WisePushRevision).");

    public static HubException NoPullRequests(string repo, string hub) => new(WiseCodes.InvalidPush,
        $"{repo}: '{hub}' is a git host, where pull requests are opened on its pages. "
        + $"Push to a separate branch (WisePushRevision), and open the pull request from there.");

    public static HubException LinkNotPushed(string path) => new(WiseCodes.InvalidPush,
        $"{path} is a symbolic link, and a commit would contain the link instead of its target. "
        + $"Push the target, or leave the link out.");

    public static HubException PointerInsteadOfContent(string path, long size) => new(WiseCodes.InvalidPush,
        $"{path} is an LFS pointer to {size} bytes of content, not the content itself. "
        + $"Download the content first (git lfs pull), or leave the file out.");

    public static HubException RepoToPushToMissing(HubException failure, Exception cause) => new(WiseCodes.PushRepoMissing,
        $"{failure.Message} To create it with the push, set CreateRepo (WisePushCreateRepo).", cause);

    public static Text BranchIsNew(string repo, string branch, string hub, string start) =>
        $"{repo}: '{branch}' is new on '{hub}' and begins at {start}, the commit of the default branch.";

    public static Text AuthorIsPlaceholder(string repo, string name, string email) =>
        $"{repo}: git has no user.email, so the author of the commit is {name} <{email}>.";

    public static HubException LostRace(
        string repo, string revision, string hub, string? began, string? now, string own, Exception cause) => new(
        WiseCodes.LostRace, $"{repo}: '{revision}' on '{hub}' {(now is null ? (Text)$"was deleted" : (Text)$"moved to {now}")} "
            + $"while this "
            + $"push, which began at {began ?? (Text)$"no commit"}, made {own}. Review the other change and push again.", cause);

    /// <param name="what">Repo and hub, as <see cref="RepoAt"/> words them.</param>
    /// <param name="revision">The branch.</param>
    /// <param name="words">The reason, in the words of the host.</param>
    /// <param name="cause">The error of git.</param>
    public static HubException PushRefused(string what, string revision, string words, Exception cause) => new(
        WiseCodes.GitPushRefused, $"{what}: the host refused the push to '{revision}': {words}. Push to a branch that is not "
            + $"protected (WisePushRevision), or ask the owner of the repo about its rules.", cause);

    /// <inheritdoc cref="PushRefused"/>
    public static HubException NoWriteAccess(string what, string words, string remedy, Exception cause) => new(
        WiseCodes.MayNotWrite, $"{what}: you have read access to the repo, but no write access"
            + $"{(words.Length > 0 ? $": {words}" : "")}. {remedy}", cause);

    public static Text RepoAt(string repo, string hub, string url) => $"{repo} on '{hub}' ({url})";

    public static HubException LfsWriteRefused(HubException cause, string remedy) =>
        new(WiseCodes.MayNotWrite, $"{cause.Message} {remedy}", cause);

    public static HubException LfsUnusableForPush(HubException cause) => new(cause.Code,
        $"{cause.Message} To keep a file in git itself, give it '-filter' in {GitAttributes.FileName}.", cause);

    // LFS. The repo is named with its hub.

    public static HubException LfsOverSshFailed(RepoReference reference, string hub, bool writes, GitFailure cause) => new(
        WiseCodes.LfsUnusable, $"{reference} on '{hub}': ssh git-lfs-authenticate failed: {cause.Message}. The host has no LFS "
            + $"over ssh, or the key has no {(writes ? (Text)$"write" : (Text)$"read")} access to the repo.", cause);

    // The response is not shown, because it may contain a secret.
    public static HubException LfsOverSshUnusable(RepoReference reference, string hub) => new(WiseCodes.LfsUnusable,
        $"{reference} on '{hub}': the response of ssh git-lfs-authenticate does not name an LFS server. "
        + $"Ask the operator of the host.");

    public static Text GiveKeyWriteAccess => $"Give this user's ssh key write access on the host.";

    public static HubException OfFile(string repo, string path, HubException cause) =>
        new(cause.Code, $"{repo}: '{path}': {cause.Message}");

    public static HubException LfsUnusable(string repo, Uri url, string reason) => new(WiseCodes.LfsUnusable,
        $"{repo}: the LFS server at {Urls.Show(url)} gave no usable response: {reason}. Check that the host has LFS for this "
        + $"repo, and the token if the repo is private.");

    public static Text NoLfs(HttpStatusCode status) => $"it answered {(int)status}, so it has no LFS or hides the repo";

    public static Text OtherTransfer(string transfer, string[] offered) => offered.Length == 1
        ? Text.Of($"it chose the transfer '{transfer}', but only '{offered[0]}' was offered")
        : Text.Of($"it chose the transfer '{transfer}', but only {string.Join((Text)$" and ", offered.Select(t => $"'{t}'"))} "
            + $"were offered");

    public static HubException ObjectNotMentioned(string repo, Digest sha256, string path) => new(WiseCodes.LfsUnusable,
        $"{repo}: the response of the LFS server does not mention the object {sha256} ('{path}'). "
        + $"Tell the operator of the hub.");

    /// <summary>The LFS server names a URL that is not https, or not http.</summary>
    public static HubException LfsUrlRefused(Uri server, Uri? url) => new(WiseCodes.RedirectRefused,
        $"the LFS server ({Urls.Show(server)}) names a URL that is not allowed{(url is null ? "" : $" ({Urls.Show(url)})")}. "
        + $"Only http(s) is, and never http after https. Tell the operator of the hub.");

    public static HubException ContentRefused(Uri server, int code, string said) => new(
        code is 401 or 403 ? WiseCodes.Forbidden : WiseCodes.LfsObjectMissing,
        $"the LFS server ({Urls.Show(server)}) answered {code}{said}. The repo has the pointer, but the server does not give its "
        + $"content: ask the owner of the repo to push it (git lfs push --all).");

    public static HubException NoDownloadUrl(Uri server) => new(WiseCodes.LfsObjectMissing,
        $"the LFS server ({Urls.Show(server)}) names no download URL. "
        + $"Ask the owner of the repo to push the content (git lfs push --all).");

    public static HubException NoUploadUrl(string repo, Digest sha256) => new(WiseCodes.LfsUnusable,
        $"{repo}: the LFS server names no upload URL for the object {sha256}. Tell the operator of the hub.");

    public static HubException PartsDoNotFit(string repo, Uri server, string path, long size, int parts) => new(
        WiseCodes.LfsUnusable, $"{repo}: the LFS server ({Urls.Show(server)}) requests '{path}' ({size} bytes) in {parts} parts, "
            + $"whose numbers and size do not fit the file. Tell the operator of the hub.");

    public static HubException PartWithoutETag(string repo, Uri url, int part, string path) => new(WiseCodes.LfsUnusable,
        $"{repo}: {Urls.Show(url)} accepted part {part} of '{path}' without an ETag, which is needed to join the parts. "
        + $"Tell the operator of the hub.");

    /// <param name="repo">Repo and hub.</param>
    /// <param name="path">The file.</param>
    /// <param name="size">Its bytes.</param>
    /// <param name="url">The URL of the upload.</param>
    /// <param name="status">The status of the response; 0 for a URL that has expired before the upload.</param>
    /// <param name="said">The detail of the response.</param>
    /// <param name="what">A prefix of the file, for example "the joined parts of ".</param>
    public static HubException UploadRefused(
        string repo, string path, long size, Uri url, int status, string said, string what) => new(WiseCodes.LfsUploadRefused,
        $"{repo}: the hub refuses {what}'{path}' ({ByteSize.Show(size)}): {Urls.Show(url)} "
        + $"{(status == 0 ? (Text)$"has already expired" : (Text)$"answered {status}")}{said}. No commit was made. Check the "
        + $"permissions and "
        + $"the storage quota of the account, then push again: uploaded files are not sent again.");

    public static HubException StoredWrong(
        string repo, string path, long size, Digest sha256, Uri url, HttpStatusCode status, string said) => new(
        WiseCodes.LfsContentDamaged, $"{repo}: '{path}': the hub did not store the {size} bytes with sha256 {sha256} that were "
            + $"sent ({Urls.Show(url)} answered {(int)status}{(said.Length > 0 ? $": \"{said}\"" : "")}). No commit was made. "
            + $"Push again. If it happens again, tell the operator of the hub.");

    // wisehub lfs, the transfer agent of git-lfs.

    public static Text AgentOnlyUploads => $"this agent expects 'init' first, and only uploads";

    public static HubException NotAGitRepository(string folder, Exception cause) => new(WiseCodes.NotAGitRepository,
        $"{folder}: git reports: {cause.Message}. Name a folder of a git repository with write permission.", cause);

    public static HubException NotALineOfGitLfs(Exception cause) => new(WiseCodes.NotGitLfs,
        $"The text on standard input is not from git-lfs: {cause.Message} git-lfs starts this command; "
        + $"'wisehub lfs enable-largefiles' sets it up.", cause);

    public static HubException UnknownEvent(string? name) => new(WiseCodes.NotGitLfs,
        $"git-lfs sent '{name}', which an upload agent does not support. Update git-lfs and wisehub.");

    public static HubException IncompleteUpload() => new(WiseCodes.NotGitLfs,
        $"git-lfs sent 'upload' without oid, path and action. Update git-lfs and wisehub.");

    public static HubException ContentDamaged(string path, Digest sha256, string expected) => new(WiseCodes.VerificationFailed,
        $"{path} is damaged: it has the sha256 {sha256} instead of {expected}. Download it again (git lfs fetch), "
        + $"or add the file again.");

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
