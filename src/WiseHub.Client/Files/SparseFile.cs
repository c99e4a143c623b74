using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>
/// Files that are not written from front to back. Unix makes holes by itself. NTFS writes zeros up to the first byte beyond
/// the end, which takes a minute for a model of 10 GB, unless the file is marked as sparse. Without the mark, it is only slower.
/// </summary>
internal static class SparseFile
{
    /// <summary>Marks a new, empty file as sparse.</summary>
    public static SafeFileHandle Mark(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            WindowsFiles.SetSparse(file, isSparse: true);
        return file;
    }

    /// <summary>Removes the mark from a complete file.</summary>
    public static void Unmark(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            WindowsFiles.SetSparse(file, isSparse: false);
    }
}
