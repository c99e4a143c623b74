using System.Security.Cryptography.X509Certificates;

namespace WiseHub.Client.Signatures;

/// <summary>An authority for certificates or timestamps that a trust root trusts.</summary>
/// <param name="Url">The address, for messages.</param>
/// <param name="Certificates">Its certificates; the last one is the root.</param>
/// <param name="Period">When the authority used them.</param>
internal sealed record TrustedAuthority(string Url, X509Certificate2Collection Certificates, ValidPeriod Period);
