using WiseHub.Client.Http;

namespace WiseHub.Client.Credentials;

/// <summary>
/// Environment variables of other tools: Hugging Face's, and those of <c>gh</c> and <c>glab</c>. The latter two go to github.com and gitlab.com
/// only, as there: for servers of one's own those tools have other variables.
/// </summary>
internal sealed class ToolVariables(Func<string, string?> environment) : ISecretSource
{
    private static readonly Uri GitHub = new("https://github.com"), GitLab = new("https://gitlab.com");

    public SecretReach Reach => SecretReach.TrustedOrigin;

    /// <summary>Hugging Face's switch against tokens that nobody named.</summary>
    public static bool AreImplicitOff(Func<string, string?> environment) => TokenSource.IsTrue(environment("HF_HUB_DISABLE_IMPLICIT_TOKEN"));

    public Secret? Find(HubDefinition hub, Uri origin, SecretKind kind)
    {
        if (kind != SecretKind.Token)
            return null;
        string[] names = hub switch
        {
            { Protocol: "huggingface" } => AreImplicitOff(environment) ? [] : ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
            { Protocol: "git", Endpoint: Uri at } when HubHttp.SameOrigin(at, GitHub) => ["GH_TOKEN", "GITHUB_TOKEN"],
            { Protocol: "git", Endpoint: Uri at } when HubHttp.SameOrigin(at, GitLab) => ["GITLAB_TOKEN"],
            _ => [],
        };
        return names.Select(n => Secret.Read(environment(n), "the environment variable " + n)).FirstOrDefault(s => s is not null);
    }
}
