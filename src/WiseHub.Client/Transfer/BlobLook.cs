using System.Net;
using System.Net.Http.Headers;
using WiseHub.Client.Http;

namespace WiseHub.Client.Transfer;

/// <summary>
/// Judges the beginning of a large blob before any large blob is downloaded, so that little of a model comes if a policy refuses
/// one of its files. The bytes are the first ones of the download, which then needs no further request.
/// </summary>
internal sealed class BlobLook(WantedBlob blob, HubHttp connection, BlobLocation location, CancellationToken cancel)
{
    /// <summary>The bytes of a first look: the magic of a format and most headers are in them.</summary>
    public const int Length = 1 << 17;

    /// <returns>Null if the beginning is not known. The download asks again, and reports what fails.</returns>
    /// <exception cref="HubException">The blob is refused.</exception>
    public async Task<BlobBeginning?> RunAsync(Action<int> arrived)
    {
        if (location is not { Uri: not null, TakeAnswer: null, IsPackedFile: false })
            return null;
        BlobBeginning? beginning;
        try
        {
            using HubResponse response = await connection.SendOnceAsync(location.Address(), location.Credential,
                new ContentRequest(new RangeHeaderValue(0, Length - 1), OwnConnection: true), cancel).ConfigureAwait(false);
            beginning = await ReadAsync(response).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HubException || RetryPolicy.IsTransportFailure(e))
        {
            return null;
        }
        if (beginning is null)
            return null;
        arrived(beginning.Bytes.Length);
        return blob.Judge!(beginning.Bytes, blob.Size) is HubException refused ? throw refused : beginning;
    }

    private async Task<BlobBeginning?> ReadAsync(HubResponse response)
    {
        ContentRangeHeaderValue? range = response.ContentHeaders.ContentRange;
        if (response.Status != HttpStatusCode.PartialContent || response.IsPacked || range is not { From: 0 }
            || range.Length != blob.Size || location.Validate?.Invoke(response) is not null)
            return null;
        await response.LoadAsync(Length, beginningIsEnough: true, cancel).ConfigureAwait(false);
        return response.Body.Length != Length ? null : new BlobBeginning(response.Body, location.Hub,
            Urls.SameOrigin(response.Uri, location.Uri!) ? null : response.Uri, BlobDownload.VersionOf(location, response));
    }
}
