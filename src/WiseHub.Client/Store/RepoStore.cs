using System.Text;

namespace WiseHub.Client.Store;

/// <summary>Refs and trees of one store: <c>&lt;types&gt;/&lt;owner&gt;/&lt;name&gt;/{refs,trees}</c> (DESIGN.md section 6).</summary>
/// <param name="root">The folder that holds <c>wisehub-store.json</c>.</param>
internal sealed class RepoStore(string root)
{
    public const string MarkerName = "wisehub-store.json";

    // Most files that do not change do not change from one commit to the next.
    private const int TreesRemembered = 4;

    public string Root { get; } = root;

    /// <summary>
    /// The folder of a repo, relative to a store's root, with <c>/</c>: always an owner and a name. An id without owner has owner <c>_</c>;
    /// an owner with subgroups has them behind <c>@</c>, which no part of an id may have.
    /// </summary>
    public static string RelativePath(RepoType type, string repoId)
    {
        if (UrlReference.IsUrl(repoId))
            return $"{type.ToPlural()}/{UrlOwner}{UrlReference.Hash(repoId)}";
        int slash = repoId.LastIndexOf('/');
        return $"{type.ToPlural()}/{(slash < 0 ? "_" : repoId[..slash].Replace('/', Subgroup))}/{repoId[(slash + 1)..]}";
    }

    /// <summary>The id of the repo in a folder of a store.</summary>
    public static string IdOf(string owner, string name) => owner == "_" ? name : $"{owner.Replace(Subgroup, '/')}/{name}";

    private const char Subgroup = '@';

    // An owner that no id can have. A URL is no path, so its hash stands for it.
    private const string UrlOwner = "@url/";

    /// <summary>The id of the repo in a folder of a store; null for a URL that nobody has noted beside it.</summary>
    public static string? IdOf(DirectoryInfo owner, DirectoryInfo repo) =>
        owner.Name + "/" != UrlOwner ? IdOf(owner.Name, repo.Name)
        : UrlMemory.Read(repo.FullName) is UrlMemory memory && UrlReference.Hash(memory.Url) == repo.Name ? memory.Url : null;

    /// <summary>Whether a path of a published store names something that never changes: a content or a file list.</summary>
    public static bool IsImmutable(string relative) => relative.StartsWith("blobs/", StringComparison.Ordinal) || relative.Contains("/trees/", StringComparison.Ordinal);

    public string RepoFolder(RepoReference reference) => RepoFolder(reference.RepoType, reference.RepoId);

    public string RepoFolder(RepoType type, string repoId) => Path.Combine(Root, RelativePath(type, repoId).Replace('/', Path.DirectorySeparatorChar));

    public string RefPath(RepoType type, string repoId, string revision) => Path.Combine(RepoFolder(type, repoId), "refs", revision.Replace('/', Path.DirectorySeparatorChar));

    public string TreePath(RepoType type, string repoId, string commit) => Path.Combine(RepoFolder(type, repoId), "trees", commit + ".json");

    /// <summary>The commit a revision was last seen at, or null.</summary>
    /// <exception cref="HubException">WISE3006: the file does not hold a commit.</exception>
    public string? ReadRef(RepoType type, string repoId, string revision)
    {
        string path = RefPath(type, repoId, revision);
        if (!File.Exists(path))
            return null;
        string commit = File.ReadAllText(path).Trim();
        return CommitId.IsCommit(commit) ? commit
            : throw new HubException(WiseCodes.DamagedStore, $"{path} does not hold a commit. Delete it if it is in a cache; in a published store push again.");
    }

    /// <summary>Remembers where a revision was last seen. Only for caches: names that stand in the way go.</summary>
    public void WriteRef(RepoType type, string repoId, string revision, string commit)
    {
        string path = RefPath(type, repoId, revision);
        if (File.Exists(path) && File.ReadAllText(path) == commit)
            return;
        // Of 'v1' and 'v1/a' only one can be there at a time; the other is what was there before.
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        for (string above = Path.GetDirectoryName(path)!; above.Length > RepoFolder(type, repoId).Length; above = Path.GetDirectoryName(above)!)
        {
            if (File.Exists(above))
                File.Delete(above);
        }
        AtomicFile.Write(path, Encoding.ASCII.GetBytes(commit));
    }

    /// <summary>The stored tree of a commit, or null.</summary>
    /// <exception cref="HubException">WISE3006: the file is damaged.</exception>
    public TreeFile? ReadTree(RepoType type, string repoId, string commit)
    {
        string path = TreePath(type, repoId, commit);
        if (!File.Exists(path))
            return null;
        byte[] bytes = File.ReadAllBytes(path);
        TreeFile tree = TreeFile.Parse(bytes, path);
        TreeFile.CheckIdentity(bytes, tree, commit, path);
        return tree;
    }

    /// <summary>What the file lists of a repo's other commits know: git id → a file with digest and size, of contents that were hashed when they came.</summary>
    public Dictionary<string, TreeEntry> KnownDigests(RepoType type, string repoId)
    {
        var known = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (TreeEntry file in FilesOfOtherCommits(type, repoId))
            known.TryAdd(file.Oid!, file);
        return known;
    }

    /// <summary>Files of a repo whose content was hashed when it came, and whose git id is known; those of the newest lists first.</summary>
    public IEnumerable<TreeEntry> FilesOfOtherCommits(RepoType type, string repoId)
    {
        var known = new List<TreeEntry>();
        var trees = new DirectoryInfo(Path.Combine(RepoFolder(type, repoId), "trees"));
        if (!trees.Exists)
            return known;
        foreach (FileInfo tree in trees.EnumerateFiles("*.json").OrderByDescending(t => t.LastWriteTimeUtc).Take(TreesRemembered))
        {
            try
            {
                foreach (TreeEntry file in ReadTree(type, repoId, Path.GetFileNameWithoutExtension(tree.Name))?.Files ?? [])
                {
                    if (file is { Oid: not null, Sha256: not null })
                        known.Add(file);
                }
            }
            catch (HubException e) when (e.Code == WiseCodes.DamagedStore)
            {
                // It is told and replaced when its own commit is wanted; here it only knows nothing.
            }
        }
        return known;
    }

    public void WriteTree(RepoType type, string repoId, string commit, TreeFile tree) => AtomicFile.Write(TreePath(type, repoId, commit), tree.ToBytes());
}
