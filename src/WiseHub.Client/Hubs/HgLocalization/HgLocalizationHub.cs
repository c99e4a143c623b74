using System.Collections.Concurrent;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Copies of datasets and models as the tool hg_localization keeps them: in folders of this machine, in a bucket behind
/// credentials, and as public archives of it, asked in this order (docs/protocols/hg-localization.md).
/// </summary>
internal sealed class HgLocalizationHub(HgSettings settings, HgSources places, Func<PushRequest, IPushTarget> push) : IPushHub
{
    private readonly ConcurrentDictionary<string, HgCopy> _byCommit = new(StringComparer.Ordinal);

    /// <summary>A hub of a client.</summary>
    public static HgLocalizationHub Open(HgSettings settings, IHubContext context) =>
        new(settings, HgSources.Of(settings, context), request => HgPush.Open(settings, context, request));

    public HubDefinition Definition => settings.Definition;

    public HgSettings Settings => settings;

    public void Check(RepoReference reference)
    {
        if (reference.RepoType is not (RepoType.Model or RepoType.Dataset))
        {
            throw new HubException(WiseCodes.RepoTypeNotSupported,
                $"{reference}: the hub '{Definition.Name}' (hg_localization) has models and datasets only. "
                + "Correct RepoType or Hub.")
            { Reference = reference };
        }
        if (reference is { Config: not null, RepoType: RepoType.Model })
            throw new HubException(WiseCodes.ConfigNotSupported, $"{reference}: a model has no configurations; "
                + $"on the hub '{Definition.Name}' only datasets have them. Remove Config.")
            { Reference = reference };
        HgCopyName.Of(reference).Check(settings.Layout);
    }

    public IPushTarget OpenPush(PushRequest request) => push(request);

    public async Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel)
    {
        HgCopy copy = await FindAsync(reference, cancel).ConfigureAwait(false);
        _byCommit[copy.Commit] = copy;
        return copy.Commit;
    }

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        if (!_byCommit.TryGetValue(commit, out HgCopy? copy))
        {
            copy = await FindAsync(reference, cancel).ConfigureAwait(false);
            if (copy.Commit != commit)
            {
                throw new HubException(WiseCodes.HgChanged,
                    $"{copy.Name}: {copy.Where} is {copy.Commit} now, and {commit} is wanted; this hub keeps no older ones. "
                    + "Run WiseUpdate (wisehub update) and look at the change of the lock file.");
            }
        }
        return [.. copy.Files.Select(f => new TreeEntry(f.Path, f.Size, null, f.Sha256))];
    }

    public async Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel)
    {
        HgCopy? first = null;
        await foreach (HgCopy copy in places.FindAllAsync(HgCopyName.Of(reference), cancel).ConfigureAwait(false))
        {
            first ??= copy;
            // A local copy may be older than what the lock file names.
            if (copy.Files.FirstOrDefault(f => f.Path == file.Path) is HgFile found
                && (file.Sha256 is null || found.Sha256 is null || found.Sha256 == file.Sha256))
                return await copy.LocateAsync(file.Path, cancel).ConfigureAwait(false);
        }
        throw first is null ? await places.NotFoundAsync(HgCopyName.Of(reference), cancel).ConfigureAwait(false)
            : new HubException(WiseCodes.FileNotFound, $"{reference} on '{Definition.Name}': no copy ({first.Where}) has "
                + $"'{file.Path}'{(file.Sha256 is null ? "" : $" with the sha256 {file.Sha256}")}. "
                + "If it was changed there on purpose, run WiseUpdate (wisehub update).");
    }

    public Uri? FileUrl(RepoReference reference, string path) => null;

    private async Task<HgCopy> FindAsync(RepoReference reference, CancellationToken cancel)
    {
        HgCopyName name = HgCopyName.Of(reference);
        HgCopy? card = null;
        await foreach (HgCopy copy in places.FindAllAsync(name, cancel).ConfigureAwait(false))
        {
            if (copy.Presence == HgPresence.Whole
                || (!reference.Files.IsAll && copy.Files.Any(f => reference.Files.Matches(f.Path))))
                return copy;
            card ??= copy;
        }
        throw card is null ? await places.NotFoundAsync(name, cancel).ConfigureAwait(false)
            : new HubException(WiseCodes.HgOnlyCard,
                $"{name}: {card.Where} has only "
                + $"{string.Join(" and ", card.Files.Select(f => f.Path).Order(StringComparer.Ordinal))}, no weights. "
                + "Select these files by name (AllowPatterns), or have the whole model uploaded (wisehub hg "
                + "download-model --full-model).");
    }
}
