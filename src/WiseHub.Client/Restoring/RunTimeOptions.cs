namespace WiseHub.Client;

/// <summary>The options of <see cref="RunTimeModel"/>. Everything has a default.</summary>
public sealed record RunTimeOptions
{
    /// <summary>No socket is opened. Also on when WISEHUB_OFFLINE or HF_HUB_OFFLINE is true.</summary>
    public bool Offline { get; init; }

    /// <summary>Root of the cache; null = WISEHUB_CACHE or the user's cache folder.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>
    /// Path of a <c>wisehub.json</c>; null = WISEHUB_CONFIG, else the nearest <c>wisehub.json</c> in the program's folder or
    /// above. Its hubs take precedence over those of the manifest.
    /// </summary>
    public string? ConfigFile { get; init; }

    /// <summary>
    /// A folder with the files of the model, which is used instead; nothing is fetched. Null = the environment variable
    /// WISEHUB_MODEL_&lt;ALIAS&gt;, else <c>WiseHub.Model.&lt;alias&gt;</c> of <see cref="AppContext"/>.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The folder of the program, from which relative paths start; null = <see cref="AppContext.BaseDirectory"/>.
    /// </summary>
    public string? ApplicationDirectory { get; init; }

    /// <summary>Receives the messages of the library.</summary>
    public IHubLog? Log { get; init; }

    /// <summary>Tokens by hub name, as in <see cref="HubClientOptions.Tokens"/>.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Name and version of the program, for the User-Agent.</summary>
    public string? Product { get; init; }

    /// <summary>Attempts for one request, as in <see cref="HubClientOptions.Retries"/>.</summary>
    public int? Retries { get; init; }

    /// <summary>
    /// Reads environment variables, as in <see cref="HubClientOptions.Environment"/>; null = those of the process.
    /// </summary>
    public Func<string, string?>? Environment { get; init; }
}
