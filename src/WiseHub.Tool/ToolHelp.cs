namespace WiseHub.Tool;

/// <summary>
/// One line for each command, argument and option; docs/tool.md says the same in tables, and CommandPages.cs has the longer
/// explanations.
/// </summary>
internal static class ToolHelp
{
    public const string Root = "Downloads models and datasets from hubs, verifies them by sha256, and drives WiseHub.Build.";

    // ---- arguments and options that several commands have

    public const string Repo = "owner/name, or the page URL of a repo on a configured hub.";
    public const string RepoOrUrl = "owner/name, the page URL of a repo, folder or file on a hub, or the URL of any other file.";
    public const string Hub = "The hub. Default: the default hub.";
    public const string HubArgument = "The name of the hub. Default: the default hub.";
    public const string HubOption = "The same as the argument, spelled as in other commands.";
    public const string Type = "model (default), dataset, code or space.";
    public const string Revision = "Branch, tag or commit (the hub's default branch).";
    public const string Include = "Files to take, as patterns: '*' also matches '/'.";
    public const string Exclude = "Files to leave out, as patterns.";
    public const string Offline = "Open no socket: use the cache and folder hubs.";
    public const string NoMirrorWrite = "Write to no mirror, not even to those that allow it.";
    public const string Timeout = "Seconds without a byte until a hub has stalled (15).";
    public const string Json = "Print one JSON object, and no progress.";
    public const string DryRun = "Only print what would be removed.";
    public const string Yes = "Do not ask.";

    // ---- download, upload

    public const string Download = "Downloads a repo or some of its files.";
    public const string DownloadDryRun = "Print what would be downloaded, and write nothing.";
    public const string DownloadPaths = "Files of the repo, by their exact paths. Default: all files.";
    public const string DownloadHub = "The hub, or several, separated by ';'.";
    public const string DownloadRevision = "Branch, tag or commit (the hub's default branch).";
    public const string DatasetConfig = "The configuration of a dataset.";
    public const string LocalDirectory = "Put the files there instead of into the cache.";
    public const string Sha256 = "The sha256 of the one file, or of the archive.";
    public const string Unpack = "Unpack the .zip, .tar or .tar.gz at the URL.";
    public const string ForceDownload = "Download existing files again.";
    public const string Connections = "Maximum connections for one large file, 1 to 8 (8).";
    public const string UseGitToDownload = "Download with the local git, on hubs that allow it.";

    public const string Upload = "Uploads a folder or a file as one commit.";
    public const string UploadPath = "The folder or file to upload.";
    public const string UploadRepo = "owner/name; on some hubs, a name alone means your own.";
    public const string UploadHub = "The hub. Default: the default hub of wisehub.json.";
    public const string UploadBranch = "The branch, created if it does not exist (main).";
    public const string PathInRepo = "Where to put the files in the repo.";
    public const string UploadInclude = "Files to upload, as patterns: '*' also matches '/'.";
    public const string UploadExclude = "Files to leave out, as patterns.";
    public const string CreateMissing = "Create the repo if it does not exist.";
    public const string CreatePrivate = "With --create: make the new repo private.";
    public const string PruneRepo = "Delete all other files of the repo.";
    public const string UploadDryRun = "Print what would be done, and do nothing.";
    public const string Workers = "Files sent in parallel, 1 to 64 (4).";
    public const string ChunkSize = "The part size, 64KiB to 1GiB, if the hub allows (5MiB).";
    public const string Retries = "Attempts for each request, 1 to 100 (8).";
    public const string UseGitToUpload = "Commit and push with git, on hubs that allow it.";
    public const string ForceUpload = "Read all files again, and restart interrupted uploads.";

    public static string CommitMessage(string standard) => $"The commit message ('{standard}').";

    // ---- restore, update, verify

    public const string Restore = "Downloads and verifies the models of a project.";
    public const string Update = "Resolves all revisions again, and rewrites lock files.";
    public const string Verify = "Hashes the models of a project again.";
    public const string Project = "A project or solution file, or a folder with one. Default: the working directory.";
    public const string BuildOffline = "Open no socket (WiseOffline).";
    public const string BuildNoMirrorWrite = "Write to no mirror (WiseMirrorWrite=false).";
    public const string Locked = "Fail if the lock file does not cover all (WiseLockedMode).";
    public const string RemoveUnused = "Remove entries that no project, target framework or configuration uses.";
    public const string Configuration = "With --remove-unused: a configuration in use, besides Debug and Release.";

    // ---- cache

    public const string Cache = "Lists, verifies and cleans the cache of this machine.";
    public const string CacheDirectory = "Prints the root of the cache.";
    public const string CacheList = "Lists the repos in the cache, with sizes and last use.";
    public const string CacheSort = "The order: name, size or used (name).";
    public const string CacheVerify = "Hashes every file of the cache and removes damaged ones.";
    public const string CachePrune = "Removes files that nothing refers to.";
    public const string OlderThan = "Also remove what was not used for this long: 12h, 30d or 8w.";
    public const string MaxSize = "Also remove the least recently used beyond this size: 500MB or 20GiB.";
    public const string CacheRemove = "Removes a repo from the cache.";
    public const string CacheRepo = "owner/name.";
    public const string CacheHub = "The hub. Default: all hubs.";
    public const string CacheType = "model, dataset, code or space. Default: all types.";
    public const string CacheRevision = "Branch, tag or commit. Default: all commits.";

    // ---- mirror

    public const string Mirror = "Copies commits between hubs, and into bundles.";
    public const string MirrorPull = "Copies repos from their hubs to another hub or a bundle.";
    public const string MirrorPush = "Imports a bundle into a hub, or copies repos to it.";
    public const string MirrorList = "Lists the commits of a folder hub, a bucket or a bundle.";
    public const string MirrorLock = "A wise.lock.json, whose commits and files are copied.";
    public const string MirrorTo = "A hub with a folder or bucket, or the bundle to write (.tar).";
    public const string MirrorToHub = "A hub with a folder or bucket.";
    public const string MirrorHub = "The hub that has the repos. Default: as for download.";
    public const string MirrorRevision = "Branch, tag or commit (the hub's default branch).";
    public const string MirrorHave = "An earlier bundle, or a text file with sha256 digests, whose files are left out.";
    public const string MirrorFrom = "A bundle, or the hub that has the repos.";
    public const string MirrorPlace = "A hub with a folder or bucket, or a bundle.";
    public const string MirrorDigests = "Print the sha256 of each file, one per line.";

    // ---- login, logout, whoami

    public const string Login = "Stores a token or session for a hub.";
    public const string LoginUser = "Log in with this user name and a password, on hubs that allow it.";
    public const string TokenFromInput = "Read the token from standard input, for scripts.";
    public const string PasswordFromInput = "With --user: read the password from standard input, for scripts.";
    public const string ForceLogin = "Ask even if you are logged in.";
    public const string PrintToken = "Print the token in use as the last line.";
    public const string Logout = "Removes the stored login for a hub.";
    public const string LogoutAll = "Log out of all hubs.";
    public const string WhoAmI = "Asks a hub who owns the token in use.";
    public const string LoginJson = "Print one JSON object.";

    // ---- entries

    public const string Entries = "Lists and loads the entry points of a repo.";
    public const string EntriesList = "Lists the entries of a repo.";
    public const string EntriesHelp = "Describes an entry and its parameters.";
    public const string EntriesImport = "Loads hubconf.dll as a test, and lists its entries.";
    public const string EntriesLoad = "Downloads the files of an entry, or calls its code.";
    public const string EntryName = "The name of the entry.";
    public const string EntryArguments = "Arguments of the entry.";
    public const string EntryHub = "The hub.";
    public const string EntryFile = "The entry file in the repo, if it is not hubconf.";
    public const string Cached = "Do not ask the hub: use the last known commit.";
    public const string Trust = "Run the code of the repo. It can then do all that you can do.";
    public const string TimeLimit = "Seconds after which the code of the repo is ended (600).";

    // ---- snippet, repo, search

    public const string Snippet = "Prints the lines with which a project uses a repo.";
    public const string SnippetPath = "The file of the repo to use. Default: all files.";
    public const string SnippetHub = "The hub. Default: the default hub of the project.";
    public const string RepoGroup = "Creates, lists, describes and deletes repos of a hub.";
    public const string RepoCreate = "Creates a repo.";
    public const string Private = "Make the repo private.";
    public const string ExistOk = "Succeed if the repo already exists.";
    public const string RepoDelete = "Permanently deletes a repo with everything in it.";
    public const string DeleteYes = "Do not ask for the name.";
    public const string RepoList = "Lists the repos of an owner (--author).";
    public const string Search = "Finds repos by a part of their id, by owner and by tags.";
    public const string SearchText = "A part of the id.";
    public const string Author = "The account or organization that owns the repos.";
    public const string Tag = "Tags of the repos, separated by ';': a library, a language or a task.";
    public const string RepoFiles = "Lists the files of a repo. Downloads nothing.";
    public const string RepoInfo = "Prints what the hub knows about a repo.";
    public const string RepoUrl = "Prints the escaped URL of a file. Contacts no hub.";
    public const string RepoPath = "A file of the repo.";

    public static string Limit(int standard) => $"The maximum number of repos to list ({standard}).";

    // ---- doctor

    public const string Doctor = "Checks this installation, its settings and its hubs.";
    public const string DoctorLock = "The lock file to check (wise.lock.json).";
    public const string DoctorOffline = "Do not contact the hubs.";

    // ---- completion

    public const string Completion = "Prints a script that completes commands in a shell.";
    public const string CompletionShell = "bash, zsh, fish or pwsh.";
    public const string Complete = "Completes a command line, for the scripts of 'wisehub completion'.";

    // ---- the help itself

    public const string Help = "Explains a command.";
    public const string HelpCommands = "The command, with its subcommand. Default: all commands.";
    public const string Quiet = "Print only the result and errors.";
    public const string Verbose = "Print requests and decisions, too.";
    public const string HelpOption = "Show this help.";
    public const string HelpUsage = "Usage: wisehub <command> [options]";
    public const string HelpMore = "'wisehub help <command>' explains a command, with examples.";
}
