using WiseHub.Client.Archives;

namespace WiseHub.Client.Hubs.Git;

/// <summary>One file of a commit.</summary>
/// <param name="Path">Path in the repo.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Oid">Git blob id, where it is known.</param>
/// <param name="Entry">Where an archive has it.</param>
internal sealed record GitFile(string Path, long Size, string? Oid, ArchiveEntry? Entry);

/// <summary>The files of one commit, on this machine: in an archive, or in a git repository.</summary>
internal interface IGitContents
{
    IReadOnlyList<GitFile> Files { get; }

    /// <summary>Symbolic links.</summary>
    IReadOnlyList<string> Links { get; }

    /// <summary>What it is, for messages.</summary>
    string What { get; }

    Task<Stream> OpenAsync(GitFile file, CancellationToken cancel);
}

/// <summary>The files of a commit in an archive of it, whose entries all are in one folder that the host makes up.</summary>
internal sealed class ArchiveContents : IGitContents
{
    private readonly ArchiveFile _archive;

    /// <exception cref="HubException">WISE2010.</exception>
    public ArchiveContents(ArchiveFile archive, string commit)
    {
        _archive = archive;
        // git archive writes the commit into each archive; what a proxy kept of another one shows here.
        if (archive.Comment is string comment && CommitId.IsCommit(comment) && comment != commit)
        {
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"{archive.What} is an archive of commit {comment}, but {commit} was asked for. Try again; if it stays so, ask the operator of the hub, or of the proxy before it.");
        }
        string top = archive.Entries.Concat(archive.Skipped).FirstOrDefault()?.Path is string first ? first[..(first.IndexOf('/', StringComparison.Ordinal) + 1)] : "";
        if (archive.Entries.Concat(archive.Skipped).FirstOrDefault(e => top.Length == 0 || !e.Path.StartsWith(top, StringComparison.Ordinal)) is ArchiveEntry outside)
        {
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"{archive.What} is no archive of a git host: '{outside.Path}' is not in the one folder that all files should be in. Check the endpoint and 'archive' of the hub.");
        }
        Files = [.. archive.Entries.Select(e => new GitFile(e.Path[top.Length..], e.Size, null, e))];
        Links = [.. archive.Skipped.Select(e => e.Path[top.Length..])];
    }

    public IReadOnlyList<GitFile> Files { get; }

    public IReadOnlyList<string> Links { get; }

    public string What => _archive.What;

    public Task<Stream> OpenAsync(GitFile file, CancellationToken cancel) => Task.FromResult(_archive.OpenEntry(file.Entry!));
}
