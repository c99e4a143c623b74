namespace WiseHub.Client.Signatures;

/// <summary>A log of certificates or of signatures that a trust root trusts.</summary>
/// <param name="Url">The address, for messages.</param>
/// <param name="Id">The sha256 of the key.</param>
/// <param name="Spki">The key, as a SubjectPublicKeyInfo.</param>
/// <param name="Period">When the log used the key.</param>
internal sealed record TrustedLog(string Url, byte[] Id, byte[] Spki, ValidPeriod Period);
