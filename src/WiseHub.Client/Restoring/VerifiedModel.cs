using WiseHub.Client.Signatures;

namespace WiseHub.Client.Restoring;

/// <summary>The verified signature of a commit.</summary>
/// <param name="Signature">What it says.</param>
/// <param name="Name">The repo and the signature file, for messages.</param>
/// <param name="Path">The path of the signature file in the repo.</param>
internal sealed record VerifiedModel(VerifiedSignature Signature, string Name, string Path);
