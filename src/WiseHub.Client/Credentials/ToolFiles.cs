using WiseHub.Client.Files;

namespace WiseHub.Client.Credentials;

/// <summary>Token files of other tools: Hugging Face's token, and the session that wisemodel-hub keeps.</summary>
internal sealed class ToolFiles(Func<string, string?> environment) : ISecretSource
{
    public SecretReach Reach => SecretReach.TrustedOrigin;

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind) => (hub.Protocol, kind) switch
    {
        ("huggingface", SecretKind.Token) when !ToolVariables.AreImplicitOff(environment) => Read(HuggingFaceFile()),
        // wisemodel.md section 3.
        ("wisemodel", SecretKind.Session) => Read(Path.Combine(UserFolders.Home(environment), ".cache", "wisemodel", ".token")),
        _ => null,
    };

    // huggingface.md section 1: HF_TOKEN_PATH, else token in HF_HOME, else in the cache folder of the user.
    private string HuggingFaceFile() =>
        UserPath.Of("HF_TOKEN_PATH", environment) ?? Path.Combine(HuggingFaceFolders.Home(environment), "token");

    private static Secret? Read(string file)
    {
        try
        {
            return File.Exists(file) ? Secret.Read(ContendedFiles.OfSystem.ReadText(file), "the file " + file) : null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The token file {file} cannot be read");
        }
    }
}
