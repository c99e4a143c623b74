namespace WiseHub.Client.Hubs.Git;

/// <summary>Where a kind of git host has the archive of a commit.</summary>
/// <param name="Name">Stands in the cache, so that a host is asked for it once.</param>
/// <param name="Template">
/// Behind the endpoint; <c>{id}</c>, <c>{owner}</c>, <c>{name}</c> and <c>{commit}</c> are filled in.
/// </param>
internal sealed record ArchiveForm(string Name, string Template)
{
    private const string Configured = "configured";

    // In the order of how many hosts have them.
    private static readonly ArchiveForm[] Known =
    [
        // GitHub, Gitea, Forgejo, Gogs.
        new("github", "/{id}/archive/{commit}.zip"),
        new("gitlab", "/{id}/-/archive/{commit}/{name}-{commit}.zip"),
        // cgit.
        new("cgit", "/{id}.git/snapshot/{name}-{commit}.zip"),
    ];

    /// <summary>True where it wants a token in a header of its own.</summary>
    public bool IsGitLab => Name == "gitlab";

    /// <summary>The forms to try on a host, the likely one first.</summary>
    /// <param name="hub">The host.</param>
    /// <param name="remembered">What worked there before.</param>
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
