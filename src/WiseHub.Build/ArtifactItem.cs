using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The <c>WiseArtifact</c> items of a project: files, folders, and files that globs matched. They are read together, because a
/// <c>PathInRepo</c> that several items share is a folder.
/// </summary>
internal sealed class ArtifactItem
{
    private readonly ITaskItem _item;
    private readonly string _path;
    private readonly string _name;
    private readonly string _pathInRepo;

    // The folders that "**" matched, without slashes at the ends.
    private readonly string _below;

    private ArtifactItem(ITaskItem item)
    {
        _item = item;
        _path = item.GetMetadata("FullPath");
        _name = Path.GetFileName(_path);
        _pathInRepo = item.GetMetadata(Names.PathInRepo).Trim().Replace('\\', '/');
        _below = item.GetMetadata("RecursiveDir").Replace('\\', '/').Trim('/');
    }

    /// <summary>The files of all items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="selection">The wanted files. A folder or glob is filtered by it.</param>
    /// <param name="mistake">
    /// Receives each mistake with its item: WISE5004, the file does not exist, or its path in the repo is not possible.
    /// </param>
    public static List<PushFile> ReadAll(
        IEnumerable<ITaskItem> items, FileSelection selection, Action<HubException, ITaskItem> mistake)
    {
        List<ArtifactItem> all = [.. items.Select(i => new ArtifactItem(i))];
        ILookup<string, ArtifactItem> byPathInRepo =
            all.Where(a => File.Exists(a._path)).ToLookup(a => a._pathInRepo, StringComparer.Ordinal);
        var files = new List<PushFile>();
        foreach (ArtifactItem artifact in all)
        {
            try
            {
                files.AddRange(artifact.Read(selection, [.. byPathInRepo[artifact._pathInRepo]]));
            }
            catch (HubException e)
            {
                mistake(e, artifact._item);
            }
        }
        return files;
    }

    private IReadOnlyList<PushFile> Read(FileSelection selection, IReadOnlyList<ArtifactItem> same)
    {
        if (!File.Exists(_path))
            return PushSet.FromFolder(_path, _pathInRepo, selection);
        string name = _below.Length == 0 ? _name : $"{_below}/{_name}";
        if (!selection.Matches(name))
            return [];
        if (!IsFolder(same))
            return [PushSet.FromFile(_path, _pathInRepo)];
        string folder = _pathInRepo.TrimEnd('/');
        return [PushSet.FromFile(_path, folder.Length == 0 ? name : $"{folder}/{(HasPartsOfGlob(same) ? _name : name)}")];
    }

    /// <summary>
    /// A slash at the end means a folder. The file's own name at the end means a path, as in
    /// <c>%(RecursiveDir)%(Filename)%(Extension)</c>. So does the file's own extension, as in NuGet's PackagePath. If neither has
    /// an extension, it is the path of a single file, but a folder for files from a glob and for several files.
    /// </summary>
    private bool IsFolder(IReadOnlyList<ArtifactItem> same)
    {
        if (_pathInRepo.Length == 0 || _pathInRepo.EndsWith('/'))
            return true;
        if (_pathInRepo == _name || _pathInRepo.EndsWith("/" + _name, StringComparison.Ordinal))
            return false;
        string extension = Path.GetExtension(_path);
        return !Path.GetExtension(_pathInRepo).Equals(extension, StringComparison.OrdinalIgnoreCase)
            || (extension.Length == 0 && (_below.Length > 0 || same.Count > 1));
    }

    // PathInRepo="weights/%(RecursiveDir)" already contains them, and then each matched folder has its own PathInRepo.
    private bool HasPartsOfGlob(IReadOnlyList<ArtifactItem> same) =>
        _below.Length > 0 && same.All(a => a._below == _below)
            && (_pathInRepo == _below + "/" || _pathInRepo.EndsWith($"/{_below}/", StringComparison.Ordinal));
}
