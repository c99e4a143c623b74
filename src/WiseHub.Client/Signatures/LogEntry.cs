namespace WiseHub.Client.Signatures;

/// <summary>
/// An entry of a transparency log, as a bundle has it
/// (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto).
/// </summary>
/// <param name="LogId">The sha256 of the log's key.</param>
/// <param name="Kind">The kind of entry with its version, such as <c>dsse 0.0.1</c>.</param>
/// <param name="Index">The number of the entry in all trees of the log.</param>
/// <param name="IntegratedTime">Seconds since 1970; 0 if unknown. Only the promise attests it.</param>
/// <param name="Promise">The signed entry timestamp, or null.</param>
/// <param name="Proof">The proof that the entry is in a tree of the log, or null.</param>
/// <param name="Body">The entry itself.</param>
internal sealed record LogEntry(byte[] LogId, string Kind, long Index, long IntegratedTime, byte[]? Promise,
    InclusionProof? Proof, byte[] Body)
{
    /// <summary>The kind of entry of Rekor 1 for an envelope.</summary>
    public const string Dsse = "dsse 0.0.1";
}
