namespace WiseHub.Client;

/// <summary>One file to put into a repo: a path, a stream, or bytes.</summary>
public sealed record UploadFileRequest
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary><c>owner/name</c>; a name alone is one of the caller's own namespace, where the hub has such.</summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>The branch that moves to the new commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Path in the repo, with <c>/</c>.</summary>
    public required string PathInRepo { get; init; }

    /// <summary>The file on this machine; or give <see cref="Content"/> or <see cref="Bytes"/>.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The content from where the stream is to its end. It goes through a temporary file, because a failure may need it twice.</summary>
    public Stream? Content { get; init; }

    /// <summary>The content.</summary>
    public ReadOnlyMemory<byte>? Bytes { get; init; }

    /// <summary>Says what the commit is about; null = <c>upload</c> and the path.</summary>
    public string? Message { get; init; }

    /// <summary>Makes the repo if there is none.</summary>
    public bool CreateRepo { get; init; }

    /// <summary>A repo that <see cref="CreateRepo"/> makes is private.</summary>
    public bool Private { get; init; }

    /// <summary>Proposes the commit instead of moving the branch, on hubs that have pull requests.</summary>
    public bool CreatePullRequest { get; init; }
}

/// <summary>A folder to put into a repo.</summary>
/// <param name="Folder">A folder on this machine.</param>
/// <param name="RepoId"><c>owner/name</c>; a name alone is one of the caller's own namespace, where the hub has such.</param>
public sealed record UploadFolderRequest(string Folder, string RepoId)
{
    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>The branch that moves to the new commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>The folder of the repo that the files come into; empty = the top.</summary>
    public string PathInRepo { get; init; } = "";

    /// <summary>Which files, by their paths below <see cref="Folder"/>.</summary>
    public FileSelection Files { get; init; } = FileSelection.All;

    /// <summary>Says what the commit is about; its first line is the summary.</summary>
    public string Message { get; init; } = "upload files";

    /// <summary>Files of the repo that are not in the folder are deleted by the commit.</summary>
    public bool Prune { get; init; }

    /// <summary>Makes the repo if there is none.</summary>
    public bool CreateRepo { get; init; }

    /// <summary>A repo that <see cref="CreateRepo"/> makes is private.</summary>
    public bool Private { get; init; }

    /// <summary>Proposes the commit instead of moving the branch, on hubs that have pull requests.</summary>
    public bool CreatePullRequest { get; init; }

    /// <summary>Only tells what would be done.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Where an uploaded file is.</summary>
/// <param name="Commit">The commit that has it.</param>
/// <param name="Url">The file at that commit; null for hubs without addresses for people.</param>
/// <param name="Changed">False when the branch already had it: then there is no new commit.</param>
public sealed record UploadedFile(string Commit, Uri? Url, bool Changed)
{
    /// <summary>The pull request that was opened.</summary>
    public Uri? PullRequestUrl { get; init; }
}

/// <summary>The files of a revision.</summary>
/// <param name="Hub">The hub that was asked.</param>
/// <param name="Commit">What the revision is.</param>
/// <param name="Files">In ordinal UTF-8 order.</param>
public sealed record RepoListing(string Hub, string Commit, IReadOnlyList<ListedFile> Files);

/// <summary>A file as the hub lists it. What it does not state is null.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Digest of the content.</param>
/// <param name="Oid">Git's id of the content.</param>
public sealed record ListedFile(string Path, long? Size, Digest? Sha256, string? Oid);
