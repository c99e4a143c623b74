namespace WiseHub.Tool;

/// <summary>The help texts of <c>wisehub sign</c> and <c>wisehub verify</c>, and of the options for signing.</summary>
internal static class SignHelp
{
    public static Text Sign => $"Signs the files of a model with your key.";
    public static Text Folder => $"The folder with the model.";
    public static Text Key => $"A PEM file with the private key (EC P-256, P-384 or P-521).";
    public static Text Certificates => $"The key's certificate and intermediate ones (PEM).";
    public static Text Output => $"The signature to write. Default: model.sig in the folder.";
    public static Text PushKey => $"Sign all files of the repo with this key (PEM).";

    public static Text Verify => $"Verifies the files of a build, or of a deployed program.";
    public static Text Subject => $"A project or solution, or a folder with one; with --lock, the folder of a deployed program. "
        + $"Default: the working directory.";
    public static Text Lock => $"The wise.lock.json that the deployed program was built with.";
    public static Text Repos => $"Only these repos of the lock file.";
    public static Text IgnoreMissing => $"Permit that locked files are missing.";
    public static Text Ignore => $"Files beside those of a model that need not be locked, as patterns.";
}
