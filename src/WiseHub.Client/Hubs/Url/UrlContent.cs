using System.Net;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Url;

/// <summary>
/// What a URL gives. Which content that is shows only when its bytes are here, so it is fetched when the URL is resolved, with
/// one GET whose headers also say name, size and version; a later one asks whether that still holds.
/// </summary>
/// <param name="hub">The name of the hub, for messages.</param>
/// <param name="connection">Its connections; there are no tokens for URLs.</param>
/// <param name="cache">Where the response is noted.</param>
/// <param name="log">Where it tells what is taken on trust.</param>
internal sealed class UrlContent(string hub, HubConnection connection, RepoStore cache, IHubLog log)
{
    /// <summary>What URLs give, in a client.</summary>
    public static UrlContent Of(HubDefinition hub, IHubContext context) =>
        new(hub.Name, context.Connect(hub), context.Store.ForHub(hub), context.Log);

    /// <exception cref="HubException">WISE1013, WISE1040 or WISE1041.</exception>
    public static void Check(RepoReference reference, string hub)
    {
        if (!UrlReference.IsUrl(reference.RepoId))
            throw new HubException(WiseCodes.UrlSetting,
                $"{reference}: the hub '{hub}' takes URLs of files only. Name another hub, or write https://….")
            { Reference = reference };
        if (reference.Hubs.Count > 1)
            throw new HubException(WiseCodes.UrlSetting, $"{reference}: a URL stands for its own server, "
                + "so that there are no other hubs for it. Leave Hub out; mirrors of wisehub.json are asked all the same.")
            { Reference = reference };
        if (reference.Revision is not null)
            throw new HubException(WiseCodes.UrlSetting,
                $"{reference}: a URL has no revisions. Leave Revision out; Sha256 says which content it must be.")
            { Reference = reference };
        if (reference.Config is not null)
            throw new HubException(WiseCodes.ConfigNotSupported,
                $"{reference}: a URL has no dataset configurations. Remove Config.")
            { Reference = reference };
        var url = new Uri(reference.RepoId);
        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && reference.Sha256 is null)
            throw new HubException(WiseCodes.PlainHttp,
                $"{reference}: over http anybody on the way can change the file. Write https, or the Sha256 that it must have.")
            { Reference = reference };
    }

    /// <summary>What was noted of a commit, or null.</summary>
    public UrlRecord? Seen(RepoReference reference, string commit) =>
        UrlRecord.Read(cache.RepoFolder(reference)) is UrlRecord seen && seen.Commit == commit ? seen : null;

    /// <summary>Asks what there is now, unless the digest says it.</summary>
    public async Task<UrlRecord> ResolveAsync(RepoReference reference, IHubRun run, CancellationToken cancel)
    {
        UrlRecord? seen = UrlRecord.Read(cache.RepoFolder(reference));
        // Content that is named by its digest does not change.
        return seen is not null && reference.Sha256 == seen.Sha256 ? seen
            : await FetchAsync(reference, seen, run, cancel).ConfigureAwait(false);
    }

    /// <summary>Asks for the content of a commit, of which nothing is noted.</summary>
    /// <exception cref="HubException">WISE2003: the URL gives other content now.</exception>
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
            throw new HubException(WiseCodes.RevisionNotFound, $"{reference}: the URL gives other content now than the one with "
                + $"sha256 {commit}. Run WiseUpdate (wisehub update), and look at the change of the lock file.", e);
        }
    }

    /// <summary>Where the content is; with a response that is at hand, its body is taken first.</summary>
    public BlobLocation At(RepoReference reference, HubResponse? response = null) => new()
    {
        Hub = hub,
        Uri = new Uri(reference.RepoId),
        IsPackedFile = IsPackedFile(reference),
        TakeAnswer = response is null ? null : () => Interlocked.Exchange(ref response, null),
        ReadError = (failed, token) => ReadErrorAsync(reference, failed, token),
    };

    // Servers are known to say of a .tar.gz that it is a .tar, packed for the way.
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
            RefuseUselessAnswer(reference, response);
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
        // A weak etag or a date does not stand for the very same bytes.
        string? etag = response.Header("ETag") is string value && !value.StartsWith("W/", StringComparison.Ordinal) ? value
            : null;
        return new WantedBlob(reference.ToString(), size, reference.Sha256, null,
            [new BlobSource(hub, _ => Task.FromResult(At(reference, response)))])
        {
            Version = etag is null ? null
                : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{reference.RepoId}\n{etag}\n{size}"))),
            Refuse = sha256 => new HubException(WiseCodes.RequiredDigestMismatch,
                $"{reference}: {Urls
                    .Show(response.Uri)} gave bytes whose sha256 is {sha256}, but {reference.Sha256} is required. "
                + "Nothing was kept. Correct Sha256 if the new content is the right one.")
            { Reference = reference },
        };
    }

    private static void RefuseUselessAnswer(RepoReference reference, HubResponse response)
    {
        string where = $"{reference}: {Urls.Show(response.Uri)}";
        // With a digest it shows whether the page is what is wanted.
        if (reference.Sha256 is not null)
            return;
        if (response.ContentHeaders.ContentType?.MediaType is "text/html" or "application/xhtml+xml"
            && Path.GetExtension(UrlReference.NameOf(reference.RepoId)).ToUpperInvariant() is not (".HTML" or ".HTM" or ".XHTML"))
        {
            throw new HubException(WiseCodes.PageInsteadOfFile,
                $"{where} answered with a page for people instead of a file: a login, a notice, "
                + "or the page that links to the file. Write the URL behind its download button; Sha256 takes a page, too.")
            { Reference = reference };
        }
        if (!response.HasEnd)
        {
            throw new HubException(WiseCodes.EndUnknown,
                $"{where} states no length, so that a connection that breaks off looks like the end of the file. "
                + "Write the Sha256 that the file must have.")
            { Reference = reference };
        }
    }

    private void Tell(RepoReference reference, UrlRecord? seen, UrlRecord now)
    {
        if (seen is not null && seen.Sha256 != now.Sha256)
        {
            log.Warning(WiseCodes.UrlContentChanged,
                $"{reference} gives other content than when this machine last asked: sha256 {now.Sha256} ({now.Size} bytes) "
                + $"instead of {seen.Sha256} ({seen.Size} bytes).", reference);
        }
        if (reference.Sha256 is null)
            log.Info($"{reference}: nobody said which content it must be, so that the one which came is trusted from now on. "
                + $"Sha256=\"{now.Sha256}\" requires it.");
    }

    private static async Task<HubException> ReadErrorAsync(RepoReference reference, HubResponse response,
        CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string where = $"{reference}: the server answered {(int)response.Status} at "
            + $"{Urls.Show(response.Uri)}{(said.Length > 0 ? $" (\"{said}\")" : "")}";
        return response.Status switch
        {
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenNeeded,
                $"{where}. To a URL no token is sent; name the file by a hub that takes one, or mirror it into a store."),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}. To a URL no token is sent; name the file by a hub that takes one, or mirror it into a store."),
            HttpStatusCode.NotFound or HttpStatusCode.Gone =>
                new HubException(WiseCodes.FileNotFound, $"{where}: there is no such file. Check the URL."),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}. Open the URL in a browser to see what it is."),
        };
    }
}
