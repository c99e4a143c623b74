using WiseHub.Client.Files;

namespace WiseHub.Client.Credentials;

/// <summary>Files where other tools store tokens and sessions.</summary>
internal sealed class ToolTokenFiles(Func<string, string?> environment, IProtocolSecrets protocols) : ISecretSource
{
    public SecretReach Reach => SecretReach.TrustedOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        if (protocols.File(hub, kind, environment) is not string file)
            return null;
        try
        {
            return File.Exists(file) ? Secret.Read(ContendedFiles.OfSystem.ReadText(file), (Text)$"the file {file}") : null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, CredentialMessages.TokenFileNotReadable(file));
        }
    }
}
