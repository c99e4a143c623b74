using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// A commit of a copy. This tool keeps no older versions: the commit is there as long as one of the sources has these contents.
/// </summary>
/// <param name="sources">The places that may have copies; each is looked at once.</param>
/// <param name="reference">Id, configuration, revision, and the files that are wanted.</param>
/// <param name="commit">The id of the commit.</param>
/// <param name="known">The copy of that commit, where it is known already.</param>
/// <param name="run">The run that it is opened for.</param>
internal sealed class HgCommitReader(
    HgSources sources, RepoReference reference, string commit, HgCopy? known, IHubRun run) : IHubCommit
{
    public string Id => commit;

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
    {
        HgCopy copy = known ?? await FindAsync(sources, reference, run, cancel).ConfigureAwait(false);
        if (copy.Commit != commit)
        {
            throw new HubException(WiseCodes.HgChanged,
                $"{copy.Name}: {copy.Where} is {copy.Commit} now, and {commit} is wanted; this hub keeps no older ones. "
                + "Run WiseUpdate (wisehub update) and look at the change of the lock file.");
        }
        return [.. copy.Files.Select(f => new TreeEntry(f.Path, f.Size, null, f.Sha256))];
    }

    public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

    public IReadOnlyList<BlobSource> Locate(TreeEntry file) => [new BlobSource(Hub, token => LocateAsync(file, token))];

    public void Dispose()
    {
        // The run closes the archives that copies are in.
    }

    private string Hub => sources.Settings.Definition.Name;

    private async Task<BlobLocation> LocateAsync(TreeEntry file, CancellationToken cancel)
    {
        HgCopy? first = null;
        await foreach (HgCopy copy in sources.FindAllAsync(HgCopyName.Of(reference), run, cancel).ConfigureAwait(false))
        {
            first ??= copy;
            // A local copy may be older than the one in the lock file.
            if (copy.Files.FirstOrDefault(f => f.Path == file.Path) is HgFile found
                && (file.Sha256 is null || found.Sha256 is null || found.Sha256 == file.Sha256))
                return await copy.LocateAsync(file.Path, cancel).ConfigureAwait(false);
        }
        throw first is null ? await sources.NotFoundAsync(HgCopyName.Of(reference), cancel).ConfigureAwait(false)
            : new HubException(WiseCodes.FileNotFound, $"{reference} on '{Hub}': no copy ({first.Where}) has "
                + $"'{file.Path}'{(file.Sha256 is null ? "" : $" with the sha256 {file.Sha256}")}. "
                + "If it was changed there on purpose, run WiseUpdate (wisehub update).");
    }

    /// <summary>Finds the copy of a reference: the first that is whole, or has a file that the reference selects.</summary>
    /// <exception cref="HubException">WISE2002 or WISE2003: no source has it; WISE2054: only its card.</exception>
    public static async Task<HgCopy> FindAsync(
        HgSources sources, RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        HgCopyName name = HgCopyName.Of(reference);
        HgCopy? card = null;
        await foreach (HgCopy copy in sources.FindAllAsync(name, run, cancel).ConfigureAwait(false))
        {
            if (copy.Presence == HgPresence.Whole
                || (!reference.Files.IsAll && copy.Files.Any(f => reference.Files.Matches(f.Path))))
                return copy;
            card ??= copy;
        }
        throw card is null ? await sources.NotFoundAsync(name, cancel).ConfigureAwait(false)
            : new HubException(WiseCodes.HgOnlyCard,
                $"{name}: {card.Where} has only "
                + $"{string.Join(" and ", card.Files.Select(f => f.Path).Order(StringComparer.Ordinal))}, no weights. "
                + "Select these files by name (AllowPatterns), or have the whole model uploaded (wisehub hg "
                + "download-model --full-model).");
    }
}
