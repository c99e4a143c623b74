using System.Runtime.InteropServices;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Places files of the store, trying the modes of <see cref="LinkMode"/> in order. A mode that fails between two volumes is not
/// tried there again. An existing file stays until the new one is complete, and is never written through.
/// </summary>
internal sealed partial class Linker(IHubLog log, ContendedFiles? files = null)
{
    private readonly ContendedFiles _files = files ?? ContendedFiles.OfSystem;

    // A mode and two volumes as one text. A set of tuples would need code compiled at run time, even in an ahead-of-time build.
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal), _reported = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _volumes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, bool> _newFolders = new(StringComparer.Ordinal);

    private readonly HashSet<string> _cleaned = new(StringComparer.Ordinal);

    private readonly int[] _placed = new int[(int)LinkMode.Copy + 1];

    /// <summary>Number of files placed in one mode.</summary>
    public int CountOf(LinkMode rung) => _placed[(int)rung];

    /// <summary>Bytes that were neither cloned nor linked.</summary>
    public long BytesCopied { get; private set; }

    /// <summary>Bytes that were cloned or linked.</summary>
    public long BytesShared { get; private set; }

    /// <summary>
    /// Places one file; does nothing when the destination already has the source's size and mtime and was placed in an allowed
    /// mode.
    /// </summary>
    /// <param name="source">A file of the store.</param>
    /// <param name="destination">The path to place it at.</param>
    /// <param name="mode">The first mode to try.</param>
    /// <param name="mayReplace">Asked about another file at the destination; null = it is replaced.</param>
    /// <param name="known">Size and mtime of the source, if known.</param>
    /// <param name="linksReadOnly">A read-only file may be linked, too, because nothing is copied over the destination.</param>
    /// <returns>True when the file was placed now.</returns>
    public bool Place(string source, string destination, LinkMode mode, Predicate<FileInfo>? mayReplace = null,
        FileFacts? known = null, bool linksReadOnly = false)
    {
        var from = new FileInfo(source);
        var to = new FileInfo(destination);
        string folder = Path.GetDirectoryName(destination)!;
        bool isLooked = !IsNew(folder), occupied = false;
        if (isLooked && !Look())
            return false;
        string fromVolume = VolumeOf(FolderOf(source)), toVolume = VolumeOf(folder);
        foreach (LinkMode rung in Ladder(mode))
        {
            string step = $"{(int)rung} {fromVolume} {toVolume}";
            // As root, the SDK's copy writes through a read-only hard link (docs/protocols/msbuild.md#copies-and-links); other
            // users could not edit it.
            if (_refused.Contains(step) || (rung == LinkMode.Hardlink && !linksReadOnly && from.IsReadOnly))
                continue;
            // A clone or a copy is renamed to its place; a link fails where there is a file.
            if (!isLooked && rung is not (LinkMode.Hardlink or LinkMode.Symlink) && !Look())
                return false;
            int error = isLooked ? Try(rung, from, to, occupied) : Make(rung, from, to.FullName);
            if (!isLooked && Errors.IsTaken(error))
            {
                if (!Look())
                    return false;
                error = Try(rung, from, to, occupied);
            }
            if (error == 0)
            {
                _placed[(int)rung]++;
                long bytes = known?.Size ?? from.Length;
                (BytesCopied, BytesShared) = rung == LinkMode.Copy ? (BytesCopied + bytes, BytesShared)
                    : (BytesCopied, BytesShared + bytes);
                return true;
            }
            if (Errors.IsOfVolumes(error))
                _refused.Add(step);
            if (_reported.Add(step))
                log.Detail(Text.Of($"{Errors.Explain(rung, error)} from {Path.GetDirectoryName(source)} to {folder} "
                    + $"({Marshal.GetPInvokeErrorMessage(error)})."));
        }
        throw new InvalidOperationException("The last mode copies, and a failed copy throws.");

        // False if there is nothing to do.
        bool Look()
        {
            isLooked = true;
            // For these modes, size and mtime decide.
            if (known is FileFacts facts && mode is LinkMode.Auto or LinkMode.Hardlink && FileFacts.Of(destination) == facts)
                return false;
            if (IsInPlace(from, to, mode))
                return false;
            occupied = IsOccupied(to);
            return !occupied || mayReplace?.Invoke(to) != false;
        }
    }

    // Copies and clones are meant to be edited, so an earlier build's hard link does not count as one, however alike it looks.
    // Size and time of a symbolic link are those of the link itself.
    private static bool IsInPlace(FileInfo from, FileInfo to, LinkMode mode)
    {
        if (!IsLink(to))
        {
            return mode != LinkMode.Symlink && to.Exists && to.Length == from.Length
                && to.LastWriteTimeUtc == from.LastWriteTimeUtc
                && !(mode is LinkMode.Clone or LinkMode.Copy && FileIdentity.IsHardLinkOf(to.FullName, from.FullName));
        }
        return mode == LinkMode.Symlink && to.LinkTarget == from.FullName;
    }

    // On Windows, deduplicated and cloud files are reparse points, too; .NET reports no link target for them.
    private static bool IsLink(FileInfo to) => to.Attributes.HasFlag(FileAttributes.ReparsePoint) && to.LinkTarget is not null;

    // All bits set: nothing exists there.
    private static bool IsOccupied(FileInfo to)
    {
        if (to.Attributes == (FileAttributes)(-1))
            return false;
        if (to.Attributes.HasFlag(FileAttributes.Directory) && !IsLink(to))
            throw new IOException((Text)$"A folder of that name exists.");
        return true;
    }

    // In a folder that this placer made, a look at each name finds nothing.
    private bool IsNew(string folder)
    {
        if (_newFolders.TryGetValue(folder, out bool isNew))
            return isNew;
        isNew = !Directory.Exists(folder);
        if (isNew)
            Directory.CreateDirectory(folder);
        return _newFolders[folder] = isNew;
    }

    // The 256 folders of blobs are on one volume.
    private static string FolderOf(string source)
    {
        string folder = Path.GetDirectoryName(source)!;
        return FilePlacer.IsBlob(source) ? Path.GetDirectoryName(folder)! : folder;
    }

    private string VolumeOf(string folder)
    {
        if (!_volumes.TryGetValue(folder, out string? volume))
            _volumes[folder] = volume = FileIdentity.VolumeOf(folder);
        return volume;
    }

    private static ReadOnlySpan<LinkMode> Ladder(LinkMode mode) => mode switch
    {
        LinkMode.Auto => [LinkMode.Clone, LinkMode.Hardlink, LinkMode.Copy],
        LinkMode.Clone => [LinkMode.Clone, LinkMode.Copy],
        LinkMode.Hardlink => [LinkMode.Hardlink, LinkMode.Copy],
        LinkMode.Symlink => [LinkMode.Symlink, LinkMode.Copy],
        _ => [LinkMode.Copy],
    };

    /// <summary>
    /// Makes the file under a temporary name and renames it, so that a full disk or a kill keeps the existing file. A link
    /// appears whole, so it needs no temporary name if nothing is there.
    /// </summary>
    private int Try(LinkMode rung, FileInfo from, FileInfo to, bool occupied)
    {
        if (!occupied && rung is LinkMode.Hardlink or LinkMode.Symlink)
        {
            int error = Make(rung, from, to.FullName);
            // Another process was faster.
            if (!Errors.IsTaken(error))
                return error;
        }
        string temporary = Path.Combine(to.DirectoryName!, TemporaryNames.New());
        try
        {
            int error = Make(rung, from, temporary);
            if (error != 0)
                return error;
            if (occupied)
                RemoveAsides(to.DirectoryName!);
            _files.Replace(temporary, to.FullName, asideFolder: to.DirectoryName);
            // POSIX: a rename between two hard links of one file does nothing, and both names stay.
            if (rung == LinkMode.Hardlink)
                _files.Discard(temporary);
            return 0;
        }
        catch
        {
            _files.Discard(temporary);
            throw;
        }
    }

    // On Windows, a program that still used a replaced file kept it under another name. Done once per folder, and only on a
    // replacement.
    private void RemoveAsides(string folder)
    {
        if (!OperatingSystem.IsWindows() || !_cleaned.Add(folder))
            return;
        foreach (string file in Directory.EnumerateFiles(folder, ".*").Where(f => TemporaryNames.IsAside(Path.GetFileName(f))))
            _files.Discard(file);
    }

    private static int Make(LinkMode rung, FileInfo from, string path)
    {
        switch (rung)
        {
            case LinkMode.Clone:
                return FileClone.Make(from, path);
            case LinkMode.Hardlink:
                return OperatingSystem.IsWindows()
                    ? CreateHardLinkW(WindowsFiles.Long(path), WindowsFiles.Long(from.FullName), 0) ? 0
                        : Marshal.GetLastPInvokeError()
                    : Link(from.FullName, path) == 0 ? 0 : Marshal.GetLastPInvokeError();
            case LinkMode.Symlink:
                return OperatingSystem.IsWindows()
                    ? CreateSymbolicLinkW(WindowsFiles.Long(path), from.FullName, AllowUnprivileged) ? 0
                        : Marshal.GetLastPInvokeError()
                    : Symlink(from.FullName, path) == 0 ? 0 : Marshal.GetLastPInvokeError();
            default:
                File.Copy(from.FullName, path);
                if (from.IsReadOnly)
                    File.SetAttributes(path, FileAttributes.Normal);
                return 0;
        }
    }

    /// <summary>The meaning of error numbers: errno of Linux and macOS, and Win32 codes.</summary>
    private static class Errors
    {
        private const int Eperm = 1, Eexist = 17, Exdev = 18, Emlink = 31;

        // EXDEV, EINVAL, ENOTTY, then ENOSYS and EOPNOTSUPP of Linux, ENOTSUP, ENOSYS and EOPNOTSUPP of macOS.
        private static readonly int[] OfVolumes = OperatingSystem.IsWindows()
            // ERROR_INVALID_FUNCTION, ERROR_NOT_SAME_DEVICE, ERROR_NOT_SUPPORTED, ERROR_PRIVILEGE_NOT_HELD
            ? [1, 17, 50, 1314]
            : OperatingSystem.IsMacOS() ? [Exdev, 22, 25, 45, 78, 102] : [Exdev, 22, 25, 38, 95];

        /// <summary>
        /// True when every other file of the two volumes would fail in the same way. EMLINK depends on the file (it has the
        /// maximum number of links), and so does EPERM (Linux refuses links to files the user could not write, proc(5)
        /// protected_hardlinks).
        /// </summary>
        public static bool IsOfVolumes(int error) => OfVolumes.Contains(error);

        public static bool IsTaken(int error) => error == (OperatingSystem.IsWindows() ? 183 : Eexist);

        public static string Explain(LinkMode rung, int error)
        {
            string why = OperatingSystem.IsWindows() ? ""
                : error == Exdev ? (Text)$"Different file systems or mounts: "
                : error == Eperm ? (Text)$"Another user's file, or a file system without links: "
                : error == Emlink ? (Text)$"The file has the maximum number of links: "
                : IsOfVolumes(error) ? (Text)$"Not supported by the file system: " : "";
            return why + rung switch
            {
                LinkMode.Clone => (Text)$"no clones",
                LinkMode.Hardlink => (Text)$"no hard links",
                _ => (Text)$"no symbolic links",
            };
        }
    }

    // SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE: with developer mode on, no privilege is needed.
    private const uint AllowUnprivileged = 2;

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "symlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Symlink(string target, string created);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkW(string created, string existing, nint security);

    [LibraryImport("kernel32", EntryPoint = "CreateSymbolicLinkW", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool CreateSymbolicLinkW(string created, string target, uint flags);
}
