namespace WiseHub.Client.Hubs.S3;

/// <summary>A file to upload into a bucket.</summary>
/// <param name="Key">Key of the object.</param>
/// <param name="Path">The file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">The digest that the file must have.</param>
internal sealed record FileUpload(string Key, string Path, long Size, Digest Sha256)
{
    public PutOptions Options { get; init; } = new();

    /// <summary>Limits the uploads at the same time, of this file and of others.</summary>
    public required SemaphoreSlim Slots { get; init; }

    /// <summary>Maximum of parts of this file that are handled at the same time.</summary>
    public required int PartsAtOnce { get; init; }

    /// <summary>Receives the number of bytes sent; a negative number takes a failed attempt back.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>Throws if the file has changed since its digest was computed.</summary>
    public Action? RequireUnchanged { get; init; }

    /// <summary>The digest is remembered from an earlier run, so it is computed again during the upload.</summary>
    public bool IsHashedAgain { get; init; }

    /// <summary>
    /// Each request names the digests of its body, which are computed beforehand: for servers that refuse other requests.
    /// </summary>
    public bool NamesDigests { get; init; }

    /// <summary>Interrupted uploads are aborted instead of resumed.</summary>
    public bool StartsOver { get; init; }
}

/// <summary>The result of an upload.</summary>
/// <param name="Sha256">The digest of the file; if it is not the required one, the object was not written.</param>
/// <param name="ETag">The ETag of these bytes, without quotes.</param>
/// <param name="Kept">Bytes that an interrupted upload had already sent.</param>
internal sealed record FileUploaded(Digest Sha256, string ETag, long Kept);

/// <summary>An unfinished multipart upload.</summary>
/// <param name="Key">Relative to the hub's prefix.</param>
/// <param name="Id">The server's upload id.</param>
/// <param name="Begun">By the server's clock; null if unknown.</param>
/// <param name="WantsChecksums">Each part needs a checksum that ours do not have.</param>
internal sealed record OpenUpload(string Key, string Id, DateTimeOffset? Begun, bool WantsChecksums);

/// <summary>A part that the server already has.</summary>
internal sealed record OpenPart(long Size, string ETag);
