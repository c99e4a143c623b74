namespace WiseHub.Tool;

/// <summary>The help texts of the commands that work on a project or its lock file.</summary>
internal static class ProjectHelp
{
    public const string Add = "Adds a model to a project, and restores it.";
    public const string ProjectOption = "The project file, or a folder that contains one. Default: the working directory.";
    public const string AddHub = "The hub. Default: that of the project's references without a hub.";
    public const string AddRevision = "Branch, tag or commit to follow. Default: the hub's default branch. The lock file pins "
        + "the commit.";
    public const string AddInclude = "Files to take, as fnmatch patterns, instead of those that would be chosen.";
    public const string Alias = "The name of the folder and of the generated class. Default: the name of the repo.";
    public const string AllFiles = "Take all files of the repo.";

    public const string Remove = "Removes a model from a project.";
    public const string RepoOrAlias = "owner/name, or the alias of the reference.";

    public const string List = "Lists the models of a project, with commits and sizes.";
    public const string OneConfiguration = "The configuration whose references are listed. Default: Debug.";
    public const string Outdated = "Lists models whose revision has a newer commit.";
    public const string ExitCode = "End with exit code 1 if something is outdated.";

    public const string Diff = "Compares the files of two revisions of a repo.";
    public const string From = "The older branch, tag or commit.";
    public const string To = "The newer branch, tag or commit.";

    public const string Info = "Describes a model without downloading its weights.";
    public const string InfoFile = "A file of the repo. Default: the weights that 'wisehub add' would choose.";

    public const string LockGroup = "Merges lock files by their entries.";
    public const string LockMerge = "Resolves the merge conflict of a lock file.";
    public const string LockFileArgument = "The lock file, or its folder. Default: wise.lock.json in the working directory.";
    public const string Ours = "Take our commit where both sides have another one.";
    public const string Theirs = "Take their commit where both sides have another one.";
    public const string InstallDriver = "Sets up git so that it merges lock files itself.";
    public const string RepositoryFolder = "A folder of the repository. Default: the working directory.";
    public const string Driver = "Started by git; not meant for users.";

    /// <summary>The arguments as git names them: %O, %A, %B, %P.</summary>
    public static readonly string[] DriverArguments = ["ancestor", "ours", "theirs", "path"];
}
