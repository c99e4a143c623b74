using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// A lock between processes: a file held with FileShare.None (flock on Unix), which the system frees when the process dies.
/// It only avoids duplicate work. Correctness rests on temporary files and renames, so work continues where locks are
/// unavailable.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // Small files of a repo are there within a fraction of a second, large ones after seconds.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream? _held;

    private FileLock(FileStream? held) => _held = held;

    /// <summary>False where this file system or user cannot lock files.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>Waits until no other process holds the lock.</summary>
    public static Task<FileLock> AcquireAsync(
        string path, string what, IHubLog log, TimeProvider time, CancellationToken cancel) =>
        AcquireAsync(path, shared: false, what, log, time, cancel);

    /// <summary>Waits until no process holds the lock exclusively; any number may share it.</summary>
    public static Task<FileLock> ShareAsync(string path, string what, IHubLog log, TimeProvider time, CancellationToken cancel) =>
        AcquireAsync(path, shared: true, what, log, time, cancel);

    /// <summary>Shares the lock without waiting; null when another process holds it exclusively.</summary>
    public static FileLock? TryShare(string path) => Try(path, shared: true);

    /// <summary>Takes the lock without waiting; null when another process holds it.</summary>
    public static FileLock? TryAcquire(string path) => Try(path, shared: false);

    private static FileLock? Try(string path, bool shared)
    {
        try
        {
            return new FileLock(Open(path, shared));
        }
        catch (Exception e) when (IsImpossible(e, path))
        {
            return new FileLock(null);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static async Task<FileLock> AcquireAsync(
        string path, bool shared, string what, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        TimeSpan pause = ShortestPause;
        bool isReported = false;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                return new FileLock(Open(path, shared));
            }
            catch (Exception e) when (IsImpossible(e, path))
            {
                log.Detail((Text)$"Continuing without the lock {path}: {e.Message}");
                return new FileLock(null);
            }
            catch (IOException)
            {
                if (!isReported && time.GetElapsedTime(start) > TimeSpan.FromSeconds(2))
                {
                    log.Info(StoreMessages.WaitingForLock(what));
                    isReported = true;
                }
                await Task.Delay(pause, time, cancel).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    public void Dispose() => _held?.Dispose();

    private static FileStream Open(string path, bool shared)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // .NET maps FileShare.None to flock's exclusive lock, and every other value to its shared lock.
        if (shared)
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read, bufferSize: 1);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            // Made by another user: flock needs no write access. (NFS requires it; there, work continues without the lock.)
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 1);
        }
    }

    private static bool IsImpossible(Exception e, string path) =>
        IoFailures.IsForbidden(e) || IoFailures.IsDiskFull(e) || (e is IOException && !File.Exists(path));
}
