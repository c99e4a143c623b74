using System.Text.Json;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Finds the download URLs of LFS objects (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md), many in one request.
/// The URLs are signed and expire, so each is used once, and not after its time.
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="connection">The connection to the hub.</param>
/// <param name="time">The clock for expiry.</param>
/// <param name="server">Finds the server; called for each batch, because its credential may expire, too.</param>
/// <param name="explain">Turns an error response into an error with a code.</param>
/// <param name="all">Every LFS file of the commit, in the order of the downloads.</param>
internal sealed class LfsLocator(string repo, HubConnection connection, TimeProvider time, Func<CancellationToken,
    Task<LfsServer>> server,
    Func<HubResponse, CancellationToken, Task<HubException>> explain, IReadOnlyList<LfsPointer> all) : IDisposable
{
    private readonly LfsBatch _batch = new(repo, connection.Http, server, explain);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _requested = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Result> _results = new(StringComparer.Ordinal);

    /// <summary>The server's result for one object.</summary>
    private sealed record Result(LfsAction? Download, HubException? Failure);

    /// <exception cref="HubException">
    /// WISE2030: the server does not have the object; WISE2031: there is no usable LFS; or the explained error response.
    /// </exception>
    public async Task<(Uri Uri, Credential? Credential)> LocateAsync(LfsPointer pointer, string path, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!_results.Remove(pointer.Sha256.Hex, out Result? result) || result.Failure is not null
                || result.Download!.IsOver(time.GetUtcNow()))
            {
                await SendAsync([pointer, .. all.Where(p => p.Sha256 != pointer.Sha256 && !_requested.Contains(p.Sha256.Hex))
                    .DistinctBy(p => p.Sha256).Take(LfsBatch.Most - 1)], cancel).ConfigureAwait(false);
                if (!_results.Remove(pointer.Sha256.Hex, out result))
                    throw GitMessages.ObjectNotMentioned(repo, pointer.Sha256, path);
            }
            if (result.Failure is HubException failure)
                throw GitMessages.OfFile(repo, path, failure);
            return (result.Download!.Uri, result.Download.Credential);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task SendAsync(List<LfsPointer> wanted, CancellationToken cancel)
    {
        _requested.UnionWith(wanted.Select(p => p.Sha256.Hex));
        LfsResponse response = await _batch.SendAsync("download", ["basic"], null,
            wanted.Select(p => (p.Sha256, p.Size)), cancel).ConfigureAwait(false);
        foreach ((string oid, JsonElement item) in response.Objects)
            _results[oid] = ReadOne(item, response);
    }

    private Result ReadOne(JsonElement item, LfsResponse batch)
    {
        if (LfsBatch.ErrorOf(item) is (int code, string said))
            return new Result(null, GitMessages.ContentRefused(batch.Asked, code, said));
        try
        {
            return LfsAction.Read(item, "download", batch, time) is LfsAction download ? new Result(download, null)
                : new Result(null, GitMessages.NoDownloadUrl(batch.Asked));
        }
        catch (HubException e)
        {
            return new Result(null, e);
        }
    }
}
