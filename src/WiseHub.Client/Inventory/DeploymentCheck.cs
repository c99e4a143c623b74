using WiseHub.Client.Files;

namespace WiseHub.Client.Inventory;

/// <summary>
/// One comparison of a deployed program with its lock file. A lock file does not say where the files of a model are, so a place
/// is a folder below which files have the locked paths.
/// </summary>
internal sealed class DeploymentCheck(DeployedFiles files, DeploymentOptions options, CancellationToken cancel)
{
    private readonly List<HubException> _problems = [];

    // All locked files that were found or are named by a place, to tell which others are there.
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private readonly HashSet<string> _places = new(StringComparer.Ordinal);

    /// <summary>A folder that may have the files of a model.</summary>
    /// <param name="Folder">Relative, with <c>/</c> at its end; empty for the deployed folder.</param>
    /// <param name="Named">The locked files of which a file with the path is there.</param>
    /// <param name="Right">Those of them with the locked content.</param>
    private sealed record Place(string Folder, List<LockedFile> Named, List<LockedFile> Right)
    {
        public string Shown => Folder.TrimEnd('/');
    }

    /// <summary>Compares all references.</summary>
    public DeploymentReport Run(IReadOnlyList<LockEntry> entries)
    {
        HashBeforehand(entries);
        Dictionary<LockEntry, List<Place>> places = entries.ToDictionary(e => e, PlacesOf);
        // The folder of one model often has names that another one has, too, such as config.json.
        HashSet<string> taken = [.. places.SelectMany(p => p.Value.Where(q => IsComplete(p.Key, q)).Select(q => q.Folder))];
        Dictionary<LockKey, (string Path, LockEntry Entry)> manifests = ReadManifests();
        List<DeployedModel> models = [.. entries.Select(e => Check(e, places[e], taken, manifests)).OfType<DeployedModel>()];
        FindUnlisted();
        return new DeploymentReport(files.Root, models, _problems);
    }

    private static bool IsComplete(LockEntry entry, Place place) => place.Right.Count == entry.Files.Count;

    // The large part of the work, on all processors.
    private void HashBeforehand(IReadOnlyList<LockEntry> entries)
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (LockedFile file in entries.SelectMany(e => e.Files))
            named.UnionWith(FoldersWith(file).Select(f => f + file.Path).Where(p => files.HasSize(p, file.Size)));
        Parallel.ForEach(named, new ParallelOptions
        { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, p => files.DigestOf(p, cancel));
    }

    // The folders below which a file has the locked path.
    private IEnumerable<string> FoldersWith(LockedFile file)
    {
        string end = "/" + file.Path;
        foreach (string path in files.ByName[file.Path[(file.Path.LastIndexOf('/') + 1)..]])
        {
            if (path.EndsWith(end, StringComparison.Ordinal))
                yield return path[..^file.Path.Length];
            else if (path == file.Path)
                yield return "";
        }
    }

    private List<Place> PlacesOf(LockEntry entry)
    {
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (LockedFile file in entry.Files)
        {
            foreach (string folder in FoldersWith(file))
            {
                if (!places.TryGetValue(folder, out Place? place))
                    places[folder] = place = new Place(folder, [], []);
                place.Named.Add(file);
                if (files.Has(folder + file.Path, file.Size, file.Sha256, cancel))
                    place.Right.Add(file);
            }
        }
        return [.. places.Values.OrderByDescending(p => p.Right.Count).ThenByDescending(p => p.Named.Count)
            .ThenBy(p => p.Folder, Utf8Ordinal.Instance)];
    }

    /// <returns>Null if nothing of the model is there.</returns>
    private DeployedModel? Check(LockEntry entry, List<Place> places, HashSet<string> taken,
        Dictionary<LockKey, (string Path, LockEntry Entry)> manifests)
    {
        if (entry.Files.Count == 0)
            return new DeployedModel(entry, [], null, 0, 0);
        List<Place> used = [.. places.Where(p => IsComplete(entry, p))];
        // A copy that has every name is a copy, even if none of its contents is right.
        used.AddRange(places.Where(
            p => !IsComplete(entry, p) && p.Named.Count == entry.Files.Count && !taken.Contains(p.Folder)));
        if (used.Count == 0 && manifests.TryGetValue(entry.Key, out (string Path, LockEntry Entry) manifest))
            return FetchedAtRunTime(entry, manifest);
        if (used.Count == 0 && places.FirstOrDefault(p => p.Right.Count > 0 || !taken.Contains(p.Folder)) is Place best)
            used.Add(best);
        if (used.Count == 0)
        {
            if (!options.MayLackFiles)
                _problems.Add(InventoryMessages.ModelMissing(files.Root, entry));
            return null;
        }
        foreach (Place place in used)
            CheckPlace(entry, place);
        return new DeployedModel(entry, [.. used.Select(p => p.Shown)], null, used.Sum(p => p.Right.Count),
            used.Sum(p => p.Right.Sum(f => f.Size)));
    }

    private void CheckPlace(LockEntry entry, Place place)
    {
        _places.Add(place.Folder);
        var missing = new List<LockedFile>();
        foreach (LockedFile file in entry.Files)
        {
            string path = place.Folder + file.Path;
            if (!files.Contains(path))
            {
                missing.Add(file);
                continue;
            }
            _known.Add(path);
            if (!files.Has(path, file.Size, file.Sha256, cancel))
                _problems.Add(InventoryMessages.OtherContent(files.Root, entry, path, files.DigestOf(path, cancel), file.Sha256));
        }
        // A project may give a file another name.
        missing.RemoveAll(IsElsewhere);
        if (missing.Count > 0 && !options.MayLackFiles)
            _problems.Add(InventoryMessages.FilesMissing(files.Root, entry, place.Shown, [.. missing.Select(f => f.Path)]));
    }

    private bool IsElsewhere(LockedFile file)
    {
        if (files.BySize[file.Size].FirstOrDefault(p => files.Has(p, file.Size, file.Sha256, cancel)) is not string path)
            return false;
        _known.Add(path);
        return true;
    }

    private DeployedModel FetchedAtRunTime(LockEntry entry, (string Path, LockEntry Entry) manifest)
    {
        Dictionary<string, LockedFile> locked = entry.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        foreach (LockedFile file in manifest.Entry.Files)
        {
            if (!locked.TryGetValue(file.Path, out LockedFile? known) || known.Sha256 != file.Sha256)
                _problems.Add(InventoryMessages.OtherInManifest(files.Root, entry, manifest.Path, file.Path));
        }
        return new DeployedModel(entry, [], manifest.Path, 0, 0);
    }

    private Dictionary<LockKey, (string Path, LockEntry Entry)> ReadManifests()
    {
        var manifests = new Dictionary<LockKey, (string Path, LockEntry Entry)>();
        foreach (string path in files.Paths.Where(p => p.EndsWith(RunTimeManifest.Extension, StringComparison.Ordinal))
            .Order(Utf8Ordinal.Instance))
        {
            string full = Path.Combine(files.Root, path);
            _known.Add(path);
            try
            {
                LockEntry shipped = RunTimeManifest.EntryOf(ContendedFiles.OfSystem.Read(full), full);
                manifests.TryAdd(shipped.Key, (path, shipped));
            }
            catch (HubException e)
            {
                _problems.Add(e);
            }
        }
        return manifests;
    }

    // Only below folders of models: beside the program, files are the program's.
    private void FindUnlisted()
    {
        FileSelection? ignored = options.Ignore.Count > 0 ? new FileSelection(options.Ignore, []) : null;
        List<string> unlisted = [.. files.Paths.Where(p => !_known.Contains(p) && ignored?.Matches(p) != true
            && _places.Any(f => f.Length > 0 && p.StartsWith(f, StringComparison.Ordinal))).Order(Utf8Ordinal.Instance)];
        if (unlisted.Count > 0)
            _problems.Add(InventoryMessages.NotLockedFiles(files.Root, unlisted));
    }
}
