using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// A commit of a copy. hg_localization keeps no older versions: a commit exists as long as a source has these contents.
/// </summary>
/// <param name="sources">The places that may have copies; each is searched once.</param>
/// <param name="reference">Id, configuration, revision, and the wanted files.</param>
/// <param name="commit">The id of the commit.</param>
/// <param name="known">The copy of that commit, if it is known already.</param>
/// <param name="run">The run that it is opened for.</param>
internal sealed class HgCommitReader(
    HgSources sources, RepoReference reference, string commit, HgCopy? known, IHubRun run) : IHubCommit
{
    public string Id => commit;

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
    {
        HgCopy copy = known ?? await FindAsync(sources, reference, run, cancel).ConfigureAwait(false);
        if (copy.Commit != commit)
            throw HgMessages.Changed(copy, commit);
        return [.. copy.Files.Select(f => new TreeEntry(f.Path, f.Size, null, f.Sha256))];
    }

    public Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel) => Task.FromResult(wanted);

    public IReadOnlyList<BlobSource> Locate(TreeEntry file) => [new BlobSource(Hub, token => LocateAsync(file, token))];

    public void Dispose()
    {
        // The run closes the archives of the copies.
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
            : HgMessages.FileNotInCopies(reference, Hub, first.Where, file.Path, file.Sha256);
    }

    /// <summary>Finds the copy of a reference: the first that is complete, or has a file that the reference selects.</summary>
    /// <exception cref="HubException">WISE2002 or WISE2003: no source has it; WISE2052: a source has only its card.</exception>
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
            : HgMessages.OnlyCard(name, card.Where, card.Files.Select(f => f.Path));
    }
}
