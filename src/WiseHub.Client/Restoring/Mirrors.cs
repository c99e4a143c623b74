using System.Collections.Concurrent;
using WiseHub.Client.Context;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Restoring;

/// <summary>
/// The mirrors of the configuration in one restore (docs/mirrors.md). They are asked for bytes before the origin; they resolve
/// revisions only if the origin must not be contacted. Everything they return is checked against the origin or the lock file.
/// </summary>
internal sealed class Mirrors
{
    // Smallest file that is requested from a mirror that does not know the commit. An empty mirror must not cost a request for
    // every small file.
    private const long WorthAskingBlindly = 1 << 20;

    private readonly ClientContext _context;
    private readonly HubRun _run;
    private readonly CancellationToken _cancel;
    private readonly IHub[] _hubs;

    // By index: true once a mirror could not be reached in this run.
    private readonly bool[] _isDown;

    private readonly ConcurrentDictionary<RestoreGroup, View?[]> _views = new();

    /// <summary>A mirror's view of a commit.</summary>
    /// <param name="Files">By path; null when it does not have the commit.</param>
    /// <param name="Folder">Its contents, if they are in a local folder.</param>
    private sealed record View(Dictionary<string, TreeEntry>? Files, BlobStore? Folder);

    public Mirrors(ClientContext context, HubRun run, CancellationToken cancel)
    {
        (_context, _run, _cancel) = (context, run, cancel);
        _hubs = [.. context.Config.Mirrors.Select(m => context.Hub(m.Hub)).Where(h => context.Reaches(h.Definition))];
        _isDown = new bool[_hubs.Length];
    }

    public bool Any => _hubs.Length > 0;

    /// <summary>Names of the mirrors that can be asked in this run.</summary>
    public IEnumerable<string> Names => _hubs.Select(h => h.Definition.Name);

    /// <summary>Asks every mirror for the file lists of these commits: one request for each.</summary>
    public Task LookAsync(IReadOnlyList<RestoreGroup> groups) => Task.WhenAll(_hubs.Select(async (hub, index) =>
    {
        // One after the other, so that a mirror that is down costs one timeout.
        foreach (RestoreGroup group in groups.Where(g => ViewsOf(g)[index] is null))
            await LookAsync(group, hub, index).ConfigureAwait(false);
    }));

    private async Task LookAsync(RestoreGroup group, IHub hub, int index)
    {
        if (_isDown[index] || IsOriginOf(group, hub))
            return;
        BlobStore? folder = null;
        try
        {
            Check(hub, group.First);
            // A folder is not a store before the first write to it.
            folder = (hub as IContentStore)?.LocalContents();
            // A URL has no place in a store, but its content may be there.
            if (UrlReference.IsUrl(group.First.RepoId))
            {
                if (hub is IContentStore)
                    ViewsOf(group)[index] = new View(null, folder);
                return;
            }
            // Few retries if the origin can stand in.
            Task<IReadOnlyList<TreeEntry>> List() => _run.Open(hub, group.First, group.Commit).ListAsync(_cancel);
            Dictionary<string, TreeEntry> files = ByPath(await (_context.Reaches(group.Origin.Definition)
                ? _context.Policy.BrieflyAsync(List) : List()).ConfigureAwait(false));
            if (FindDisagreement(group, files) is string disagreement)
            {
                _context.Log.Warning(WiseCodes.MirrorDisagrees,
                    RestoreMessages.MirrorDisagrees(group.First, hub.Definition.Name, group.Commit, disagreement), group.First);
                return;
            }
            ViewsOf(group)[index] = new View(files, folder);
        }
        catch (HubException e) when (e.Code is WiseCodes.RevisionNotFound or WiseCodes.RepoNotFound or WiseCodes.FileNotFound
            or WiseCodes.HgChanged or WiseCodes.HgOnlyCard)
        {
            ViewsOf(group)[index] = new View(null, folder);
        }
        catch (HubException e) when (e.Code is WiseCodes.ConfigNotSupported or WiseCodes.RepoTypeNotSupported
            or WiseCodes.MalformedRepoId or WiseCodes.NotAStore)
        {
            _context.Log.Detail(RestoreMessages.MirrorCannotHave(group.First, hub.Definition.Name, e.Message));
        }
        catch (HubException e) when (e.Code is WiseCodes.DamagedStore or WiseCodes.UnexpectedAnswer)
        {
            _context.Log.Warning(e.Code,
                RestoreMessages.MirrorNotUsedForRepo(group.First, hub.Definition.Name, e.Message), group.First);
        }
        catch (HubException e)
        {
            _isDown[index] = true;
            _context.Log.Info(RestoreMessages.MirrorNotUsed(hub.Definition.Name, e.Message));
        }
    }

    /// <summary>
    /// The mirrors that have a content, in order. Its bytes are checked against the digest or git id of the origin. A file
    /// without either is not taken from a mirror, unless mirrors stand in for the origin.
    /// </summary>
    public IEnumerable<BlobSource> SourcesOf(FileUse use)
    {
        (RestoreGroup group, TreeEntry file) = use;
        if (!_views.TryGetValue(group, out View?[]? views))
            yield break;
        bool standsIn = !_context.Reaches(group.Origin.Definition);
        for (int i = 0; i < _hubs.Length; i++)
        {
            IHub hub = _hubs[i];
            if (views[i] is not View view || (file is { Sha256: null, Oid: null } && !standsIn))
                continue;
            TreeEntry? listed = view.Files?.GetValueOrDefault(file.Path);
            TreeEntry asked = file with { Sha256 = file.Sha256 ?? listed?.Sha256 };
            if (asked.Sha256 is Digest digest && view.Folder is BlobStore blobs && !File.Exists(blobs.PathOf(digest)))
                continue;
            bool isKnown = listed is not null && (hub is not IContentStore || listed.Sha256 is not null);
            // A folder costs no request, and a URL reference has only one file.
            bool isWorthIt = standsIn || view.Folder is not null || file.Size >= WorthAskingBlindly
                || group.Origin.Definition.Protocol == UrlReference.Hub;
            if (isKnown || (hub is IContentStore && asked.Sha256 is not null && isWorthIt))
            {
                foreach (BlobSource source in _run.Open(hub, group.First, group.Commit).Locate(asked))
                    yield return source with { MayBeMissing = true };
            }
        }
    }

    /// <summary>
    /// Resolves a revision by the first mirror that knows the commit and its files; for an origin that must not be contacted.
    /// </summary>
    /// <exception cref="HubException">WISE2070: no mirror knows it.</exception>
    public async Task<string> ResolveAsync(RestoreGroup group)
    {
        (string commit, _) = await AskAsync(group, RestoreMessages.Revision(group.First), async hub =>
            {
                string found = await ResolveAsync(hub, group.First).ConfigureAwait(false);
                return (found, await _run.Open(hub, group.First, found).ListAsync(_cancel).ConfigureAwait(false));
            }).ConfigureAwait(false);
        return commit;
    }

    /// <summary>Lists the files of a commit by the first mirror that has it.</summary>
    /// <exception cref="HubException">WISE2070: no mirror has it.</exception>
    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RestoreGroup group) =>
        _standIn is (RestoreGroup asked, string known, IReadOnlyList<TreeEntry> tree) && asked == group && known == group.Commit
            ? tree
            : (await AskAsync(group, RestoreMessages.Commit(group.Commit), async hub =>
                (group.Commit,
                    await _run.Open(hub, group.First, group.Commit).ListAsync(_cancel).ConfigureAwait(false)))
                .ConfigureAwait(false)).Tree;

    // The last list of a mirror: groups are resolved one by one, and the list is needed right after the revision is resolved.
    private (RestoreGroup Group, string Commit, IReadOnlyList<TreeEntry> Tree)? _standIn;

    private async Task<(string Commit, IReadOnlyList<TreeEntry> Tree)> AskAsync(
        RestoreGroup group, string what, Func<IHub, Task<(string, IReadOnlyList<TreeEntry>)>> ask)
    {
        if (UrlReference.IsUrl(group.First.RepoId))
            throw Lack(group, RestoreMessages.UrlOnlyByDigest);
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            return await _context.Policy.FirstOfAsync([.. Enumerable.Range(0, _hubs.Length)],
                i => _context.Http(NameOf(i)).Settings, NameOf, $"{group.First}", async i =>
                {
                    IHub hub = _hubs[i];
                    Check(hub, group.First);
                    (string commit, IReadOnlyList<TreeEntry> tree) = await ask(hub).ConfigureAwait(false);
                    _context.Log.Info(RestoreMessages.MirrorStandsIn(group.First, hub.Definition.Name,
                        group.Origin.Definition.Name, commit));
                    ViewsOf(group)[i] = new View(ByPath(tree), (hub as IContentStore)?.LocalContents());
                    _standIn = (group, commit, tree);
                    return (commit, tree);
                }, (i, e) =>
                {
                    said[NameOf(i)] = e.Message;
                    return true;
                }, _cancel).ConfigureAwait(false);
        }
        catch (HubException)
        {
            throw Lack(group, RestoreMessages.NoMirrorKnows(what, said));
        }

        string NameOf(int i) => _hubs[i].Definition.Name;
    }

    /// <summary>WISE2070, or WISE2014 offline.</summary>
    public HubException Lack(RestoreGroup group, string what, Exception? cause = null) =>
        RestoreMessages.MirrorsLack(_context.Offline ? WiseCodes.OfflineAndMissing : WiseCodes.MirrorsLack,
            group.First, group.Origin.Definition.Name, _context.OfflineReason, what, cause);

    private static void Check(IHub hub, RepoReference reference) => hub.Check(NamesIn(hub, reference)[0]);

    private static IReadOnlyList<RepoReference> NamesIn(IHub hub, RepoReference reference) =>
        hub is IContentStore store ? store.NamesInMirror(reference) : [reference];

    private async Task<string> ResolveAsync(IHub hub, RepoReference reference)
    {
        IReadOnlyList<RepoReference> names = NamesIn(hub, reference);
        for (int i = 0; ; i++)
        {
            if (names[i].Revision is string commit && CommitId.IsCommit(commit))
                return commit;
            try
            {
                return (await _run.ResolveAsync(hub, names[i], _cancel).ConfigureAwait(false)).Id;
            }
            catch (HubException e) when (e.Code is WiseCodes.RevisionNotFound && i < names.Count - 1)
            {
                // The next name is tried; the failure of the last one is reported.
            }
        }
    }

    private static bool IsOriginOf(RestoreGroup group, IHub hub) => group.Origin.Definition.Identity == hub.Definition.Identity;

    private View?[] ViewsOf(RestoreGroup group) => _views.GetOrAdd(group, _ => new View?[_hubs.Length]);

    private static Dictionary<string, TreeEntry> ByPath(IEnumerable<TreeEntry> tree) =>
        tree.ToDictionary(f => f.Path, StringComparer.Ordinal);

    private static string? FindDisagreement(RestoreGroup group, Dictionary<string, TreeEntry> files)
    {
        foreach (TreeEntry known in (IEnumerable<TreeEntry>?)group.Tree ?? group.Files.Values)
        {
            if (files.TryGetValue(known.Path, out TreeEntry? listed)
                && TreeEntryDifference.Find(known, listed) is string difference)
                return RestoreMessages.FileDiffers(known.Path, difference, group.Origin.Definition.Name);
        }
        return null;
    }
}
