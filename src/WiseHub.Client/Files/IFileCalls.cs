using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>Why the system refused to change or open a file.</summary>
internal enum RefusalReason
{
    /// <summary>Not because of another program: rights, a full disk, a bad name.</summary>
    Other,
    /// <summary>Another program has it open or mapped.</summary>
    InUse,
    /// <summary>The system's answer fits a file that is about to vanish as well as missing rights.</summary>
    PerhapsInUse,
    /// <summary>It has the read-only attribute of Windows.</summary>
    ReadOnly,
}

/// <summary>
/// What <see cref="ContendedFiles"/> asks of the system. The methods without <c>Try</c> throw what .NET throws.
/// </summary>
internal interface IFileCalls
{
    /// <summary>Renames a file and replaces what has the name.</summary>
    void Move(string from, string to);

    void Delete(string path);

    void DeleteFolder(string path);

    void MoveFolder(string from, string to);

    SafeFileHandle OpenRead(string path);

    /// <summary>Replaces a file as POSIX does: whoever has it open keeps the old one.</summary>
    bool TryReplaceOpen(string from, string to);

    /// <summary>Renames a file to a name that is not taken.</summary>
    bool TryMove(string from, string to);

    bool TryDelete(string path);

    /// <summary>Takes the read-only attribute from a file, or from all files of a folder.</summary>
    /// <returns>False when nothing had it, or it stayed.</returns>
    bool TryClearReadOnly(string path);

    /// <param name="refusal">What a method threw.</param>
    /// <param name="path">The file or folder that it was to change.</param>
    /// <param name="isOpening">It was only to open the file.</param>
    RefusalReason WhyRefused(Exception refusal, string path, bool isOpening);

    /// <summary>The programs that have a file open, as a person knows them; null where nobody can tell.</summary>
    string? UsersOf(string path);
}
