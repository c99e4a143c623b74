using System.Globalization;
using System.Text;

namespace WiseHub.Testing;

/// <summary>A folder of its own for a test, deleted at the end.</summary>
public sealed class TempFolder : IDisposable
{
    // Five seconds in all.
    private const int MaxTries = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public TempFolder(string? parent = null)
    {
        Path = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), "wisehub-test-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>The absolute path of something in it, with the separators of the system.</summary>
    public string this[string relative] =>
        System.IO.Path.Combine(Path, relative.Replace('/', System.IO.Path.DirectorySeparatorChar));

    /// <summary>Writes a text file, with its folders.</summary>
    public string Write(string relative, string text) => Write(relative, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file, with its folders.</summary>
    public string Write(string relative, byte[] content)
    {
        string path = this[relative];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>
    /// Every file below a folder with its size, every link with its target, every empty folder: one a line, sorted.
    /// </summary>
    public static string Tree(string folder)
    {
        if (!Directory.Exists(folder))
            return "";
        var lines = new List<string>();
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            string name = System.IO.Path.GetRelativePath(folder, entry.FullName).Replace('\\', '/');
            if (entry.LinkTarget is string target)
                lines.Add($"{name} -> {target}");
            else if (entry is FileInfo file)
                lines.Add(name + " " + file.Length.ToString(CultureInfo.InvariantCulture));
            else if (!Directory.EnumerateFileSystemEntries(entry.FullName).Any())
                lines.Add(name + "/");
        }
        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    public void Dispose()
    {
        for (int tried = 0; Directory.Exists(Path); tried++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (Exception e)
                when (OperatingSystem.IsWindows() && tried < MaxTries && e is IOException or UnauthorizedAccessException)
            {
                // Windows does not delete a library that is loaded, and one that was let go is loaded until the garbage
                // collector has seen that.
                GC.Collect();
                GC.WaitForPendingFinalizers();
                Thread.Sleep(Pause);
            }
        }
    }
}
