using System.Collections.Concurrent;
using WiseHub.Client.Formats;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>The references of a restore that share a commit, and the state of their restore.</summary>
internal sealed class RestoreGroup(LockKey key, IReadOnlyList<IHub> hubs)
{
    public LockKey Key { get; } = key;
    public IReadOnlyList<IHub> Hubs { get; } = hubs;
    public List<RepoReference> References { get; } = [];
    public RepoReference First => References[0];

    /// <summary>A new group with the same references and no state.</summary>
    public RestoreGroup Fresh()
    {
        var fresh = new RestoreGroup(Key, Hubs);
        fresh.References.AddRange(References);
        return fresh;
    }

    public bool IsOptional => References.TrueForAll(r => r.Optional);
    public HubException? Failure { get; set; }

    /// <summary>The hub that resolves the revision: the first, unless a fallback did.</summary>
    public IHub Origin { get; set; } = hubs[0];
    public string Commit { get; set; } = "";

    /// <summary>The revision was resolved in this run.</summary>
    public bool IsResolved { get; set; }
    /// <summary>What the hub states about the commit, if it was resolved in this run.</summary>
    public CommitFacts? Facts { get; set; }

    /// <summary>Only the card, which is among the files to fetch, may state the license.</summary>
    public bool LicenseIsInCard { get; set; }

    /// <summary>The signature that was verified in this run.</summary>
    public VerifiedModel? Verified { get; set; }

    /// <summary>The signature for the lock file; null if no policy requires one.</summary>
    public LockedSignature? Signature { get; set; }

    /// <summary>The files with a kind of code that a reference waives, by path.</summary>
    public Dictionary<string, string> Waived { get; } = new(StringComparer.Ordinal);

    /// <summary>What the headers of its files told in this run, by path.</summary>
    public Dictionary<string, HeaderInspection> Headers { get; } = new(StringComparer.Ordinal);

    /// <summary>Some of its files were fetched in this run.</summary>
    public bool HasFetched { get; set; }
    public LockEntry? Entry { get; set; }

    /// <summary>The whole file list; null if the lock entry was sufficient.</summary>
    public IReadOnlyList<TreeEntry>? Tree { get; set; }

    /// <summary>The selected files by path.</summary>
    public ConcurrentDictionary<string, TreeEntry> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>The files that one of the references selects.</summary>
    public IEnumerable<TreeEntry> Select(RepoReference reference) =>
        reference.Files.IsAll || (this is { Tree: null, Entry: LockEntry entry } && IsWhole(entry, reference)) ? Files.Values
            : Files.Values.Where(f => reference.Files.Matches(f.Path));

    // Avoids matching patterns in the usual case: the only locked selection is this one.
    public static bool IsWhole(LockEntry entry, RepoReference reference) =>
        reference.Files.IsAll || (entry.Selections.Count == 1 && entry.Selections[0].Equals(reference.Files));

    /// <summary>
    /// Turns a failure into WISE2084 if the lock file names the commit and the hub does not have it.
    /// </summary>
    public HubException ForLocked(HubException e) =>
        e.Code != WiseCodes.RevisionNotFound || Entry is null || UrlReference.IsUrl(Key.RepoId) ? e
        : RestoreMessages.LockedCommitGone(First, Commit, e);

    public HubException Offline(string reason, string lack) => RestoreMessages.Offline(First, reason, lack);
}
