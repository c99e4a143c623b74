using System.Text.Json;
using WiseHub.Client.Contents;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Asks an LFS server where contents are (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md), many in one request.
/// What it answers is signed and expires, so that each response is used once, and not after its time.
/// </summary>
/// <param name="repo">Repo and hub, for messages.</param>
/// <param name="connection">How it is asked.</param>
/// <param name="time">The clock that answers expire by.</param>
/// <param name="server">Finds the server; asked once for each batch, because what it gives may expire, too.</param>
/// <param name="explain">Turns a response that is an error into one with a code.</param>
/// <param name="all">Every content of the commit, in the order in which they will be wanted.</param>
internal sealed class LfsLocator(string repo, HubConnection connection, TimeProvider time, Func<CancellationToken,
    Task<LfsServer>> server,
    Func<HubResponse, CancellationToken, Task<HubException>> explain, IReadOnlyList<LfsPointer> all) : IDisposable
{
    private readonly LfsBatch _batch = new(repo, connection.Http, server, explain);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>What a server said of one content.</summary>
    private sealed record Answer(LfsAction? Place, HubException? Failure);

    /// <exception cref="HubException">
    /// WISE2030: the server does not have it; WISE2031: it has no LFS that we understand; or what explains its response.
    /// </exception>
    public async Task<(Uri Uri, Credential? Credential)> LocateAsync(LfsPointer pointer, string path, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!_answers.Remove(pointer.Sha256.Hex, out Answer? response) || response.Failure is not null
                || response.Place!.IsOver(time.GetUtcNow()))
            {
                await SendAsync([pointer, .. all.Where(p => p.Sha256 != pointer.Sha256 && !_asked.Contains(p.Sha256.Hex))
                    .DistinctBy(p => p.Sha256).Take(LfsBatch.Most - 1)], cancel).ConfigureAwait(false);
                if (!_answers.Remove(pointer.Sha256.Hex, out response))
                    throw new HubException(WiseCodes.LfsUnusable, $"{repo}: the LFS server said nothing of the object "
                        + $"{pointer.Sha256} ('{path}'). Ask the operator of the hub.");
            }
            if (response.Failure is HubException failure)
                throw new HubException(failure.Code, $"{repo}: '{path}': {failure.Message}");
            return (response.Place!.Uri, response.Place.Credential);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task SendAsync(List<LfsPointer> wanted, CancellationToken cancel)
    {
        _asked.UnionWith(wanted.Select(p => p.Sha256.Hex));
        LfsResponse response = await _batch.SendAsync("download", ["basic"], null,
            wanted.Select(p => (p.Sha256, p.Size)), cancel).ConfigureAwait(false);
        foreach ((string oid, JsonElement item) in response.Objects)
            _answers[oid] = ReadOne(item, response);
    }

    private Answer ReadOne(JsonElement item, LfsResponse batch)
    {
        string server = Urls.Show(batch.Asked);
        if (LfsBatch.ErrorOf(item) is (int code, string said))
        {
            return Failed(code is 401 or 403 ? WiseCodes.Forbidden : WiseCodes.LfsObjectMissing,
                $"the LFS server ({server}) answered {code}{said}. The pointer is in the repo and its content is not on the "
                + "server: ask the owner of the repo to push it (git lfs push --all).");
        }
        try
        {
            return LfsAction.Read(item, "download", batch, time) is LfsAction place ? new Answer(place, null)
                : Failed(WiseCodes.LfsObjectMissing, $"the LFS server ({server}) names no place to download it from. "
                    + "Ask the owner of the repo to push it (git lfs push --all).");
        }
        catch (HubException e)
        {
            return Failed(e.Code, e.Message);
        }
    }

    private static Answer Failed(string code, string message) => new(null, new HubException(code, message));
}
