namespace WiseHub.Build;

/// <summary>The names of items and metadata.</summary>
internal static class Names
{
    public const string Reference = "WiseModelReference";
    public const string Artifact = "WiseArtifact";

    public const string Hub = "Hub";
    public const string RepoType = "RepoType";
    public const string Revision = "Revision";
    public const string Config = "Config";
    public const string AllowPatterns = "AllowPatterns";
    public const string IgnorePatterns = "IgnorePatterns";
    public const string Alias = "Alias";
    public const string TargetPath = "TargetPath";
    public const string CopyToOutputDirectory = "CopyToOutputDirectory";
    public const string CopyToPublishDirectory = "CopyToPublishDirectory";
    public const string LinkMode = "LinkMode";
    public const string Sha256 = "Sha256";
    public const string Unpack = "Unpack";
    public const string Optional = "Optional";
    public const string Fallback = "Fallback";
    public const string Fetch = "Fetch";
    public const string Embed = "Embed";
    public const string Waive = "Waive";

    /// <summary>The metadata that a user may set on a reference.</summary>
    public static readonly string[] ReferenceMetadata =
        [Hub, RepoType, Revision, Config, AllowPatterns, IgnorePatterns, Alias, TargetPath, CopyToOutputDirectory,
            CopyToPublishDirectory, LinkMode, Sha256, Unpack, Optional, Fallback, Fetch, Embed, Waive];

    /// <summary>The metadata that a user may set on an artifact.</summary>
    public static readonly string[] ArtifactMetadata = [PathInRepo];

    /// <summary>The metadata that a user may set on any item of this package.</summary>
    public static readonly string[] WrittenMetadata = [.. ReferenceMetadata, .. ArtifactMetadata];

    public const string RepoId = "RepoId";
    public const string Commit = "Commit";
    /// <summary>Not "Directory", which MSBuild reserves.</summary>
    public const string Folder = "Folder";
    public const string PathInRepo = "PathInRepo";
    public const string Size = "Size";
    public const string Link = "Link";

    /// <summary>The project that declares a reference, kept when items pass from inner builds to the outer build.</summary>
    public const string DefiningProject = "WiseDefiningProject";
}
