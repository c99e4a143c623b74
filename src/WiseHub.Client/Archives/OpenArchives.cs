using System.Collections.Concurrent;
using WiseHub.Client.Files;

namespace WiseHub.Client.Archives;

/// <summary>
/// The open archives of all hubs. Each is downloaded and its file list read once, however many references use it.
/// </summary>
/// <param name="scratch">A folder for the unpacked tar of a <c>.tar.gz</c>.</param>
internal sealed class OpenArchives(string scratch) : IDisposable
{
    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    private sealed class Slot : IDisposable
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public ArchiveFile? Archive { get; set; }

        public void Dispose()
        {
            Gate.Dispose();
            Archive?.Dispose();
        }
    }

    /// <summary>
    /// Opens the archive of a key. The first caller fetches it while the others wait; after a failure, the next caller tries
    /// again.
    /// </summary>
    /// <param name="key">Identifies the archive: the hub and the URL or commit.</param>
    /// <param name="what">A description for messages: a URL without its query.</param>
    /// <param name="rules">Limits of an acceptable archive.</param>
    /// <param name="fetch">Downloads the file and returns its path.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">
    /// WISE3003, WISE3004, WISE3030, WISE3031 or WISE3032, or the failure of the download.
    /// </exception>
    public async Task<ArchiveFile> OpenAsync(
        string key, string what, ArchiveRules rules, Func<CancellationToken, Task<string>> fetch, CancellationToken cancel)
    {
        Slot slot = _slots.GetOrAdd(key, _ => new Slot());
        await slot.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // It is a blob in the cache, so it may have been pruned.
            if (slot.Archive is ArchiveFile open && File.Exists(open.Path))
                return open;
            string path = await fetch(cancel).ConfigureAwait(false);
            try
            {
                return slot.Archive = ArchiveFile.Open(path, what, rules, scratch, cancel);
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                throw IoFailures.ToHubException(e, ArchiveMessages.NotReadFromCache(what, path));
            }
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Slot slot in _slots.Values)
            slot.Dispose();
    }
}
