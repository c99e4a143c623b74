namespace WiseHub.Testing;

/// <summary>An entry of a tree answer, for tests of a hub that lies.</summary>
public sealed record TreeItem(string Type, string Path, string Oid, long Size, string? LfsOid, long? LfsSize);

internal sealed record RepoFile(string Path, StoredContent Content, bool IsLfs)
{
    /// <summary>The git blob: of an LFS file that is the pointer.</summary>
    public string BlobId { get; } = IsLfs ? GitObjects.BlobId(System.Text.Encoding.UTF8.GetBytes(GitObjects.PointerText(Content.Sha256, Content.Size))) : Content.GitOid;

    public string Etag => IsLfs ? Content.Sha256 : Content.GitOid;
}

internal sealed record RepoCommit(string Id, string? Parent, string Title, string Description, DateTimeOffset Time, IReadOnlyDictionary<string, RepoFile> Files,
    IReadOnlyDictionary<string, string> TreeIds);

/// <summary>One repo of the test hub. Safe for several threads.</summary>
public sealed class TestRepo
{
    // Hugging Face's default .gitattributes in short, and the size above which a regular file is refused.
    private static readonly string[] LfsEndings = [".bin", ".safetensors", ".onnx"];
    private const long LargestRegular = 10 << 20;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ContentStore _contents;
    private readonly Dictionary<string, RepoCommit> _commits = new(StringComparer.Ordinal);

    internal TestRepo(string id, string type, ContentStore contents, TimeProvider time) => (Id, CreatedAs, Type, _contents, _time) = (id, id, type, contents, time);

    /// <summary><c>owner/name</c> or a name.</summary>
    public string Id { get; internal set; }

    internal string CreatedAs { get; }

    /// <summary>model, dataset, code or space.</summary>
    public string Type { get; }

    /// <summary>Only seen with a token that may.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Listed for everybody, files only for those who accepted the conditions.</summary>
    public bool IsGated { get; set; }

    /// <summary>What it is found by: library, language, task.</summary>
    public IReadOnlyList<string> Labels { get; set; } = [];

    /// <summary>Answers 403.</summary>
    public bool IsDisabled { get; set; }

    /// <summary>Called once a client's commit is made, before it is answered.</summary>
    public Action? OnCommitted { get; set; }

    /// <summary>Changes or (null) drops entries of the tree answer only.</summary>
    public Func<TreeItem, TreeItem?>? TreeLie { get; set; }

    internal Dictionary<string, string> Branches { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, string> PullRequests { get; } = new(StringComparer.Ordinal);

    /// <summary>Commits files over those of the branch; null deletes. Names are not checked: a hub may hold hostile ones.</summary>
    /// <param name="files">Path → content.</param>
    /// <param name="message">Title.</param>
    /// <param name="branch">Branch, made when missing.</param>
    /// <param name="lfs">Paths kept as LFS; null = by ending and size.</param>
    /// <returns>The 40-hex commit.</returns>
    public string Commit(IReadOnlyDictionary<string, byte[]?> files, string message = "commit", string branch = "main", IReadOnlySet<string>? lfs = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        var changes = files.Select(f => (f.Key, f.Value is null ? null : new RepoFile(f.Key, _contents.Add(f.Value), lfs?.Contains(f.Key) ?? IsLfsByRule(f.Key, f.Value.Length))));
        lock (_gate)
            return Append("refs/heads/" + branch, branch, changes, message, "").Id;
    }

    /// <summary>Commits one file from disk, for sizes that must not be in memory.</summary>
    public string CommitFile(string path, string sourceFile, bool lfs, string branch = "main")
    {
        StoredContent content = _contents.AddFile(sourceFile);
        lock (_gate)
            return Append("refs/heads/" + branch, branch, [(path, new RepoFile(path, content, lfs))], "commit", "").Id;
    }

    /// <summary>The commit of a branch.</summary>
    public string Head(string branch = "main")
    {
        lock (_gate)
            return Branches[branch];
    }

    /// <summary>Makes a tag.</summary>
    public void Tag(string name, string commit)
    {
        lock (_gate)
            Tags[name] = commit;
    }

    /// <summary>Makes or moves a branch.</summary>
    public void Branch(string name, string commit)
    {
        lock (_gate)
            Branches[name] = commit;
    }

    /// <summary>The content of a file.</summary>
    public byte[] Read(string path, string revision = "main") =>
        File.ReadAllBytes(_contents.PathOf((Find(revision) ?? throw new ArgumentException($"No revision {revision}.", nameof(revision))).Files[path].Content.Sha256));

    /// <summary>The titles of a revision's commits, the newest first.</summary>
    public IReadOnlyList<string> History(string revision = "main")
    {
        Find(revision, out IReadOnlyList<RepoCommit> history);
        return [.. history.Select(c => c.Title)];
    }

    internal static bool IsLfsByRule(string path, long size) => size > LargestRegular || LfsEndings.Any(e => path.EndsWith(e, StringComparison.Ordinal));

    internal RepoCommit? Find(string revision)
    {
        lock (_gate)
        {
            string? id = revision == "HEAD" ? Branches.GetValueOrDefault("main")
                : Branches.GetValueOrDefault(revision.StartsWith("refs/heads/", StringComparison.Ordinal) ? revision[11..] : revision)
                ?? Tags.GetValueOrDefault(revision) ?? PullRequests.GetValueOrDefault(revision) ?? revision;
            return id is null ? null : _commits.GetValueOrDefault(id);
        }
    }

    internal RepoFile? FindBlob(string blobId)
    {
        lock (_gate)
            return _commits.Values.SelectMany(c => c.Files.Values).FirstOrDefault(f => f.BlobId == blobId);
    }

    internal RepoCommit? Find(string revision, out IReadOnlyList<RepoCommit> history)
    {
        RepoCommit? head = Find(revision);
        var commits = new List<RepoCommit>();
        lock (_gate)
        {
            for (RepoCommit? c = head; c is not null; c = c.Parent is null ? null : _commits[c.Parent])
                commits.Add(c);
        }
        history = commits;
        return head;
    }

    /// <summary>Commits under the lock after a check of the branch's head. Null when the head is another one.</summary>
    internal RepoCommit? TryCommit(string branch, string? expectedParent, bool createPullRequest, IEnumerable<(string Path, RepoFile? File)> changes, string title, string description, out string? pullRequest)
    {
        pullRequest = null;
        lock (_gate)
        {
            string? head = Branches.GetValueOrDefault(branch) ?? PullRequests.GetValueOrDefault(branch);
            if (createPullRequest)
            {
                pullRequest = $"refs/pr/{PullRequests.Count + 1}";
                if ((expectedParent ?? head) is string start)
                    PullRequests[pullRequest] = start;
                return Append(pullRequest, pullRequest, changes, title, description);
            }
            if (expectedParent is not null && (head is null || !head.StartsWith(expectedParent, StringComparison.Ordinal)))
                return null;
            RepoCommit made = Append(branch.StartsWith("refs/pr/", StringComparison.Ordinal) ? branch : "refs/heads/" + branch, branch, changes, title, description);
            OnCommitted?.Invoke();
            return made;
        }
    }

    private RepoCommit Append(string fullRef, string name, IEnumerable<(string Path, RepoFile? File)> changes, string title, string description)
    {
        Dictionary<string, string> refs = fullRef.StartsWith("refs/pr/", StringComparison.Ordinal) ? PullRequests : Branches;
        RepoCommit? parent = refs.GetValueOrDefault(name) is string id ? _commits[id] : null;
        var files = parent is null ? new Dictionary<string, RepoFile>(StringComparer.Ordinal) : new Dictionary<string, RepoFile>(parent.Files, StringComparer.Ordinal);
        foreach ((string path, RepoFile? file) in changes)
        {
            if (file is not null)
                files[path] = file;
            else
                files.Remove(path);
        }
        IReadOnlyDictionary<string, string> trees = GitObjects.TreeIds(files.Values.Select(f => (f.Path, f.BlobId)));
        DateTimeOffset now = _time.GetUtcNow();
        string message = description.Length > 0 ? $"{title}\n\n{description}" : title;
        var commit = new RepoCommit(GitObjects.CommitId(trees[""], parent?.Id, message, now), parent?.Id, title, description, now, files, trees);
        _commits[commit.Id] = commit;
        refs[name] = commit.Id;
        return commit;
    }
}
