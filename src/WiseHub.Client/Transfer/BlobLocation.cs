using WiseHub.Client.Http;

namespace WiseHub.Client.Transfer;

/// <summary>A location of a blob's bytes: a local file, a part of a local file, or a URL.</summary>
internal sealed record BlobLocation
{
    /// <summary>The hub that named the location, for messages.</summary>
    public required string Hub { get; init; }

    /// <summary>A local file.</summary>
    public string? LocalPath { get; init; }

    /// <summary>
    /// Opens a content inside something local: an entry of an archive, or an object of a git repository.
    /// </summary>
    public Func<CancellationToken, Task<Stream>>? Open { get; init; }

    /// <summary>The name of the content that <see cref="Open"/> opens, for messages.</summary>
    public string? Inside { get; init; }

    /// <summary>
    /// True if it is local because a hub fetched it, or its archive or repository, in this run and counted it then.
    /// </summary>
    public bool WasFetched { get; init; }

    /// <summary>A URL. Requested again for each attempt, because it may redirect to a signed URL that expires.</summary>
    public Uri? Uri { get; init; }

    /// <summary>
    /// Signs <see cref="Uri"/> for each request, because signatures expire. The result is never shown or stored.
    /// </summary>
    public Func<Uri>? Sign { get; init; }

    /// <summary>The token, and the only origin that may receive it.</summary>
    public Credential? Credential { get; init; }

    /// <summary>
    /// The response from <see cref="Uri"/> that the hub received when it resolved the reference, so that the body needs no
    /// second request. Returns it once.
    /// </summary>
    public Func<HubResponse?>? TakeAnswer { get; init; }

    /// <summary>
    /// The content itself is compressed (<c>.tar.gz</c>), which some servers declare as a Content-Encoding.
    /// </summary>
    public bool IsPackedFile { get; init; }

    /// <summary>Turns an error response into an exception with a code and a remedy, in the hub's own terms.</summary>
    public Func<HubResponse, CancellationToken, Task<HubException>>? ReadError { get; init; }

    /// <summary>
    /// Checks a successful response before its body is read. Returns the problem if it cannot be the content.
    /// </summary>
    public Func<HubResponse, HubException?>? Validate { get; init; }

    /// <summary>The address of the next request.</summary>
    public Uri Address() => Sign?.Invoke() ?? Uri!;

    public string Show() => LocalPath ?? Inside ?? Urls.Show(Uri!);
}

/// <summary>A source that locates the bytes of a blob.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="LocateAsync">Locates the bytes.</param>
internal sealed record BlobSource(string Hub, Func<CancellationToken, Task<BlobLocation>> LocateAsync)
{
    /// <summary>No message if it does not have the content.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>The cache of another tool. Wrong bytes in it are expected and cause no warning.</summary>
    public bool IsForeign { get; init; }

    /// <summary>A second way to the same hub. If it fails too, the failure of the first way is reported.</summary>
    public bool IsFallback { get; init; }
}

/// <summary>A content to fetch.</summary>
/// <param name="What">Repo and path, for messages.</param>
/// <param name="Size">Bytes, if known.</param>
/// <param name="Sha256">Digest, if known.</param>
/// <param name="GitOid">Git blob id (40 hex), if known and the content is stored as a git blob.</param>
/// <param name="Sources">Sources of the bytes, in order of preference; tried one by one.</param>
internal sealed record WantedBlob(string What, long? Size, Digest? Sha256, string? GitOid, IReadOnlyList<BlobSource> Sources)
{
    /// <summary>
    /// 64 hexadecimal characters that identify this version of the content at one location, if no digest is known.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>The identity of the content, which allows resuming a partial file; null if unknown.</summary>
    public string? Identity => Sha256?.Hex ?? (GitOid is null ? Version : "git-" + GitOid);

    /// <summary>Judges the first bytes; null to take any.</summary>
    public ContentJudge? Judge { get; init; }

    /// <summary>The first bytes, if they were judged already.</summary>
    public BlobBeginning? Beginning { get; init; }

    /// <summary>
    /// Makes the exception for bytes whose digest is not <see cref="Sha256"/>; null = that for a hub's files.
    /// </summary>
    public Func<Digest, HubException>? Refuse { get; init; }

    /// <summary>Checks the size that a location announces, before any byte is read.</summary>
    /// <exception cref="HubException">WISE3002.</exception>
    public void CheckSize(BlobLocation location, long? announced)
    {
        if (Size is long size && announced is long length && length != size)
        {
            throw TransferMessages.SizeDiffers(What, location.Show(), length, size);
        }
    }
}
