using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Refs and trees of one store: <c>&lt;types&gt;/&lt;owner&gt;/&lt;name&gt;/{refs,trees}</c> (docs/store-layout.md).
/// </summary>
/// <param name="root">The folder that holds <c>wisehub-store.json</c>.</param>
/// <param name="isCache">
/// Only this machine's WiseHub reads it, so names that the disk treats as equal may be stored under other names.
/// </param>
/// <param name="names">Finds names that a disk treats as equal; null = on the disks of this machine.</param>
internal sealed class RepoStore(string root, bool isCache = false, ExactNames? names = null)
{
    private readonly ExactNames _names = names ?? ExactNames.OfSystem;

    public const string MarkerName = "wisehub-store.json";

    // Unchanged files mostly stay the same from one commit to the next, so a few trees are enough.
    private const int TreesRemembered = 4;

    public string Root { get; } = root;

    /// <summary>
    /// The folder of a repo relative to the store's root, with <c>/</c>: always an owner and a name. An id without an owner gets
    /// the owner <c>_</c>. Subgroups follow the owner after <c>@</c>, which is not allowed in an id.
    /// </summary>
    public static string RelativePath(RepoType type, string repoId)
    {
        if (UrlReference.IsUrl(repoId))
            return $"{type.ToPlural()}/{UrlOwner}{UrlReference.Hash(repoId)}";
        if (!RepoReference.IsCommonId(repoId))
            return $"{type.ToPlural()}/{NamesOwner}/{NameOf(repoId)}";
        int slash = repoId.LastIndexOf('/');
        return $"{type.ToPlural()}/{(slash < 0 ? "_" : repoId[..slash].Replace('/', Subgroup))}/{repoId[(slash + 1)..]}";
    }

    /// <summary>The id of the repo in a store folder.</summary>
    public static string IdOf(string owner, string name)
    {
        (owner, name) = (ExactNames.WithoutMark(owner), ExactNames.WithoutMark(name));
        return owner == "_" ? name : owner == NamesOwner ? Uri.UnescapeDataString(name)
            : $"{owner.Replace(Subgroup, '/')}/{name}";
    }

    private const char Subgroup = '@';

    // An owner that no id can have, for ids that are free names: one folder, with characters escaped that some systems do not
    // allow.
    private const string NamesOwner = "@id";

    private const string Escaped = "%@/\\:*?\"<>|";

    // NAME_MAX. If the escaped name is longer, its digest stands for it.
    private const int MostNameBytes = 255;

    private static string NameOf(string id)
    {
        string name = string.Concat(id.Select((c, i) => Escaped.Contains(c, StringComparison.Ordinal) || char.IsControl(c)
            || (c is '.' or ' ' && (i == 0 || i == id.Length - 1)) ? Uri.HexEscape(c) : c.ToString()));
        // On Windows, such a name opens a device.
        return Encoding.UTF8.GetByteCount(name) <= MostNameBytes && PathRules.RejectSegment(name) is null
            ? name : UrlReference.Hash(id);
    }

    // An owner that no id can have. A URL is not a valid path, so its hash stands for it.
    private const string UrlOwner = "@url/";

    /// <summary>The id of the repo in a store folder; null for a URL that is not recorded there.</summary>
    public static string? IdOf(DirectoryInfo owner, DirectoryInfo repo) =>
        owner.Name + "/" != UrlOwner ? IdOf(owner.Name, repo.Name)
        : UrlRecord.Read(repo.FullName) is UrlRecord memory && UrlReference.Hash(memory.Url) == repo.Name ? memory.Url : null;

    /// <summary>True when a path of a published store never changes: a blob or a file list.</summary>
    public static bool IsImmutable(string relative) =>
        relative.StartsWith("blobs/", StringComparison.Ordinal) || relative.Contains("/trees/", StringComparison.Ordinal);

    public string RepoFolder(RepoReference reference) => RepoFolder(reference.RepoType, reference.RepoId);

    public string RepoFolder(RepoType type, string repoId) => Place(Root, RelativePath(type, repoId));

    public string RefPath(RepoType type, string repoId, string revision) => Place(RepoFolder(type, repoId), "refs/" + revision);

    /// <summary>Finds an existing repo or ref whose name differs, but that the disk treats as the same.</summary>
    /// <param name="type">Kind of repo.</param>
    /// <param name="repoId">Its id.</param>
    /// <param name="revision">The ref; empty = only the repo.</param>
    /// <returns>Its path in the store, with <c>/</c>; null when there is none.</returns>
    public string? FindOther(RepoType type, string repoId, string revision = "") =>
        _names.FindOther(Root, RelativePath(type, repoId) + (revision.Length > 0 ? "/refs/" + revision : ""));

    private string Place(string folder, string relative) =>
        isCache ? _names.Locate(folder, relative) : Path.Combine(folder, relative.Replace('/', Path.DirectorySeparatorChar));

    // Two processes may create two repo folders at once that the disk treats as one; the second one then gets another name.
    private void MakeRepoFolder(RepoType type, string repoId)
    {
        if (!isCache)
            return;
        for (string? folder = null, before; (before = folder) != (folder = RepoFolder(type, repoId));)
            Directory.CreateDirectory(folder);
    }

    public string TreePath(RepoType type, string repoId, string commit) =>
        Path.Combine(RepoFolder(type, repoId), "trees", commit + ".json");

    /// <summary>The commit a revision was last seen at, or null.</summary>
    /// <exception cref="HubException">WISE3006: the file does not hold a commit.</exception>
    public string? ReadRef(RepoType type, string repoId, string revision)
    {
        string path = RefPath(type, repoId, revision);
        if (!File.Exists(path))
            return null;
        string commit = Encoding.UTF8.GetString(ContendedFiles.OfSystem.Read(path)).Trim();
        return CommitId.IsCommit(commit) ? commit
            : throw StoreMessages.DamagedRef(path);
    }

    /// <summary>Records the commit of a revision. Only for caches: removes refs whose names are in the way.</summary>
    public void WriteRef(RepoType type, string repoId, string revision, string commit)
    {
        MakeRepoFolder(type, repoId);
        string path = RefPath(type, repoId, revision);
        if (File.Exists(path) && Encoding.UTF8.GetString(ContendedFiles.OfSystem.Read(path)) == commit)
            return;
        // 'v1' and 'v1/a' cannot exist together, so an existing one is outdated.
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        for (string above = Path.GetDirectoryName(path)!; above.Length > RepoFolder(type, repoId).Length;
            above = Path.GetDirectoryName(above)!)
        {
            if (File.Exists(above))
                ContendedFiles.OfSystem.Delete(above);
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
        byte[] bytes = ContendedFiles.OfSystem.Read(path);
        TreeFile tree = TreeFile.Parse(bytes, path);
        TreeFile.CheckIdentity(bytes, tree, commit, path);
        return tree;
    }

    /// <summary>
    /// Files known from the trees of a repo's other commits, by git id. Their content was hashed when it was downloaded.
    /// </summary>
    public Dictionary<string, TreeEntry> KnownDigests(RepoType type, string repoId)
    {
        var known = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        foreach (TreeEntry file in FilesOfOtherCommits(type, repoId))
            known.TryAdd(file.Oid!, file);
        return known;
    }

    /// <summary>Files with a digest computed on download and a known git id, from the newest trees first.</summary>
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
                // A restore of that commit reports and replaces the damaged tree; here it is skipped.
            }
        }
        return known;
    }

    public string HeadersPath(RepoType type, string repoId, string commit) =>
        Path.Combine(RepoFolder(type, repoId), "trees", commit + HeadersFile.Extension);

    /// <summary>The facts of headers that a cache keeps of a commit, by path.</summary>
    /// <exception cref="HubException">WISE3006: the file is damaged, or of another version.</exception>
    public Dictionary<string, HeaderFacts> ReadHeaders(RepoType type, string repoId, string commit)
    {
        string path = HeadersPath(type, repoId, commit);
        return File.Exists(path) ? HeadersFile.Parse(ContendedFiles.OfSystem.Read(path), path)
            : new Dictionary<string, HeaderFacts>(StringComparer.Ordinal);
    }

    public void WriteHeaders(RepoType type, string repoId, string commit, byte[] headers)
    {
        MakeRepoFolder(type, repoId);
        AtomicFile.Write(HeadersPath(type, repoId, commit), headers);
    }

    public void WriteTree(RepoType type, string repoId, string commit, TreeFile tree)
    {
        MakeRepoFolder(type, repoId);
        AtomicFile.Write(TreePath(type, repoId, commit), tree.ToMemory().Span);
    }
}
