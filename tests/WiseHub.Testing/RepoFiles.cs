using System.Reflection;

namespace WiseHub.Testing;

/// <summary>Files of this repository that tests need as they stand: samples, targets, scripts.</summary>
public static class RepoFiles
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = typeof(RepoFiles).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(a => a.Key == "RepoRoot").Value!;

    /// <summary>A file or folder below the root.</summary>
    public static string At(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);
}
