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

    public static async Task<FileLock> AcquireAsync(string path, string what, IHubLog log, TimeProvider time, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        bool said = false;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
            }
            catch (Exception e) when (e is UnauthorizedAccessException || IoFailures.IsDiskFull(e) || (e is IOException && !File.Exists(path)))
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
}
