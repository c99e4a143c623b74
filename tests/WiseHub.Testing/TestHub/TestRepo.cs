using System.Collections.Concurrent;
using System.Text;

namespace WiseHub.Testing;

/// <summary>An entry of a tree answer, for tests of a hub that lies.</summary>
public sealed record TreeItem(string Type, string Path, string Oid, long Size, string? LfsOid, long? LfsSize);

internal sealed record RepoFile(string Path, StoredContent Content, bool IsLfs)
{
    /// <summary>The git blob: of an LFS file that is the pointer.</summary>
    public string BlobId { get; } = IsLfs
        ? GitObjects.BlobId(System.Text.Encoding.UTF8.GetBytes(GitObjects.PointerText(Content.Sha256, Content.Size)))
        : Content.GitOid;

    public string Pointer => GitObjects.PointerText(Content.Sha256, Content.Size);

    public string Etag => IsLfs ? Content.Sha256 : Content.GitOid;
}

internal sealed record RepoCommit(string Id, string? Parent, string Title, string Description, string Author, DateTimeOffset Time,
    IReadOnlyDictionary<string, RepoFile> Files, IReadOnlyDictionary<string, string> TreeIds)
{
    /// <summary>The id of what is at a path, file or folder; null where nothing is.</summary>
    public string? ObjectAt(string path) =>
        Files.TryGetValue(path, out RepoFile? file) ? file.BlobId : TreeIds.GetValueOrDefault(path);
}

/// <summary>What a client's commit does with one path.</summary>
/// <param name="Path">A file, or a folder to delete.</param>
/// <param name="File">The new content; null deletes.</param>
internal sealed record RepoChange(string Path, RepoFile? File);

/// <summary>Where a client's commit goes.</summary>
/// <param name="Revision">A branch, or the ref of a pull request.</param>
/// <param name="ParentCommit">
/// The commit that it must follow, or the first five digits and more of its id; null = whatever is there.
/// </param>
/// <param name="CreatePullRequest">It opens a pull request against the branch.</param>
/// <param name="Author">The user.</param>
internal sealed record CommitPlace(string Revision, string? ParentCommit, bool CreatePullRequest, string Author);

/// <summary>One repo of the test hub. Safe for several threads.</summary>
public sealed class TestRepo
{
    // The size above which the hub refuses a regular file: https://huggingface.co/docs/hub/repositories-getting-started
    internal const long LargestRegular = 10 << 20;

    private const int ShortestPrefix = 5;

    private static readonly string[] LfsEndings = [".bin", ".safetensors", ".onnx"];

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ContentStore _contents;
    private readonly Dictionary<string, RepoCommit> _commits = new(StringComparer.Ordinal);

    /// <summary>The front matter of the README.md of a commit; null if it has none.</summary>
    internal System.Text.Json.Nodes.JsonObject? CardOf(RepoCommit commit) =>
        commit.Files.TryGetValue("README.md", out RepoFile? card)
            ? CardData.Read(File.ReadAllText(_contents.PathOf(card.Content.Sha256))) : null;

    internal TestRepo(string id, string type, ContentStore contents, TimeProvider time)
    {
        (Id, CreatedAs, Type, _contents, _time) = (id, id, type, contents, time);
        CreatedAt = time.GetUtcNow();
    }

    /// <summary><c>owner/name</c> or a name.</summary>
    public string Id { get; internal set; }

    internal string CreatedAs { get; }

    internal DateTimeOffset CreatedAt { get; }

    /// <summary>
    /// A test made the repo, and not a client. A client's begins with <c>.gitattributes</c>; a test's has only what the test
    /// commits, and is treated as if such a file marked a few endings as LFS.
    /// </summary>
    internal bool IsOfTest { get; init; }

    /// <summary>The owner; a repo without one belongs to nobody here.</summary>
    internal string Namespace => Id.Contains('/', StringComparison.Ordinal) ? Id.Split('/')[0] : "";

    /// <summary>model, dataset, code or space.</summary>
    public string Type { get; }

    /// <summary>Only seen with a token that may.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>Listed for everybody, files only for those who accepted the conditions.</summary>
    public bool IsGated
    {
        get => Gated is not null;
        set => Gated = value ? "auto" : null;
    }

    /// <summary><c>auto</c>: who asks for access has it; <c>manual</c>: the owner decides; null = open to all.</summary>
    public string? Gated { get; set; }

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

    /// <summary>What a space runs on: gradio, streamlit, docker or static.</summary>
    internal string? Sdk { get; set; }

    /// <summary>User → what became of the wish to see a gated repo.</summary>
    internal ConcurrentDictionary<string, AccessRequest> AccessRequests { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>User → since when the repo is liked.</summary>
    internal ConcurrentDictionary<string, DateTimeOffset> Likes { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Discussions and pull requests, which share their numbers: the first has number 1.</summary>
    internal List<Discussion> Discussions { get; } = [];

    /// <summary>
    /// LFS objects that this repo has. Another repo's do not count: who only knows a digest must not get the content.
    /// </summary>
    internal ConcurrentDictionary<string, bool> LfsObjects { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Commits files over those of the branch; null deletes. Names are not checked: a hub may hold hostile ones.
    /// </summary>
    /// <param name="files">Path → content.</param>
    /// <param name="message">Title.</param>
    /// <param name="branch">Branch, made when missing.</param>
    /// <param name="lfs">Paths kept as LFS; null = by ending and size.</param>
    /// <returns>The 40-hex commit.</returns>
    public string Commit(IReadOnlyDictionary<string, byte[]?> files, string message = "commit", string branch = "main",
        IReadOnlySet<string>? lfs = null)
    {
        ArgumentNullException.ThrowIfNull(files);
        RepoChange[] changes = [.. files.Select(f => new RepoChange(f.Key,
            f.Value is null ? null
            : new RepoFile(f.Key, _contents.Add(f.Value), lfs?.Contains(f.Key) ?? IsLfsByRule(f.Key, f.Value.Length))))];
        lock (_gate)
            return Append(Branches, branch, With(Head(Branches, branch)?.Files, changes), message, "", Fixture).Id;
    }

    /// <summary>Commits one file from disk, for sizes that must not be in memory.</summary>
    public string CommitFile(string path, string sourceFile, bool lfs, string branch = "main")
    {
        StoredContent content = _contents.AddFile(sourceFile);
        lock (_gate)
            return Append(Branches, branch, With(Head(Branches, branch)?.Files, [new(path, new RepoFile(path, content, lfs))]),
                "commit", "", Fixture).Id;
    }

    /// <summary>
    /// Commits all files of a folder as a first commit, with the hub's <c>.gitattributes</c> where the folder has none; that
    /// says which are LFS.
    /// </summary>
    public string CommitFolder(string folder, string message = "initial commit")
    {
        string given = Path.Combine(folder, GitAttributes.FileName);
        string text = File.Exists(given) ? File.ReadAllText(given) : GitAttributes.Initial(Type);
        var attributes = new GitAttributes(text);
        var changes = new List<RepoChange>
        {
            new(GitAttributes.FileName,
                new RepoFile(GitAttributes.FileName, _contents.Add(Encoding.UTF8.GetBytes(text)), IsLfs: false))
        };
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            if (path == GitAttributes.FileName || path.Split('/').Contains(".git"))
                continue;
            StoredContent content = _contents.AddFile(file);
            changes.Add(new RepoChange(path,
                new RepoFile(path, content, attributes.IsLfs(path) || content.Size > LargestRegular)));
        }
        lock (_gate)
            return Append(Branches, "main", With(null, changes), message, "", Fixture).Id;
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
        File.ReadAllBytes(_contents.PathOf((Find(revision)
            ?? throw new ArgumentException($"No revision {revision}.", nameof(revision))).Files[path].Content.Sha256));

    /// <summary>The titles of a revision's commits, the newest first.</summary>
    public IReadOnlyList<string> History(string revision = "main")
    {
        Find(revision, out IReadOnlyList<RepoCommit> history);
        return [.. history.Select(c => c.Title)];
    }

    /// <summary>
    /// What a test's own commit keeps as LFS where the test does not say. Of clients' commits
    /// <see cref="GitAttributes"/> decides.
    /// </summary>
    private static bool IsLfsByRule(string path, long size) =>
        size > LargestRegular || LfsEndings.Any(e => path.EndsWith(e, StringComparison.Ordinal));

    internal RepoCommit? Find(string revision)
    {
        lock (_gate)
        {
            string? id = revision == "HEAD" ? Branches.GetValueOrDefault("main")
                : Branches.GetValueOrDefault(Bare(revision, "refs/heads/"))
                    ?? Tags.GetValueOrDefault(Bare(revision, "refs/tags/"))
                    ?? PullRequests.GetValueOrDefault(revision) ?? revision;
            return id is null ? null : _commits.GetValueOrDefault(id) ?? FindByPrefix(id);
        }

        static string Bare(string name, string prefix) =>
            name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
    }

    /// <summary>Does several steps with branches and tags as one.</summary>
    internal T Locked<T>(Func<T> steps)
    {
        lock (_gate)
            return steps();
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

    /// <summary>The last commit that changed each path, as seen from one.</summary>
    internal IReadOnlyDictionary<string, RepoCommit> LastCommits(RepoCommit from, IEnumerable<string> paths)
    {
        var found = new Dictionary<string, RepoCommit>(StringComparer.Ordinal);
        HashSet<string> open = [.. paths];
        lock (_gate)
        {
            for (RepoCommit? c = from; c is not null && open.Count > 0;)
            {
                RepoCommit? parent = c.Parent is null ? null : _commits[c.Parent];
                foreach (string path in open.Where(p => parent?.ObjectAt(p) != c.ObjectAt(p)).ToList())
                {
                    found[path] = c;
                    open.Remove(path);
                }
                c = parent;
            }
        }
        return found;
    }

    /// <summary>A client's commit: the check of the branch's head and the commit are one step.</summary>
    /// <param name="place">Where it goes.</param>
    /// <param name="changes">What it changes.</param>
    /// <param name="title">First line of the message.</param>
    /// <param name="description">The rest of it.</param>
    /// <param name="pullRequest">The number of the pull request that it opened.</param>
    /// <exception cref="ApiError">404: no such branch or path; 412: the head is another one.</exception>
    internal RepoCommit Commit(
        CommitPlace place, IReadOnlyList<RepoChange> changes, string title, string description, out int? pullRequest)
    {
        pullRequest = null;
        RepoCommit made;
        lock (_gate)
        {
            Dictionary<string, string> refs = place.Revision.StartsWith("refs/pr/", StringComparison.Ordinal)
                ? PullRequests : Branches;
            string name = place.Revision.StartsWith("refs/heads/", StringComparison.Ordinal)
                ? place.Revision[11..] : place.Revision;
            RepoCommit? head = Head(refs, name);
            // A commit or a tag takes no commits, and the first commit of an empty repo makes its branch.
            if (head is null && (_commits.Count > 0 || name != "main" || place.CreatePullRequest))
                throw ApiError.NoRevision(place.Revision);
            RepoCommit? parent = head;
            if (place.ParentCommit is string expected)
            {
                if (head is null || (!place.CreatePullRequest
                    && (expected.Length < ShortestPrefix || !head.Id.StartsWith(expected, StringComparison.Ordinal))))
                    throw new ApiError(412, null,
                        "The branch was updated since you opened this page. Please refresh and try again.");
                parent = place.CreatePullRequest
                    ? _commits.GetValueOrDefault(expected) ?? FindByPrefix(expected) ?? throw ApiError.NoRevision(expected)
                    : head;
            }
            Dictionary<string, RepoFile> files = Apply(parent, changes);
            if (place.CreatePullRequest)
            {
                Discussion opened = Discuss(title, description, place.Author, isPullRequest: true, status: "open", branch: name);
                pullRequest = opened.Number;
                (refs, name) = (PullRequests, opened.Reference);
                PullRequests[name] = parent!.Id;
            }
            made = Append(refs, name, files, title, description, place.Author);
        }
        if (pullRequest is null)
            OnCommitted?.Invoke();
        return made;
    }

    /// <summary>Opens a discussion or a pull request.</summary>
    internal Discussion Discuss(
        string title, string description, string author, bool isPullRequest, string status, string branch = "main")
    {
        lock (_gate)
        {
            var discussion = new Discussion(Discussions.Count + 1, title, author, isPullRequest, branch, _time.GetUtcNow())
            { Status = status };
            discussion.Comment(author, description, _time.GetUtcNow());
            Discussions.Add(discussion);
            if (isPullRequest)
                PullRequests[discussion.Reference] = Branches.GetValueOrDefault(branch) ?? throw ApiError.NoRevision(branch);
            return discussion;
        }
    }

    /// <summary>Merges a pull request: what it changed since it left its branch is committed there.</summary>
    internal RepoCommit Merge(Discussion discussion, string author)
    {
        lock (_gate)
        {
            RepoCommit proposed = _commits[PullRequests[discussion.Reference]];
            HashSet<string> known = [];
            for (RepoCommit? c = Head(Branches, discussion.Branch); c is not null;
                c = c.Parent is null ? null : _commits[c.Parent])
                known.Add(c.Id);
            RepoCommit start = proposed;
            while (!known.Contains(start.Id))
                start = _commits[start.Parent!];
            RepoChange[] changes =
                [.. proposed.Files.Values.Where(f => start.ObjectAt(f.Path) != f.BlobId).Select(f => new RepoChange(f.Path, f)),
                    .. start.Files.Keys.Except(proposed.Files.Keys).Select(p => new RepoChange(p, null))];
            return Append(Branches, discussion.Branch, With(Head(Branches, discussion.Branch)!.Files, changes),
                $"{discussion.Title} (#{discussion.Number})", "", author);
        }
    }

    /// <summary>Makes one commit without a parent of all that a branch has.</summary>
    internal RepoCommit? Squash(string name, string message, string author)
    {
        lock (_gate)
        {
            Dictionary<string, string> refs = PullRequests.ContainsKey(name) ? PullRequests : Branches;
            return Head(refs, name) is RepoCommit head && refs.Remove(name)
                ? Append(refs, name, head.Files, message, "", author) : null;
        }
    }

    /// <summary>Makes a branch that starts with nothing.</summary>
    internal void EmptyBranch(string name, string author)
    {
        lock (_gate)
        {
            Branches.Remove(name);
            Append(Branches, name, new Dictionary<string, RepoFile>(StringComparer.Ordinal), "initial commit", "", author);
        }
    }

    /// <summary>All LFS files of all branches, with the newest commit that has each.</summary>
    internal IReadOnlyList<(RepoFile File, string Reference, DateTimeOffset Time)> LfsFiles()
    {
        lock (_gate)
        {
            return [.. Branches.OrderBy(b => b.Key != "main").ThenBy(b => b.Key, StringComparer.Ordinal)
                .SelectMany(b => _commits[b.Value].Files.Values.Where(f => f.IsLfs)
                    .Select(f => (f, "refs/heads/" + b.Key, _commits[b.Value].Time)))
                .DistinctBy(f => f.f.Content.Sha256)];
        }
    }

    /// <summary>
    /// Forgets LFS objects, and takes their files out of every commit of every branch: all of these get new ids.
    /// </summary>
    internal void PurgeLfs(IReadOnlySet<string> objects)
    {
        lock (_gate)
        {
            var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (Dictionary<string, string> refs in new[] { Branches, Tags, PullRequests })
            {
                foreach ((string name, string id) in refs.ToList())
                    refs[name] = Rewrite(id);
            }

            string Rewrite(string id)
            {
                if (renamed.TryGetValue(id, out string? known))
                    return known;
                RepoCommit old = _commits[id];
                string? parent = old.Parent is null ? null : Rewrite(old.Parent);
                Dictionary<string, RepoFile> files =
                    old.Files.Where(f => !f.Value.IsLfs || !objects.Contains(f.Value.Content.Sha256))
                        .ToDictionary(StringComparer.Ordinal);
                return renamed[id] = Store(parent, files, old.Title, old.Description, old.Author, old.Time).Id;
            }
        }
        foreach (string sha256 in objects)
            LfsObjects.TryRemove(sha256, out _);
    }

    private const string Fixture = "tester";

    private RepoCommit? Head(Dictionary<string, string> refs, string name) =>
        refs.GetValueOrDefault(name) is string id ? _commits[id] : null;

    private RepoCommit? FindByPrefix(string prefix)
    {
        if (prefix.Length < ShortestPrefix || !prefix.All(char.IsAsciiHexDigitLower))
            return null;
        List<string> ids = [.. _commits.Keys.Where(id => id.StartsWith(prefix, StringComparison.Ordinal))];
        return ids.Count == 1 ? _commits[ids[0]] : null;
    }

    private static Dictionary<string, RepoFile> With(
        IReadOnlyDictionary<string, RepoFile>? parent, IEnumerable<RepoChange> changes)
    {
        var files = parent is null ? new Dictionary<string, RepoFile>(StringComparer.Ordinal)
            : new Dictionary<string, RepoFile>(parent, StringComparer.Ordinal);
        foreach (RepoChange change in changes)
        {
            if (change.File is not null)
                files[change.Path] = change.File;
            else
                files.Remove(change.Path);
        }
        return files;
    }

    // What the hub does with a client's commit beyond what it says: it checks what is deleted, and marks what is kept as LFS.
    private Dictionary<string, RepoFile> Apply(RepoCommit? parent, IReadOnlyList<RepoChange> changes)
    {
        Dictionary<string, RepoFile> files = With(parent?.Files, []);
        foreach (RepoChange change in changes.Where(c => c.File is null))
        {
            // Both kinds of a delete line take both kinds of path: TestHfApiDeleteFolder in huggingface_hub's
            // tests/test_hf_api.py.
            string below = change.Path.TrimEnd('/') + "/";
            List<string> gone = [.. files.Keys.Where(f => f == change.Path || f.StartsWith(below, StringComparison.Ordinal))];
            if (gone.Count == 0)
                throw new ApiError(404, "EntryNotFound", $"A file with the name \"{change.Path}\" does not exist")
                { Commit = parent?.Id };
            gone.ForEach(f => files.Remove(f));
        }
        files = With(files, changes.Where(c => c.File is not null));
        foreach (string path in changes.Where(c => c.File is not null).Select(c => c.Path))
        {
            for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                if (files.ContainsKey(path[..slash]))
                    throw new ApiError(400, null, $"\"{path[..slash]}\" is a file, and \"{path}\" needs a folder there.");
            }
        }
        ExtendAttributes(files, [.. changes.Where(c => c.File is { IsLfs: true }).Select(c => c.Path)]);
        return files;
    }

    private void ExtendAttributes(Dictionary<string, RepoFile> files, IReadOnlyList<string> lfsPaths)
    {
        string text = Attributes(files);
        var attributes = new GitAttributes(text);
        string added = string.Concat(lfsPaths.Where(p => !attributes.IsLfs(p)).Select(GitAttributes.LineFor));
        if (added.Length == 0)
            return;
        string separator = text.Length == 0 || text.EndsWith('\n') ? "" : "\n";
        files[GitAttributes.FileName] = new RepoFile(GitAttributes.FileName,
            _contents.Add(Encoding.UTF8.GetBytes(text + separator + added)), IsLfs: false);
    }

    /// <summary>The text of <c>.gitattributes</c>; without that file nothing, or the rule of a test's own repo.</summary>
    internal string Attributes(IReadOnlyDictionary<string, RepoFile> files) =>
        files.ContainsKey(GitAttributes.FileName) || !IsOfTest ? TextOf(files, GitAttributes.FileName)
        : GitAttributes.For(LfsEndings.Select(e => "*" + e));

    /// <summary>The text of a file of a commit, or nothing.</summary>
    internal string TextOf(IReadOnlyDictionary<string, RepoFile> files, string path) =>
        files.TryGetValue(path, out RepoFile? file) ? File.ReadAllText(_contents.PathOf(file.Content.Sha256)) : "";

    private RepoCommit Append(Dictionary<string, string> refs, string name, IReadOnlyDictionary<string, RepoFile> files,
        string title, string description, string author)
    {
        RepoCommit commit = Store(refs.GetValueOrDefault(name), files, title, description, author, _time.GetUtcNow());
        refs[name] = commit.Id;
        return commit;
    }

    private RepoCommit Store(string? parent, IReadOnlyDictionary<string, RepoFile> files, string title, string description,
        string author, DateTimeOffset time)
    {
        IReadOnlyDictionary<string, string> trees = GitObjects.TreeIds(files.Values.Select(f => (f.Path, f.BlobId)));
        string message = description.Length > 0 ? $"{title}\n\n{description}" : title;
        var commit = new RepoCommit(GitObjects.CommitId(trees[""], parent, message, time, author), parent, title, description,
            author, time, files, trees);
        _commits[commit.Id] = commit;
        foreach (RepoFile file in files.Values.Where(f => f.IsLfs))
            LfsObjects[file.Content.Sha256] = true;
        return commit;
    }
}
