namespace WiseHub.Client.Transfer;

/// <summary>The first bytes of a blob, which were judged before its download begins. They are not verified.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Hub">The hub that they came from.</param>
/// <param name="Resolved">The address that the hub redirected to; null for its own.</param>
/// <param name="Etag">The version that the server named; see <see cref="PartialBlob.Etag"/>.</param>
internal sealed record BlobBeginning(byte[] Bytes, string Hub, Uri? Resolved, string? Etag);
