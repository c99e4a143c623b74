namespace WiseHub.Client;

/// <summary>One file to push.</summary>
/// <param name="SourcePath">Path on this machine; empty for a content that has none.</param>
/// <param name="PathInRepo">Path in the repo, with <c>/</c>.</param>
public sealed record PushFile(string SourcePath, string PathInRepo)
{
    /// <summary>Writes the content that has no path on this machine; null for a file.</summary>
    internal Func<Stream, CancellationToken, Task>? WriteAsync { get; private init; }

    /// <summary>The push itself made the file and deletes it at its end.</summary>
    internal bool IsTemporary { get; init; }

    /// <summary>The place of the content, for messages.</summary>
    internal string Origin => WriteAsync is null ? SourcePath : "a content without a file";

    /// <summary>A content in memory.</summary>
    /// <param name="content">The content. It must not change before the push is over.</param>
    /// <param name="pathInRepo">Path in the repo, with <c>/</c>.</param>
    public static PushFile FromBytes(ReadOnlyMemory<byte> content, string pathInRepo) =>
        new("", pathInRepo) { WriteAsync = (to, cancel) => to.WriteAsync(content, cancel).AsTask() };

    /// <summary>
    /// The content of a stream, from its present position to its end. It goes through a temporary file, because a push reads a
    /// content more than once. The caller disposes the stream after the push.
    /// </summary>
    /// <param name="content">A stream that can be read. Only one that can seek can be pushed a second time.</param>
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
                    throw new HubException(WiseCodes.InvalidPush,
                        $"The stream for '{pathInRepo}' was read by an earlier push, and it cannot be read again. "
                        + "Give each push a new stream.");
                }
                isRead = true;
                return content.CopyToAsync(to, cancel);
            },
        };
    }
}

/// <summary>
/// A set of files that becomes one commit. What else the repo has stays, unless <see cref="Prune"/> says otherwise.
/// </summary>
public sealed record PushRequest
{
    internal const long SmallestChunk = 64 << 10, LargestChunk = 1 << 30;

    /// <summary>Hub name; null = the default hub.</summary>
    public string? Hub { get; init; }

    /// <summary><c>owner/name</c>; a name alone is one of the caller's own namespace, where the hub has such.</summary>
    public required string RepoId { get; init; }

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>The branch that moves to the new commit.</summary>
    public string Revision { get; init; } = "main";

    /// <summary>Says what the commit is about; its first line is the summary.</summary>
    public string Message { get; init; } = "upload files";

    /// <summary>The files.</summary>
    public required IReadOnlyList<PushFile> Files { get; init; }

    /// <summary>
    /// What the repo's card should say: one is made if the files have none, and checked if they have one. Null = neither.
    /// </summary>
    public CardOptions? Card { get; init; }

    /// <summary>Files of the repo that are not among <see cref="Files"/> are deleted by the commit.</summary>
    public bool Prune { get; init; }

    /// <summary>Makes the repo if there is none; without it a missing repo is an error.</summary>
    public bool CreateRepo { get; init; }

    /// <summary>A repo that <see cref="CreateRepo"/> makes is private.</summary>
    public bool Private { get; init; }

    /// <summary>Proposes the commit instead of moving the branch, on hubs that have pull requests.</summary>
    public bool CreatePullRequest { get; init; }

    /// <summary>Only tells what would be done: nothing is made, sent or written, on the hub or here.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Believes nothing that was remembered: every file is hashed again, the hub is asked for every content, also where the
    /// branch has it, and uploads that were broken off begin anew.
    /// </summary>
    public bool Force { get; init; }

    /// <summary>Contents sent at once, 1 to 64.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>
    /// Bytes of one piece on hubs that take files in pieces of the sender's choice, 64 KiB to 1 GiB; null = 5 MiB, or what the
    /// file was begun with.
    /// </summary>
    public long? ChunkSize { get; init; }

    /// <summary>
    /// A file where digests are remembered by path, size, mtime and inode, so that a file that did not change is not read
    /// again; null = nowhere.
    /// </summary>
    public string? MemoryFile { get; init; }
}

/// <summary>What a push does with a path of the repo.</summary>
public enum PushAction
{
    /// <summary>The repo has it with this content.</summary>
    Keep,
    /// <summary>The repo does not have it.</summary>
    Add,
    /// <summary>The repo has it with another content.</summary>
    Change,
    /// <summary>The repo has it, the set does not, and the push prunes.</summary>
    Delete,
}

/// <summary>What a push does with one path of the repo.</summary>
/// <param name="PathInRepo">The path.</param>
/// <param name="Action">What happens to it.</param>
/// <param name="Size">Bytes of its content; null for one that is deleted and whose size the hub does not state.</param>
public sealed record PushStep(string PathInRepo, PushAction Action, long? Size);

/// <summary>What a push did, or with <see cref="PushRequest.DryRun"/> what it would do.</summary>
public sealed record PushResult
{
    /// <summary>
    /// The commit that the branch points at, or for a pull request that of the proposal. Empty in a dry run on a branch
    /// that has none yet.
    /// </summary>
    public required string Commit { get; init; }

    /// <summary>
    /// False when the hub already had exactly this: then there is no new commit. In a dry run, whether there would be one.
    /// </summary>
    public required bool Changed { get; init; }

    /// <summary>Where people see the commit; null for hubs without pages.</summary>
    public Uri? Url { get; init; }

    /// <summary>The pull request that was opened.</summary>
    public Uri? PullRequestUrl { get; init; }

    /// <summary>Every path of the set and every one that is deleted, in ordinal UTF-8 order.</summary>
    public required IReadOnlyList<PushStep> Steps { get; init; }

    /// <summary>Contents that were sent; what the hub had already is not among them.</summary>
    public int FilesSent { get; init; }

    /// <summary>Bytes of contents that went to the hub, repeats after failures included.</summary>
    public long BytesSent { get; init; }

    /// <summary>How many paths are treated so.</summary>
    public int Count(PushAction action) => Steps.Count(s => s.Action == action);
}
