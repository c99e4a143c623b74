using System.Net;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// Downloads the content of URLs. The digest is known only after the download, so a URL is downloaded when it is resolved. The
/// headers of this GET also give name, size and version; later requests are conditional.
/// </summary>
/// <param name="hub">The name of the hub, for messages.</param>
/// <param name="connection">Its connections; URLs have no tokens.</param>
/// <param name="cache">Keeps a record of each response.</param>
/// <param name="log">Names content that is trusted without a digest.</param>
internal sealed class UrlContent(string hub, HubConnection connection, RepoStore cache, IHubLog log)
{
    /// <summary>The downloads of URLs in a client.</summary>
    public static UrlContent Of(HubDefinition hub, IHubContext context) =>
        new(hub.Name, context.Connect(hub), context.Store.ForHub(hub), context.Log);

    /// <exception cref="HubException">WISE1013, WISE1040 or WISE1041.</exception>
    public static void Check(RepoReference reference, string hub)
    {
        if (!UrlReference.IsUrl(reference.RepoId))
            throw UrlMessages.NotAUrl(reference, hub);
        if (reference.Hubs.Count > 1)
            throw UrlMessages.NoOtherHubs(reference);
        if (reference.Revision is not null)
            throw UrlMessages.NoRevisions(reference);
        if (reference.Config is not null)
            throw UrlMessages.NoConfigurations(reference);
        var url = new Uri(reference.RepoId);
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && reference.Sha256 is null)
            throw UrlMessages.PlainHttp(reference);
    }

    /// <summary>The record of a commit, or null.</summary>
    public UrlRecord? Seen(RepoReference reference, string commit) =>
        UrlRecord.Read(cache.RepoFolder(reference)) is UrlRecord seen && seen.Commit == commit ? seen : null;

    /// <summary>Requests the current content, unless the required digest is in the cache record.</summary>
    public async Task<UrlRecord> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        UrlRecord? seen = UrlRecord.Read(cache.RepoFolder(reference));
        // Content named by its digest does not change.
        return seen is not null && reference.Sha256 == seen.Sha256 ? seen
            : await FetchAsync(reference, seen, run, cancel).ConfigureAwait(false);
    }

    /// <summary>Downloads the content of a commit that has no record.</summary>
    /// <exception cref="HubException">WISE2003: the URL no longer gives this content.</exception>
    public async Task<UrlRecord> RecallAsync(
        RepoReference reference, string commit, IHubRun run, CancellationToken cancel)
    {
        try
        {
            return await FetchAsync(reference with { Sha256 = Digest.Parse(commit) }, seen: null, run,
                cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RequiredDigestMismatch)
        {
            throw UrlMessages.ContentGone(reference, commit, e);
        }
    }

    /// <summary>The location of the content. If a response is given, its body is used first.</summary>
    public BlobLocation At(RepoReference reference, HubResponse? response = null) => new()
    {
        Hub = hub,
        Uri = new Uri(reference.RepoId),
        IsPackedFile = IsPackedFile(reference),
        TakeAnswer = response is null ? null : () => Interlocked.Exchange(ref response, null),
        ReadError = (failed, token) => ReadErrorAsync(reference, failed, token),
    };

    // Some servers send a .tar.gz as a .tar with Content-Encoding: gzip.
    private static bool IsPackedFile(RepoReference reference) =>
        Path.GetExtension(UrlReference.NameOf(reference.RepoId)).ToUpperInvariant() is ".GZ" or ".TGZ";

    private async Task<UrlRecord> FetchAsync(RepoReference reference, UrlRecord? seen, IHubRun run,
        CancellationToken cancel)
    {
        var request = new ContentRequest(null, OwnConnection: false)
        { IsFresh = true, IfNoneMatch = seen?.Etag, IfModifiedSince = seen?.Etag is null ? seen?.LastModified : null };
        HubResponse response = (await connection.OpenAsync(new Uri(reference.RepoId), request, cancel).ConfigureAwait(false))
            .Keeping(IsPackedFile(reference));
        using (response)
        {
            if (response.Status == HttpStatusCode.NotModified && seen is not null)
                return seen;
            if (response.Status != HttpStatusCode.OK)
                throw await ReadErrorAsync(reference, response, cancel).ConfigureAwait(false);
            RefuseUnusable(reference, response);
            string name = ContentName.Of(reference, response);
            long? size = response.IsPacked ? null : response.ContentHeaders.ContentLength;
            (Digest sha256, string path) = await run.FetchAsync(Want(reference, response, size), cancel).ConfigureAwait(false);
            var now = new UrlRecord(reference.RepoId, name, new FileInfo(path).Length, sha256)
            {
                Etag = response.Header("ETag"),
                LastModified = response.Header("Last-Modified"),
            };
            now.Write(cache.RepoFolder(reference));
            Tell(reference, seen, now);
            return now;
        }
    }

    private WantedBlob Want(RepoReference reference, HubResponse response, long? size)
    {
        // A weak ETag or a date does not identify exact bytes.
        string? etag = response.Header("ETag") is string value && !value.StartsWith("W/", StringComparison.Ordinal) ? value
            : null;
        return new WantedBlob(reference.ToString(), size, reference.Sha256, null,
            [new BlobSource(hub, _ => Task.FromResult(At(reference, response)))])
        {
            Version = etag is null ? null
                : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{reference.RepoId}\n{etag}\n{size}"))),
            Refuse = sha256 => UrlMessages.RequiredDigestMismatch(reference, response.Uri, sha256),
        };
    }

    private static void RefuseUnusable(RepoReference reference, HubResponse response)
    {
        // A digest decides whether the bytes are the wanted ones, page or not.
        if (reference.Sha256 is not null)
            return;
        if (response.ContentHeaders.ContentType?.MediaType is "text/html" or "application/xhtml+xml"
            && Path.GetExtension(UrlReference.NameOf(reference.RepoId)).ToUpperInvariant() is not (".HTML" or ".HTM" or ".XHTML"))
            throw UrlMessages.PageInsteadOfFile(reference, response.Uri);
        if (!response.HasEnd)
            throw UrlMessages.EndUnknown(reference, response.Uri);
    }

    private void Tell(RepoReference reference, UrlRecord? seen, UrlRecord now)
    {
        if (seen is not null && seen.Sha256 != now.Sha256)
            log.Warning(WiseCodes.UrlContentChanged, UrlMessages.ContentChanged(reference, seen, now), reference);
        if (reference.Sha256 is null)
            log.Info(UrlMessages.ContentTrusted(reference, now.Sha256));
    }

    private static async Task<HubException> ReadErrorAsync(
        RepoReference reference, HubResponse response, CancellationToken cancel) =>
        UrlMessages.ErrorResponse(reference, response, await response.ErrorDetailAsync(cancel).ConfigureAwait(false));
}
