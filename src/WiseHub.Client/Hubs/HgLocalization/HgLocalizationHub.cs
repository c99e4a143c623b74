namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Copies of datasets and models as the tool hg_localization keeps them: in folders of this machine, in a bucket behind
/// credentials, and as public archives of it, asked in this order (docs/protocols/hg-localization.md).
/// </summary>
internal sealed class HgLocalizationHub(HgSettings settings, IHubContext context) : IPushHub
{
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

    public IPushTarget OpenPush(PushRequest request) => HgPush.Open(settings, context, request);

    public async Task<IHubCommit> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        HgSources sources = HgSources.Of(settings, context);
        HgCopy copy = await HgCommitReader.FindAsync(sources, reference, run, cancel).ConfigureAwait(false);
        return new HgCommitReader(sources, reference, copy.Commit, copy, run);
    }

    public IHubCommit Open(RepoReference reference, string commit, IHubRun run) =>
        new HgCommitReader(HgSources.Of(settings, context), reference, commit, known: null, run);

    public Uri? FileUrl(RepoReference reference, string path) => null;
}
