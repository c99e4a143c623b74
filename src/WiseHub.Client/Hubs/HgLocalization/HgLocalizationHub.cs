namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Copies of datasets and models as the tool hg_localization keeps them: in folders of this machine, in a bucket that requires
/// credentials, and in its public archives, searched in this order (docs/protocols/hg-localization.md).
/// </summary>
internal sealed class HgLocalizationHub(HgSettings settings, IHubContext context) : IPushHub
{
    public HubDefinition Definition => settings.Definition;

    public HgSettings Settings => settings;

    public void Check(RepoReference reference)
    {
        if (reference.RepoType is not (RepoType.Model or RepoType.Dataset))
            throw HgMessages.TypeNotSupported(reference, Definition.Name);
        if (reference is { Config: not null, RepoType: RepoType.Model })
            throw HgMessages.ModelWithConfiguration(reference, Definition.Name);
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

    public Uri? PageUrl(RepoReference reference) => null;

    public Uri? FileUrl(RepoReference reference, string path) => null;
}
