using System.Globalization;
using System.Text;

namespace WiseHub.Client.Signatures;

/// <summary>
/// What a signature covers: the pre-authentication encoding of DSSE
/// (https://github.com/secure-systems-lab/dsse/blob/master/protocol.md).
/// </summary>
internal static class DsseEnvelope
{
    public const string PayloadType = "application/vnd.in-toto+json";

    /// <summary>The signed bytes of an in-toto statement.</summary>
    public static byte[] SignedBytes(ReadOnlySpan<byte> payload)
    {
        string header = string.Create(CultureInfo.InvariantCulture,
            $"DSSEv1 {PayloadType.Length} {PayloadType} {payload.Length} ");
        byte[] bytes = new byte[header.Length + payload.Length];
        payload.CopyTo(bytes.AsSpan(Encoding.ASCII.GetBytes(header, bytes)));
        return bytes;
    }
}
