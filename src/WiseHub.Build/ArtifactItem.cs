using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>One <c>WiseArtifact</c> item: a file, a folder, or what a glob matched.</summary>
internal static class ArtifactItem
{
    /// <summary>The files of an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="selection">Which files of a folder are wanted; a file that stands there by name is.</param>
    /// <exception cref="HubException">WISE5004: nothing is there, or the path in the repo cannot be one.</exception>
    public static IReadOnlyList<PushFile> Read(ITaskItem item, FileSelection selection)
    {
        string path = item.GetMetadata("FullPath"), pathInRepo = item.GetMetadata(Names.PathInRepo).Trim().Replace('\\', '/');
        if (!File.Exists(path))
            return PushSet.FromFolder(path, pathInRepo, selection);
        // What "**" stood for in a glob.
        string below = item.GetMetadata("RecursiveDir").Replace('\\', '/').Trim('/');
        string name = below.Length == 0 ? Path.GetFileName(path) : $"{below}/{Path.GetFileName(path)}";
        if (!selection.Matches(name))
            return [];
        return [PushSet.FromFile(path, !IsFolder(pathInRepo, path, below) ? pathInRepo : pathInRepo.Length == 0 ? name : $"{pathInRepo.TrimEnd('/')}/{name}")];
    }

    // NuGet's rule for PackagePath, which people know: another extension than the file's own is that of a folder.
    private static bool IsFolder(string pathInRepo, string path, string below) =>
        pathInRepo.Length == 0 || pathInRepo.EndsWith('/') || below.Length > 0 || !Path.GetExtension(pathInRepo).Equals(Path.GetExtension(path), StringComparison.OrdinalIgnoreCase);
}
