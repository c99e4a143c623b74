namespace WiseHub.Tool;

/// <summary>The help texts of the commands that work on a project or its lock file.</summary>
internal static class ProjectHelp
{
    public static Text Add => $"Adds a model to a project, and restores it.";
    public static Text ProjectOption => $"The project file, or a folder that contains one. Default: the working directory.";
    public static Text AddHub => $"The hub. Default: that of the project's references without a hub.";
    public static Text AddRevision => $"Branch, tag or commit to follow. Default: the hub's default branch. The lock file pins "
        + $"the commit.";
    public static Text AddInclude => $"Files to take, as fnmatch patterns, instead of those that would be chosen.";
    public static Text Alias => $"The name of the folder and of the generated class. Default: the name of the repo.";
    public static Text AllFiles => $"Take all files of the repo.";

    public static Text Remove => $"Removes a model from a project.";
    public static Text RepoOrAlias => $"owner/name, or the alias of the reference.";

    public static Text List => $"Lists the models of a project, with commits and sizes.";
    public static Text OneConfiguration => $"The configuration whose references are listed. Default: Debug.";
    public static Text Outdated => $"Lists models whose revision has a newer commit.";
    public static Text ExitCode => $"End with exit code 1 if something is outdated.";

    public static Text Diff => $"Compares the files of two revisions of a repo.";
    public static Text From => $"The older branch, tag or commit.";
    public static Text To => $"The newer branch, tag or commit.";

    public static Text Info => $"Describes a model without downloading its weights.";
    public static Text InfoFile => $"A file of the repo. Default: the weights that 'wisehub add' would choose.";

    public static Text LockGroup => $"Merges lock files by their entries.";
    public static Text LockMerge => $"Resolves the merge conflict of a lock file.";
    public static Text LockFileArgument => $"The lock file, or its folder. Default: wise.lock.json in the working directory.";
    public static Text Ours => $"Take our commit where both sides have another one.";
    public static Text Theirs => $"Take their commit where both sides have another one.";
    public static Text InstallDriver => $"Sets up git so that it merges lock files itself.";
    public static Text RepositoryFolder => $"A folder of the repository. Default: the working directory.";
    public static Text Driver => $"Started by git; not meant for users.";

    /// <summary>The arguments as git names them: %O, %A, %B, %P.</summary>
    public static readonly string[] DriverArguments = ["ancestor", "ours", "theirs", "path"];
}
