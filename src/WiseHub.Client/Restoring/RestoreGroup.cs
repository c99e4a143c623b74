using System.Collections.Concurrent;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>The references of a restore that share a commit, and what is known of them by now.</summary>
internal sealed class RestoreGroup(LockKey key, IReadOnlyList<IHub> hubs)
{
    public LockKey Key { get; } = key;
    public IReadOnlyList<IHub> Hubs { get; } = hubs;
    public List<RepoReference> References { get; } = [];
    public RepoReference First => References[0];

    /// <summary>The same references, of which nothing is known yet.</summary>
    public RestoreGroup Fresh()
    {
        var fresh = new RestoreGroup(Key, Hubs);
        fresh.References.AddRange(References);
        return fresh;
    }

    public bool IsOptional => References.TrueForAll(r => r.Optional);
    public HubException? Failure { get; set; }

    /// <summary>The hub whose names these are; the first, unless a fallback resolved.</summary>
    public IHub Origin { get; set; } = hubs[0];
    public string Commit { get; set; } = "";

    /// <summary>The revision was asked for in this run, so that it is this commit now.</summary>
    public bool IsResolved { get; set; }
    /// <summary>Some of its files came in this run.</summary>
    public bool HasFetched { get; set; }
    public LockEntry? Entry { get; set; }

    /// <summary>The whole tree, where it was needed; null when the lock entry said enough.</summary>
    public IReadOnlyList<TreeEntry>? Tree { get; set; }

    /// <summary>Selected files by path, and what is known of them.</summary>
    public ConcurrentDictionary<string, TreeEntry> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>The files that one of the references selects.</summary>
    public IEnumerable<TreeEntry> Select(RepoReference reference) =>
        reference.Files.IsAll || (this is { Tree: null, Entry: LockEntry entry } && IsWhole(entry, reference)) ? Files.Values
            : Files.Values.Where(f => reference.Files.Matches(f.Path));

    // The usual case without a single match: one selection was locked, and it is this one.
    public static bool IsWhole(LockEntry entry, RepoReference reference) =>
        reference.Files.IsAll || (entry.Selections.Count == 1 && entry.Selections[0].Equals(reference.Files));

    /// <summary>
    /// What a failure means for somebody whose lock file names the commit: WISE2084 where the hub does not know it.
    /// </summary>
    public HubException ForLocked(HubException e) =>
        e.Code != WiseCodes.RevisionNotFound || Entry is null || UrlReference.IsUrl(Key.RepoId) ? e
        : new(WiseCodes.LockedCommitGone,
            $"{First}: the lock file names the commit {Commit}, and the hub does not have it any more: "
            + "the history was squashed or force-pushed, or the repo was made anew. The hub said: "
            + $"{e.Message} To take what is there now, run WiseUpdate (wisehub update), and look at the change of the lock file. "
            + "To keep what was locked, push it to a mirror from a machine whose cache has it (wisehub mirror push).", e);

    public HubException Offline(string why, string missing) => new(WiseCodes.OfflineAndMissing,
        $"{First}: the network must not be used ({why}), but {missing}. "
        + "Build once online, or put the files into a store hub.");
}
