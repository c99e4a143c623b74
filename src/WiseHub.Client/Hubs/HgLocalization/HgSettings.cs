using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The settings of a hub of this protocol: a bucket, a local store or both, from <c>wisehub.json</c> or else <c>HGLOC_*</c>.
/// </summary>
/// <param name="Definition">The hub, with bucket, endpoint and path.</param>
/// <param name="Layout">Names of keys and folders.</param>
internal sealed record HgSettings(HubDefinition Definition, HgLayout Layout)
{
    private const string BucketVariable = "HGLOC_S3_BUCKET_NAME", DatasetsVariable = "HGLOC_DATASETS_STORE_PATH",
        ModelsVariable = "HGLOC_MODELS_STORE_PATH",
        EndpointVariable = "HGLOC_S3_ENDPOINT_URL";

    /// <summary>The name of the hub that the <c>HGLOC_*</c> variables configure without a <c>wisehub.json</c>.</summary>
    public const string ImplicitHub = "hg-localization", Protocol = "hg-localization";

    public const string KeyVariable = "HGLOC_AWS_ACCESS_KEY_ID", SecretVariable = "HGLOC_AWS_SECRET_ACCESS_KEY";

    public BucketSettings? Bucket => Definition.Bucket();

    /// <summary>The folder of local datasets; null for a hub with only a bucket.</summary>
    public string? DatasetsStore { get; private init; }

    /// <summary>The folder of local models; null for a hub with only a bucket.</summary>
    public string? ModelsStore { get; private init; }

    /// <summary>The endpoint as it was written: the names of local folders contain a hash of this text.</summary>
    public string? EndpointText { get; private init; }

    public static bool AreInEnvironment(Func<string, string?> environment) =>
        environment(BucketVariable) is { Length: > 0 } || environment(DatasetsVariable) is { Length: > 0 }
        || environment(ModelsVariable) is { Length: > 0 };

    /// <param name="definition">As configured.</param>
    /// <param name="environment">Reads a variable, of the process or of <c>.env</c>.</param>
    /// <param name="process">
    /// Reads a variable of the process only: an endpoint from a project's file must not receive a session token.
    /// </param>
    /// <param name="folder">
    /// The base of relative paths in variables, and the place of an unnamed local store.
    /// </param>
    /// <param name="mayBeLocalOnly">
    /// Without bucket and path, uses a store in <paramref name="folder"/>, like the other tool.
    /// </param>
    /// <exception cref="HubException">WISE1036: there is neither bucket nor folder, or a variable is invalid.</exception>
    public static HgSettings Read(HubDefinition definition, Func<string, string?> environment, Func<string, string?> process,
        string folder, bool mayBeLocalOnly = false)
    {
        bool isNamed = definition.Path is not null || definition.Bucket() is { Name.Length: > 0 };
        string? Variable(string name) =>
            environment(name) is { Length: > 0 } value && value.Trim() is { Length: > 0 } trimmed ? trimmed : null;
        string? Folder(string name) => Variable(name) is string path ? UserPath.Resolve(path, folder, process) : null;
        string? datasets = definition.Path, models = definition.Path is null ? null : Path.Combine(definition.Path, "models");
        string? endpoint = definition.Endpoint?.OriginalString;
        // A configured bucket does not determine the folder of local copies.
        if (definition.Path is null)
            (datasets, models) = (Folder(DatasetsVariable), Folder(ModelsVariable));
        // Folder names depend on the text of the endpoint, which the other tool takes from its variable.
        if (endpoint is not null && Variable(EndpointVariable) is string written
            && Urls.ParseEndpoint(written)?.AbsoluteUri.TrimEnd('/') == definition.Endpoint!.AbsoluteUri.TrimEnd('/'))
            endpoint = written;
        if (!isNamed)
        {
            if (Variable(BucketVariable) is string bucket)
            {
                BucketSettings other = definition.Bucket() ?? new BucketSettings(bucket, "");
                definition = definition with
                {
                    Settings = other with
                    {
                        Name = bucket,
                        Prefix = Variable("HGLOC_S3_DATA_PREFIX")?.Trim('/') ?? other.Prefix,
                        Region = Variable("HGLOC_AWS_DEFAULT_REGION") ?? other.Region,
                    },
                };
                if (Variable(EndpointVariable) is string url)
                {
                    endpoint = url;
                    definition = definition with
                    {
                        Endpoint = Urls.ParseEndpoint(url) ?? throw HgMessages.InvalidEndpoint(),
                        IsTrustedEndpoint = process(EndpointVariable) is { Length: > 0 },
                    };
                }
            }
            else
            {
                definition = definition with { Settings = null };
            }
            if (definition.Bucket() is null && datasets is null && models is null && !mayBeLocalOnly)
                throw HgMessages.NoPlace(definition.Name, BucketVariable, DatasetsVariable);
        }
        if ((mayBeLocalOnly && !isNamed) || datasets is not null || models is not null)
            (datasets, models) =
                (datasets ?? Path.Combine(folder, "datasets_store"), models ?? Path.Combine(folder, "models_store"));
        definition = definition with { Path = datasets };
        return new HgSettings(definition, HgLayout.Read(environment))
        {
            DatasetsStore = datasets,
            ModelsStore = models,
            EndpointText = endpoint,
        };
    }

    /// <summary>The folder of copies of one kind; null without a local store.</summary>
    /// <param name="type">Datasets and models have separate stores.</param>
    /// <param name="isPublic">Copies downloaded without credentials are stored separately.</param>
    public string? LocalRoot(RepoType type, bool isPublic)
    {
        if ((type == RepoType.Dataset ? DatasetsStore : ModelsStore) is not string root)
            return null;
        if (isPublic)
            root = Path.Combine(root, "public");
        return Bucket is null ? root : Path.Combine(root, "by_bucket", HgCopyName.Safe(Bucket.Name)
            + (EndpointText is null ? "" : "_" + EndpointMark(EndpointText)));
    }

    // CA5351: the other tool's name for a folder (docs/protocols/hg-localization.md#the-local-store), without security purpose.
#pragma warning disable CA5351
    private static string EndpointMark(string endpoint) =>
        Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(endpoint)))[..8];
#pragma warning restore CA5351
}
