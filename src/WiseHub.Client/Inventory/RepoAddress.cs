using WiseHub.Client.Hubs;

namespace WiseHub.Client.Inventory;

/// <summary>
/// Where a repo is, for everybody: nothing here depends on the machine, its environment or the user's own configuration.
/// </summary>
/// <param name="Page">The page of the repo; null for a hub without pages, or that only this machine knows.</param>
/// <param name="FileUrl">The URL of a file at the commit; returns null for such a hub.</param>
internal sealed record RepoAddress(Uri? Page, Func<string, Uri?> FileUrl)
{
    /// <summary>The address of a repo that has none for everybody.</summary>
    public static RepoAddress Unknown { get; } = new(null, _ => null);

    /// <summary>The page is also the address of a git repository.</summary>
    public bool IsGit { get; private init; }

    /// <summary>The type of package URLs for models of the hub; null if it has no type of its own.</summary>
    public string? PackageType { get; private init; }

    /// <summary>The hub, if it is not the one that <see cref="PackageType"/> means.</summary>
    public Uri? Registry { get; private init; }

    /// <summary>The address of a repo on a hub.</summary>
    /// <param name="protocol">The protocol of the hub.</param>
    /// <param name="hub">The definition of the hub.</param>
    /// <param name="opened">The hub; null for one without pages.</param>
    /// <param name="reference">The repo, whose revision is the commit.</param>
    public static RepoAddress Of(HubProtocol protocol, HubDefinition hub, IHub? opened, RepoReference reference)
    {
        (string Type, Uri Home)? models = protocol.ModelPackages;
        return new RepoAddress(opened?.PageUrl(reference), path => opened?.FileUrl(reference, path))
        {
            IsGit = protocol.HasGitPages,
            PackageType = models?.Type,
            Registry = hub.Endpoint == models?.Home ? null : hub.Endpoint,
        };
    }
}
