using WiseHub.Client.Files;

namespace WiseHub.Client.Store;

/// <summary>
/// A lock between processes: a file held with FileShare.None (flock on Unix), freed by the system when its process dies.
/// It only saves double work; correctness rests on temporary files and renames, so where no lock can be had the work goes on.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream? _held;

    private FileLock(FileStream? held) => _held = held;

    /// <summary>False where this file system or user cannot have locks.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>Waits until nobody else holds it.</summary>
    public static Task<FileLock> AcquireAsync(
        string path, string what, IHubLog log, TimeProvider time, CancellationToken cancel) =>
        AcquireAsync(path, shared: false, what, log, time, cancel);

    /// <summary>Waits until nobody holds it alone; any number may share it.</summary>
    public static Task<FileLock> ShareAsync(string path, string what, IHubLog log, TimeProvider time, CancellationToken cancel) =>
        AcquireAsync(path, shared: true, what, log, time, cancel);

    /// <summary>Shares it without waiting; null when somebody holds it alone.</summary>
    public static FileLock? TryShare(string path) => Try(path, shared: true);

    /// <summary>Takes it without waiting; null when somebody else holds it.</summary>
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
        bool said = false;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                return new FileLock(Open(path, shared));
            }
            catch (Exception e) when (IsImpossible(e, path))
            {
                log.Detail($"Going on without the lock {path}: {e.Message}");
                return new FileLock(null);
            }
            catch (IOException)
            {
                if (!said && time.GetElapsedTime(start) > TimeSpan.FromSeconds(2))
                {
                    log.Info($"Waiting for another process that works on {what} …");
                    said = true;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancel).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _held?.Dispose();

    private static FileStream Open(string path, bool shared)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // .NET takes flock's exclusive lock for FileShare.None and its shared one for every other value.
        if (shared)
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read, bufferSize: 1);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (UnauthorizedAccessException) when (File.Exists(path))
        {
            // Made by another user: flock wants no right to write. (Over NFS it does; there the work goes on without.)
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 1);
        }
    }

    private static bool IsImpossible(Exception e, string path) =>
        IoFailures.IsForbidden(e) || IoFailures.IsDiskFull(e) || (e is IOException && !File.Exists(path));
}
