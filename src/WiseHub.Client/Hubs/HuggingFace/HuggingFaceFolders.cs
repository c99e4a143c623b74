using System.Text.RegularExpressions;
using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>The folders of Hugging Face's own tools on this machine (docs/protocols/huggingface.md).</summary>
internal static partial class HuggingFaceFolders
{
    /// <summary>The folder of the token file: HF_HOME, else a folder in the user's cache folder.</summary>
    public static string Home(Func<string, string?> environment) => Named("HF_HOME", environment)
        ?? Path.Combine(UserPath.OfXdg("XDG_CACHE_HOME", environment) ?? Path.Combine(UserFolders.Home(environment), ".cache"),
            "huggingface");

    /// <summary>The cache of downloaded repos: HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else below <see cref="Home"/>.</summary>
    public static string HubCache(Func<string, string?> environment) =>
        Path.GetFullPath(Named("HF_HUB_CACHE", environment) ?? Named("HUGGINGFACE_HUB_CACHE", environment)
            ?? Path.Combine(Home(environment), "hub"));

    // Like Python's expandvars, then expanduser: an unknown variable stays as written.
    private static string? Named(string variable, Func<string, string?> environment) =>
        UserPath.Of(variable, environment,
            text => Variable().Replace(text, m => environment(m.Groups[1].Value + m.Groups[2].Value) ?? m.Value));

    [GeneratedRegex(@"\$(?:(\w+)|\{([^}]*)\})")]
    private static partial Regex Variable();
}
