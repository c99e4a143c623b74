namespace WiseHub.Client;

/// <summary>One file to push.</summary>
/// <param name="SourcePath">Path on this machine.</param>
/// <param name="PathInRepo">Path in the repo, with <c>/</c>.</param>
public sealed record PushFile(string SourcePath, string PathInRepo);

/// <summary>A set of files that becomes one commit. The files are the whole content of the commit.</summary>
public sealed record PushRequest
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>The branch that moves to the new commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Says what the commit is about.</summary>
    public string Message { get; init; } = "upload files";

    /// <summary>The files.</summary>
    public required IReadOnlyList<PushFile> Files { get; init; }
}

/// <summary>What a push did.</summary>
/// <param name="Commit">The commit that the branch now points at.</param>
/// <param name="Changed">False when the hub already had exactly these files: then there is no new commit.</param>
public sealed record PushResult(string Commit, bool Changed);
