namespace WiseHub.Client;

/// <summary>A repo to make.</summary>
public sealed record CreateRepoRequest
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary>
    /// <c>owner/name</c>, where the owner is an account or an organization; a name alone is one of the caller's own namespace.
    /// </summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>Only those who may see it. False leaves it to the hub, where an organization may have a rule.</summary>
    public bool Private { get; init; }

    /// <summary>A repo that is there already is no error.</summary>
    public bool ExistsIsFine { get; init; }

    /// <summary>Of a space: gradio, streamlit, docker or static.</summary>
    public string SpaceSdk { get; init; } = "static";
}

/// <summary>A repo that was made, or was there.</summary>
/// <param name="RepoId"><c>owner/name</c>.</param>
/// <param name="Url">Its page; null for hubs without pages.</param>
/// <param name="IsNew">False when it was there already.</param>
public sealed record CreatedRepo(string RepoId, Uri? Url, bool IsNew);

/// <summary>Which repos of a hub are wanted.</summary>
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

    /// <summary>Tags that a repo must have, all of them: a library, a language, a task.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>No more than this many, at least 1; null = all.</summary>
    public int? Limit { get; init; }
}

/// <summary>What a hub tells of a repo. What it does not state is null.</summary>
/// <param name="RepoId"><c>owner/name</c>, or a name.</param>
/// <param name="RepoType">Kind of repo.</param>
public sealed record RepoSummary(string RepoId, RepoType RepoType)
{
    /// <summary>The commit of the default branch.</summary>
    public string? Commit { get; init; }

    /// <summary>Not for everybody.</summary>
    public bool? Private { get; init; }

    /// <summary>Its conditions have to be accepted before files can be had.</summary>
    public bool? Gated { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset? LastModified { get; init; }

    /// <summary>How often it was downloaded, as the hub counts.</summary>
    public long? Downloads { get; init; }

    /// <summary>Its tags.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Its page; null for hubs without pages.</summary>
    public Uri? Url { get; init; }
}
