using WiseHub.Client.Hubs;

namespace WiseHub.Client;

/// <summary>How a <see cref="HubClient"/> works. Everything has a default.</summary>
public sealed record HubClientOptions
{
    /// <summary>
    /// Path of a <c>wisehub.json</c>, relative to <see cref="WorkingDirectory"/> if it is; null = only the built-in hubs.
    /// </summary>
    public string? ConfigFile { get; init; }

    /// <summary>
    /// Absolute path of the folder of the work, where a <c>.env</c> is looked for when there is no <see cref="ConfigFile"/>; null
    /// = the process's current one.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Overrides the default hub of the configuration.</summary>
    public string? DefaultHub { get; init; }

    /// <summary>Root of the cache; null = WISEHUB_CACHE or the user's cache folder.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>No socket is opened. Also on when WISEHUB_OFFLINE or HF_HUB_OFFLINE is true.</summary>
    public bool Offline { get; init; }

    /// <summary>
    /// What was restored is written to the mirrors that have <c>"write": true</c>. False stops every such write, as does
    /// WISEHUB_MIRROR_WRITE=false.
    /// </summary>
    public bool MirrorWrite { get; init; } = true;

    /// <summary>Files downloaded at once, 1 to 64.</summary>
    public int MaxParallelDownloads { get; init; } = 8;

    /// <summary>
    /// Most connections for one file over 16 MiB, 1 to 8. A further one is opened only while the hash waits for the network.
    /// </summary>
    public int ConnectionsPerFile { get; init; } = 8;

    /// <summary>Hubs that are git hosts are read by the local <c>git</c>; a reference to another hub is an error.</summary>
    public bool UseGit { get; init; }

    /// <summary>
    /// Longest silence inside a response; null = WISEHUB_STALL_TIMEOUT, else what the configuration says for the hub, else 15 s.
    /// </summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>
    /// Tries of one request, 1 to 100; null = what the configuration says for the hub, else 8. The pauses between them grow from
    /// half a second to 8 s: those of 8 tries come to more than 30 s.
    /// </summary>
    public int? Retries { get; init; }

    /// <summary>Name and version of the program that uses the library, for the User-Agent.</summary>
    public string? Product { get; init; }

    /// <summary>
    /// What the program that uses the library calls the patterns that leave files out, for messages: <c>IgnorePatterns</c> in a
    /// build, <c>--exclude</c> in the tool.
    /// </summary>
    public string ExcludeOption { get; init; } = $"{nameof(FileSelection)}.{nameof(FileSelection.Ignore)}";

    /// <summary>Where the library tells what it does.</summary>
    public IHubLog? Log { get; init; }

    /// <summary>
    /// Tokens by the name of the hub, before every other source. They obey the same rule as <c>WISEHUB_TOKEN_&lt;HUB&gt;</c>: a
    /// project's configuration cannot send them elsewhere by moving a name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Asks a person for a password where a session has ended in the middle of work, and its user is known: at most once for
    /// a session. A response of null, like no function, means that nobody is there (WISE2022). The password is used for one
    /// login and not kept.
    /// </summary>
    public Func<PasswordPrompt, CancellationToken, Task<string?>>? AskPassword { get; init; }

    /// <summary>
    /// Reads environment variables; null = those of the process. It is the whole environment, also for the user's folders (HOME,
    /// XDG_*; on Windows USERPROFILE, APPDATA, LOCALAPPDATA) and for PATH, by which git is found.
    /// </summary>
    public Func<string, string?>? Environment { get; init; }

    /// <summary>The clock for waits and limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Gives 0 to 1: how much of their random part the pauses between tries get; null = random.</summary>
    internal Func<double>? Jitter { get; init; }

    /// <summary>What tells this start of the machine from the others; null = ask the system.</summary>
    internal string? BootId { get; init; }

    /// <summary>The protocols that hubs may speak.</summary>
    internal HubProtocols Protocols { get; init; } = Hubs.Protocols.All;
}
