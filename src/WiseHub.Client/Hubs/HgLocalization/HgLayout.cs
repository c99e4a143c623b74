namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The names of keys and folders of hg_localization. A variable of that tool can set each of them
/// (docs/protocols/hg-localization.md#settings).
/// </summary>
internal sealed record HgLayout
{
    // The files of a dataset with one of these ids would lie in another tree (docs/protocols/hg-localization.md#the-bucket).
    private static readonly string[] TakenFolders = ["models", "public", "by_bucket"];

    public string DefaultConfig { get; init; } = "default_config";

    public string DefaultRevision { get; init; } = "default_revision";

    public string PublicDatasetsKey { get; init; } = "public_datasets.json";

    public string PublicModelsKey { get; init; } = "public_models.json";

    public string PrivateDatasetsKey { get; init; } = "private_datasets_index.json";

    public string PrivateModelsKey { get; init; } = "private_models_index.json";

    public string ZipFolder { get; init; } = "public_datasets_zip";

    public static HgLayout Read(Func<string, string?> environment)
    {
        var defaults = new HgLayout();
        string Value(string name, string otherwise) =>
            environment(name) is { Length: > 0 } value ? value.Trim().Trim('/') : otherwise;
        return new HgLayout
        {
            DefaultConfig = Value("HGLOC_DEFAULT_CONFIG_NAME", defaults.DefaultConfig),
            DefaultRevision = Value("HGLOC_DEFAULT_REVISION_NAME", defaults.DefaultRevision),
            PublicDatasetsKey = Value("HGLOC_PUBLIC_DATASETS_JSON_KEY", defaults.PublicDatasetsKey),
            PublicModelsKey = Value("HGLOC_PUBLIC_MODELS_JSON_KEY", defaults.PublicModelsKey),
            PrivateDatasetsKey = Value("HGLOC_PRIVATE_DATASETS_INDEX_KEY", defaults.PrivateDatasetsKey),
            PrivateModelsKey = Value("HGLOC_PRIVATE_MODELS_INDEX_KEY", defaults.PrivateModelsKey),
            ZipFolder = Value("HGLOC_PUBLIC_DATASETS_ZIP_DIR_PREFIX", defaults.ZipFolder),
        };
    }

    /// <summary>The key of the public manifest.</summary>
    public string PublicKey(RepoType type) => type == RepoType.Dataset ? PublicDatasetsKey : PublicModelsKey;

    /// <summary>The key of the private index, which needs credentials.</summary>
    public string PrivateKey(RepoType type) => type == RepoType.Dataset ? PrivateDatasetsKey : PrivateModelsKey;

    /// <summary>The reason why a dataset cannot have this folder, or null.</summary>
    public string? RejectFolder(string folder) =>
        TakenFolders.Contains(folder, StringComparer.OrdinalIgnoreCase)
        || folder.Equals(ZipFolder, StringComparison.OrdinalIgnoreCase)
            ? (Text)$"its folder '{folder}' is reserved for another tree" : null;
}
