namespace WiseHub.Testing;

/// <summary>A file system of its own in memory, so small that it gets full, or read-only. Only root can mount one.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk() { }

    public string Path => _folder.Path;

    /// <summary>Mounts one, or says null where that is not allowed.</summary>
    public static async Task<SmallDisk?> MountAsync(string options)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;
        var disk = new SmallDisk();
        if ((await ProcessRunner.RunAsync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk.Path], "/")).ExitCode == 0)
            return disk;
        disk._folder.Dispose();
        return null;
    }

    public async Task RemountAsync(string options)
    {
        if ((await ProcessRunner.RunAsync("mount", ["-o", "remount," + options, Path], "/")) is { ExitCode: not 0 } failed)
            throw new InvalidOperationException(failed.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await ProcessRunner.RunAsync("umount", [Path], "/");
        _folder.Dispose();
    }
}
