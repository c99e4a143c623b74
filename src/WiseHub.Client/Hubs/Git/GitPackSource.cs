using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Asks a git host for objects by git's own protocol over HTTP, without a local git. The packs that come are blobs of the cache,
/// and a record beside the repo's refs says which ones belong to a commit.
/// </summary>
/// <param name="hub">The host.</param>
/// <param name="connection">How it is reached.</param>
/// <param name="context">Cache and log.</param>
/// <param name="credential">Gives what is sent with each request.</param>
/// <param name="explain">Turns a response that is an error into one with a code.</param>
internal sealed class GitPackSource(
    HubDefinition hub,
    HubConnection connection,
    IHubContext context,
    Func<Credential?> credential,
    Func<RepoReference, HubResponse, CancellationToken, Task<HubException>> explain)
{
    // A pointer of LFS is smaller, and so are most texts: they come with the list, and nothing has to be asked twice.
    private const int Small = LfsPointer.MaxBytes;

    // Half a megabyte of ids.
    private const int MostWants = 10_000;

    private readonly ConcurrentDictionary<string, Uri> _places = new(StringComparer.Ordinal);

    /// <summary>Asks the host for its refs, which shows where the repo is; it calls <see cref="Moved"/>.</summary>
    public required Func<RepoReference, CancellationToken, Task> LookForPlace { get; init; }

    /// <summary>Says where a repo really is: hosts send those who ask for a renamed one there, but only readers.</summary>
    public void Moved(string repoId, Uri place) => _places[repoId] = place;

    /// <summary>The list and the small contents of a commit, from the cache or the host.</summary>
    /// <exception cref="HubException">
    /// WISE2003: there is no such commit; WISE2090: the host does not speak the protocol; or what explains its response.
    /// </exception>
    public async Task<(List<GitEntry> Entries, List<GitPack> Packs)> CommitAsync(
        RepoReference reference, string commit, CancellationToken cancel)
    {
        List<GitPack> kept = Recall(reference, commit, cancel);
        if (kept.Count > 0 && TryRead(kept, commit, cancel) is List<GitEntry> known)
            return (known, kept);
        context.Log.Info($"Fetching the file list of {reference} at {commit} from {hub.Name} …");
        GitFetchRequest few = new([commit]) { IsCommit = true, SmallerThan = Small }, all = few with { SmallerThan = null };
        GitFetchRequest[] ways = [few, all, all with { IsOld = true }];
        GitPack pack = await FetchAsync(reference, commit, "file list", ways, cancel).ConfigureAwait(false);
        List<GitEntry> entries = TryRead([pack], commit, cancel)
            ?? throw Unusable(reference, "its answer does not have the whole file list", null);
        Remember(reference, commit, [pack]);
        return (entries, [pack]);
    }

    /// <summary>Contents of a commit by their ids.</summary>
    /// <inheritdoc cref="CommitAsync"/>
    public async Task<IReadOnlyList<GitPack>> BlobsAsync(
        RepoReference reference, string commit, IReadOnlyList<string> oids, CancellationToken cancel)
    {
        var packs = new List<GitPack>();
        foreach (string[] some in oids.Chunk(MostWants))
        {
            string[] missing = [.. some.Where(o => packs.TrueForAll(p => p.SizeOf(o) is null))];
            if (missing.Length == 0)
                continue;
            // A host that gives nothing but commits gives this one with everything.
            GitFetchRequest[] ways = [new GitFetchRequest(missing), new GitFetchRequest([commit]) { IsCommit = true }];
            GitPack pack = await FetchAsync(reference, commit, "files", ways, cancel).ConfigureAwait(false);
            if (Array.Find(missing, o => pack.SizeOf(o) is null) is string lost)
                throw Unusable(reference, $"its answer does not have the content {lost}", null);
            packs.Add(pack);
        }
        Remember(reference, commit, packs);
        return packs;
    }

    private async Task<GitPack> FetchAsync(
        RepoReference reference, string commit, string what, GitFetchRequest[] ways, CancellationToken cancel)
    {
        Exception? failure = null;
        foreach (GitFetchRequest way in ways)
        {
            try
            {
                return await FetchAsync(reference, commit, what, way, cancel).ConfigureAwait(false);
            }
            // Version 0 may say so of a commit that no branch ends with, too; version 2 only of one that is not there.
            catch (GitRefusedException e)
                when (way is { IsOld: false, IsCommit: true } && e.Message.Contains("not our ref", StringComparison.Ordinal))
            {
                throw GitProblems.CommitGone(reference, hub, commit, e.Message, e);
            }
            catch (Exception e)
                when (e is GitRefusedException or FormatException or HubException { Code: WiseCodes.UnexpectedAnswer })
            {
                failure ??= e;
                string why = e.Message.TrimEnd('.');
                context.Log.Detail($"{reference}: '{hub.Name}' does not give the {what} in this way ({why}).");
            }
        }
        throw failure as HubException ?? Unusable(reference, failure!.Message.TrimEnd('.'), failure);
    }

    private async Task<GitPack> FetchAsync(
        RepoReference reference, string commit, string what, GitFetchRequest way, CancellationToken cancel)
    {
        RepoReference asked = reference with { Revision = commit };
        bool isAsked = false;
        while (true)
        {
            Uri place = _places.GetValueOrDefault(reference.RepoId) ?? GitAddress.HttpPlace(hub, reference.RepoId);
            try
            {
                (Digest digest, string path) = await context.ReceiveAsync($"{reference} ({what})",
                    (file, arrived) => ReceiveAsync(asked, way.ToRequest(place), file, arrived, cancel), cancel)
                    .ConfigureAwait(false);
                return GitPack.Open(path, digest, commit.Length == 64, cancel);
            }
            catch (HubException e) when (e.Code == WiseCodes.RedirectRefused && !isAsked)
            {
                isAsked = true;
                await LookForPlace(reference, cancel).ConfigureAwait(false);
                if (_places.GetValueOrDefault(reference.RepoId, place) == place)
                    throw;
            }
        }
    }

    private async Task ReceiveAsync(
        RepoReference reference, HubRequest httpRequest, string file, Action<long> arrived, CancellationToken cancel)
    {
        GitPackReceiver? receiver = null;
        long came = 0;
        using HubResponse response = await connection.Http.ReceiveAsync(httpRequest, credential(), () =>
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
            throw await explain(reference, response, cancel).ConfigureAwait(false);
        if (receiver is not { IsComplete: true })
            throw new FormatException(came == 0 ? "it answered without a pack" : "its answer is cut");
    }

    private static List<GitEntry>? TryRead(List<GitPack> packs, string commit, CancellationToken cancel)
    {
        try
        {
            return GitTree.Read(commit, oid => packs.Select(p => p.ReadListing(oid)).FirstOrDefault(c => c is not null)
                ?? throw new FormatException("the list is not whole"), cancel);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private string RecordOf(RepoReference reference, string commit) =>
        Path.Combine(context.Store.ForHub(hub).RepoFolder(reference), "archives", commit + ".packs");

    // "<sha256> <size>" of each pack, the list first.
    private List<GitPack> Recall(RepoReference reference, string commit, CancellationToken cancel)
    {
        var packs = new List<GitPack>();
        foreach (string line in Lines(RecordOf(reference, commit)))
        {
            if (line.Split(' ') is not [var digest, var length] || !Digest.TryParse(digest, out Digest sha256)
                || !long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out long size)
                || !context.Store.Blobs.Verify(sha256, size, cancel: cancel))
            {
                continue;
            }
            try
            {
                packs.Add(GitPack.Open(context.Store.Blobs.PathOf(sha256), sha256, commit.Length == 64, cancel));
            }
            catch (FormatException)
            {
                // Not a pack: the record is of another program, and what is missing comes from the host.
            }
        }
        return packs;
    }

    private void Remember(RepoReference reference, string commit, IEnumerable<GitPack> packs)
    {
        string record = RecordOf(reference, commit);
        string[] known = Lines(record), all = [.. known.Union(packs.Select(Line), StringComparer.Ordinal)];
        if (all.Length > known.Length)
            AtomicFile.Write(record, Encoding.ASCII.GetBytes(string.Concat(all.Select(l => l + "\n"))));

        static string Line(GitPack pack) =>
            string.Create(CultureInfo.InvariantCulture, $"{pack.Digest.Hex} {new FileInfo(pack.Path).Length}");
    }

    private static string[] Lines(string record) =>
        File.Exists(record) ? ContendedFiles.OfSystem.ReadText(record).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    private HubException Unusable(RepoReference reference, string reason, Exception? cause)
    {
        string place = Urls.Show(GitAddress.HttpPlace(hub, reference.RepoId));
        return new HubException(WiseCodes.GitProtocolUnusable,
            $"{reference} on '{hub.Name}' ({place}): the host's answer to a git fetch cannot be used: {reason}. "
            + "Install git, which knows older forms of the protocol, or ask the operator of the host to update it.", cause);
    }
}
