namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The names that a bucket of hg_localization uses, each settable by a variable of that tool
/// (docs/protocols/hg-localization.md#settings).
/// </summary>
internal sealed record HgLayout
{
    // Where a dataset has one of these ids, its files would lie among those of another tree
    // (docs/protocols/hg-localization.md#the-bucket).
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

    /// <summary>The key of the manifest that everybody may read.</summary>
    public string PublicKey(RepoType type) => type == RepoType.Dataset ? PublicDatasetsKey : PublicModelsKey;

    /// <summary>The key of the list that needs credentials.</summary>
    public string PrivateKey(RepoType type) => type == RepoType.Dataset ? PrivateDatasetsKey : PrivateModelsKey;

    /// <summary>Why a dataset cannot have this folder, or null.</summary>
    public string? RejectFolder(string folder) =>
        TakenFolders.Contains(folder, StringComparer.OrdinalIgnoreCase)
        || folder.Equals(ZipFolder, StringComparison.OrdinalIgnoreCase)
            ? $"its folder '{folder}' is that of another tree" : null;
}
