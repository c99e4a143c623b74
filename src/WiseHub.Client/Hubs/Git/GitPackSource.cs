using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Requests objects from a git host by git's own protocol over HTTP, without a local git. The packs are blobs of the cache; a
/// record beside the refs of the repo lists the packs of a commit.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="context">Cache and log.</param>
/// <param name="run">Receives the packs.</param>
/// <param name="reference">The repo.</param>
/// <param name="commit">The commit whose objects are wanted.</param>
internal sealed class GitPackSource(
    GitHost host, IHubContext context, IHubRun run, RepoReference reference, string commit)
{
    // LFS pointers and most texts are smaller, so they come with the list and need no second request.
    private const int Small = LfsPointer.MaxBytes;

    // Half a megabyte of ids.
    private const int MostWants = 10_000;

    /// <summary>The URL that the host redirects the repo to. Hosts redirect requests for refs of a renamed repo, but not
    /// fetches.</summary>
    public Uri? Place { get; set; }

    /// <summary>Gets <see cref="Place"/> from the host; null for the usual URL.</summary>
    public required Func<CancellationToken, Task<Uri?>> FindPlaceAsync { get; init; }

    /// <summary>Gets the list and the small contents of a commit, from the cache or the host.</summary>
    /// <exception cref="HubException">
    /// WISE2003: there is no such commit; WISE2090: the host does not support the protocol; or the code of an error response.
    /// </exception>
    public async Task<(List<GitEntry> Entries, List<GitPack> Packs)> CommitAsync(CancellationToken cancel)
    {
        List<GitPack> kept = Recall(cancel);
        if (kept.Count > 0 && TryRead(kept, commit, cancel) is List<GitEntry> known)
            return (known, kept);
        context.Log.Info(GitMessages.FetchingList(reference, commit, host.Definition.Name));
        GitFetchRequest few = new([commit]) { IsCommit = true, SmallerThan = Small }, all = few with { SmallerThan = null };
        GitFetchRequest[] ways = [few, all, all with { IsOld = true }];
        GitPack pack = await FetchAsync(GitMessages.FileList, ways, cancel).ConfigureAwait(false);
        List<GitEntry> entries = TryRead([pack], commit, cancel)
            ?? throw Unusable(GitMessages.ListIncomplete, null);
        Remember([pack]);
        return (entries, [pack]);
    }

    /// <summary>Gets contents of a commit by their ids.</summary>
    /// <inheritdoc cref="CommitAsync"/>
    public async Task<IReadOnlyList<GitPack>> BlobsAsync(IReadOnlyList<string> oids, CancellationToken cancel)
    {
        var packs = new List<GitPack>();
        foreach (string[] some in oids.Chunk(MostWants))
        {
            string[] missing = [.. some.Where(o => packs.TrueForAll(p => p.SizeOf(o) is null))];
            if (missing.Length == 0)
                continue;
            // Some hosts serve only commits; then the commit is fetched with all its contents.
            GitFetchRequest[] ways = [new GitFetchRequest(missing), new GitFetchRequest([commit]) { IsCommit = true }];
            GitPack pack = await FetchAsync(GitMessages.Contents, ways, cancel).ConfigureAwait(false);
            if (Array.Find(missing, o => pack.SizeOf(o) is null) is string lost)
                throw Unusable(GitMessages.ContentMissing(lost), null);
            packs.Add(pack);
        }
        Remember(packs);
        return packs;
    }

    private async Task<GitPack> FetchAsync(string what, GitFetchRequest[] ways, CancellationToken cancel)
    {
        Exception? failure = null;
        foreach (GitFetchRequest way in ways)
        {
            try
            {
                return await FetchAsync(what, way, cancel).ConfigureAwait(false);
            }
            // Version 0 also says so of a commit that is not the tip of a branch; version 2 only of a missing one.
            catch (GitRefusedException e)
                when (way is { IsOld: false, IsCommit: true } && e.Message.Contains("not our ref", StringComparison.Ordinal))
            {
                throw GitMessages.CommitGone(reference, host.Definition, commit, e.Message, e);
            }
            catch (Exception e)
                when (e is GitRefusedException or FormatException or HubException { Code: WiseCodes.UnexpectedAnswer })
            {
                failure ??= e;
                context.Log.Detail(
                    GitMessages.WayRefused(reference, host.Definition.Name, what, e.Message.TrimEnd('.')));
            }
        }
        throw failure as HubException ?? Unusable(failure!.Message.TrimEnd('.'), failure);
    }

    private async Task<GitPack> FetchAsync(string what, GitFetchRequest way, CancellationToken cancel)
    {
        bool isAsked = false;
        while (true)
        {
            Uri place = Place ?? GitAddress.HttpPlace(host.Definition, reference.RepoId);
            try
            {
                (Digest digest, string path) = await run.ReceiveAsync($"{reference} ({what})",
                    (file, arrived) => ReceiveAsync(way.ToRequest(place), file, arrived, cancel), cancel).ConfigureAwait(false);
                return GitPack.Open(path, digest, commit.Length == 64, cancel);
            }
            catch (HubException e) when (e.Code == WiseCodes.RedirectRefused && !isAsked)
            {
                isAsked = true;
                Place = await FindPlaceAsync(cancel).ConfigureAwait(false) ?? Place;
                if (Place is null || Place == place)
                    throw;
            }
        }
    }

    private async Task ReceiveAsync(
        HubRequest httpRequest, string file, Action<long> arrived, CancellationToken cancel)
    {
        GitPackReceiver? receiver = null;
        long came = 0;
        using HubResponse response = await host.Connection.Http.ReceiveAsync(httpRequest, host.Credential, () =>
        {
            arrived(-came);
            came = 0;
            var into = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None);
            return receiver = new GitPackReceiver(into, bytes =>
            {
                came += bytes;
                arrived(bytes);
            });
        }, cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
            throw await host.ReadErrorAsync(reference with { Revision = commit }, response, cancel).ConfigureAwait(false);
        if (receiver is not { IsComplete: true })
            throw new FormatException(came == 0 ? GitMessages.NoPack : GitMessages.PackIncomplete);
    }

    private static List<GitEntry>? TryRead(List<GitPack> packs, string commit, CancellationToken cancel)
    {
        try
        {
            return GitTree.Read(commit, oid => packs.Select(p => p.ReadListing(oid)).FirstOrDefault(c => c is not null)
                ?? throw new FormatException((Text)$"the list is not whole"), cancel);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private string Record =>
        Path.Combine(context.Store.ForHub(host.Definition).RepoFolder(reference), "archives", commit + ".packs");

    // A line for each pack, that of the list first.
    private List<GitPack> Recall(CancellationToken cancel)
    {
        var packs = new List<GitPack>();
        foreach (string line in Lines(Record))
        {
            if (BlobLine.Find(line, context.Store.Blobs, cancel) is not Digest sha256)
                continue;
            try
            {
                packs.Add(GitPack.Open(context.Store.Blobs.PathOf(sha256), sha256, commit.Length == 64, cancel));
            }
            catch (FormatException)
            {
                // Not a pack: another program wrote the record. The host gives what is missing.
            }
        }
        return packs;
    }

    private void Remember(IEnumerable<GitPack> packs)
    {
        string record = Record;
        string[] known = Lines(record),
            all = [.. known.Union(packs.Select(p => BlobLine.Of(p.Digest, p.Path)), StringComparer.Ordinal)];
        if (all.Length > known.Length)
            AtomicFile.Write(record, Encoding.ASCII.GetBytes(string.Concat(all.Select(l => l + "\n"))));
    }

    private static string[] Lines(string record) =>
        File.Exists(record) ? ContendedFiles.OfSystem.ReadText(record).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private HubException Unusable(string reason, Exception? cause) =>
        GitMessages.ProtocolUnusable(reference, host.Definition, reason, cause);
}
