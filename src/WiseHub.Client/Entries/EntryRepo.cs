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

    /// <summary>What a caller wants: an entry, or the code of all entries.</summary>
    private sealed record Chosen(Described Repo, HubEntry? Entry)
    {
        public bool IsCode => Entry?.Kind is null or EntryKind.Code;

        public IReadOnlyList<HubEntry> Entries => Entry is null ? Repo.Entries : [Entry];

        /// <summary>The dependencies that are not beside the code in the repo.</summary>
        public IReadOnlyList<string> Needs => [.. Entries.SelectMany(e => e.Dependencies).Distinct(StringComparer.Ordinal)
            .Where(d => !Repo.Paths.Contains($"{Repo.Name.Folder}{d}.dll"))];
    }

    public async Task<EntryList> ListAsync(EntryRequest request, CancellationToken cancel) =>
        (await DescribeAsync(request, cancel).ConfigureAwait(false)).List;

    public async Task<HubEntry> HelpAsync(EntryRequest request, string entry, CancellationToken cancel) =>
        EntryCatalog.Find((await DescribeAsync(request, cancel).ConfigureAwait(false)).Entries, entry,
            request.Reference.ToString());

    public async Task<FetchedEntries> FetchAsync(EntryRequest request, string? entry, IReadOnlyCollection<string> arguments,
        EntryTrust trust, CancellationToken cancel) =>
        await FetchAsync(await ChooseAsync(request, entry, arguments, trust, cancel).ConfigureAwait(false), cancel)
            .ConfigureAwait(false);

    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    public async Task<EntryModule> ImportAsync(EntryRequest request, EntryTrust trust, CancellationToken cancel)
    {
        Chosen chosen = await ChooseAsync(request, null, [], trust, cancel).ConfigureAwait(false);
        return Load(await FetchCompleteAsync(chosen, cancel).ConfigureAwait(false), chosen.Repo)!;
    }

    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    public async Task<LoadedEntry> LoadAsync(EntryRequest request, string name, IReadOnlyDictionary<string, object?> arguments,
        EntryTrust trust, CancellationToken cancel)
    {
        Chosen chosen = await ChooseAsync(request, name, [.. arguments.Keys], trust, cancel).ConfigureAwait(false);
        FetchedEntries fetched = await FetchCompleteAsync(chosen, cancel).ConfigureAwait(false);
        EntryModule? module = Load(fetched, chosen.Repo);
        try
        {
            return new LoadedEntry(chosen.Entry!, fetched.Commit, fetched.Directory,
                module is null ? null : await module.InvokeAsync(name, arguments, cancel).ConfigureAwait(false), module);
        }
        catch
        {
            module?.Dispose();
            throw;
        }
    }

    // All that can be decided from the description alone: before anything of the code is downloaded, its caller must trust it.
    private async Task<Chosen> ChooseAsync(EntryRequest request, string? name, IReadOnlyCollection<string> arguments,
        EntryTrust trust, CancellationToken cancel)
    {
        Described repo = await DescribeAsync(request, cancel).ConfigureAwait(false);
        string what = request.Reference.ToString();
        HubEntry? entry = name is null ? null : EntryCatalog.Find(repo.Entries, name, what);
        if (entry?.Kind == EntryKind.Python)
            throw EntryMessages.PythonEntry(what, entry);
        if (entry is not null)
            EntryCatalog.CheckArguments(entry, arguments, what);
        else if (!repo.Present.Contains(repo.Name.Assembly))
            throw EntryMessages.NothingToImport(request.Reference, repo.Name, repo.Present.Contains(repo.Name.Script));
        var chosen = new Chosen(repo, entry);
        if (chosen.IsCode && trust != EntryTrust.RunCode)
            throw EntryMessages.TrustNeeded(request.Reference, repo.Name.Assembly, repo.Commit);
        return chosen;
    }

    private async Task<FetchedEntries> FetchAsync(Chosen chosen, CancellationToken cancel)
    {
        (Described repo, HubEntry? entry) = chosen;
        IReadOnlyList<string> files = entry?.Files ?? [];
        string folder = FileSelection.Literal(repo.Name.Folder);
        Snapshot snapshot = await FetchAsync(repo, !chosen.IsCode ? new FileSelection(files, [])
            : files.Count == 0 ? FileSelection.All
            : new FileSelection([.. repo.Name.Paths.Select(FileSelection.Literal), folder + "*.dll", .. files], []),
            cancel).ConfigureAwait(false);
        return new FetchedEntries(repo.Commit, snapshot.Directory!, chosen.Entries)
        {
            Code = chosen.IsCode ? Verify(repo, snapshot, chosen.Needs, cancel) : null,
        };
    }

    private static FetchedCode Verify(Described repo, Snapshot snapshot, IReadOnlyList<string> needs, CancellationToken cancel)
    {
        SnapshotFile assembly = snapshot.Files.First(f => f.Path == repo.Name.Assembly);
        string path = Path.Combine(snapshot.Directory!, assembly.Path.Replace('/', Path.DirectorySeparatorChar));
        // The code that runs must be the verified code, even if others can write to this folder.
        return BlobStore.HashFile(path, cancel) == assembly.Sha256 ? new FetchedCode(path, assembly.Sha256, needs)
            : throw EntryCodeMessages.Tampered(repo.Reference.ToString(), path);
    }

    // Only missing dependencies are an error. (The Python original of this feature reports the present ones.)
    private async Task<FetchedEntries> FetchCompleteAsync(Chosen chosen, CancellationToken cancel)
    {
        IReadOnlyList<string> missing = chosen.IsCode ? EntryLoadContext.Missing(chosen.Needs) : [];
        return missing.Count == 0 ? await FetchAsync(chosen, cancel).ConfigureAwait(false)
            : throw EntryMessages.DependencyMissing(chosen.Repo.Reference.ToString(), chosen.Repo.Name.Assembly, missing);
    }

    [RequiresUnreferencedCode(EntryCode.RunsForeignCode)]
    private EntryModule? Load(FetchedEntries fetched, Described repo) => fetched.Code is null ? null
        : new EntryModule(fetched.Code.Path, repo.Reference.ToString(), fetched.Directory, repo.Entries, context.Log);

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
