namespace WiseHub.Build;

/// <summary>Item and metadata names, in one place.</summary>
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

    /// <summary>What a person may write on a reference.</summary>
    public static readonly string[] ReferenceMetadata =
        [Hub, RepoType, Revision, Config, AllowPatterns, IgnorePatterns, Alias, TargetPath, CopyToOutputDirectory,
            CopyToPublishDirectory, LinkMode, Sha256, Unpack, Optional, Fallback];

    /// <summary>What a person may write on any item of ours.</summary>
    public static readonly string[] WrittenMetadata = [.. ReferenceMetadata, PathInRepo];

    public const string RepoId = "RepoId";
    public const string Commit = "Commit";
    /// <summary>Not "Directory", which is one of the names that MSBuild keeps for itself.</summary>
    public const string Folder = "Folder";
    public const string PathInRepo = "PathInRepo";
    public const string Size = "Size";
    public const string Link = "Link";

    /// <summary>Where a reference was declared, carried along when items pass from inner builds to the outer one.</summary>
    public const string DefiningProject = "WiseDefiningProject";
}
