using System.Collections.Concurrent;
using WiseHub.Client.Archives;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of a commit read over HTTP. The list and the small contents are in a first pack. If all other files are wanted, they
/// come from an archive of the host. A file of the archive is used only if it has the id in the list, because attributes and
/// settings of the host change archives. The rest comes in another pack.
/// </summary>
/// <param name="entries">The file list.</param>
/// <param name="packs">The packs received so far.</param>
/// <param name="archive">Downloads the archive; null if the host has none.</param>
/// <param name="fetch">Downloads contents by their ids.</param>
/// <param name="log">Receives the number of files that the archive lacks.</param>
/// <param name="repo">The repo, for messages.</param>
internal sealed class GitHttpCommit(
    IReadOnlyList<GitEntry> entries,
    IEnumerable<GitPack> packs,
    Func<CancellationToken, Task<ArchiveFile?>> archive,
    Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<GitPack>>> fetch,
    IHubLog log,
    string repo) : IGitContents
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, ArchiveEntry> _inArchive = new(StringComparer.Ordinal);
    private volatile GitPack[] _packs = [.. packs];
    private ArchiveFile? _archive;
    private bool _askedForArchive;

    public IReadOnlyList<GitEntry> Files { get; } = [.. entries.Where(e => e.Mode is not (GitEntry.Link or GitEntry.Submodule))];

    public IReadOnlyList<string> Links { get; } = [.. entries.Where(e => e.Mode == GitEntry.Link).Select(e => e.Path)];

    public IReadOnlyList<string> Submodules { get; } = [.. entries.Where(e => e.Mode == GitEntry.Submodule).Select(e => e.Path)];

    public bool IsThere => Array.TrueForAll(_packs, p => File.Exists(p.Path)) && (_archive is null || File.Exists(_archive.Path));

    public bool WereFetched => true;

    public long? SizeOf(GitEntry file)
    {
        foreach (GitPack pack in _packs)
        {
            if (pack.SizeOf(file.Oid) is long size)
                return size;
        }
        return _inArchive.GetValueOrDefault(file.Oid)?.Size;
    }

    public async Task PrepareAsync(IReadOnlyCollection<GitEntry> wanted, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            List<GitEntry> missing = Missing(wanted);
            // An archive contains every file, so it pays off only if every file is wanted.
            if (missing.Count > 0 && !_askedForArchive && missing.Count == Missing(Files).Count)
            {
                _askedForArchive = true;
                _archive = await archive(cancel).ConfigureAwait(false);
                if (_archive is not null)
                    TakeFrom(_archive, missing, cancel);
                int found = missing.Count;
                missing = Missing(wanted);
                if (_archive is not null && missing.Count > 0)
                    log.Info(GitMessages.NotInArchive(repo, missing.Count, found));
            }
            if (missing.Count > 0)
                _packs = [.. _packs, .. await fetch([.. missing.Select(f => f.Oid)], cancel).ConfigureAwait(false)];
        }
        finally
        {
            _gate.Release();
        }
    }

    public Task<Stream> OpenAsync(GitEntry file, CancellationToken cancel)
    {
        GitPack? pack = Array.Find(_packs, p => p.SizeOf(file.Oid) is not null);
        return Task.FromResult(pack is not null ? pack.OpenBlob(file.Oid) : _archive!.OpenEntry(_inArchive[file.Oid]));
    }

    public string PlaceOf(GitEntry file) =>
        $"'{file.Path}' in {(_inArchive.ContainsKey(file.Oid) ? _archive!.What : (Text)$"the pack of {repo}")}";

    public void Dispose() => _gate.Dispose();

    private List<GitEntry> Missing(IEnumerable<GitEntry> wanted) =>
        [.. wanted.Where(f => SizeOf(f) is null).DistinctBy(f => f.Oid)];

    private void TakeFrom(ArchiveFile from, List<GitEntry> wanted, CancellationToken cancel)
    {
        // All entries are in one folder, named by the host.
        string first = from.Entries.Concat(from.Skipped).FirstOrDefault()?.Path ?? "";
        string top = first[..(first.IndexOf('/', StringComparison.Ordinal) + 1)];
        Parallel.ForEach(wanted, new ParallelOptions { CancellationToken = cancel }, file =>
        {
            if (from.Find(top + file.Path) is ArchiveEntry entry
                && GitBlobId.Is(file.Oid, entry.Size, () => from.OpenEntry(entry), cancel))
            {
                _inArchive[file.Oid] = entry;
            }
        });
    }
}
