using System.Collections.Concurrent;
using WiseHub.Client.Archives;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Context;

/// <summary>
/// One run of a client, such as a restore. It owns the transfer engine and everything that hubs open, and closes it at the end.
/// </summary>
internal sealed class HubRun(ClientContext context) : IHubRun
{
    private readonly SnapshotStore _store = context.Store;
    private readonly ConcurrentDictionary<string, bool> _present = new(StringComparer.Ordinal);
    private readonly Lazy<OpenArchives> _archives = new(() => new OpenArchives(context.Store.Root));
    private readonly Dictionary<string, List<OpenCommit>> _commits = new(StringComparer.Ordinal);
    // One for all downloads of hubs, because they may run in parallel.
    private readonly ProgressMeter _meter = new(context.Log, context.Time, 0, 0);
    private int _files;
    private long _bytes;

    private sealed record OpenCommit(FileSelection Files, IHubCommit Commit);

    /// <summary>Downloads every content of this run. A hub that fails in this run is tried last for the rest of it.</summary>
    public TransferEngine Engine { get; } = new(context.Http, context.Store, context.Log, context.Policy, context.TransferWindow)
    { ConnectionsPerFile = context.Options.ConnectionsPerFile };

    public OpenArchives Archives => _archives.Value;

    /// <summary>Files that hubs downloaded for their own use, such as archives.</summary>
    public int Files => Volatile.Read(ref _files);

    /// <summary>Bytes of <see cref="Files"/>.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public bool IsPresent(Digest digest) => _present.ContainsKey(digest.Hex);

    /// <inheritdoc cref="IHub.ResolveAsync"/>
    public async Task<IHubCommit> ResolveAsync(IHub hub, RepoReference reference, CancellationToken cancel)
    {
        IHubCommit found = await hub.ResolveAsync(reference, this, cancel).ConfigureAwait(false);
        IHubCommit kept = Keep(hub, reference, found.Id, () => found);
        if (kept != found)
            found.Dispose();
        return kept;
    }

    /// <summary>Opens a commit of a hub. In one run it is opened once, and closed with the run.</summary>
    public IHubCommit Open(IHub hub, RepoReference reference, string commit) =>
        Keep(hub, reference, commit, () => hub.Open(reference, commit, this));

    public async Task<(Digest Sha256, string Path)> FetchAsync(WantedBlob blob, CancellationToken cancel)
    {
        if (blob is { Sha256: Digest known, Size: long size } && _store.Blobs.Verify(known, size, cancel: cancel))
        {
            _present[known.Hex] = true;
            return (known, _store.Blobs.PathOf(known));
        }
        _meter.Expect(1, blob.Size ?? 0);
        long start = context.Time.GetTimestamp();
        (Digest sha256, long fetched) = await Engine.FetchAsync(blob, force: false, _meter.Arrived, cancel).ConfigureAwait(false);
        Count(sha256, blob.What, blob.Size ?? 0, fetched, start);
        return (sha256, _store.Blobs.PathOf(sha256));
    }

    public async Task<(Digest Sha256, string Path)> ReceiveAsync(
        string what, Func<string, Action<long>, Task> receive, CancellationToken cancel)
    {
        long start = context.Time.GetTimestamp();
        (Digest sha256, long size) =
            await _store.Blobs.AddAsync(path => receive(path, _meter.Arrived), cancel).ConfigureAwait(false);
        _meter.Expect(1, 0);
        Count(sha256, what, 0, size, start);
        return (sha256, _store.Blobs.PathOf(sha256));
    }

    public void Dispose()
    {
        lock (_commits)
        {
            foreach (List<OpenCommit> open in _commits.Values)
                open.ForEach(o => o.Commit.Dispose());
            _commits.Clear();
        }
        if (_archives.IsValueCreated)
            _archives.Value.Dispose();
    }

    private void Count(Digest sha256, string what, long expected, long size, long start)
    {
        _present[sha256.Hex] = true;
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _bytes, size);
        _meter.Expect(0, size - expected);
        _meter.FileDone();
        _meter.Report();
        context.Log.Info(ContextMessages.Fetched(what, size, context.Time.GetElapsedTime(start)));
    }

    private IHubCommit Keep(IHub hub, RepoReference reference, string commit, Func<IHubCommit> open)
    {
        string key =
            $"{hub.Definition.Name}\n{reference.RepoType.ToText()}\n{reference.RepoId}\n{reference.Config}\n{commit}";
        lock (_commits)
        {
            if (!_commits.TryGetValue(key, out List<OpenCommit>? same))
                _commits[key] = same = [];
            if (same.Find(o => o.Files.Equals(reference.Files)) is not OpenCommit kept)
            {
                same.Add(new OpenCommit(reference.Files, open()));
                return same[^1].Commit;
            }
            return kept.Commit;
        }
    }
}
