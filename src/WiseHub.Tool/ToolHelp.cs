namespace WiseHub.Tool;

/// <summary>
/// One line for each command, argument and option; docs/tool.md says the same in tables, and CommandPages.cs has the longer
/// explanations.
/// </summary>
internal static class ToolHelp
{
    public static Text Root => $"Downloads models and datasets from hubs, verifies them by sha256, and drives WiseHub.Build.";

    // ---- arguments and options that several commands have

    public static Text Repo => $"owner/name, or the page URL of a repo on a configured hub.";
    public static Text RepoOrUrl => $"owner/name, the page URL of a repo, folder or file on a hub, or the URL of any other file.";
    public static Text Hub => $"The hub. Default: the default hub.";
    public static Text HubArgument => $"The name of the hub. Default: the default hub.";
    public static Text HubOption => $"The same as the argument, spelled as in other commands.";
    public static Text Type => $"model (default), dataset, code or space.";
    public static Text Revision => $"Branch, tag or commit (the hub's default branch).";
    public static Text Include => $"Files to take, as patterns: '*' also matches '/'.";
    public static Text Exclude => $"Files to leave out, as patterns.";
    public static Text Offline => $"Open no socket: use the cache and folder hubs.";
    public static Text NoMirrorWrite => $"Write to no mirror, not even to those that allow it.";
    public static Text Timeout => $"Seconds without a byte until a hub has stalled (15).";
    public static Text Json => $"Print one JSON object, and no progress.";
    public static Text DryRun => $"Only print what would be removed.";
    public static Text Yes => $"Do not ask.";

    // ---- download, upload

    public static Text Download => $"Downloads a repo or some of its files.";
    public static Text DownloadDryRun => $"Print what would be downloaded, and write nothing.";
    public static Text DownloadPaths => $"Files of the repo, by their exact paths. Default: all files.";
    public static Text DownloadHub => $"The hub, or several, separated by ';'.";
    public static Text DownloadRevision => $"Branch, tag or commit (the hub's default branch).";
    public static Text DatasetConfig => $"The configuration of a dataset.";
    public static Text LocalDirectory => $"Put the files there instead of into the cache.";
    public static Text Sha256 => $"The sha256 of the one file, or of the archive.";
    public static Text Unpack => $"Unpack the .zip, .tar or .tar.gz at the URL.";
    public static Text ForceDownload => $"Download existing files again.";
    public static Text Connections => $"Maximum connections for one large file, 1 to 8 (8).";
    public static Text UseGitToDownload => $"Download with the local git, on hubs that allow it.";

    public static Text Upload => $"Uploads a folder or a file as one commit.";
    public static Text UploadPath => $"The folder or file to upload.";
    public static Text UploadRepo => $"owner/name; on some hubs, a name alone means your own.";
    public static Text UploadHub => $"The hub. Default: the default hub of wisehub.json.";
    public static Text UploadBranch => $"The branch, created if it does not exist (main).";
    public static Text PathInRepo => $"Where to put the files in the repo.";
    public static Text UploadInclude => $"Files to upload, as patterns: '*' also matches '/'.";
    public static Text UploadExclude => $"Files to leave out, as patterns.";
    public static Text CreateMissing => $"Create the repo if it does not exist.";
    public static Text CreatePrivate => $"With --create: make the new repo private.";
    public static Text PruneRepo => $"Delete all other files of the repo.";
    public static Text UploadDryRun => $"Print what would be done, and do nothing.";
    public static Text Workers => $"Files sent in parallel, 1 to 64 (4).";
    public static Text ChunkSize => $"The part size, 64KiB to 1GiB, if the hub allows (5MiB).";
    public static Text Retries => $"Attempts for each request, 1 to 100 (8).";
    public static Text UseGitToUpload => $"Commit and push with git, on hubs that allow it.";
    public static Text ForceUpload => $"Read all files again, and restart interrupted uploads.";

    public static Text CommitMessage(string standard) => $"The commit message ('{standard}').";

    // ---- restore, update, verify

    public static Text Restore => $"Downloads and verifies the models of a project.";
    public static Text Update => $"Resolves all revisions again, and rewrites lock files.";
    public static Text Project => $"A project or solution file, or a folder with one. Default: the working directory.";
    public static Text BuildOffline => $"Open no socket (WiseOffline).";
    public static Text BuildNoMirrorWrite => $"Write to no mirror (WiseMirrorWrite=false).";
    public static Text Locked => $"Fail if the lock file does not cover all (WiseLockedMode).";
    public static Text RemoveUnused => $"Remove entries that no project, target framework or configuration uses.";
    public static Text Configuration => $"With --remove-unused: a configuration in use, besides Debug and Release.";

    // ---- cache

    public static Text Cache => $"Lists, verifies and cleans the cache of this machine.";
    public static Text CacheDirectory => $"Prints the root of the cache.";
    public static Text CacheList => $"Lists the repos in the cache, with sizes and last use.";
    public static Text CacheSort => $"The order: name, size or used (name).";
    public static Text CacheVerify => $"Hashes every file of the cache and removes damaged ones.";
    public static Text CachePrune => $"Removes files that nothing refers to.";
    public static Text OlderThan => $"Also remove what was not used for this long: 12h, 30d or 8w.";
    public static Text MaxSize => $"Also remove the least recently used beyond this size: 500MB or 20GiB.";
    public static Text CacheRemove => $"Removes a repo from the cache.";
    public static Text CacheRepo => $"owner/name.";
    public static Text CacheHub => $"The hub. Default: all hubs.";
    public static Text CacheType => $"model, dataset, code or space. Default: all types.";
    public static Text CacheRevision => $"Branch, tag or commit. Default: all commits.";

    // ---- mirror

    public static Text Mirror => $"Copies commits between hubs, and into bundles.";
    public static Text MirrorPull => $"Copies repos from their hubs to another hub or a bundle.";
    public static Text MirrorPush => $"Imports a bundle into a hub, or copies repos to it.";
    public static Text MirrorList => $"Lists the commits of a folder hub, a bucket or a bundle.";
    public static Text MirrorLock => $"A wise.lock.json, whose commits and files are copied.";
    public static Text MirrorTo => $"A hub with a folder or bucket, or the bundle to write (.tar).";
    public static Text MirrorToHub => $"A hub with a folder or bucket.";
    public static Text MirrorHub => $"The hub that has the repos. Default: as for download.";
    public static Text MirrorRevision => $"Branch, tag or commit (the hub's default branch).";
    public static Text MirrorHave => $"An earlier bundle, or a text file with sha256 digests, whose files are left out.";
    public static Text MirrorFrom => $"A bundle, or the hub that has the repos.";
    public static Text MirrorPlace => $"A hub with a folder or bucket, or a bundle.";
    public static Text MirrorDigests => $"Print the sha256 of each file, one per line.";

    // ---- login, logout, whoami

    public static Text Login => $"Stores a token or session for a hub.";
    public static Text LoginUser => $"Log in with this user name and a password, on hubs that allow it.";
    public static Text TokenFromInput => $"Read the token from standard input, for scripts.";
    public static Text PasswordFromInput => $"With --user: read the password from standard input, for scripts.";
    public static Text ForceLogin => $"Ask even if you are logged in.";
    public static Text PrintToken => $"Print the token in use as the last line.";
    public static Text Logout => $"Removes the stored login for a hub.";
    public static Text LogoutAll => $"Log out of all hubs.";
    public static Text WhoAmI => $"Asks a hub who owns the token in use.";
    public static Text LoginJson => $"Print one JSON object.";

    // ---- entries

    public static Text Entries => $"Lists and loads the entry points of a repo.";
    public static Text EntriesList => $"Lists the entries of a repo.";
    public static Text EntriesHelp => $"Describes an entry and its parameters.";
    public static Text EntriesImport => $"Loads hubconf.dll as a test, and lists its entries.";
    public static Text EntriesLoad => $"Downloads the files of an entry, or calls its code.";
    public static Text EntryName => $"The name of the entry.";
    public static Text EntryArguments => $"Arguments of the entry.";
    public static Text EntryHub => $"The hub.";
    public static Text EntryFile => $"The entry file in the repo, if it is not hubconf.";
    public static Text Cached => $"Do not ask the hub: use the last known commit.";
    public static Text Trust => $"Run the code of the repo. It can then do all that you can do.";
    public static Text TimeLimit => $"Seconds after which the code of the repo is ended (600).";

    // ---- snippet, repo, search

    public static Text Snippet => $"Prints the lines with which a project uses a repo.";
    public static Text SnippetPath => $"The file of the repo to use. Default: all files.";
    public static Text SnippetHub => $"The hub. Default: the default hub of the project.";
    public static Text RepoGroup => $"Creates, lists, describes and deletes repos of a hub.";
    public static Text RepoCreate => $"Creates a repo.";
    public static Text Private => $"Make the repo private.";
    public static Text ExistOk => $"Succeed if the repo already exists.";
    public static Text RepoDelete => $"Permanently deletes a repo with everything in it.";
    public static Text DeleteYes => $"Do not ask for the name.";
    public static Text RepoList => $"Lists the repos of an owner (--author).";
    public static Text Search => $"Finds repos by a part of their id, by owner and by tags.";
    public static Text SearchText => $"A part of the id.";
    public static Text Author => $"The account or organization that owns the repos.";
    public static Text Tag => $"Tags of the repos, separated by ';': a library, a language or a task.";
    public static Text RepoFiles => $"Lists the files of a repo. Downloads nothing.";
    public static Text RepoInfo => $"Prints what the hub knows about a repo.";
    public static Text RepoUrl => $"Prints the escaped URL of a file. Contacts no hub.";
    public static Text RepoPath => $"A file of the repo.";

    public static Text Limit(int standard) => $"The maximum number of repos to list ({standard}).";

    // ---- doctor

    public static Text Doctor => $"Checks this installation, its settings and its hubs.";
    public static Text DoctorLock => $"The lock file to check (wise.lock.json).";
    public static Text DoctorOffline => $"Do not contact the hubs.";

    // ---- completion

    public static Text Completion => $"Prints a script that completes commands in a shell.";
    public static Text CompletionShell => $"bash, zsh, fish or pwsh.";
    public static Text Complete => $"Completes a command line, for the scripts of 'wisehub completion'.";

    // ---- the help itself

    public static Text Help => $"Explains a command.";
    public static Text HelpCommands => $"The command, with its subcommand. Default: all commands.";
    public static Text Quiet => $"Print only the result and errors.";
    public static Text Verbose => $"Print requests and decisions, too.";
    public static Text HelpOption => $"Show this help.";
    public static Text HelpUsage => $"Usage: wisehub <command> [options]";
    public static Text HelpMore => $"'wisehub help <command>' explains a command, with examples.";
}
