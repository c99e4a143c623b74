using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace WiseHub.Client.Signatures;

/// <summary>
/// A signed certificate timestamp of RFC 6962: a log's promise, within the certificate itself, that it has the certificate.
/// </summary>
/// <param name="LogId">The sha256 of the log's key.</param>
/// <param name="Milliseconds">The time, in milliseconds since 1970.</param>
/// <param name="Extensions">Bytes that are signed as well.</param>
/// <param name="Signature">The signature, DER, with sha256.</param>
internal sealed record CertificateTimestamp(byte[] LogId, ulong Milliseconds, byte[] Extensions, byte[] Signature)
{
    /// <summary>The hash of the signature, whatever the curve of the key.</summary>
    public static readonly HashAlgorithmName Hash = HashAlgorithmName.SHA256;

    private const string ListExtension = "1.3.6.1.4.1.11129.2.4.2";

    // HashAlgorithm.sha256 and SignatureAlgorithm.ecdsa of RFC 5246.
    private const int Sha256 = 4, Ecdsa = 3;

    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3);

    /// <summary>The time; null if no calendar has it.</summary>
    public DateTimeOffset? Time => Milliseconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        ? DateTimeOffset.FromUnixTimeMilliseconds((long)Milliseconds) : null;

    /// <summary>Reads the timestamps of a certificate; those of other versions and algorithms are left out.</summary>
    /// <param name="certificate">DER.</param>
    /// <param name="withoutList">The signed part of the certificate without them, which is what the logs signed.</param>
    /// <exception cref="AsnContentException">Malformed.</exception>
    public static List<CertificateTimestamp> ReadAll(ReadOnlyMemory<byte> certificate, out byte[] withoutList)
    {
        AsnReader tbs = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        ReadOnlyMemory<byte>? list = null;
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (tbs.HasData)
            {
                if (!tbs.PeekTag().HasSameClassAndValue(ExtensionsTag))
                {
                    writer.WriteEncodedValue(tbs.ReadEncodedValue().Span);
                    continue;
                }
                AsnReader extensions = tbs.ReadSequence(ExtensionsTag).ReadSequence();
                using (writer.PushSequence(ExtensionsTag))
                using (writer.PushSequence())
                    CopyExtensions(extensions, writer, ref list);
            }
        }
        withoutList = writer.Encode();
        return list is ReadOnlyMemory<byte> found ? ReadList(found.Span) : [];
    }

    /// <summary>What the log signed.</summary>
    /// <param name="issuer">The SubjectPublicKeyInfo of the certificate's issuer.</param>
    /// <param name="withoutList">The signed part of the certificate without timestamps.</param>
    public byte[] SignedBytes(byte[] issuer, byte[] withoutList)
    {
        using var stream = new MemoryStream(withoutList.Length + 64);
        Span<byte> number = stackalloc byte[8];
        // Version 1 and certificate_timestamp; then precert_entry.
        stream.Write([0, 0]);
        BinaryPrimitives.WriteUInt64BigEndian(number, Milliseconds);
        stream.Write(number);
        stream.Write([0, 1]);
        stream.Write(SHA256.HashData(issuer));
        BinaryPrimitives.WriteInt32BigEndian(number, withoutList.Length);
        stream.Write(number[1..4]);
        stream.Write(withoutList);
        BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)Extensions.Length);
        stream.Write(number[..2]);
        stream.Write(Extensions);
        return stream.ToArray();
    }

    /// <summary>Reads the list of an extension's value, which is an OCTET STRING.</summary>
    /// <exception cref="AsnContentException">Malformed.</exception>
    internal static List<CertificateTimestamp> ReadList(ReadOnlySpan<byte> extension)
    {
        ReadOnlySpan<byte> rest = AsnDecoder.ReadOctetString(extension, AsnEncodingRules.DER, out int read);
        if (read != extension.Length)
            throw new AsnContentException();
        var timestamps = new List<CertificateTimestamp>();
        rest = Take(ref rest, Number(ref rest));
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> one = Take(ref rest, Number(ref rest));
            if (one.IsEmpty || one[0] != 0)
                continue;
            Take(ref one, 1);
            byte[] logId = Take(ref one, SHA256.HashSizeInBytes).ToArray();
            ulong milliseconds = BinaryPrimitives.ReadUInt64BigEndian(Take(ref one, sizeof(ulong)));
            byte[] extensions = Take(ref one, Number(ref one)).ToArray();
            ReadOnlySpan<byte> algorithms = Take(ref one, 2);
            byte[] signature = Take(ref one, Number(ref one)).ToArray();
            if (!one.IsEmpty)
                throw new AsnContentException();
            if (algorithms is [Sha256, Ecdsa])
                timestamps.Add(new CertificateTimestamp(logId, milliseconds, extensions, signature));
        }
        return timestamps;
    }

    private static void CopyExtensions(AsnReader extensions, AsnWriter writer, ref ReadOnlyMemory<byte>? list)
    {
        while (extensions.HasData)
        {
            ReadOnlyMemory<byte> encoded = extensions.ReadEncodedValue();
            AsnReader extension = new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence();
            if (extension.ReadObjectIdentifier() != ListExtension)
            {
                writer.WriteEncodedValue(encoded.Span);
                continue;
            }
            if (list is not null)
                throw new AsnContentException();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
                extension.ReadBoolean();
            list = extension.ReadOctetString();
        }
    }

    private static int Number(ref ReadOnlySpan<byte> rest) =>
        BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, sizeof(ushort)));

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int count)
    {
        if (count > rest.Length)
            throw new AsnContentException();
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
