using WiseHub.Client.Hubs;
using WiseHub.Client.Hubs.HgLocalization;

namespace WiseHub.Client;

/// <summary>One configured hub.</summary>
/// <param name="Name">The name that references use.</param>
/// <param name="Protocol">How it is spoken to: store, huggingface, wisemodel, git, s3, hg-localization.</param>
public sealed record HubDefinition(string Name, string Protocol)
{
    /// <summary>Base URL, without a slash at the end; null for a folder.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Absolute path of a folder hub.</summary>
    public string? Path { get; init; }

    /// <summary>
    /// True when the endpoint is built in, or set by the environment or by the user's own configuration. Only then do general tokens (HF_TOKEN,
    /// token files, git credentials, netrc) go to it: cloning a repository must not send anybody's token away (DESIGN.md section 8).
    /// </summary>
    public bool IsTrustedEndpoint { get; init; }

    /// <summary>
    /// True when a project's <c>wisehub.json</c> puts a name that means another place to the user (a built-in hub, or one of the user's own
    /// configuration) here. Then the token of that name does not go there either, until the user confirms the place.
    /// </summary>
    public bool IsMovedByProject { get; init; }

    /// <summary>Tries for one request or location, while trouble may pass; with growing pauses between them, and within <see cref="TotalTimeout"/>.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest silence inside an answer, unless the client or the environment says otherwise; null = 15 s.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>Longest time in which a hub that does not answer is tried.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where the services of a <c>wisemodel</c> hub are that do not share its endpoint.</summary>
    public WisemodelEndpoints? Endpoints { get; init; }

    /// <summary>Bytes of one piece of an upload to a <c>wisemodel</c> hub; null = 5 MiB, or what the file was begun with.</summary>
    public long? UploadChunkSize { get; init; }

    /// <summary>Longest time in which a <c>wisemodel</c> hub, which commits in the background, may leave its branch as it is while files wait for their commit.</summary>
    public TimeSpan CommitTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How a <c>git</c> hub is spoken to.</summary>
    public GitTransport Transport { get; init; }

    /// <summary>
    /// Where a <c>git</c> hub has the archive of a commit, behind its endpoint, with <c>{id}</c>, <c>{owner}</c>, <c>{name}</c> and <c>{commit}</c>;
    /// null = found out.
    /// </summary>
    public string? Archive { get; init; }

    /// <summary>The bucket of an <c>s3</c> hub, or of an <c>hg-localization</c> hub that has one.</summary>
    public BucketSettings? Bucket { get; init; }

    /// <summary>Nothing of it needs the network.</summary>
    internal bool IsLocal => Path is not null;

    /// <summary>What makes two hubs the same place, whatever they are called; names the hub's part of the cache.</summary>
    internal string Identity => $"{Protocol}\n{Path ?? Endpoint?.AbsoluteUri}" + (Bucket is null ? "" : $"\n{Bucket.Name}\n{Bucket.Prefix}");

    internal string TokenVariable => "WISEHUB_TOKEN_" + HubConfig.EnvironmentName(Name);

    /// <summary>The places that belong to the hub itself, and may get what is meant for it.</summary>
    public IReadOnlyList<Uri> Origins => Endpoints is WisemodelEndpoints e ? [e.Web, e.Gateway, e.Upload, e.Raw, e.GitLab, e.Git]
        : Endpoint is null ? []
        // GitHub's REST API has a host of its own (docs.github.com, "Getting started with the REST API").
        : Protocol == "git" && Endpoint.Host == "github.com" && Endpoint.Scheme == Uri.UriSchemeHttps ? [Endpoint, new Uri("https://api.github.com")] : [Endpoint];

    /// <summary>Where people make tokens; null where that is not known.</summary>
    internal Uri? TokenPage => (Protocol, Endpoint?.Host) switch
    {
        ("huggingface", not null) => new Uri(Endpoint, "/settings/tokens"),
        ("wisemodel", not null) => new Uri(Endpoint, "/my-token"),
        ("git", "github.com") => new Uri(Endpoint, "/settings/tokens"),
        ("git", "gitlab.com") => new Uri(Endpoint, "/-/user_settings/personal_access_tokens"),
        _ => null,
    };

    internal bool IsSamePlace(HubDefinition other) => (Protocol, Endpoint, Path, Endpoints, Bucket) == (other.Protocol, other.Endpoint, other.Path, other.Endpoints, other.Bucket);
}

/// <summary>Where the services of a Wisemodel hub are (protocols/wisemodel.md section 1); each without a slash at the end.</summary>
/// <param name="Web">Pages, and the value that names a repo in gateway calls.</param>
/// <param name="Gateway">Login, branch list and file list.</param>
/// <param name="Upload">Check, upload, merge and addfiles.</param>
/// <param name="Raw">The download proxy.</param>
/// <param name="GitLab">GitLab's REST API.</param>
/// <param name="Git">Git over HTTPS.</param>
public sealed record WisemodelEndpoints(Uri Web, Uri Gateway, Uri Upload, Uri Raw, Uri GitLab, Uri Git)
{
    /// <summary>The public hub.</summary>
    public static WisemodelEndpoints Official { get; } = new(new("https://www.wisemodel.cn"), new("https://wisemodel.cn"), new("https://uploadfile.wisemodel.cn"),
        new("https://download.wisemodel.cn"), new("https://wisemodel.cn"), new("https://www.wisemodel.cn"));

    /// <summary>All services at one place, as a test server or a company's proxy has them.</summary>
    public static WisemodelEndpoints At(Uri one) => new(one, one, one, one, one, one);
}

/// <summary>How a git host is spoken to.</summary>
public enum GitTransport
{
    /// <summary>Archives and smart HTTP, by the library itself.</summary>
    Https,
    /// <summary>The local <c>git</c> over SSH.</summary>
    Ssh,
    /// <summary>The local <c>git</c> over HTTPS.</summary>
    Git,
}

/// <summary>A bucket on an S3 server.</summary>
/// <param name="Name">The bucket.</param>
/// <param name="Prefix">What stands before every key, without slashes at its ends; empty for none.</param>
public sealed record BucketSettings(string Name, string Prefix)
{
    /// <summary>Null = what the AWS SDK finds.</summary>
    public string? Region { get; init; }

    /// <summary>A section of the AWS configuration files; null = what the AWS SDK finds.</summary>
    public string? Profile { get; init; }

    /// <summary>The bucket is part of the path instead of the host.</summary>
    public bool PathStyle { get; init; }

    /// <summary>How bodies are framed and checksummed on upload.</summary>
    public BodyMode BodyMode { get; init; }

    /// <summary>Whether the server does If-Match and If-None-Match on PUT; null = found out.</summary>
    public bool? ConditionalWrites { get; init; }

    /// <summary>How what is published becomes readable for everybody.</summary>
    public PublicAccess PublicAccess { get; init; }
}

/// <summary>How the body of an S3 upload is framed and checksummed; servers differ in what they take.</summary>
public enum BodyMode
{
    /// <summary>Found out by asking the server.</summary>
    Auto,
    /// <summary>The AWS SDK's default: chunks, with a checksum in the trailer.</summary>
    Trailer,
    /// <summary>Signed chunks without a trailer.</summary>
    Chunked,
    /// <summary>The whole body hashed and signed.</summary>
    Plain,
}

/// <summary>How published objects become readable for everybody.</summary>
public enum PublicAccess
{
    /// <summary>By the ACL <c>public-read</c> on each object.</summary>
    Acl,
    /// <summary>By a policy of the bucket, which its owner has set.</summary>
    Policy,
}

/// <summary>A hub that is asked for bytes before the origin.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="Write">What was restored is written to it.</param>
public sealed record MirrorDefinition(string Hub, bool Write);

/// <summary>The hubs that references may name: the built-in ones and those of <c>wisehub.json</c> (DESIGN.md section 8).</summary>
public sealed class HubConfig
{
    /// <summary>The name of the configuration file.</summary>
    public const string FileName = "wisehub.json";

    private readonly Dictionary<string, HubDefinition> _hubs;

    private HubConfig(Dictionary<string, HubDefinition> hubs, ConfigFile? project, ConfigFile? user)
    {
        (DefaultHub, _hubs, File) = (project?.DefaultHub ?? user?.DefaultHub ?? "wisemodel", hubs, project?.Path);
        // Together: who names mirrors says whether the origin may be asked.
        ConfigFile? mirrors = project is { Mirrors.Count: > 0 } ? project : user;
        (Mirrors, MirrorsOnly) = (mirrors?.Mirrors ?? [], mirrors?.MirrorsOnly ?? false);
    }

    /// <summary>The hub of references that name none.</summary>
    public string DefaultHub { get; }

    /// <summary>The file that was read, if any.</summary>
    public string? File { get; }

    /// <summary>Hubs that are asked for bytes before the origin, in order.</summary>
    public IReadOnlyList<MirrorDefinition> Mirrors { get; }

    /// <summary>The origin must not be asked: mirrors resolve, too.</summary>
    public bool MirrorsOnly { get; }

    /// <summary>All hubs by name.</summary>
    public IReadOnlyDictionary<string, HubDefinition> Hubs => _hubs;

    /// <summary>Finds a hub.</summary>
    /// <exception cref="HubException">WISE1002: no hub has that name.</exception>
    public HubDefinition Find(string name) => UrlHub.Builtin(name) ?? (_hubs.TryGetValue(name, out HubDefinition? hub) ? hub
        : throw new HubException(WiseCodes.UnknownHub,
            $"There is no hub '{name}'. Known are {string.Join(", ", _hubs.Keys.Order(StringComparer.Ordinal))}; "
            + (File is null ? $"others are declared in a {FileName} at or above the project (none was found)." : $"others are declared in {File}.")));

    /// <summary>Says whether a hub is the one that stands for URLs of files: nobody declares it, and a reference by URL has no other.</summary>
    public static bool IsForUrls(string hub) => UrlHub.Builtin(hub) is not null;

    /// <summary>The nearest <c>wisehub.json</c> at or above a folder, or null.</summary>
    public static string? FindUpward(string directory)
    {
        for (DirectoryInfo? folder = new(directory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, FileName);
            if (System.IO.File.Exists(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>
    /// Reads the user's own configuration (<c>wisehub.json</c> in <c>$XDG_CONFIG_HOME/wisehub</c>, else <c>~/.config/wisehub</c>, Windows
    /// <c>%APPDATA%\wisehub</c>) and over it that of a project. The user's hubs are trusted with general tokens, the project's are not.
    /// </summary>
    /// <param name="file">Absolute path of a project's <c>wisehub.json</c>, or null; relative paths inside are relative to it.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <exception cref="HubException">WISE1008, WISE1009 or WISE1014.</exception>
    public static HubConfig Load(string? file, Func<string, string?> environment)
    {
        var hubs = new Dictionary<string, HubDefinition>(StringComparer.OrdinalIgnoreCase)
        {
            ["wisemodel"] = new("wisemodel", "wisemodel") { Endpoint = WisemodelEndpoints.Official.Web, Endpoints = WisemodelEndpoints.Official, IsTrustedEndpoint = true },
            ["huggingface"] = new("huggingface", "huggingface") { Endpoint = new Uri("https://huggingface.co"), IsTrustedEndpoint = true },
            ["github"] = new("github", "git") { Endpoint = new Uri("https://github.com"), IsTrustedEndpoint = true },
            ["gitlab"] = new("gitlab", "git") { Endpoint = new Uri("https://gitlab.com"), IsTrustedEndpoint = true },
        };
        // As the other tool does: variables alone name a place.
        if (HgSettings.AreInEnvironment(environment))
            hubs[HgSettings.ImplicitHub] = new(HgSettings.ImplicitHub, HgSettings.Protocol);
        string own = System.IO.Path.Combine(UserFolders.Configuration(environment), FileName);
        ConfigFile? user = System.IO.File.Exists(own) ? ConfigFile.Read(own, hubs, isUsersOwn: true, environment) : null;
        ConfigFile? project = file is null || file == own ? null : ConfigFile.Read(file, hubs, isUsersOwn: false, environment);
        CheckNames(hubs, file ?? own);
        foreach (HubDefinition hub in hubs.Values.ToArray())
        {
            string variable = "WISEHUB_ENDPOINT_" + EnvironmentName(hub.Name);
            string? endpoint = environment(variable);
            if (string.IsNullOrWhiteSpace(endpoint) && hub.Name == "huggingface")
                endpoint = environment(variable = "HF_ENDPOINT");
            if (!string.IsNullOrWhiteSpace(endpoint))
            {
                Uri uri = ParseEndpoint(endpoint) ?? throw new HubException(WiseCodes.InvalidConfig,
                    $"The environment variable {variable} is not an http(s) URL without user, query and fragment. Correct it or remove it.");
                hubs[hub.Name] = hub with
                {
                    Endpoint = uri,
                    Endpoints = hub.Endpoints is null ? null : WisemodelEndpoints.At(uri),
                    Path = null,
                    IsTrustedEndpoint = true,
                    IsMovedByProject = false,
                };
            }
        }
        return new HubConfig(hubs, project, user);
    }

    /// <summary>A hub name as part of an environment variable: upper case, every non-alphanumeric is <c>_</c>.</summary>
    internal static string EnvironmentName(string hub)
    {
        char[] name = hub.ToCharArray();
        for (int i = 0; i < name.Length; i++)
            name[i] = char.IsAsciiLetterOrDigit(name[i]) ? char.ToUpperInvariant(name[i]) : '_';
        return new string(name);
    }

    internal static Uri? ParseEndpoint(string text) =>
        Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
        && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0 ? uri : null;

    /// <summary>The address of a git host may also be that of an ssh server, with a user and without a password.</summary>
    internal static Uri? ParseGitEndpoint(string text) => ParseEndpoint(text)
        ?? (Uri.TryCreate(text.Trim().TrimEnd('/'), UriKind.Absolute, out Uri? uri) && uri.Scheme == "ssh" && !uri.UserInfo.Contains(':', StringComparison.Ordinal)
            && !uri.UserInfo.StartsWith('-') && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.Host.Length > 0 ? uri : null);

    private static void CheckNames(Dictionary<string, HubDefinition> hubs, string? file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string hub in hubs.Keys)
        {
            string name = EnvironmentName(hub);
            if (names.Add(name))
                continue;
            throw new HubException(WiseCodes.AmbiguousHubNames,
                $"{file}: the hubs {string.Join(" and ", hubs.Keys.Where(h => EnvironmentName(h) == name))} would share the environment variable WISEHUB_TOKEN_{name}. Rename one.")
            { File = file };
        }
    }
}
