using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace WiseHub.Client.Signatures;

/// <summary>Whom a certificate of Sigstore names (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).</summary>
/// <param name="Names">E-mail addresses and URIs; usually one.</param>
/// <param name="Issuer">The provider of the login; null if the certificate names none.</param>
internal sealed record KeylessIdentity(IReadOnlyList<string> Names, string? Issuer)
{
    private const string AlternativeName = "2.5.29.17", IssuerExtension = "1.3.6.1.4.1.57264.1.8",
        OldIssuerExtension = "1.3.6.1.4.1.57264.1.1";

    private static readonly Asn1Tag Email = new(TagClass.ContextSpecific, 1), Uri = new(TagClass.ContextSpecific, 6);

    /// <summary>Reads the identity of a certificate.</summary>
    /// <exception cref="AsnContentException">Malformed.</exception>
    public static KeylessIdentity Of(X509Certificate2 certificate)
    {
        var names = new List<string>();
        string? issuer = null, oldIssuer = null;
        foreach (X509Extension extension in certificate.Extensions)
        {
            switch (extension.Oid?.Value)
            {
                case AlternativeName:
                    ReadNames(extension.RawData, names);
                    break;
                case IssuerExtension:
                    issuer = new AsnReader(extension.RawData, AsnEncodingRules.DER)
                        .ReadCharacterString(UniversalTagNumber.UTF8String);
                    break;
                case OldIssuerExtension:
                    // Text without any encoding around it.
                    oldIssuer = Encoding.UTF8.GetString(extension.RawData);
                    break;
            }
        }
        return new KeylessIdentity(names, issuer ?? oldIssuer);
    }

    private static void ReadNames(byte[] extension, List<string> names)
    {
        AsnReader general = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (general.HasData)
        {
            Asn1Tag tag = general.PeekTag();
            if (tag.HasSameClassAndValue(Email) || tag.HasSameClassAndValue(Uri))
                names.Add(general.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            else
                general.ReadEncodedValue();
        }
    }
}
