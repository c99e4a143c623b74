using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace WiseHub.Client.Store;

/// <summary>
/// Files that only this user can read: by mode bits on Unix, by an access control list on Windows. They are private from the
/// moment they are created.
/// </summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others =
        OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // GENERIC_ALL, GENERIC_WRITE and GENERIC_READ (winnt.h). An entry may list them instead of the specific rights they stand
    // for.
    [SupportedOSPlatform("windows")]
    private const FileSystemRights GenericWrite = (FileSystemRights)0x5000_0000,
        GenericRead = unchecked((FileSystemRights)0x8000_0000);

    [SupportedOSPlatform("windows")]
    private const FileSystemRights Changing =
        GenericWrite | FileSystemRights.WriteData | FileSystemRights.AppendData | FileSystemRights.Delete
            | FileSystemRights.DeleteSubdirectoriesAndFiles | FileSystemRights.ChangePermissions | FileSystemRights.TakeOwnership;

    /// <summary>Makes a folder for this user alone, unless it exists.</summary>
    public static void CreateFolder(string path)
    {
        if (!OperatingSystem.IsWindows())
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        else if (!Directory.Exists(path))
            new DirectoryInfo(path)
                .Create(ForMe(new DirectorySecurity(), InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit));
    }

    /// <summary>Makes a new file and opens it for writing.</summary>
    public static FileStream CreateNew(string path) => OperatingSystem.IsWindows()
        ? new FileInfo(path).Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, bufferSize: 1, FileOptions.None,
            ForMe(new FileSecurity(), InheritanceFlags.None))
        : new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 1,
            UnixCreateMode = OwnerOnly
        });

    /// <summary>
    /// The command that removes other users' access; null if only this user and the machine's administrators can read or change
    /// the file.
    /// </summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="path">Its path.</param>
    public static string? RemedyForFile(FileStream file, string path)
    {
        if (OperatingSystem.IsWindows())
            return Remedy(path, file.GetAccessControl(), Changing | GenericRead | FileSystemRights.ReadData);
        return (File.GetUnixFileMode(file.SafeFileHandle) & Others) == 0 ? null : $"chmod 600 {path}";
    }

    /// <summary>The same for a folder where others may replace files.</summary>
    public static string? RemedyForFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return Remedy(folder,
                new DirectoryInfo(folder).GetAccessControl(AccessControlSections.Access | AccessControlSections.Owner), Changing);
        return (File.GetUnixFileMode(folder) & OthersWrite) == 0 ? null : $"chmod go-w {folder}";
    }

    [SupportedOSPlatform("windows")]
    private static SecurityIdentifier Me()
    {
        using var identity = WindowsIdentity.GetCurrent();
        return identity.User!;
    }

    [SupportedOSPlatform("windows")]
    private static T ForMe<T>(T security, InheritanceFlags inheritance) where T : FileSystemSecurity
    {
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(new FileSystemAccessRule(Me(), FileSystemRights.FullControl, inheritance, PropagationFlags.None,
            AccessControlType.Allow));
        return security;
    }

    [SupportedOSPlatform("windows")]
    private static string? Remedy(string path, FileSystemSecurity security, FileSystemRights rights)
    {
        SecurityIdentifier me = Me();
        SecurityIdentifier[] others = [.. security.GetAccessRules(includeExplicit: true, includeInherited: true,
            typeof(SecurityIdentifier)).Cast<FileSystemAccessRule>()
            .Where(r => r.AccessControlType == AccessControlType.Allow && (r.PropagationFlags & PropagationFlags.InheritOnly) == 0
                && (r.FileSystemRights & rights) != 0)
            .Select(r => (SecurityIdentifier)r.IdentityReference)
            .Append((SecurityIdentifier?)security.GetOwner(typeof(SecurityIdentifier)) ?? me)
            .Where(s => s != me && !IsAdministrator(s)).Distinct()];
        return others.Length == 0 ? null
            : $"icacls \"{path}\" /setowner *{me} /inheritance:r /grant:r *{me}:F /remove "
                + $"{string.Join(' ', others.Select(s => "*" + s))}";
    }

    // Accounts that may do anything on this machine, like root on Unix, and the entry that limits an owner's rights.
    [SupportedOSPlatform("windows")]
    private static bool IsAdministrator(SecurityIdentifier who) => who.IsWellKnown(WellKnownSidType.LocalSystemSid)
        || who.IsWellKnown(WellKnownSidType.BuiltinAdministratorsSid)
        || who.IsWellKnown(WellKnownSidType.WinCreatorOwnerRightsSid);
}
