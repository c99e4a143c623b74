using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Inventory;

/// <summary>The files of a published program.</summary>
internal static class ProgramFolder
{
    // Links are followed for files, because a publish may link models, and not for folders, which may form a ring.
    private static readonly EnumerationOptions All = new()
    {
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
    };

    // Windows and macOS find a file by its name in any case.
    private static readonly StringComparison PathComparison =
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>Hashes all files below a folder, sorted by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="except">A file that is left out: the statement about the others.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE6040.</exception>
    public static IReadOnlyList<ProgramFile> Read(string folder, string except, CancellationToken cancel)
    {
        string root = Path.GetFullPath(folder), left = Path.GetFullPath(except);
        try
        {
            List<string> names = [.. NamesIn(root)
                .Where(n => !Path.GetFullPath(Path.Combine(root, n)).Equals(left, PathComparison))];
            Utf8Ordinal.Sort(names, n => n);
            var files = new List<ProgramFile>(names.Count);
            foreach (string name in names)
                files.Add(new ProgramFile(name, BlobStore.HashFile(Path.Combine(root, name), cancel)));
            return files;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw InventoryMessages.FolderUnreadable(folder, e);
        }
    }

    /// <summary>The relative paths of all files below a folder, with <c>/</c>.</summary>
    public static IEnumerable<string> NamesIn(string root) => Names(new DirectoryInfo(root), "");

    private static IEnumerable<string> Names(DirectoryInfo folder, string prefix)
    {
        foreach (FileSystemInfo found in folder.EnumerateFileSystemInfos("*", All))
        {
            string name = prefix + found.Name;
            if (found is not DirectoryInfo below)
            {
                // A file that is being written to its final name.
                if (!TemporaryNames.IsTemporary(found.Name))
                    yield return name;
                continue;
            }
            if (below.LinkTarget is not null)
                continue;
            foreach (string file in Names(below, name + "/"))
                yield return file;
        }
    }
}
