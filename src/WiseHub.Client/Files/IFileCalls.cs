using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>The reasons why the system refuses to change or open a file.</summary>
internal enum RefusalReason
{
    /// <summary>Unrelated to other programs: permissions, a full disk, a bad name.</summary>
    Other,
    /// <summary>Another program has the file open or mapped.</summary>
    InUse,
    /// <summary>Either the file is about to be deleted, or permission is missing.</summary>
    PerhapsInUse,
    /// <summary>The file has the read-only attribute of Windows.</summary>
    ReadOnly,
}

/// <summary>The system calls of <see cref="ContendedFiles"/>. Methods without <c>Try</c> throw the exceptions of .NET.</summary>
internal interface IFileCalls
{
    /// <summary>Renames a file and replaces an existing one.</summary>
    void Move(string from, string to);

    void Delete(string path);

    void DeleteFolder(string path);

    void MoveFolder(string from, string to);

    SafeFileHandle OpenRead(string path);

    /// <summary>Replaces a file as POSIX does: programs that have it open keep the old one.</summary>
    bool TryReplaceOpen(string from, string to);

    /// <summary>Renames a file to an unused name.</summary>
    bool TryMove(string from, string to);

    bool TryDelete(string path);

    /// <summary>Removes the read-only attribute from a file, or from all files in a folder.</summary>
    /// <returns>False when there was nothing to remove, or it failed.</returns>
    bool TryClearReadOnly(string path);

    /// <param name="refusal">The exception of another method.</param>
    /// <param name="path">The file or folder to change.</param>
    /// <param name="isOpening">True if the file was only to be opened.</param>
    RefusalReason WhyRefused(Exception refusal, string path, bool isOpening);

    /// <summary>The programs that have a file open, with names a user knows; null if unknown.</summary>
    string? UsersOf(string path);
}
