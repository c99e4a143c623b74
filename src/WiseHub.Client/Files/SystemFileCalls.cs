using Microsoft.Win32.SafeHandles;

namespace WiseHub.Client.Files;

/// <summary>The calls of .NET, and on Windows those that .NET does not offer.</summary>
internal sealed class SystemFileCalls : IFileCalls
{
    public static SystemFileCalls Instance { get; } = new();

    public void Move(string from, string to)
    {
        if (!LinuxFiles.TryRename(from, to))
            File.Move(from, to, overwrite: true);
    }

    public void Delete(string path) => File.Delete(path);

    public void DeleteFolder(string path) => Directory.Delete(path, recursive: true);

    public void MoveFolder(string from, string to) => Directory.Move(from, to);

    public SafeFileHandle OpenRead(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public bool TryReplaceOpen(string from, string to) => OperatingSystem.IsWindows() && WindowsFiles.ReplaceOpen(from, to) == 0;

    public bool TryMove(string from, string to) => Try(() => File.Move(from, to));

    public bool TryDelete(string path) => Try(() => File.Delete(path));

    public bool TryClearReadOnly(string path)
    {
        var file = new FileInfo(path);
        FileSystemInfo[] readOnly = file.Attributes.HasFlag(FileAttributes.Directory) ? [.. ReadOnlyBelow(path)] : [file];
        return readOnly.Length > 0 && Try(() => Array.ForEach(readOnly, f => f.Attributes &= ~FileAttributes.ReadOnly));
    }

    public RefusalReason WhyRefused(Exception refusal, string path, bool isOpening)
    {
        switch (IoFailures.KindOf(refusal))
        {
            case IoFailureKind.InUse:
                return RefusalReason.InUse;
            case IoFailureKind.Forbidden when OperatingSystem.IsWindows():
                break;
            default:
                return RefusalReason.Other;
        }
        FileAttributes attributes = new FileInfo(path).Attributes;
        // All bits set: the file does not exist or is not accessible.
        if (attributes == (FileAttributes)(-1))
            return RefusalReason.PerhapsInUse;
        if (isOpening)
            return RefusalReason.Other;
        if (attributes.HasFlag(FileAttributes.Directory))
            return ReadOnlyBelow(path).Any() ? RefusalReason.ReadOnly : RefusalReason.PerhapsInUse;
        if (attributes.HasFlag(FileAttributes.ReadOnly))
            return RefusalReason.ReadOnly;
        // A user who may delete the file has permission, so another program must be in the way. A sharing violation says the
        // same.
        int error = WindowsFiles.OpenToDelete(path);
        return error == 0 || IoFailures.IsInUse(error) ? RefusalReason.InUse : RefusalReason.Other;
    }

    public string? UsersOf(string path) => OperatingSystem.IsWindows() ? RestartManager.UsersOf(path) : null;

    private static IEnumerable<FileSystemInfo> ReadOnlyBelow(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(f => f.Attributes.HasFlag(FileAttributes.ReadOnly));

    private static bool Try(Action change)
    {
        try
        {
            change();
            return true;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return false;
        }
    }
}
