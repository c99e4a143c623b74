using WiseHub.Client.Credentials;
using WiseHub.Client.Http;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs;

/// <summary>The services of a client for its hubs.</summary>
internal interface IHubContext
{
    /// <summary>Reads a variable of the process, or one that a protocol reads from a file of its own.</summary>
    Func<string, string?> Environment { get; }

    /// <summary>Reads a variable of the process.</summary>
    Func<string, string?> ProcessEnvironment { get; }

    /// <summary>The folder of wisehub.json, or else the working directory.</summary>
    string Folder { get; }

    IHubLog Log { get; }

    TimeProvider Time { get; }

    /// <summary>The network is disabled: no socket may be opened.</summary>
    bool Offline { get; }

    /// <summary>The user wants the local git instead of HTTPS requests.</summary>
    bool UseGit { get; }

    /// <inheritdoc cref="HubClientOptions.ExcludeOption"/>
    string ExcludeOption { get; }

    /// <inheritdoc cref="HubClientOptions.AskPassword"/>
    Func<PasswordPrompt, CancellationToken, Task<string?>>? AskPassword { get; }

    SnapshotStore Store { get; }

    TokenSource Tokens { get; }

    /// <summary>The hubs of the configuration, by name.</summary>
    IReadOnlyDictionary<string, HubDefinition> Definitions { get; }

    /// <summary>Finds a hub of the configuration.</summary>
    /// <exception cref="HubException">WISE1002: no hub has that name.</exception>
    HubDefinition Find(string hub);

    /// <summary>The connections and secrets of a hub.</summary>
    HubConnection Connect(HubDefinition hub);

    /// <summary>The connections of a hub.</summary>
    HubHttp Http(string hub);

    /// <summary>Connections to servers that no configuration names.</summary>
    HubHttp NewHttp(string name);

    /// <summary>Begins a run, for requests outside a restore.</summary>
    IHubRun BeginRun();

    /// <summary>Downloads a repo into a folder, as <c>HubClient.DownloadAsync</c> does.</summary>
    Task<DownloadResult> DownloadAsync(DownloadRequest request, CancellationToken cancel);

    /// <summary>
    /// An object shared by all hubs of this client, such as the facts about a server. It is made at the first call and disposed
    /// with the client.
    /// </summary>
    /// <param name="key">Its name among the objects of this type.</param>
    /// <param name="make">Makes it.</param>
    T Shared<T>(string key, Func<T> make) where T : class;
}
