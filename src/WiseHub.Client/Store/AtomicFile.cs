using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>Files that appear whole or not at all: a temporary file in the same folder, then a rename.</summary>
internal static class AtomicFile
{
    /// <param name="path">Where to.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="durable">On the device when this returns, with its name: for published stores; a cache is checked instead.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool durable = false)
    {
        List<string> folders = durable ? FoldersThatChange(Path.GetDirectoryName(path)!) : [];
        string temporary = WriteTemporary(path, content, durable);
        try
        {
            ContendedFiles.OfSystem.Replace(temporary, path);
        }
        catch
        {
            ContendedFiles.OfSystem.Discard(temporary);
            throw;
        }
        folders.ForEach(NativeFile.SyncFolder);
    }

    // The name of a new folder stands in the folder above.
    private static List<string> FoldersThatChange(string folder)
    {
        List<string> folders = [folder];
        for (string? parent; !Directory.Exists(folder) && (parent = Path.GetDirectoryName(folder)) is not null; folder = parent)
            folders.Add(parent);
        return folders;
    }

    private static string WriteTemporary(string path, ReadOnlySpan<byte> content, bool durable)
    {
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, TemporaryNames.New());
        try
        {
            using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
            file.Write(content);
            if (durable)
                NativeFile.Sync(file);
        }
        catch
        {
            ContendedFiles.OfSystem.Discard(temporary);
            throw;
        }
        return temporary;
    }
}
