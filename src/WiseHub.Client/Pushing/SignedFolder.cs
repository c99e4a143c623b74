namespace WiseHub.Client;

/// <summary>A folder that was signed.</summary>
/// <param name="SignatureFile">The absolute path of the signature.</param>
/// <param name="Signer">The signer: <c>key sha256:…</c> with the digest of the public key, or the certificate.</param>
/// <param name="Files">The number of files of the folder without the signature.</param>
/// <param name="Size">Their bytes.</param>
/// <param name="Changed">False if the signature was there before.</param>
public sealed record SignedFolder(string SignatureFile, string Signer, int Files, long Size, bool Changed);
