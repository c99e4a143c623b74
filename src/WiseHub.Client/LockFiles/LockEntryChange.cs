namespace WiseHub.Client;

/// <summary>What changed from one entry of a lock file to another one for the same reference.</summary>
public sealed class LockEntryChange
{
    /// <summary>Compares two entries.</summary>
    /// <param name="before">The older entry.</param>
    /// <param name="after">The newer entry.</param>
    public LockEntryChange(LockEntry before, LockEntry after)
    {
        (Before, After) = (before, after);
        var old = before.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        var now = after.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        Added = [.. after.Files.Where(f => !old.ContainsKey(f.Path))];
        Changed = [.. after.Files.Where(f => old.TryGetValue(f.Path, out LockedFile? same) && same.Sha256 != f.Sha256)];
        Removed = [.. before.Files.Where(f => !now.ContainsKey(f.Path))];
    }

    /// <summary>The older entry.</summary>
    public LockEntry Before { get; }

    /// <summary>The newer entry.</summary>
    public LockEntry After { get; }

    /// <summary>Files that only the newer entry has.</summary>
    public IReadOnlyList<LockedFile> Added { get; }

    /// <summary>Files of the newer entry with another content than before.</summary>
    public IReadOnlyList<LockedFile> Changed { get; }

    /// <summary>Files that only the older entry has.</summary>
    public IReadOnlyList<LockedFile> Removed { get; }

    /// <summary>True if commit and files are the same.</summary>
    public bool IsNone => Before.Commit == After.Commit && Added.Count + Changed.Count + Removed.Count == 0;
}
