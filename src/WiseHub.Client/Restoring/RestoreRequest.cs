namespace WiseHub.Client;

/// <summary>What a restore did.</summary>
public sealed class RestoreResult
{
    /// <summary>One snapshot for each reference, in the order of the request.</summary>
    public required IReadOnlyList<Snapshot> Snapshots { get; init; }

    /// <summary>
    /// Files that were downloaded or copied into the store. An archive is one file, and what is unpacked from it none.
    /// </summary>
    public int FilesTransferred { get; init; }

    /// <summary>Bytes of these files. What git itself fetches is not known; there the files count.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>True when the lock file was written.</summary>
    public bool LockFileChanged { get; init; }

    /// <summary>The lock file after the restore; null where there is none.</summary>
    public LockFile? LockFile { get; init; }
}

/// <summary>What to restore, and by which rules.</summary>
public sealed record RestoreRequest
{
    /// <summary>What is asked for.</summary>
    public required IReadOnlyList<RepoReference> References { get; init; }

    /// <summary>Absolute path of <c>wise.lock.json</c>; null = no lock file is read or written.</summary>
    public string? LockFilePath { get; init; }

    /// <summary>The lock file must already say everything; nothing is resolved and it is not written.</summary>
    public bool Locked { get; init; }

    /// <summary>
    /// The lock file is expected, and its lack is told by the warning WISE4006: a build of a CI system without it
    /// is not reproducible.
    /// </summary>
    public bool ExpectsLockFile { get; init; }

    /// <summary>
    /// Look at lock file and store first, on the caller's thread, as <see cref="HubClient.TryRestoreLocally"/> does. Where they
    /// have everything, this is all: nobody is waited for, and no mirror is written.
    /// </summary>
    public bool LookFirst { get; init; }

    /// <summary>Resolve every revision again and rewrite the entries.</summary>
    public bool Update { get; init; }

    /// <summary>
    /// With <see cref="Update"/>: drop entries that no reference uses. Only for callers that see the references of everybody who
    /// shares the lock file. Else such entries stay, and the log names them.
    /// </summary>
    public bool RemoveUnused { get; init; }

    /// <summary>Download again what is already there; it is replaced only after verification.</summary>
    public bool Force { get; init; }

    /// <summary>False in a build that must not resolve (<c>--no-build</c>): a missing lock entry is an error.</summary>
    public bool MayResolve { get; init; } = true;

    /// <summary>References whose files are also wanted as a folder of the cache (<see cref="Snapshot.Directory"/>).</summary>
    public IReadOnlySet<RepoReference> Materialise { get; init; } = new HashSet<RepoReference>();

    /// <summary>How such a folder is filled.</summary>
    public LinkMode LinkMode { get; init; }

    /// <summary>False for what mirrors by itself.</summary>
    internal bool WritesMirrors { get; init; } = true;
}
