using System.Collections.Concurrent;
using WiseHub.Client.Files;

namespace WiseHub.Client.Archives;

/// <summary>
/// The archives that hubs have open: each is fetched and its list read once, however many references and files
/// want something of it.
/// </summary>
/// <param name="scratch">Where the unpacked form of a <c>.tar.gz</c> may stand.</param>
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
    /// The archive of that key; the first who asks brings it, and the others wait. What failed is tried again by the next.
    /// </summary>
    /// <param name="key">What tells archives apart: the hub and the URL or commit.</param>
    /// <param name="what">What it is, for messages: a URL without its query.</param>
    /// <param name="rules">What it may be.</param>
    /// <param name="fetch">Brings the file; gives its path.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="HubException">WISE3003, WISE3004, WISE3030, WISE3031 or WISE3032, or what fetching gives.</exception>
    public async Task<ArchiveFile> OpenAsync(
        string key, string what, ArchiveRules rules, Func<CancellationToken, Task<string>> fetch, CancellationToken cancel)
    {
        Slot slot = _slots.GetOrAdd(key, _ => new Slot());
        await slot.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // It lies in the cache like every blob, and somebody may have pruned that.
            if (slot.Archive is ArchiveFile open && File.Exists(open.Path))
                return open;
            string path = await fetch(cancel).ConfigureAwait(false);
            try
            {
                return slot.Archive = ArchiveFile.Open(path, what, rules, scratch, cancel);
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                throw IoFailures.ToHubException(e, $"{what}, which is in the cache as {path}, could not be read");
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
