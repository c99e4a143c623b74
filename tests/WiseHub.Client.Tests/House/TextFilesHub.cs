using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Hubs;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Tests.House;

/// <summary>
/// The smallest protocol that can be read and pushed to, and the example of docs/adding-a-hub.md: a folder with a folder of
/// plain files for each repo. The commit is the sha256 of the list of files.
/// </summary>
internal sealed class TextFilesProtocol : HubProtocol
{
    public override string Name => "files";

    public override IReadOnlyList<string> Keys => ["path"];

    public override HubDefinition Read(HubSection section) => new(section.Name, Name)
    {
        Path = section.Folder("path") ?? throw section.Wrong($"the hub '{section.Name}' needs 'path'."),
    };

    public override IHub Open(HubDefinition hub, IHubContext context) => new TextFilesHub(hub);
}

internal sealed class TextFilesHub(HubDefinition definition) : IPushHub
{
    public HubDefinition Definition { get; } = definition;

    public void Check(RepoReference reference) => reference.RefuseSubgroups(Definition.Name);

    public Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel) =>
        !Directory.Exists(FolderOf(reference))
            ? throw new HubException(WiseCodes.RepoNotFound, $"{reference} is not on '{Definition.Name}'. Check the id.")
            : Task.FromResult(Open(reference, CommitOf(List(reference)), run));

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) => new Commit(this, reference, commit);

    public Uri? PageUrl(RepoReference reference) => null;

    public Uri? FileUrl(RepoReference reference, string path) => null;

    public IPushTarget OpenPush(PushRequest request) =>
        new Push(this, new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType });

    private string FolderOf(RepoReference reference) =>
        Path.Combine(Definition.Path!, reference.RepoType.ToPlural(), reference.RepoId.Replace('/', Path.DirectorySeparatorChar));

    private List<TreeEntry> List(RepoReference reference)
    {
        string folder = FolderOf(reference);
        List<TreeEntry> files = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(file);
            string path = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            files.Add(new TreeEntry(path, content.Length, null, Digest.FromBytes(SHA256.HashData(content))));
        }
        Utf8Ordinal.Sort(files, f => f.Path);
        return files;
    }

    private static string CommitOf(List<TreeEntry> files) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files))));

    /// <summary>A commit: the files of the folder, as long as they are what they were.</summary>
    private sealed class Commit(TextFilesHub hub, RepoReference reference, string commit) : IHubCommit
    {
        public string Id => commit;

        public Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
        {
            List<TreeEntry> files = hub.List(reference);
            return CommitOf(files) == commit ? Task.FromResult<IReadOnlyList<TreeEntry>>(files)
                : throw new HubException(WiseCodes.RevisionNotFound,
                    $"{reference} has changed on '{hub.Definition.Name}'. Run WiseUpdate.");
        }

        public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
            IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

        public IReadOnlyList<BlobSource> Locate(TreeEntry file)
        {
            var place = new BlobLocation
            { Hub = hub.Definition.Name, LocalPath = Path.Combine(hub.FolderOf(reference), file.Path) };
            return [new BlobSource(hub.Definition.Name, _ => Task.FromResult(place))];
        }

        public void Dispose()
        {
            // Nothing is open.
        }
    }

    /// <summary>Files are copied when the commit is made: until then nothing of the push is visible.</summary>
    private sealed class Push(TextFilesHub hub, RepoReference repo) : IPushTarget
    {
        public Task<PushBase> LookAsync(CancellationToken cancel)
        {
            if (!Directory.Exists(hub.FolderOf(repo)))
                return Task.FromResult(PushBase.Empty);
            List<TreeEntry> files = hub.List(repo);
            return Task.FromResult(new PushBase(CommitOf(files), files));
        }

        public Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
        {
            Directory.CreateDirectory(hub.FolderOf(repo));
            return Task.FromResult(seen);
        }

        public bool IsReserved(string path) => false;

        public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel) =>
            Task.CompletedTask;

        public Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
        {
            foreach (TreeEntry file in changes.Deleted)
                File.Delete(Path.Combine(hub.FolderOf(repo), file.Path));
            foreach (LocalFile file in changes.Sent)
            {
                string path = Path.Combine(hub.FolderOf(repo), file.PathInRepo);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.Copy(file.SourcePath, path, overwrite: true);
            }
            return Task.FromResult(new PushedCommit(CommitOf(hub.List(repo))));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
