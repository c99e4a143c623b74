namespace WiseHub.Client.Signatures;

/// <summary>What a signature says after it was verified. It says nothing yet about the files that are used.</summary>
/// <param name="Signer">The signer, in a form that stays the same in every language, for a lock file.</param>
/// <param name="Bundle">The sha256 of the signature file.</param>
/// <param name="Files">The listed files with their sha256. A model of one file may be listed as <c>.</c>.</param>
/// <param name="IgnoredPaths">The paths that the signer left out.</param>
/// <param name="Time">
/// A time at which the signature existed, from a log or a timestamp authority; null if nobody attests one.
/// </param>
internal sealed record VerifiedSignature(string Signer, Digest Bundle, IReadOnlyDictionary<string, Digest> Files,
    IReadOnlyList<string> IgnoredPaths, DateTimeOffset? Time);
