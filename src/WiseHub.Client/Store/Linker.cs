using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Store;

/// <summary>How a file comes from the store to where it is used.</summary>
public enum LinkMode
{
    /// <summary>Clone where the file system can, else hard link, else copy.</summary>
    Auto,
    /// <summary>Copy-on-write clone, else copy.</summary>
    Clone,
    /// <summary>Hard link, else copy.</summary>
    Hardlink,
    /// <summary>Symbolic link, else copy. Never chosen by itself.</summary>
    Symlink,
    /// <summary>A copy.</summary>
    Copy,
}

/// <summary>
/// Puts files of the store in place by the ladder of <see cref="LinkMode"/>. A rung that the file system refuses is not tried again
/// by the same linker, which serves one pair of volumes. The destination is unlinked first and never written through.
/// </summary>
internal sealed partial class Linker(IHubLog log)
{
    // FICLONE from linux/fs.h: _IOW(0x94, 9, int).
    private const nuint Ficlone = 0x40049409;

    // Per file, not per volume: the blob has as many names as the file system allows.
    private const int Emlink = 31, WindowsTooManyLinks = 1142;

    private readonly HashSet<LinkMode> _refused = [];

    /// <summary>Files placed, by the way it was done.</summary>
    public Dictionary<LinkMode, int> Placed { get; } = [];

    /// <summary>Bytes that were neither cloned nor linked.</summary>
    public long BytesCopied { get; private set; }

    /// <summary>Places one file; does nothing when the destination already has the source's size and mtime.</summary>
    /// <returns>True when something was done.</returns>
    public bool Place(string source, string destination, LinkMode mode)
    {
        var from = new FileInfo(source);
        var to = new FileInfo(destination);
        long size = from.Length;
        // What a look at a symbolic link says of size and time is that of the link.
        bool isThere = mode == LinkMode.Symlink ? to.LinkTarget == from.FullName
            : to.Exists && to.Length == size && to.LastWriteTimeUtc == from.LastWriteTimeUtc && !to.Attributes.HasFlag(FileAttributes.ReparsePoint);
        if (isThere)
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
        Unlink(to);
        foreach (LinkMode rung in Ladder(mode))
        {
            if (_refused.Contains(rung))
                continue;
            int error = Try(rung, from, destination);
            if (error == 0)
            {
                Placed[rung] = Placed.GetValueOrDefault(rung) + 1;
                return true;
            }
            if (error is not (Emlink or WindowsTooManyLinks) && _refused.Add(rung))
                log.Detail($"{rung} from {Path.GetDirectoryName(source)} to {Path.GetDirectoryName(destination)} is not possible here ({Marshal.GetPInvokeErrorMessage(error)}).");
        }
        throw new InvalidOperationException("The last rung of the ladder copies, and a copy throws when it fails.");
    }

    private static ReadOnlySpan<LinkMode> Ladder(LinkMode mode) => mode switch
    {
        LinkMode.Auto => [LinkMode.Clone, LinkMode.Hardlink, LinkMode.Copy],
        LinkMode.Clone => [LinkMode.Clone, LinkMode.Copy],
        LinkMode.Hardlink => [LinkMode.Hardlink, LinkMode.Copy],
        LinkMode.Symlink => [LinkMode.Symlink, LinkMode.Copy],
        _ => [LinkMode.Copy],
    };

    private int Try(LinkMode rung, FileInfo from, string destination)
    {
        switch (rung)
        {
            case LinkMode.Clone:
                int error = Clone(from.FullName, destination);
                if (error == 0)
                    File.SetLastWriteTimeUtc(destination, from.LastWriteTimeUtc);
                return error;
            case LinkMode.Hardlink:
                return OperatingSystem.IsWindows()
                    ? CreateHardLinkW(destination, from.FullName, 0) ? 0 : Marshal.GetLastPInvokeError()
                    : Link(from.FullName, destination) == 0 ? 0 : Marshal.GetLastPInvokeError();
            case LinkMode.Symlink:
                return OperatingSystem.IsWindows()
                    ? CreateSymbolicLinkW(destination, from.FullName, AllowUnprivileged) ? 0 : Marshal.GetLastPInvokeError()
                    : Symlink(from.FullName, destination) == 0 ? 0 : Marshal.GetLastPInvokeError();
            default:
                Copy(from.FullName, destination);
                BytesCopied += from.Length;
                return 0;
        }
    }

    // Under another name first: a full disk or a kill must not leave half a file under the name that programs open.
    private static void Copy(string source, string destination)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(destination)!, $".{Guid.NewGuid():N}.tmp");
        try
        {
            File.Copy(source, temporary);
            File.Move(temporary, destination);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // File.Copy clones by itself where it can (Linux FICLONE, macOS clonefile), but does not say whether it did, and copies where it
    // cannot; the ladder has to know, because a hard link comes before a copy.
    private static int Clone(string source, string destination)
    {
        if (OperatingSystem.IsMacOS())
            return CloneFile(source, destination, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (!OperatingSystem.IsLinux())
            return NotSupported;
        int error;
        using (SafeFileHandle from = File.OpenHandle(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (SafeFileHandle to = File.OpenHandle(destination, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
            error = Ioctl(to, Ficlone, from) == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error != 0)
            File.Delete(destination);
        return error;
    }

    // SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE: where developer mode is on, no right is needed.
    private const uint AllowUnprivileged = 2;

    // EOPNOTSUPP of Linux; on Windows only the message differs.
    private const int NotSupported = 95;

    private static void Unlink(FileInfo file)
    {
        if (file.LinkTarget is null && !file.Exists)
            return;
        // Windows refuses to delete a read-only file; elsewhere the folder's rights decide.
        if (OperatingSystem.IsWindows() && file.IsReadOnly)
            file.IsReadOnly = false;
        file.Delete();
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle file, nuint request, SafeFileHandle source);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);

    [LibraryImport("libc", EntryPoint = "symlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Symlink(string target, string created);

    [LibraryImport("libc", EntryPoint = "clonefile", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CloneFile(string source, string destination, uint flags);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLinkW(string created, string existing, nint security);

    [LibraryImport("kernel32", EntryPoint = "CreateSymbolicLinkW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool CreateSymbolicLinkW(string created, string target, uint flags);
}
