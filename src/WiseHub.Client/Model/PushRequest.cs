namespace WiseHub.Client;

/// <summary>A file to push.</summary>
/// <param name="SourcePath">Local path; empty for content without a file.</param>
/// <param name="PathInRepo">Path in the repo, with <c>/</c>.</param>
public sealed record PushFile(string SourcePath, string PathInRepo)
{
    /// <summary>Writes content without a local path; null for a file.</summary>
    internal Func<Stream, CancellationToken, Task>? WriteAsync { get; private init; }

    /// <summary>True for a file that the push creates and deletes.</summary>
    internal bool IsTemporary { get; init; }

    /// <summary>The source of the content, for messages.</summary>
    internal string Origin => WriteAsync is null ? SourcePath : (Text)$"content without a file";

    /// <summary>Makes a file of content in memory.</summary>
    /// <param name="content">The content. It must not change until the push ends.</param>
    /// <param name="pathInRepo">Path in the repo, with <c>/</c>.</param>
    public static PushFile FromBytes(ReadOnlyMemory<byte> content, string pathInRepo) =>
        new("", pathInRepo) { WriteAsync = (to, cancel) => to.WriteAsync(content, cancel).AsTask() };

    /// <summary>
    /// Makes a file of a stream's content, from its current position to its end. A temporary file holds it, because a push reads
    /// content more than once. The caller disposes the stream after the push.
    /// </summary>
    /// <param name="content">A readable stream. It can only be pushed a second time if it can seek.</param>
    /// <param name="pathInRepo">Path in the repo, with <c>/</c>.</param>
    public static PushFile FromStream(Stream content, string pathInRepo)
    {
        long start = content.CanSeek ? content.Position : 0;
        bool isRead = false;
        return new PushFile("", pathInRepo)
        {
            WriteAsync = (to, cancel) =>
            {
                if (content.CanSeek)
                    content.Position = start;
                else if (isRead)
                {
                    throw ModelMessages.StreamReadTwice(pathInRepo);
                }
                isRead = true;
                return content.CopyToAsync(to, cancel);
            },
        };
    }
}

/// <summary>Files to push as one commit. Other files of the repo stay, unless <see cref="Prune"/> is set.</summary>
public sealed record PushRequest
{
    internal const long SmallestChunk = 64 << 10, LargestChunk = 1 << 30;

    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary><c>owner/name</c>; a single name means the caller's own namespace, on hubs with namespaces.</summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>The branch that moves to the new commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>The commit message; its first line is the summary.</summary>
    public string Message { get; init; } = "upload files";

    /// <summary>The files.</summary>
    public required IReadOnlyList<PushFile> Files { get; init; }

    /// <summary>
    /// The content of the repo's card: it is made if the files have none, and an existing one is checked. Null = neither.
    /// </summary>
    public CardOptions? Card { get; init; }

    /// <summary>
    /// Signs the files that the branch has after the push, as <c>model.sig</c> at the top of the repo. One among
    /// <see cref="Files"/> is replaced. Null = no signature.
    /// </summary>
    public SigningKey? SignKey { get; init; }

    /// <summary>The commit deletes files of the repo that are not among <see cref="Files"/>.</summary>
    public bool Prune { get; init; }

    /// <summary>Creates the repo if it does not exist; otherwise a missing repo is an error.</summary>
    public bool CreateRepo { get; init; }

    /// <summary>Makes a repo created by <see cref="CreateRepo"/> private.</summary>
    public bool Private { get; init; }

    /// <summary>Proposes the commit instead of moving the branch, on hubs with pull requests.</summary>
    public bool CreatePullRequest { get; init; }

    /// <summary>Only reports what would be done: nothing is created, sent or written, on the hub or locally.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Ignores all remembered facts: every file is hashed again, the hub is asked for every content, even if the branch has it,
    /// and interrupted uploads start again.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>Number of parallel uploads, 1 to 64.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>
    /// Part size for hubs where the client chooses it, 64 KiB to 1 GiB; null = 5 MiB, or the part size of the interrupted upload.
    /// </summary>
    public long? ChunkSize { get; init; }

    /// <summary>
    /// A file that remembers digests by path, size, mtime and inode, so that unchanged files are not read again; null = none.
    /// </summary>
    public string? MemoryFile { get; init; }
}

/// <summary>The action of a push on a path in the repo.</summary>
public enum PushAction
{
    /// <summary>The repo already has this content.</summary>
    Keep,
    /// <summary>The repo does not have it.</summary>
    Add,
    /// <summary>The repo has other content.</summary>
    Change,
    /// <summary>The file is not part of a pruning push.</summary>
    Delete,
}

/// <summary>The action of a push on one path in the repo.</summary>
/// <param name="PathInRepo">The path.</param>
/// <param name="Action">The action.</param>
/// <param name="Size">Bytes of its content; null for a deleted file whose size is unknown.</param>
public sealed record PushStep(string PathInRepo, PushAction Action, long? Size);

/// <summary>The result of a push, or with <see cref="PushRequest.DryRun"/> the expected result.</summary>
public sealed record PushResult
{
    /// <summary>
    /// The commit of the branch after the push, or that of the pull request. Empty in a dry run on a branch without commits.
    /// </summary>
    public required string Commit { get; init; }

    /// <summary>
    /// False if the hub already had exactly these files, so that there is no new commit. In a dry run, whether there would be
    /// one.
    /// </summary>
    public required bool Changed { get; init; }

    /// <summary>The web page of the commit; null for hubs without pages.</summary>
    public Uri? Url { get; init; }

    /// <summary>The web page of the new pull request.</summary>
    public Uri? PullRequestUrl { get; init; }

    /// <summary>All paths of the push and all deleted paths, in ordinal UTF-8 order.</summary>
    public required IReadOnlyList<PushStep> Steps { get; init; }

    /// <summary>Number of sent files, without those that the hub already had.</summary>
    public int FilesSent { get; init; }

    /// <summary>Bytes of content sent to the hub, including retries.</summary>
    public long BytesSent { get; init; }

    /// <summary>Number of paths with an action.</summary>
    public int Count(PushAction action) => Steps.Count(s => s.Action == action);
}
