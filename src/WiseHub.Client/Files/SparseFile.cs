using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>
/// Files that are not written from front to back. Unix leaves holes by itself. NTFS fills with zeros up to the first byte behind
/// the end, which for a model of 10 GB is a wait of a minute, unless the file is marked as sparse. Where a mark cannot be had,
/// it only is slower.
/// </summary>
internal static class SparseFile
{
    /// <summary>Marks a new, empty file.</summary>
    public static SafeFileHandle Mark(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            WindowsFiles.SetSparse(file, isSparse: true);
        return file;
    }

    /// <summary>Takes the mark from a file that is whole.</summary>
    public static void Unmark(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
            WindowsFiles.SetSparse(file, isSparse: false);
    }
}
