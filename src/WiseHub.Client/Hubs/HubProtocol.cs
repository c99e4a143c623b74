using WiseHub.Client.Credentials;

namespace WiseHub.Client.Hubs;

/// <summary>
/// Everything that the rest of the library needs to know about one kind of hub. A protocol is a folder below <c>Hubs</c> with one
/// class of this type, and one line in <see cref="Protocols"/>; docs/adding-a-hub.md shows the smallest one.
/// </summary>
internal abstract class HubProtocol
{
    /// <summary>The value of <c>"protocol"</c> in wisehub.json.</summary>
    public abstract string Name { get; }

    // ---- configuration

    /// <summary>The keys that a hub of this protocol may have in wisehub.json, besides those that all hubs have.</summary>
    public virtual IReadOnlyList<string> Keys => [];

    /// <summary>
    /// Those of <see cref="Keys"/> that a program may ship for fetching models at run time: none that names a folder of the build
    /// machine, a section of its credentials or anything that only pushes need.
    /// </summary>
    public virtual IReadOnlyList<string> ShippedKeys => [];

    /// <summary>The hubs that need no configuration.</summary>
    public virtual IReadOnlyList<HubDefinition> BuiltIn => [];

    /// <summary>The built-in hub of references that name none; null if it belongs to another protocol.</summary>
    public virtual string? DefaultHub => null;

    /// <summary>A hub that environment variables alone declare; null for none.</summary>
    public virtual HubDefinition? FromEnvironment(Func<string, string?> environment) => null;

    /// <summary>A hub that no file may declare and that needs no declaration; null for none.</summary>
    public virtual HubDefinition? Reserved(string name) => null;

    /// <summary>A variable besides WISEHUB_ENDPOINT_… that moves a hub to another endpoint; null for none.</summary>
    public virtual string? EndpointVariable(string hub) => null;

    /// <summary>Reads a hub of wisehub.json: its endpoint or path, and the settings of this protocol.</summary>
    /// <exception cref="HubException">WISE1008: a value is missing or wrong.</exception>
    public virtual HubDefinition Read(HubSection section) =>
        throw section.Wrong(HubMessages.NotDeclarable(Name));

    /// <summary>The environment in which this protocol's variables are looked up: that of the process, or more.</summary>
    /// <param name="environment">Reads a variable of the process.</param>
    /// <param name="folder">The folder of wisehub.json, or else the working directory.</param>
    public virtual Func<string, string?> ReadEnvironment(Func<string, string?> environment, string folder) => environment;

    /// <summary>A variable of another tool that forbids the network, as WISEHUB_OFFLINE does; null for none.</summary>
    public virtual string? OfflineVariable => null;

    /// <summary>The part that this protocol adds to the User-Agent of all requests; null for none.</summary>
    public virtual string? UserAgent(Func<string, string?> environment) => null;

    // ---- ids and pages

    /// <summary>Repos of its hubs may have ids that are not <c>owner/name</c>.</summary>
    public virtual bool AllowsAnyId => false;

    /// <summary>The origins of the hub's web pages, which users paste as references.</summary>
    public virtual IEnumerable<Uri> PageOrigins(HubDefinition hub) => [];

    /// <summary>Reads a page URL as a reference.</summary>
    /// <exception cref="HubException">WISE1011: it is a page of the hub, but not of a repo.</exception>
    public virtual RepoReference ParsePage(Uri url, HubDefinition hub) =>
        throw HubMessages.NotAPage(url);

    /// <summary>The page of a repo is also its address for git.</summary>
    public virtual bool HasGitPages => false;

    /// <summary>
    /// The type of package URLs (https://github.com/package-url/purl-spec) for its models, and the hub that such a URL means if
    /// it names none; null if there is no such type.
    /// </summary>
    public virtual (string Type, Uri Home)? ModelPackages => null;

    // ---- secrets

    /// <summary>Variables of other tools with a token for a hub. The first one that is set is used.</summary>
    public virtual IReadOnlyList<string> TokenVariables(HubDefinition hub, Func<string, string?> environment) => [];

    /// <summary>The file in which another tool keeps a secret for hubs of this protocol; null for none.</summary>
    public virtual string? SecretFile(SecretKind kind, Func<string, string?> environment) => null;

    /// <summary>A program that keeps secrets for origins; null for none.</summary>
    public virtual ISecretSource? Helper(Func<string, string?> environment, IHubLog log) => null;

    /// <summary>Says whether a secret for one of its hubs is a session instead of a token.</summary>
    public virtual bool IsSession(string secret) => false;

    /// <summary>Looks up the account of a token; null if the hub has no such API.</summary>
    public virtual IHubAccounts? Accounts(HubDefinition hub, HubConnection connection) => null;

    /// <summary>Logins by user name and password; null if there is no such login.</summary>
    public virtual IHubSessions? Sessions(HubDefinition hub, IHubContext context) => null;

    // ---- the hub itself

    /// <summary>The user may ask for the local git instead of HTTPS requests (<c>--use-git</c>).</summary>
    public virtual bool CanUseGit => false;

    /// <summary>Opens a hub. No network.</summary>
    public abstract IHub Open(HubDefinition hub, IHubContext context);

    /// <summary>Says whether a declared hub of this protocol may be a writable mirror.</summary>
    public virtual bool CanBeWrittenMirror(HubDefinition hub) => false;

    /// <summary>
    /// The keys of wisehub.json that make a hub of this protocol a mirror target, for messages; null if none can be one.
    /// </summary>
    public virtual string? MirrorForm => null;

    /// <summary>Mirrors of this protocol are an <see cref="IBundleTarget"/>.</summary>
    public virtual bool TakesBundles => false;

    /// <summary>Its hubs are an <see cref="IAdministeredHub"/>.</summary>
    public virtual bool ManagesRepos => false;

    /// <summary>The mirror target of a hub; null for a read-only hub.</summary>
    public virtual IMirrorTarget? MirrorTarget(IHub hub, IHubContext context) => null;

    /// <summary>The cache of another tool for this protocol, whose contents may be used; null for none.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="log">Receives the files that cannot be read.</param>
    /// <param name="wanted">The wanted files.</param>
    public virtual IForeignCache? ForeignCache(Func<string, string?> environment, IHubLog log, IEnumerable<TreeEntry> wanted) =>
        null;

    /// <summary>
    /// Folders in which other tools for this protocol keep records beside files, relative to their working folder. Pushes
    /// leave them out.
    /// </summary>
    public virtual IReadOnlyList<string> NoteFolders => [];
}
