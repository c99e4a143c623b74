namespace WiseHub.Client.Hubs.Git;

/// <summary>The URL of a commit's archive on one kind of git host.</summary>
/// <param name="Name">The cache remembers it, so that a host is probed once.</param>
/// <param name="Template">
/// The path below the endpoint, with <c>{id}</c>, <c>{owner}</c>, <c>{name}</c> and <c>{commit}</c>.
/// </param>
internal sealed record ArchiveForm(string Name, string Template)
{
    private const string Configured = "configured";

    // The most common form first.
    private static readonly ArchiveForm[] Known =
    [
        // GitHub, Gitea, Forgejo, Gogs.
        new("github", "/{id}/archive/{commit}.zip"),
        new("gitlab", "/{id}/-/archive/{commit}/{name}-{commit}.zip"),
        // cgit.
        new("cgit", "/{id}.git/snapshot/{name}-{commit}.zip"),
    ];

    /// <summary>True if the host expects a token in GitLab's own header.</summary>
    public bool IsGitLab => Name == "gitlab";

    /// <summary>The forms to try on a host, the most likely one first.</summary>
    /// <param name="hub">The host.</param>
    /// <param name="remembered">The form that worked before.</param>
    public static IReadOnlyList<ArchiveForm> Of(HubDefinition hub, string? remembered)
    {
        if (hub.Git().Archive is string template)
            return [new ArchiveForm(Configured, template)];
        if (Array.Find(Known, f => f.Name == (remembered ?? NameOf(hub.Endpoint!))) is not ArchiveForm one)
            return Known;
        return [one, .. Known.Where(f => f != one)];
    }

    public Uri Uri(Uri endpoint, string repoId, string commit)
    {
        string[] parts = [.. repoId.Split('/').Select(System.Uri.EscapeDataString)];
        return new Uri(endpoint.AbsoluteUri.TrimEnd('/')
            + Template.Replace("{id}", string.Join('/', parts), StringComparison.Ordinal)
                .Replace("{owner}", string.Join('/', parts[..^1]), StringComparison.Ordinal)
                .Replace("{name}", parts[^1], StringComparison.Ordinal).Replace("{commit}", commit, StringComparison.Ordinal));
    }

    private static string? NameOf(Uri endpoint) =>
        endpoint.Host.Contains("gitlab", StringComparison.OrdinalIgnoreCase) ? "gitlab" : null;
}
