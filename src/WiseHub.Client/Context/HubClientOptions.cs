using WiseHub.Client.Configuration;
using WiseHub.Client.Hubs;

namespace WiseHub.Client;

/// <summary>The options of a <see cref="HubClient"/>. Everything has a default.</summary>
public sealed record HubClientOptions
{
    /// <summary>
    /// Path of a <c>wisehub.json</c>, relative to <see cref="WorkingDirectory"/> if it is; null = only the built-in hubs.
    /// </summary>
    public string? ConfigFile { get; init; }

    /// <summary>
    /// Absolute path of the working folder. A <c>.env</c> is read from it if there is no <see cref="ConfigFile"/>. Null = the
    /// process's current directory.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Overrides the default hub of the configuration.</summary>
    public string? DefaultHub { get; init; }

    /// <summary>Root of the cache; null = WISEHUB_CACHE or the user's cache folder.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>No socket is opened. Also on when WISEHUB_OFFLINE or HF_HUB_OFFLINE is true.</summary>
    public bool Offline { get; init; }

    /// <summary>
    /// Restored files are written to the mirrors that have <c>"write": true</c>. False stops every such write, as does
    /// WISEHUB_MIRROR_WRITE=false.
    /// </summary>
    public bool MirrorWrite { get; init; } = true;

    /// <summary>Number of parallel downloads, 1 to 64. If it is more than 1, twice as many files under 1 MiB.</summary>
    public int MaxParallelDownloads { get; init; } = 8;

    /// <summary>
    /// Maximum connections for one file over 16 MiB, 1 to 8. Another is opened only while the hash waits for the network.
    /// </summary>
    public int ConnectionsPerFile { get; init; } = 8;

    /// <summary>Hubs that are git hosts are read by the local <c>git</c>; a reference to another hub is an error.</summary>
    public bool UseGit { get; init; }

    /// <summary>
    /// Longest time without bytes inside a response; null = WISEHUB_STALL_TIMEOUT, else the hub's configuration, else 15 s.
    /// </summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>
    /// Attempts for one request, 1 to 100; null = the hub's configuration, else 8. The pauses between them grow from half a
    /// second to 8 s; with 8 attempts they add up to more than 30 s.
    /// </summary>
    public int? Retries { get; init; }

    /// <summary>Name and version of the program that uses the library, for the User-Agent.</summary>
    public string? Product { get; init; }

    /// <summary>
    /// The calling program's name for the patterns that exclude files, for messages: <c>IgnorePatterns</c> in a build,
    /// <c>--exclude</c> in the tool.
    /// </summary>
    public string ExcludeOption { get; init; } = $"{nameof(FileSelection)}.{nameof(FileSelection.Ignore)}";

    /// <summary>Receives the messages of the library.</summary>
    public IHubLog? Log { get; init; }

    /// <summary>
    /// Tokens by hub name; they take precedence over every other source. As with <c>WISEHUB_TOKEN_&lt;HUB&gt;</c>, a project's
    /// configuration cannot send them to another address under the same name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Asks the user for a password when a session ends during a run and its user name is known; at most once for a session. A
    /// result of null, or no function, means that no user can answer (WISE2022). The password is used for one login and not kept.
    /// </summary>
    public Func<PasswordPrompt, CancellationToken, Task<string?>>? AskPassword { get; init; }

    /// <summary>
    /// Reads environment variables; null = those of the process. It replaces the whole environment, including the user's folders
    /// (HOME, XDG_*; on Windows USERPROFILE, APPDATA, LOCALAPPDATA) and PATH, which locates git.
    /// </summary>
    public Func<string, string?>? Environment { get; init; }

    /// <summary>The clock for waits and limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Returns 0 to 1, the share of their random part that pauses between attempts get; null = random.</summary>
    internal Func<double>? Jitter { get; init; }

    /// <summary>The id of this boot of the machine; null = ask the system.</summary>
    internal string? BootId { get; init; }

    /// <summary>The hubs of a run-time manifest; null outside programs that fetch models.</summary>
    internal ShippedHubs? Shipped { get; init; }

    /// <summary>The protocols of hubs.</summary>
    internal HubProtocols Protocols { get; init; } = Hubs.Protocols.All;
}
