using System.Runtime.InteropServices;
using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// Puts files of the store in place by the ladder of <see cref="LinkMode"/>. What one volume refuses to another is not tried
/// again between those two. What stood at the destination stays until the new file is whole, and is never written through.
/// </summary>
internal sealed partial class Linker(IHubLog log, ContendedFiles? files = null)
{
    private readonly ContendedFiles _files = files ?? ContendedFiles.OfSystem;

    // A rung between two volumes, as one text: the code of a set of tuples is compiled at run time, even in what
    // is compiled ahead.
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal), _said = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _volumes = new(StringComparer.Ordinal);

    private readonly HashSet<string> _folders = new(StringComparer.Ordinal), _cleaned = new(StringComparer.Ordinal);

    private readonly int[] _placed = new int[(int)LinkMode.Copy + 1];

    /// <summary>Files placed in one way.</summary>
    public int CountOf(LinkMode rung) => _placed[(int)rung];

    /// <summary>Bytes that were neither cloned nor linked.</summary>
    public long BytesCopied { get; private set; }

    /// <summary>Bytes that were cloned or linked.</summary>
    public long BytesShared { get; private set; }

    /// <summary>
    /// Places one file; does nothing when the destination already has the source's size and mtime in the way that is wanted.
    /// </summary>
    /// <param name="source">A file of the store.</param>
    /// <param name="destination">Where it is wanted.</param>
    /// <param name="mode">The highest rung of the ladder.</param>
    /// <param name="mayReplace">Asked about another file that is there; null = it is replaced.</param>
    /// <returns>True when something was done.</returns>
    public bool Place(string source, string destination, LinkMode mode, Predicate<FileInfo>? mayReplace = null)
    {
        var from = new FileInfo(source);
        var to = new FileInfo(destination);
        long size = from.Length;
        if (IsThere(from, to, mode))
            return false;
        string folder = Path.GetDirectoryName(destination)!;
        if (_folders.Add(folder))
            Directory.CreateDirectory(folder);
        bool occupied = IsOccupied(to);
        if (occupied && mayReplace?.Invoke(to) == false)
            return false;
        string fromVolume = VolumeOf(Path.GetDirectoryName(source)!), toVolume = VolumeOf(folder);
        foreach (LinkMode rung in Ladder(mode))
        {
            string step = $"{(int)rung} {fromVolume} {toVolume}";
            // The SDK's copy writes through a read-only hard link as root (docs/protocols/msbuild.md#copies-and-links), and
            // nobody else could edit it.
            if (_refused.Contains(step) || (rung == LinkMode.Hardlink && from.IsReadOnly))
                continue;
            int error = Try(rung, from, to, occupied);
            if (error == 0)
            {
                _placed[(int)rung]++;
                (BytesCopied, BytesShared) = rung == LinkMode.Copy ? (BytesCopied + size, BytesShared)
                    : (BytesCopied, BytesShared + size);
                return true;
            }
            if (Errors.IsOfVolumes(error))
                _refused.Add(step);
            if (_said.Add(step))
                log.Detail($"{Errors.Explain(rung, error)} from {Path.GetDirectoryName(source)} to {folder} "
                    + $"({Marshal.GetPInvokeErrorMessage(error)}).");
        }
        throw new InvalidOperationException("The last rung of the ladder copies, and a copy throws when it fails.");
    }

    // Copies and clones are there to be edited, so that a hard link of an earlier build is none of them, however alike it looks.
    // What a look at a symbolic link says of size and time is that of the link.
    private static bool IsThere(FileInfo from, FileInfo to, LinkMode mode)
    {
        if (!IsLink(to))
        {
            return mode != LinkMode.Symlink && to.Exists && to.Length == from.Length
                && to.LastWriteTimeUtc == from.LastWriteTimeUtc
                && !(mode is LinkMode.Clone or LinkMode.Copy && FileIdentity.IsHardLinkOf(to.FullName, from.FullName));
        }
        return mode == LinkMode.Symlink && to.LinkTarget == from.FullName;
    }

    // Windows keeps deduplicated files and those of clouds as reparse points, too; of these .NET names no target.
    private static bool IsLink(FileInfo to) => to.Attributes.HasFlag(FileAttributes.ReparsePoint) && to.LinkTarget is not null;

    // All bits set: nothing there.
    private static bool IsOccupied(FileInfo to)
    {
        if (to.Attributes == (FileAttributes)(-1))
            return false;
        if (to.Attributes.HasFlag(FileAttributes.Directory) && !IsLink(to))
            throw new IOException("A folder stands there.");
        return true;
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
    /// Makes the file under another name and renames it, so that a full disk or a kill leaves what was there. A link is made
    /// whole by the system, so that an empty place needs no other name.
    /// </summary>
    private int Try(LinkMode rung, FileInfo from, FileInfo to, bool occupied)
    {
        if (!occupied && rung is LinkMode.Hardlink or LinkMode.Symlink)
        {
            int error = Make(rung, from, to.FullName);
            // Another process was quicker.
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
            // POSIX: renaming one name of a file to another one of the same file does nothing, and both stay.
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

    // On Windows a program that still used a replaced file kept it under another name. Once a folder, and only where
    // something is replaced.
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

    /// <summary>What the numbers mean: errno of Linux and macOS, and the Win32 codes.</summary>
    private static class Errors
    {
        private const int Eperm = 1, Eexist = 17, Exdev = 18, Emlink = 31;

        // EXDEV, EINVAL, ENOTTY, then ENOSYS and EOPNOTSUPP of Linux, ENOTSUP, ENOSYS and EOPNOTSUPP of macOS.
        private static readonly int[] OfVolumes = OperatingSystem.IsWindows()
            // ERROR_INVALID_FUNCTION, ERROR_NOT_SAME_DEVICE, ERROR_NOT_SUPPORTED, ERROR_PRIVILEGE_NOT_HELD
            ? [1, 17, 50, 1314]
            : OperatingSystem.IsMacOS() ? [Exdev, 22, 25, 45, 78, 102] : [Exdev, 22, 25, 38, 95];

        /// <summary>
        /// True when every other file of the two volumes would get the same answer. EMLINK depends on the file (it has as many
        /// names as it may have), and so does EPERM (Linux lets nobody link a file that he could not write, proc(5)
        /// protected_hardlinks).
        /// </summary>
        public static bool IsOfVolumes(int error) => OfVolumes.Contains(error);

        public static bool IsTaken(int error) => error == (OperatingSystem.IsWindows() ? 183 : Eexist);

        public static string Explain(LinkMode rung, int error)
        {
            string why = OperatingSystem.IsWindows() ? ""
                : error == Exdev ? "Two file systems or mounts: "
                : error == Eperm ? "Another user's file, or a file system without links: "
                : error == Emlink ? "A file has as many names as it may have: "
                : IsOfVolumes(error) ? "The file system cannot do it: " : "";
            return why + rung switch
            {
                LinkMode.Clone => "no clones",
                LinkMode.Hardlink => "no hard links",
                _ => "no symbolic links",
            };
        }
    }

    // SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE: where developer mode is on, no right is needed.
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
