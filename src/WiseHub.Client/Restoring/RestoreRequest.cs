namespace WiseHub.Client;

/// <summary>The result of a restore.</summary>
public sealed class RestoreResult
{
    /// <summary>One snapshot for each reference, in the order of the request.</summary>
    public required IReadOnlyList<Snapshot> Snapshots { get; init; }

    /// <summary>
    /// Files that were downloaded or copied into the store. An archive counts as one file; files unpacked from it do not count.
    /// </summary>
    public int FilesTransferred { get; init; }

    /// <summary>Bytes of these files. For git, whose transfer size is unknown, the size of the files.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>True when the lock file was written.</summary>
    public bool LockFileChanged { get; init; }

    /// <summary>The lock file after the restore; null if there is none.</summary>
    public LockFile? LockFile { get; init; }
}

/// <summary>The references to restore, and the rules for it.</summary>
public sealed record RestoreRequest
{
    /// <summary>The references to restore.</summary>
    public required IReadOnlyList<RepoReference> References { get; init; }

    /// <summary>Absolute path of <c>wise.lock.json</c>; null = no lock file is read or written.</summary>
    public string? LockFilePath { get; init; }

    /// <summary>The lock file must have an entry for everything; nothing is resolved and it is not written.</summary>
    public bool Locked { get; init; }

    /// <summary>
    /// Warn with WISE4006 if there is no lock file: a CI build without it is not reproducible.
    /// </summary>
    public bool ExpectsLockFile { get; init; }

    /// <summary>
    /// Look at lock file and store first, on the caller's thread, as <see cref="HubClient.TryRestoreLocally"/> does. If they
    /// have everything, the restore ends there: it waits for no other process and writes no mirror.
    /// </summary>
    public bool LookFirst { get; init; }

    /// <summary>Resolve every revision again and rewrite the entries.</summary>
    public bool Update { get; init; }

    /// <summary>
    /// With <see cref="Update"/>: drop entries that no reference uses. Only for callers that see the references of all projects
    /// that share the lock file. Otherwise such entries stay, and the log names them.
    /// </summary>
    public bool RemoveUnused { get; init; }

    /// <summary>
    /// With <see cref="Update"/>: let the waivers of the references cover new contents. Otherwise a file that a waiver covered
    /// must not change.
    /// </summary>
    public bool RenewWaivers { get; init; }

    /// <summary>Download files again that the store has; each is replaced only after verification.</summary>
    public bool Force { get; init; }

    /// <summary>False in a build that must not resolve (<c>--no-build</c>): a missing lock entry is an error.</summary>
    public bool MayResolve { get; init; } = true;

    /// <summary>References whose files are also wanted as a folder of the cache (<see cref="Snapshot.Directory"/>).</summary>
    public IReadOnlySet<RepoReference> Materialise { get; init; } = new HashSet<RepoReference>();

    /// <summary>
    /// References that are only locked: their files are not downloaded, except those whose digest the hub does not state.
    /// </summary>
    public IReadOnlySet<RepoReference> LockOnly { get; init; } = new HashSet<RepoReference>();

    /// <summary>
    /// Warn with WISE1023 of patterns that name a file which is not there: a user wrote them, and means files.
    /// </summary>
    public bool ChecksPatterns { get; init; }

    /// <summary>How files are placed in such a folder.</summary>
    public LinkMode LinkMode { get; init; }

    /// <summary>
    /// The manifest of a program that fetches its model at run time, in place of the lock file at <see cref="LockFilePath"/>.
    /// </summary>
    internal RunTimeManifest? Manifest { get; init; }

    /// <summary>False for commands that copy locked files to a place where no program uses them.</summary>
    internal bool PassesGate { get; init; } = true;

    /// <summary>False for commands that write to mirrors themselves.</summary>
    internal bool WritesMirrors { get; init; } = true;
}
