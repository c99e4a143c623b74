using System.Diagnostics;

namespace WiseHub.Testing;

/// <summary>
/// A file system of its own: in memory, so small that it gets full, or read-only; or in a file, of a kind that can clone. Only
/// root can mount one. A shell mounts it and waits for the end of this process, however it ends, to unmount it.
/// </summary>
public sealed class SmallDisk : IAsyncDisposable
{
    /// <summary>Why a test is skipped where <see cref="LoopAsync"/> gave nothing.</summary>
    public const string NoLoop =
        "Only root can mount a file system from a file, and its mkfs must be installed (xfsprogs, btrfs-progs).";

    // What ends a test run must not end the shell before it has unmounted. A busy file system goes when its last user does.
    private const string Keeper = """
        trap '' INT TERM HUP QUIT
        "$@" || exit 1
        echo mounted
        cat >/dev/null
        umount "$DISK" || umount -l "$DISK"
        """;

    private readonly TempFolder _folder = new();
    private Process? _keeper;

    private SmallDisk() => Path = Directory.CreateDirectory(_folder["disk"]).FullName;

    /// <summary>Where it is mounted.</summary>
    public string Path { get; }

    /// <summary>The absolute path of something on it.</summary>
    public string this[string relative] => System.IO.Path.Combine(Path, relative);

    /// <summary>Mounts one in memory, or says null where that is not allowed.</summary>
    public static Task<SmallDisk?> MountAsync(string options) =>
        CanMount ? new SmallDisk().KeepAsync("mount", "-t", "tmpfs", "-o", options, "tmpfs") : Task.FromResult<SmallDisk?>(null);

    /// <summary>Mounts one in a sparse file, or says null where that is not possible.</summary>
    /// <param name="kind">
    /// <c>ext4</c>, <c>xfs</c> (300 MB at least) or <c>btrfs</c> (120 MB at least); the last two can clone.
    /// </param>
    /// <param name="megabytes">Its size.</param>
    public static async Task<SmallDisk?> LoopAsync(string kind, int megabytes)
    {
        if (!CanMount || !await ProcessRunner.ExistsAsync("mkfs." + kind))
            return null;
        var disk = new SmallDisk();
        string image = disk._folder["image"];
        await using (FileStream file = File.Create(image))
            file.SetLength((long)megabytes << 20);
        ProcessResult made = await ProcessRunner.RunAsync("mkfs." + kind,
            kind == "ext4" ? ["-qF", "-m0", image] : ["-qf", image], "/");
        if (made.ExitCode == 0)
            return await disk.KeepAsync("mount", "-o", "loop", image);
        disk._folder.Dispose();
        throw new InvalidOperationException($"mkfs.{kind}: {made.Error}");
    }

    /// <summary>Mounts it again with other options.</summary>
    public async Task RemountAsync(string options)
    {
        if ((await ProcessRunner.RunAsync("mount", ["-o", "remount," + options, Path], "/")) is { ExitCode: not 0 } failed)
            throw new InvalidOperationException(failed.Error);
    }

    /// <summary>Bytes that are in use, after everything was written.</summary>
    public async Task<long> UsedAsync()
    {
        await ProcessRunner.RunAsync("sync", ["-f", Path], "/");
        var drive = new DriveInfo(Path);
        return drive.TotalSize - drive.TotalFreeSpace;
    }

    public async ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            _keeper.StandardInput.Close();
            await _keeper.WaitForExitAsync();
            _keeper.Dispose();
        }
        _folder.Dispose();
    }

    private static bool CanMount => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    private async Task<SmallDisk?> KeepAsync(params string[] mount)
    {
        var start =
            new ProcessStartInfo("sh") { WorkingDirectory = "/", RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-c", Keeper, "sh", .. mount, Path])
            start.ArgumentList.Add(argument);
        start.Environment["DISK"] = Path;
        _keeper = Process.Start(start)!;
        if (await _keeper.StandardOutput.ReadLineAsync() == "mounted")
            return this;
        await DisposeAsync();
        return null;
    }
}
