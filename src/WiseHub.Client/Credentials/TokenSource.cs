using WiseHub.Client.Http;

namespace WiseHub.Client.Credentials;

/// <summary>
/// Where tokens come from: the environment, and Hugging Face's own token file. General tokens go only to endpoints that are built in
/// or set by the environment; an endpoint from a project's wisehub.json gets only <c>WISEHUB_TOKEN_&lt;HUB&gt;</c> (DESIGN.md section 8).
/// </summary>
internal sealed class TokenSource(Func<string, string?> environment)
{
    public Credential? Find(HubDefinition hub)
    {
        if (hub.Endpoint is null)
            return null;
        string? token = Clean(environment(hub.TokenVariable));
        if (token is null && hub is { Protocol: "huggingface", IsTrustedEndpoint: true } && !IsTrue(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN")))
            token = Clean(environment("HF_TOKEN")) ?? Clean(environment("HUGGING_FACE_HUB_TOKEN")) ?? HuggingFaceTokenFile();
        return token is null ? null : Credential.Bearer(hub.Endpoint, token);
    }

    /// <summary>The values that Hugging Face's tools read as true (huggingface.md section 5).</summary>
    public static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    // huggingface.md section 1: HF_TOKEN_PATH, else token in HF_HOME, else in the cache folder of the user.
    private string? HuggingFaceTokenFile()
    {
        string file = environment("HF_TOKEN_PATH") is { Length: > 0 } path ? path : Path.Combine(HuggingFaceFolders.Home(environment), "token");
        try
        {
            return File.Exists(file) ? Clean(File.ReadAllText(file)) : null;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"The token file {file} cannot be read");
        }
    }

    private static string? Clean(string? token)
    {
        string cleaned = (token ?? "").Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
        return cleaned.Length == 0 ? null : cleaned;
    }
}
