using System.Text;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>A content on this machine, verified when it came.</summary>
internal sealed record MirroredContent(Digest Sha256, long Size, string Path);

/// <summary>
/// A commit of one hub, the origin, that another one is to have under the same name: the whole file list, in which what is not among the
/// contents need not state a digest, and the contents that there are.
/// </summary>
internal sealed record MirroredCommit(RepoType RepoType, string RepoId, string Commit, string Origin, IReadOnlyList<TreeEntry> Files, IReadOnlyList<MirroredContent> Contents)
{
    /// <summary>The name it has; null for none but its own.</summary>
    public string? Revision { get; init; }

    /// <summary>The name is moved from an older commit; else it is only given where there is none.</summary>
    public bool MovesRevision { get; init; }

    /// <summary>Stands in the file list, so that nobody moves the names of another hub's repo, or of one that people push to.</summary>
    public string Message => "mirrored from " + Origin;

    /// <summary>False for the content of a URL, which has no place in a store but its digest.</summary>
    public bool HasName => !UrlReference.IsUrl(RepoId);
}

/// <summary>What a write to a mirror did.</summary>
internal sealed record MirrorOutcome(int Files, long Bytes, bool IsNewCommit, bool IsNewRevision)
{
    public bool HasChanged => Files > 0 || IsNewCommit || IsNewRevision;
}

/// <summary>Writes commits of other hubs to a folder store: what it lacks of the contents first, then the file list, the ref last.</summary>
internal sealed class StoreMirror(StoreHub hub, IHubLog log, TimeProvider time)
{
    /// <exception cref="HubException">WISE3060: the store knows the commit with other contents; WISE3005 to WISE3008, WISE3013.</exception>
    public async Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel)
    {
        string root = hub.Folder!;
        try
        {
            // Where the folder is a cache as well, nobody may prune what no tree lists yet.
            using FileLock? share = File.Exists(Path.Combine(root, SnapshotStore.TagName))
                ? await FileLock.ShareAsync(SnapshotStore.StoreLockOf(root), root, log, time, cancel).ConfigureAwait(false) : null;
            StoreMarker.Require(Path.Combine(root, RepoStore.MarkerName), "{\"version\":1}\n", durable: true);
            var repos = new RepoStore(root);
            if (!commit.HasName)
            {
                (int contents, long size) = Add(hub.Blobs(), commit, cancel);
                hub.Blobs().SyncNames(commit.Contents.Select(c => c.Sha256));
                return new MirrorOutcome(contents, size, IsNewCommit: false, IsNewRevision: false);
            }
            // First of all: what contradicts the store must leave nothing there.
            Merge(repos, commit);
            BlobStore blobs = hub.Blobs();
            (int files, long bytes) = Add(blobs, commit, cancel);
            string lockPath = Path.Combine(repos.RepoFolder(commit.RepoType, commit.RepoId), ".push.lock");
            using FileLock held = await FileLock.AcquireAsync(lockPath, commit.RepoId, log, time, cancel).ConfigureAwait(false);
            // Another process may have written it while contents were copied.
            byte[]? tree = Merge(repos, commit);
            if (files > 0)
                blobs.SyncNames(commit.Contents.Select(c => c.Sha256));
            if (tree is not null)
                AtomicFile.Write(repos.TreePath(commit.RepoType, commit.RepoId, commit.Commit), tree, durable: true);
            return new MirrorOutcome(files, bytes, tree is not null, MoveRef(repos, commit));
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{commit.RepoId} could not be written to '{hub.Definition.Name}' ({root})");
        }
    }

    private static (int Files, long Bytes) Add(BlobStore blobs, MirroredCommit commit, CancellationToken cancel)
    {
        int files = 0;
        long bytes = 0;
        foreach (MirroredContent content in commit.Contents.DistinctBy(c => c.Sha256.Hex))
        {
            if (blobs.Verify(content.Sha256, content.Size, cancel: cancel))
                continue;
            // Hashed again on its way: a disk that is failing must not spread.
            (Digest added, long size) = blobs.Add(content.Path, cancel);
            if (added != content.Sha256)
            {
                throw new HubException(WiseCodes.DigestMismatch,
                    $"{commit.RepoId}: {content.Path} has the sha256 {added.Hex}, but it must be {content.Sha256.Hex}. Run wisehub cache verify, and try again.");
            }
            files++;
            bytes += size;
        }
        return (files, bytes);
    }

    /// <summary>The file list that the store should have: what it has, and what we know more.</summary>
    /// <returns>Null when it has that already.</returns>
    private byte[]? Merge(RepoStore repos, MirroredCommit commit)
    {
        TreeFile? there = repos.ReadTree(commit.RepoType, commit.RepoId, commit.Commit);
        Dictionary<string, TreeEntry> old = there?.Files.ToDictionary(f => f.Path, StringComparer.Ordinal) ?? [];
        var merged = new List<TreeEntry>(commit.Files.Count);
        foreach (TreeEntry file in commit.Files)
        {
            TreeEntry? known = old.GetValueOrDefault(file.Path);
            if (known is not null && TreeEntryDifference.Find(file, known) is string difference)
            {
                throw new HubException(WiseCodes.MirrorDisagrees,
                    $"{commit.RepoId}: '{hub.Definition.Name}' says of commit {commit.Commit} that '{file.Path}' has {difference} on '{commit.Origin}'. Nothing was written. "
                    + $"Find out who wrote {repos.TreePath(commit.RepoType, commit.RepoId, commit.Commit)}, remove it, and mirror it again.");
            }
            merged.Add(file with { Size = file.Size ?? known?.Size, Oid = file.Oid ?? known?.Oid, Sha256 = file.Sha256 ?? known?.Sha256 });
        }
        Utf8Ordinal.Sort(merged, f => f.Path);
        return there is not null && there.Files.SequenceEqual(merged) ? null : new TreeFile(commit.Commit, null, commit.Message, null, merged).ToBytes();
    }

    private bool MoveRef(RepoStore repos, MirroredCommit commit)
    {
        if (commit.Revision is not string revision || CommitId.IsCommit(revision))
            return false;
        string? current = repos.ReadRef(commit.RepoType, commit.RepoId, revision);
        if (current == commit.Commit || (current is not null && !commit.MovesRevision))
            return false;
        if (current is not null && repos.ReadTree(commit.RepoType, commit.RepoId, current)?.Message != commit.Message)
        {
            log.Warning(WiseCodes.MirrorRefKept,
                $"{commit.RepoId}: '{revision}' on '{hub.Definition.Name}' is {current}, which was not mirrored from '{commit.Origin}', and stays so; the commit {commit.Commit} is there under its own name. "
                + "Two repos of one name need two mirrors.");
            return false;
        }
        AtomicFile.Write(repos.RefPath(commit.RepoType, commit.RepoId, revision), Encoding.ASCII.GetBytes(commit.Commit), durable: true);
        return true;
    }
}
