using System.Diagnostics.CodeAnalysis;
using WiseHub.Client.Context;
using WiseHub.Client.Store;

namespace WiseHub.Client.Entries;

/// <summary>
/// Lists, describes and loads the entries of a repo. Downloads the description first, and the other files only when needed.
/// </summary>
internal sealed class EntryRepo(ClientContext context, Func<RestoreRequest, CancellationToken, Task<RestoreResult>> restore)
{
    private sealed record Described(RepoReference Reference, EntryFileName Name, string Commit, IReadOnlyCollection<string> Paths,
        IReadOnlyList<string> Present, IReadOnlyList<HubEntry> Entries)
    {
        public EntryList List => new(Commit, Present, Entries);
    }

    public async Task<EntryList> ListAsync(EntryRequest request, CancellationToken cancel) =>
        (await DescribeAsync(request, cancel).ConfigureAwait(false)).List;

    public async Task<HubEntry> HelpAsync(EntryRequest request, string entry, CancellationToken cancel) =>
        EntryCatalog.Find((await DescribeAsync(request, cancel).ConfigureAwait(false)).Entries, entry,
            request.Reference.ToString());

    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    public async Task<EntryModule> ImportAsync(EntryRequest request, EntryTrust trust, CancellationToken cancel)
    {
        Described repo = await DescribeAsync(request, cancel).ConfigureAwait(false);
        if (!repo.Present.Contains(repo.Name.Assembly))
        {
            throw EntryMessages.NothingToImport(request.Reference, repo.Name, repo.Present.Contains(repo.Name.Script));
        }
        Require(trust, request.Reference, repo);
        return await LoadAsync(repo, repo.Entries, [], cancel).ConfigureAwait(false);
    }

    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    public async Task<LoadedEntry> LoadAsync(EntryRequest request, string name, IReadOnlyDictionary<string, object?> arguments,
        EntryTrust trust, CancellationToken cancel)
    {
        Described repo = await DescribeAsync(request, cancel).ConfigureAwait(false);
        string what = request.Reference.ToString();
        HubEntry entry = EntryCatalog.Find(repo.Entries, name, what);
        if (entry.Kind == EntryKind.Python)
        {
            throw EntryMessages.PythonEntry(what, entry);
        }
        EntryArguments.Check(entry, arguments, what);
        if (entry.Kind == EntryKind.Files)
            return new LoadedEntry(entry, repo.Commit, (await FetchAsync(repo,
                new FileSelection(entry.Files, []), cancel).ConfigureAwait(false)).Directory!, null, null);
        Require(trust, request.Reference, repo);
        EntryModule module = await LoadAsync(repo, [entry], entry.Files, cancel).ConfigureAwait(false);
        try
        {
            return new LoadedEntry(entry, repo.Commit, module.Directory,
                await module.InvokeAsync(name, arguments, cancel).ConfigureAwait(false), module);
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private static void Require(EntryTrust trust, RepoReference reference, Described repo)
    {
        if (trust != EntryTrust.RunCode)
        {
            throw EntryMessages.TrustNeeded(reference, repo.Name.Assembly, repo.Commit);
        }
    }

    [RequiresUnreferencedCode(EntryClient.RunsForeignCode)]
    private async Task<EntryModule> LoadAsync(
        Described repo, IReadOnlyList<HubEntry> entries, IReadOnlyList<string> files, CancellationToken cancel)
    {
        string what = repo.Reference.ToString();
        CheckDependencies(repo, entries, what);
        string folder = FileSelection.Literal(repo.Name.Folder);
        Snapshot snapshot = await FetchAsync(repo, files.Count == 0 ? FileSelection.All
            : new FileSelection([.. repo.Name.Paths.Select(FileSelection.Literal), folder + "*.dll", .. files], []),
            cancel).ConfigureAwait(false);
        SnapshotFile assembly = snapshot.Files.First(f => f.Path == repo.Name.Assembly);
        string path = Path.Combine(snapshot.Directory!, assembly.Path.Replace('/', Path.DirectorySeparatorChar));
        // The code that runs must be the verified code, even if others can write to this folder.
        if (BlobStore.HashFile(path, cancel) != assembly.Sha256)
            throw EntryMessages.Tampered(what, path);
        return EntryModule.Load(path, what, snapshot.Directory!, repo.Entries, context.Log);
    }

    // Only missing dependencies are an error. (The Python original of this feature reports the present ones.)
    private static void CheckDependencies(Described repo, IReadOnlyList<HubEntry> entries, string what)
    {
        List<string> missing = [.. entries.SelectMany(e => e.Dependencies).Distinct(StringComparer.Ordinal)
            .Where(d => !repo.Paths.Contains($"{repo.Name.Folder}{d}.dll") && !EntryLoadContext.IsInProgram(d))
            .Order(StringComparer.Ordinal)];
        if (missing.Count > 0)
        {
            throw EntryMessages.DependencyMissing(what, repo.Name.Assembly, missing);
        }
    }

    private async Task<Snapshot> FetchAsync(Described repo, FileSelection files, CancellationToken cancel)
    {
        RepoReference reference = repo.Reference with { Files = files, RequiredPaths = [] };
        return (await restore(
            new RestoreRequest { References = [reference], Materialise = new HashSet<RepoReference> { reference } },
            cancel).ConfigureAwait(false)).Snapshots[0];
    }

    private async Task<Described> DescribeAsync(EntryRequest request, CancellationToken cancel)
    {
        var name = EntryFileName.Parse(request.EntryFile);
        RepoReference reference = request.Reference with
        {
            Revision = (request.Cached ? LastSeen(request.Reference) : null) ?? request.Reference.Revision,
            Files = new FileSelection(name.Paths.Select(FileSelection.Literal), []),
            RequiredPaths = [],
        };
        Snapshot snapshot;
        try
        {
            snapshot = (await restore(
                new RestoreRequest { References = [reference], Materialise = new HashSet<RepoReference> { reference } },
                cancel).ConfigureAwait(false)).Snapshots[0];
        }
        catch (HubException e) when (e.Code == WiseCodes.NothingSelected)
        {
            throw EntryMessages.NoEntries(request.Reference, name, e);
        }
        string commit = snapshot.Commit ?? throw EntryMessages.NotRestored(request.Reference);
        List<string> present = [.. snapshot.Files.Select(f => f.Path)];
        HashSet<string> paths = [.. PathsOf(reference, commit).Concat(present)];
        return new Described(reference with { Revision = commit }, name, commit, paths, present,
            EntryCatalog.Read(snapshot.Directory!, name, present, paths, request.Reference.ToString()));
    }

    private IEnumerable<RepoStore> Caches(RepoReference reference) =>
        (reference.Hubs.Count > 0 ? reference.Hubs : [context.DefaultHub])
            .Select(h => context.Store.ForHub(context.Config.Find(h)));

    private string? LastSeen(RepoReference reference) =>
        Caches(reference).Select(c => c.ReadRef(reference.RepoType, reference.RepoId, reference.Revision ?? "HEAD"))
            .FirstOrDefault(c => c is not null);

    private IEnumerable<string> PathsOf(RepoReference reference, string commit) =>
        Caches(reference).Select(c => c.ReadTree(reference.RepoType, reference.RepoId, commit)).FirstOrDefault(t => t is not null)
            ?.Files.Select(f => f.Path) ?? [];
}
