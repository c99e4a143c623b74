namespace WiseHub.Tool;

/// <summary>The help texts of the commands; docs/tool.md says the same in tables.</summary>
internal static class ToolHelp
{
    public const string Root = "Downloads models and datasets from hubs, verifies them by sha256, and drives WiseHub.Build.";

    // ---- arguments and options that several commands have

    public const string Repo = "owner/name, or the page URL of a repo on a configured hub.";
    public const string RepoOrUrl =
        "owner/name, the page URL of a repo, folder or file on a configured hub, or the URL of any other file.";
    public const string Hub = "The hub. Default: the default hub.";
    public const string HubArgument = "The name of the hub. Default: the default hub.";
    public const string HubOption = "The same as the argument, spelled as in other commands.";
    public const string Type = "model (default), dataset, code or space.";
    public const string Revision = "Branch, tag or commit. Default: the hub's default branch.";
    public const string Include =
        "Files to take, as fnmatch patterns: '*' also matches '/'. Repeat the option, or separate patterns by ';'.";
    public const string Exclude = "Files to leave out, as fnmatch patterns.";
    public const string Offline = "Open no socket: the cache and folder hubs must have everything.";
    public const string NoMirrorWrite = "Write to no mirror, not even to those with \"write\": true.";
    public const string Timeout = "Seconds without a byte after which a hub counts as stalled. Default: 15.";
    public const string Json = "Print one JSON object on standard output, and no progress.";
    public const string DryRun = "Only print what would be removed.";
    public const string Yes = "Do not ask.";

    // ---- download, upload

    public const string Download = "Downloads a repo or some of its files. The last line of standard output is the folder, "
        + "or the one file, that was downloaded. " + TokenSource;
    public const string DownloadPaths = "Files of the repo, by their exact paths. Default: all files.";
    public const string DownloadHub =
        "The hub. With several, separated by ';', the first resolves the revision and the others only provide bytes.";
    public const string DownloadRevision =
        "Branch, tag or commit. Default: the hub's default branch. A branch is resolved again on every call.";
    public const string DatasetConfig = "The configuration of a dataset, on hubs that have configurations.";
    public const string LocalDirectory =
        "Put the files there instead of into the cache. Files that differ are replaced; other files stay.";
    public const string Sha256 = "The sha256 that the one file, or the archive, must have.";
    public const string Unpack = "Unpack the .zip, .tar or .tar.gz at the URL.";
    public const string ForceDownload = "Download existing files again. They are replaced only after verification.";
    public const string Connections = "Maximum connections for one large file, 1 to 8. Default: 8. 1 is a single stream.";
    public const string UseGitToDownload = "Download with the local git instead of over HTTPS, on hubs that allow it.";

    public const string Upload = "Uploads a folder or a file as one commit. Files that the hub already has are not sent. "
        + "The last line of standard output is the URL of the commit, or the commit itself if the hub has no pages. "
        + TokenSource;
    public const string UploadPath = "The folder or file to upload.";
    public const string UploadRepo = "owner/name; on hubs with personal namespaces, a name alone means your own.";
    public const string UploadHub = "The hub. Default: the default hub of wisehub.json.";
    public const string UploadBranch = "The branch, created if it does not exist. Default: main.";
    public const string PathInRepo = "Where to put the files: for a folder, the folder in the repo; "
        + "for a file, its path there, or its folder if it ends in '/'.";
    public const string UploadInclude = "Files to upload, as fnmatch patterns relative to the folder: '*' also matches '/'. "
        + "Repeat the option, or separate patterns by ';'.";
    public const string UploadExclude =
        "Files to leave out, as fnmatch patterns. .git and folders with download records are always left out.";
    public const string CreateMissing = "Create the repo if it does not exist.";
    public const string CreatePrivate = "With --create: make the new repo private.";
    public const string PruneRepo = "Delete the files of the repo that are not part of this upload.";
    public const string UploadDryRun = "Print what would be done, and do nothing.";
    public const string Workers = "Files sent in parallel, 1 to 64. Default: 4.";
    public const string ChunkSize = "The part size, 64KiB to 1GiB, on hubs that accept parts of any size. "
        + "A different size than before restarts the upload of a file. Default: 5MiB.";
    public const string Retries = "Attempts for each request, 1 to 100. Default: 8, or the hub's setting in wisehub.json.";
    public const string UseGitToUpload = "Commit and push with the local git, on hubs that allow it.";
    public const string ForceUpload = "Read every file again, and restart interrupted uploads.";

    public static string CommitMessage(string standard) => $"The commit message. Default: '{standard}'.";

    // ---- restore, update, verify

    public const string Restore = "Downloads and verifies the models that a project references.";
    public const string Update = "Resolves every revision that projects reference again, and rewrites their lock files.";
    public const string Verify =
        "Hashes the models of projects again, in the cache and in the output, and compares them with the lock file.";
    public const string Project = "A project or solution file, or a folder with one. Default: the working directory. "
        + "Projects of a solution that do not use WiseHub.Build are skipped.";
    public const string BuildOffline = "Open no socket (WiseOffline).";
    public const string BuildNoMirrorWrite =
        "Write to no mirror, not even to those with \"write\": true (WiseMirrorWrite=false).";
    public const string Locked = "Fail if the lock file does not cover everything (WiseLockedMode).";
    public const string RemoveUnused = "Remove the entries of lock files that no project, target framework or configuration "
        + "uses. Name the solution if projects share a lock file.";
    public const string Configuration =
        "With --remove-unused: another configuration whose references are in use, besides Debug and Release.";

    // ---- cache

    public const string Cache = "Manages the cache of this machine.";
    public const string CacheDirectory = "Prints the root of the cache: WISEHUB_CACHE, else the user's cache folder.";
    public const string CacheList = "Lists the repos in the cache with their commits, sizes and last use.";
    public const string CacheVerify =
        "Hashes every file of the cache. Damaged files are removed; the next build that needs them downloads them again.";
    public const string CachePrune = "Removes files that are in no file list of the cache and in no lock file that was built "
        + "with it. Files used within the last hour stay.";
    public const string OlderThan = "Also remove what was not used for this long, for example 12h, 30d or 8w.";
    public const string MaxSize =
        "Also remove the least recently used until the cache has at most this size, for example 500MB, 20GB or 20GiB.";
    public const string CacheRemove = "Removes a repo from the cache, with the files that nothing else refers to.";
    public const string CacheRepo = "owner/name.";
    public const string CacheHub = "The hub. Default: all hubs.";
    public const string CacheType = "model, dataset, code or space. Default: all types.";
    public const string CacheRevision = "Branch, tag or commit. Default: all commits.";

    // ---- mirror

    public const string Mirror = "Copies commits between hubs, and into bundle files for machines that reach no hub.";
    public const string MirrorPull = "Copies repos from their hubs to another hub, or into a bundle. Everything is verified; "
        + "existing files are not written again.";
    public const string MirrorPush = "Imports a bundle into a hub, or copies repos from one hub to another. "
        + "A bundle is verified before any of it becomes visible.";
    public const string MirrorList = "Lists the commits of a folder hub, a bucket or a bundle.";
    public const string MirrorLock = "A wise.lock.json. Its commits and files are copied; no revision is resolved.";
    public const string MirrorTo = "A hub with a folder or bucket, or the bundle to write: a file that ends in .tar.";
    public const string MirrorToHub = "A hub with a folder or bucket.";
    public const string MirrorHub = "The hub that has the repos. Default: as for download.";
    public const string MirrorRevision =
        "Branch, tag or commit. Default: the hub's default branch, which the copy calls HEAD.";
    public const string MirrorHave = "Files to leave out of the bundle because the destination has them: an earlier bundle, "
        + "or a text file with sha256 digests ('mirror ls --digests').";
    public const string MirrorFrom = "A bundle, which is imported as a whole, or the hub that has the repos.";
    public const string MirrorPlace = "A hub with a folder or bucket, or a bundle.";
    public const string MirrorDigests = "Print the sha256 of each file, one per line, as a list for 'mirror pull --have'.";

    // ---- login, logout, whoami

    public const string Login = "Stores a token for a hub, readable only by you, after the hub has confirmed its owner. "
        + "With --user, stores the session for a user name and password. Tokens and passwords are read from the terminal, "
        + "not shown, and never given as options.";
    public const string LoginUser = "Log in with this user name and a password, on hubs that allow it. "
        + "The password is read from the terminal; it is never an option.";
    public const string TokenFromInput = "Read the token from standard input, for scripts.";
    public const string PasswordFromInput = "With --user: read the password from standard input, for scripts.";
    public const string ForceLogin = "Ask for a token or password even if you are logged in.";
    public const string PrintToken = "Print the token in use as the last line of standard output. Nothing else prints it.";
    public const string Logout =
        "Removes the stored login for a hub. Environment variables and files of other tools are left alone.";
    public const string LogoutAll = "Log out of all hubs.";
    public const string WhoAmI = "Asks a hub who owns the token in use, and prints where the token comes from.";
    public const string LoginJson = "Print one JSON object on standard output.";

    // ---- entries

    public const string Entries = "Works with the entry points of a repo (hubconf.json, hubconf.dll, hubconf.py).";
    public const string EntriesList = "Lists the entries. Runs no code of the repo.";
    public const string EntriesHelp = "Describes an entry and its parameters. Runs no code of the repo.";
    public const string EntriesImport = "Loads hubconf.dll and lists its entries, as a test that it can be loaded here.";
    public const string EntriesLoad = "Downloads the files of an entry and, if it is code, calls it. "
        + "The last line of standard output is the returned value, or the folder with the files.";
    public const string EntryName = "The name of the entry.";
    public const string EntryArguments = "Arguments of the entry.";
    public const string EntryHub = "The hub.";
    public const string EntryFile = "The entry file in the repo, if it is not hubconf.";
    public const string Cached = "Use the last known commit of the branch instead of asking the hub.";
    public const string Trust = "Run the code of the repo, in a process of its own. "
        + "Its authors can then do everything that you can do.";
    public const string TimeLimit = "Seconds after which the code of the repo is ended (600).";

    // ---- snippet, repo, search

    public const string Snippet = "Prints the lines with which a project uses a repo. Contacts no hub.";
    public const string SnippetHub = "The hub. Default: the default hub of the project.";
    public const string RepoGroup = "Creates, finds and deletes repos of a hub.";
    public const string RepoCreate = "Creates a repo of an account or organization. A name alone means your own namespace. "
        + "The last line of standard output is the page of the repo.";
    public const string Private = "Make the repo private.";
    public const string ExistOk = "Succeed if the repo already exists.";
    public const string RepoDelete = "Permanently deletes a repo with everything in it. You confirm by typing its name.";
    public const string DeleteYes = "Do not ask for the name.";
    public const string RepoList = "Lists the repos of an owner (--author).";
    public const string Search = "Finds repos by a part of their id, by owner and by tags.";
    public const string SearchText = "A part of the id.";
    public const string Author = "The account or organization that owns the repos.";
    public const string Tag =
        "A tag of the repos: a library, a language or a task. Repeat the option, or separate tags by ';'.";
    public const string RepoFiles = "Lists the files of a repo. Downloads nothing.";
    public const string RepoInfo = "Prints what the hub knows about a repo.";
    public const string RepoUrl = "Prints the escaped URL of a file. Contacts no hub.";
    public const string RepoPath = "A file of the repo.";

    public static string Limit(int standard) => $"The maximum number of repos to list. Default: {standard}.";

    private const string TokenSource = "A token is read from WISEHUB_TOKEN_<HUB>.";
}
