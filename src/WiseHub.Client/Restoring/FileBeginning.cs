using System.Net.Http.Headers;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Reads the first bytes of a file of a commit, from the cache or its hub. These bytes are not verified, because a digest is that
/// of the whole file. They are for showing facts, and never reach a store or a folder.
/// </summary>
internal sealed class FileBeginning(ClientContext context, HubRun run, CancellationToken cancel)
{
    /// <param name="hub">The hub that listed the file.</param>
    /// <param name="repo">The repo.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="file">The file as listed.</param>
    /// <param name="length">The number of bytes; fewer are returned for a shorter file.</param>
    public async Task<byte[]> ReadAsync(IHub hub, RepoReference repo, string commit, TreeEntry file, int length)
    {
        if (file is { Sha256: Digest known, Size: long size } && context.Store.Blobs.Look(known, size) == BlobState.Present)
            return await ReadLocalAsync(context.Store.Blobs.PathOf(known), length).ConfigureAwait(false);
        HubException? failure = null;
        foreach (BlobSource source in run.Open(hub, repo, commit).Locate(file))
        {
            try
            {
                BlobLocation location = await source.LocateAsync(cancel).ConfigureAwait(false);
                return location.LocalPath is string path ? await ReadLocalAsync(path, length).ConfigureAwait(false)
                    : location.Open is not null ? await ReadAsync(await location.Open(cancel).ConfigureAwait(false), length)
                        .ConfigureAwait(false)
                    : await RequestAsync(location, length).ConfigureAwait(false);
            }
            catch (HubException e)
            {
                // The failure of the first way is the one to report.
                failure ??= e;
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                failure ??= IoFailures.ToHubException(e, RestoreMessages.NotRead(repo, file.Path));
            }
        }
        throw (failure ?? RestoreMessages.NoPlace(repo, file.Path)).About(repo);
    }

    private async Task<byte[]> RequestAsync(BlobLocation location, int length)
    {
        // A server without ranges sends all of it; the connection is closed after the first bytes.
        var request = new ContentRequest(new RangeHeaderValue(0, length - 1), OwnConnection: false);
        using HubResponse response = location.TakeAnswer?.Invoke()
            ?? await context.Http(location.Hub).OpenAsync(location.Address(), location.Credential, request, cancel)
                .ConfigureAwait(false);
        // Some servers refuse every range of an empty file.
        if (response.Status == System.Net.HttpStatusCode.RequestedRangeNotSatisfiable)
            return [];
        if (!response.IsSuccess)
            throw location.ReadError is null
                ? HubHttp.Unreachable(location.Hub, location.Uri!, TransferMessages.Status((int)response.Status), null)
                : await location.ReadError(response, cancel).ConfigureAwait(false);
        if (location.Validate?.Invoke(response) is HubException refused)
            throw refused;
        try
        {
            await response.LoadAsync(length, beginningIsEnough: true, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (RetryPolicy.IsTransportFailure(e))
        {
            throw HubHttp.Unreachable(location.Hub, response.Uri, e.Message, e, RetryPolicy.IsTransient(e));
        }
        return response.Body.Length > length ? response.Body[..length] : response.Body;
    }

    private async Task<byte[]> ReadLocalAsync(string path, int length) =>
        await ReadAsync(new FileStream(ContendedFiles.OfSystem.OpenRead(path), FileAccess.Read), length).ConfigureAwait(false);

    private async Task<byte[]> ReadAsync(Stream stream, int length)
    {
        await using (stream.ConfigureAwait(false))
        {
            // Grows with the content, because the length is only a limit.
            using var bytes = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            int read;
            while (bytes.Length < length
                && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - bytes.Length)), cancel)
                    .ConfigureAwait(false)) > 0)
                bytes.Write(buffer, 0, read);
            return bytes.ToArray();
        }
    }
}
