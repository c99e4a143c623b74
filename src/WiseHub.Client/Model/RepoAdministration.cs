namespace WiseHub.Client;

/// <summary>A repo to create.</summary>
public sealed record CreateRepoRequest
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary>
    /// <c>owner/name</c>, where the owner is an account or an organization; a single name means the caller's own namespace.
    /// </summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>
    /// Restricts access to authorised users. False leaves it to the hub, where an organization may have a default.
    /// </summary>
    public bool Private { get; init; }

    /// <summary>An existing repo is not an error.</summary>
    public bool ExistsIsFine { get; init; }

    /// <summary>For a space: gradio, streamlit, docker or static.</summary>
    public string SpaceSdk { get; init; } = "static";
}

/// <summary>A created or existing repo.</summary>
/// <param name="RepoId"><c>owner/name</c>.</param>
/// <param name="Url">Its page; null for hubs without pages.</param>
/// <param name="IsNew">False if it existed already.</param>
public sealed record CreatedRepo(string RepoId, Uri? Url, bool IsNew);

/// <summary>A search for repos on a hub.</summary>
public sealed record RepoQuery
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>Part of the id; null = any.</summary>
    public string? Text { get; init; }

    /// <summary>The owner; null = any.</summary>
    public string? Author { get; init; }

    /// <summary>Tags that a repo must all have: a library, a language, a task.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Maximum number of results, at least 1; null = all.</summary>
    public int? Limit { get; init; }
}

/// <summary>A hub's description of a repo. Facts that the hub does not report are null.</summary>
/// <param name="RepoId"><c>owner/name</c>, or a single name.</param>
/// <param name="RepoType">Kind of repo.</param>
public sealed record RepoSummary(string RepoId, RepoType RepoType)
{
    /// <summary>The commit of the default branch.</summary>
    public string? Commit { get; init; }

    /// <summary>True if access is restricted.</summary>
    public bool? Private { get; init; }

    /// <summary>True if its conditions must be accepted before a download.</summary>
    public bool? Gated { get; init; }

    /// <summary>The time of its last change.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>The hub's download count.</summary>
    public long? Downloads { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its page; null for hubs without pages.</summary>
    public Uri? Url { get; init; }
}
