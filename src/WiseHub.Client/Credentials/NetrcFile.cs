using WiseHub.Client.Files;

namespace WiseHub.Client.Credentials;

/// <summary>
/// The netrc file: <c>NETRC</c>, else <c>.netrc</c> in the home folder (Windows: also <c>_netrc</c>). As in curl, its permissions
/// are not checked.
/// </summary>
internal sealed class NetrcFile(Func<string, string?> environment) : ISecretSource
{
    // On Windows, curl and git accept both names.
    private static readonly string[] Names = OperatingSystem.IsWindows() ? [".netrc", "_netrc"] : [".netrc"];

    public SecretReach Reach => SecretReach.TrustedOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        if (kind != SecretKind.Token || Path() is not string path)
            return null;
        try
        {
            // IdnHost: an IPv6 address without brackets, and other names as in DNS.
            return Netrc.Find(ContendedFiles.OfSystem.ReadText(path), origin.IdnHost) is { } entry
                ? Secret.Read(entry.Password, Text.Of($"the file {path}"), entry.User) : null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, CredentialMessages.NetrcNotReadable(path));
        }
    }

    private string? Path()
    {
        string[] candidates = UserPath.Of("NETRC", environment) is string named ? [named]
            : [.. UserFolders.HomesOfUnixTools(environment).SelectMany(h => Names.Select(n => System.IO.Path.Combine(h, n)))];
        return candidates.FirstOrDefault(File.Exists);
    }
}
