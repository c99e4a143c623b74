namespace WiseHub.Tool.Protocols.Git;

/// <summary>The messages and help texts of <c>wisehub lfs</c>.</summary>
internal static class LfsMessages
{
    public const string Group = "Works with git-lfs.";
    public const string Folder = "The repository. Default: the working directory.";
    public const string Enable = "Sets up a git repository so that 'git push' sends LFS files of more than 5 GB in parts. "
        + "Run it once per repository. 'wisehub upload' does not need it.";
    public const string Serve = "Started by git-lfs; not meant for users.";

    public static string Enabled(string folder, string program) =>
        $"git-lfs will now send large files of {folder} in parts, with {program}.";
}
