using System.Collections.Concurrent;
using WiseHub.Client.Archives;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of a commit that comes by HTTP. The list and the small contents came as a pack. Where all others are wanted, they
/// come in an archive of the host, of which only those count that have the id in the list: attributes and settings of the host
/// change what archives hold. What is left comes in a pack.
/// </summary>
/// <param name="entries">The file list.</param>
/// <param name="packs">What came.</param>
/// <param name="archive">Brings the archive; null where the host has none.</param>
/// <param name="fetch">Brings contents by their ids.</param>
/// <param name="log">Told how many files the archive does not have as they are.</param>
/// <param name="repo">For messages.</param>
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
            // An archive holds everything, so that it is worth its bytes only where everything is wanted.
            if (missing.Count > 0 && !_askedForArchive && missing.Count == Missing(Files).Count)
            {
                _askedForArchive = true;
                _archive = await archive(cancel).ConfigureAwait(false);
                if (_archive is not null)
                    TakeFrom(_archive, missing, cancel);
                int found = missing.Count;
                missing = Missing(wanted);
                if (_archive is not null && missing.Count > 0)
                {
                    log.Info($"{repo}: {missing.Count} of {found} files are not in the archive as git stores them (attributes "
                        + "such as eol, ident and export-ignore change archives). They are fetched from git itself.");
                }
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
        $"'{file.Path}' in {(_inArchive.ContainsKey(file.Oid) ? _archive!.What : $"the pack of {repo}")}";

    public void Dispose() => _gate.Dispose();

    private List<GitEntry> Missing(IEnumerable<GitEntry> wanted) =>
        [.. wanted.Where(f => SizeOf(f) is null).DistinctBy(f => f.Oid)];

    private void TakeFrom(ArchiveFile from, List<GitEntry> wanted, CancellationToken cancel)
    {
        // All entries are in one folder, whose name the host makes up.
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
