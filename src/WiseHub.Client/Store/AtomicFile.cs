using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>Files that appear whole or not at all: a temporary file in the same folder, then a rename.</summary>
internal static class AtomicFile
{
    // A cleanup by a process whose clock is days ahead may delete the temporary file as a leftover.
    private const int Tries = 5;

    /// <param name="path">The file to write.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="durable">
    /// Syncs the bytes and the name to the device. Published stores need it; blobs of a cache are checked instead.
    /// </param>
    /// <param name="files">The file system; null = this system's.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool durable = false, ContendedFiles? files = null) =>
        Write(path, content, static (file, bytes) => file.Write(bytes), durable, files);

    /// <summary>Writes a content that is too large for memory.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Writes the whole content. It may be called again.</param>
    public static void Write(string path, Action<Stream> write) =>
        Write(path, write, static (file, write) => write(file), durable: false, files: null);

    private static void Write<T>(string path, T content, Action<Stream, T> write, bool durable, ContendedFiles? files)
        where T : allows ref struct
    {
        files ??= ContendedFiles.OfSystem;
        List<string> folders = durable ? FoldersThatChange(Path.GetDirectoryName(path)!) : [];
        int tries = 0;
        while (!TryWrite(path, content, write, durable, files, isLast: ++tries == Tries))
        {
        }
        folders.ForEach(NativeFile.SyncFolder);
    }

    private static bool TryWrite<T>(
        string path, T content, Action<Stream, T> write, bool durable, ContendedFiles files, bool isLast)
        where T : allows ref struct
    {
        string temporary = WriteTemporary(path, content, write, durable, files);
        try
        {
            files.Replace(temporary, path);
            return true;
        }
        catch (FileNotFoundException) when (!isLast)
        {
            return false;
        }
        catch
        {
            files.Discard(temporary);
            throw;
        }
    }

    // A new folder changes the folder above it, which must be synced, too.
    private static List<string> FoldersThatChange(string folder)
    {
        List<string> folders = [folder];
        for (string? parent; !Directory.Exists(folder) && (parent = Path.GetDirectoryName(folder)) is not null; folder = parent)
            folders.Add(parent);
        return folders;
    }

    private static string WriteTemporary<T>(
        string path, T content, Action<Stream, T> write, bool durable, ContendedFiles files)
        where T : allows ref struct
    {
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, TemporaryNames.New());
        try
        {
            using var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1);
            write(file, content);
            if (durable)
                NativeFile.Sync(file);
        }
        catch
        {
            files.Discard(temporary);
            throw;
        }
        return temporary;
    }
}
