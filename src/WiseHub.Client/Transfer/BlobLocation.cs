using WiseHub.Client.Http;

namespace WiseHub.Client.Transfer;

/// <summary>One place where the bytes of a blob are: a file of this machine, something inside such a file, or a URL.</summary>
internal sealed record BlobLocation
{
    /// <summary>The hub that named the place, for messages.</summary>
    public required string Hub { get; init; }

    /// <summary>A file of this machine.</summary>
    public string? LocalPath { get; init; }

    /// <summary>
    /// Opens a content that lies inside something on this machine: an entry of an archive, an object of a git repository.
    /// </summary>
    public Func<CancellationToken, Task<Stream>>? Open { get; init; }

    /// <summary>What <see cref="Open"/> opens, for messages.</summary>
    public string? Inside { get; init; }

    /// <summary>
    /// It is on this machine because a hub fetched it, or what it lies in, and was counted then.
    /// </summary>
    public bool WasFetched { get; init; }

    /// <summary>A URL; asked anew for each try, because what it redirects to is signed and expires.</summary>
    public Uri? Uri { get; init; }

    /// <summary>
    /// Signs <see cref="Uri"/>, anew for each request: a signature expires. The result is never shown or remembered.
    /// </summary>
    public Func<Uri>? Sign { get; init; }

    /// <summary>The token, and the one origin it may go to.</summary>
    public Credential? Credential { get; init; }

    /// <summary>
    /// A response from <see cref="Uri"/> that the hub got when it asked what is there: its body need not be asked for
    /// again. Gives it once.
    /// </summary>
    public Func<HubResponse?>? TakeAnswer { get; init; }

    /// <summary>
    /// The content is a packed file by itself (<c>.tar.gz</c>), which some servers call a packing of the transfer.
    /// </summary>
    public bool IsPackedFile { get; init; }

    /// <summary>Turns a response that is an error into one with a code and a remedy, in the hub's own terms.</summary>
    public Func<HubResponse, CancellationToken, Task<HubException>>? ReadError { get; init; }

    /// <summary>
    /// Looks at a response that is no error before a byte of it is taken; says what is wrong where it cannot be the content.
    /// </summary>
    public Func<HubResponse, HubException?>? Validate { get; init; }

    /// <summary>Where the next request goes.</summary>
    public Uri Address() => Sign?.Invoke() ?? Uri!;

    public string Show() => LocalPath ?? Inside ?? Urls.Show(Uri!);
}

/// <summary>Somebody who says where the bytes of a blob are.</summary>
/// <param name="Hub">Its name.</param>
/// <param name="LocateAsync">Asks it.</param>
internal sealed record BlobSource(string Hub, Func<CancellationToken, Task<BlobLocation>> LocateAsync)
{
    /// <summary>That it does not have a content is nothing to tell.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>The cache of another tool: when its bytes are wrong, that is nobody's fault.</summary>
    public bool IsForeign { get; init; }

    /// <summary>A second way to the same hub: where it fails too, the failure before it is the one that is reported.</summary>
    public bool IsFallback { get; init; }
}

/// <summary>One content that is wanted.</summary>
/// <param name="What">Repo and path, for messages.</param>
/// <param name="Size">Bytes, where known.</param>
/// <param name="Sha256">Digest, where known.</param>
/// <param name="GitOid">Git blob id (40 hex), where known and the content is stored as such.</param>
/// <param name="Sources">Who has the bytes, in order of preference; asked one by one.</param>
internal sealed record WantedBlob(string What, long? Size, Digest? Sha256, string? GitOid, IReadOnlyList<BlobSource> Sources)
{
    /// <summary>
    /// 64 hexadecimal characters that stand for this version of the content at one place, where no digest is known.
    /// </summary>
    public string? Version { get; init; }

    /// <summary>What identifies the content, so that a partial file can be continued; null where nothing does.</summary>
    public string? Identity => Sha256?.Hex ?? (GitOid is null ? Version : "git-" + GitOid);

    /// <summary>
    /// What to say when the bytes have another digest than <see cref="Sha256"/>; null = what is said of a hub's files.
    /// </summary>
    public Func<Digest, HubException>? Refuse { get; init; }

    /// <summary>Judges the size that a place announces, before a byte is taken.</summary>
    /// <exception cref="HubException">WISE3002.</exception>
    public void CheckSize(BlobLocation location, long? announced)
    {
        if (Size is long size && announced is long length && length != size)
        {
            throw TransferMessages.SizeDiffers(What, location.Show(), length, size);
        }
    }
}
