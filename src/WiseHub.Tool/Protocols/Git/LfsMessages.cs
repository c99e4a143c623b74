namespace WiseHub.Tool.Protocols.Git;

/// <summary>The messages and help texts of <c>wisehub lfs</c>.</summary>
internal static class LfsMessages
{
    public static Text Group => $"Sets up git-lfs for files of more than 5 GB.";
    public static Text Folder => $"The repository. Default: the working directory.";
    public static Text Enable => $"Sets up a git repository for LFS files of more than 5 GB.";
    public static Text Serve => $"Started by git-lfs; not meant for users.";

    public static IReadOnlyDictionary<string, CommandPage> Pages { get; } = new Dictionary<string, CommandPage>
    {
        ["lfs"] = new(null, "wisehub lfs enable-largefiles"),
        ["lfs enable-largefiles"] = new($"'git push' then sends such files in parts, to hubs that accept it. Run it once per "
            + $"repository. 'wisehub upload' does not need it.", "wisehub lfs enable-largefiles model"),
        ["lfs multipart-upload"] = new(null, "git config lfs.customtransfer.multipart-basic.args 'lfs multipart-upload'"),
    };

    public static Text Enabled(string folder, string program) =>
        $"git-lfs will now send large files of {folder} in parts, with {program}.";
}
