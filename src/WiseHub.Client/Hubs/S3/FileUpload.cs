namespace WiseHub.Client.Hubs.S3;

/// <summary>A file on its way into a bucket.</summary>
/// <param name="Key">Where to.</param>
/// <param name="Path">The file.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">What it must be.</param>
internal sealed record FileUpload(string Key, string Path, long Size, Digest Sha256)
{
    public PutOptions Options { get; init; } = new();

    /// <summary>Bounds the requests with bytes that are under way at once, of this file and of others.</summary>
    public required SemaphoreSlim Slots { get; init; }

    /// <summary>As many parts of this file are looked at at once.</summary>
    public required int PartsAtOnce { get; init; }

    /// <summary>Told how many bytes went out; of a try that came to nothing, how many less.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>Throws where the file is not what it was when its digest was taken.</summary>
    public Action? RequireUnchanged { get; init; }

    /// <summary>Its digest was not taken in this run: it is, while the file is sent.</summary>
    public bool IsHashedAgain { get; init; }

    /// <summary>What was broken off is not gone on with.</summary>
    public bool StartsOver { get; init; }
}

/// <summary>What became of an upload.</summary>
/// <param name="Sha256">What the file was; where that is not what it must be, nothing of it is in the bucket.</param>
/// <param name="ETag">What S3 calls these bytes, without quotes.</param>
/// <param name="Kept">Bytes that were there from an earlier try.</param>
internal sealed record FileUploaded(Digest Sha256, string ETag, long Kept);

/// <summary>An upload in parts that nobody has ended.</summary>
/// <param name="Key">Relative to the hub's prefix.</param>
/// <param name="Id">How the server calls it.</param>
/// <param name="Begun">By the server's clock; null where it does not tell.</param>
/// <param name="WantsChecksums">Each part must come with a checksum of another kind than ours have.</param>
internal sealed record OpenUpload(string Key, string Id, DateTimeOffset? Begun, bool WantsChecksums);

/// <summary>A part that the server has.</summary>
internal sealed record OpenPart(long Size, string ETag);
