using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Signatures;

/// <summary>
/// Verifies entries of Rekor 1: that a log has them, that they are about this signature, and their time
/// (https://github.com/sigstore/rekor, https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md).
/// </summary>
internal sealed class TransparencyLog(TrustRoot root, string name)
{
    // The first bytes of a log's id, in each signature of a checkpoint.
    private const int HintBytes = 4;

    private const string SignatureLine = "— ";

    // Characters. A real one has a few hundred; each of its signatures is verified over its whole text.
    private const int LongestCheckpoint = 1 << 16;

    /// <summary>Verifies an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="bundle">The signature that it must be about.</param>
    /// <param name="time">A trusted time from elsewhere; null if the entry itself must attest it.</param>
    /// <returns>The time that the log attests; null if it attests none.</returns>
    /// <exception cref="HubException">
    /// WISE6030, WISE6031: wrong. WISE6035: the kind of the log's key. WISE6036: the log was not trusted at that time.
    /// </exception>
    public DateTimeOffset? Verify(LogEntry entry, SignatureBundle bundle, DateTimeOffset? time)
    {
        DateTimeOffset? attested = entry.Promise is null ? null : TimeOf(entry);
        if ((attested ?? time) is not DateTimeOffset at)
            throw SignatureMessages.TimeInvalid(name, SignatureMessages.NoTime);
        TrustedLog log = Find(entry.LogId, at);
        using EcPublicKey key = EcPublicKey.Read(log.Spki, out string? other)
            ?? throw SignatureMessages.NotSupported(name, SignatureMessages.OtherLogKey(log.Url, other));
        VerifyInclusion(entry, log, key);
        if (entry.Promise is not null && !key.Verify(PromisedBytes(entry), entry.Promise))
            throw SignatureMessages.Invalid(name, SignatureMessages.WrongPromise);
        VerifyBody(entry.Body, bundle);
        return attested;
    }

    private TrustedLog Find(byte[] id, DateTimeOffset time)
    {
        TrustedLog[] logs = [.. root.Logs.Where(l => l.Id.AsSpan().SequenceEqual(id))];
        if (logs.Length == 0)
            throw SignatureMessages.Invalid(name, SignatureMessages.UnknownLog(Convert.ToHexStringLower(id), root.File));
        return logs.FirstOrDefault(l => l.Period.Contains(time))
            ?? throw SignatureMessages.TrustRootOutdated(name, root.File, logs[0].Url, time, logs[0].Period);
    }

    private DateTimeOffset TimeOf(LogEntry entry) =>
        entry.IntegratedTime is > 0 and <= 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(entry.IntegratedTime)
        : throw SignatureMessages.Invalid(name, SignatureMessages.WrongPromise);

    private void VerifyInclusion(LogEntry entry, TrustedLog log, EcPublicKey key)
    {
        if (entry.Proof is not InclusionProof proof || !proof.Includes(entry.Body))
            throw SignatureMessages.Invalid(name, SignatureMessages.NoInclusion);
        if (!IsCheckpointOf(proof, log, key))
            throw SignatureMessages.Invalid(name, SignatureMessages.WrongCheckpoint);
    }

    // Text and signatures, with an empty line between them. Of the text, the second line is the size and the third the hash.
    private static bool IsCheckpointOf(InclusionProof proof, TrustedLog log, EcPublicKey key)
    {
        int gap = proof.Checkpoint.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (gap < 0 || proof.Checkpoint.Length > LongestCheckpoint || log.Id.Length < HintBytes)
            return false;
        string text = proof.Checkpoint[..(gap + 1)];
        string[] lines = text.Split('\n', 4);
        if (lines.Length < 4 || lines[1] != proof.TreeSize.ToString(CultureInfo.InvariantCulture)
            || lines[2] != Convert.ToBase64String(proof.RootHash))
            return false;
        byte[] signed = Encoding.UTF8.GetBytes(text);
        foreach (string line in proof.Checkpoint[(gap + 2)..].Split('\n'))
        {
            // A note may have signatures of witnesses, too.
            if (SignatureOf(line) is byte[] signature && signature.AsSpan().StartsWith(log.Id.AsSpan(0, HintBytes))
                && key.Verify(signed, signature.AsSpan(HintBytes)))
                return true;
        }
        return false;
    }

    private static byte[]? SignatureOf(string line)
    {
        int space = line.LastIndexOf(' ');
        if (!line.StartsWith(SignatureLine, StringComparison.Ordinal) || space < SignatureLine.Length)
            return null;
        byte[] bytes = new byte[line.Length];
        return Convert.TryFromBase64String(line[(space + 1)..], bytes, out int written) && written > HintBytes
            ? bytes[..written] : null;
    }

    // RFC 8785: sorted keys, no spaces.
    private static byte[] PromisedBytes(LogEntry entry) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{{\"body\":\"{Convert.ToBase64String(entry.Body)}\",\"integratedTime\":{entry.IntegratedTime},\"logID\":"
        + $"\"{Convert.ToHexStringLower(entry.LogId)}\",\"logIndex\":{entry.Index}}}"));

    /// <summary>Verifies that an entry is about a signature.</summary>
    internal void VerifyBody(byte[] body, SignatureBundle bundle)
    {
        using var json = new SignatureJson(body, SignatureMessages.LogEntryIn(name), WiseCodes.SignatureMalformed,
            SignatureMessages.SignAgain);
        string kind = $"{json.RequiredString(json.Root, "kind")} {json.RequiredString(json.Root, "apiVersion")}";
        JsonElement spec = json.RequiredObject(json.Root, "spec"), hash = json.RequiredObject(spec, "payloadHash");
        JsonElement[] signatures = [.. json.Objects(spec, "signatures").Take(2)];
        if (kind != LogEntry.Dsse || json.RequiredString(hash, "algorithm") != "sha256"
            || json.RequiredString(hash, "value") != Convert.ToHexStringLower(SHA256.HashData(bundle.Payload))
            || signatures.Length != 1
            || !json.RequiredBase64(signatures[0], "signature").AsSpan().SequenceEqual(bundle.Signature)
            || !IsCertificate(json.RequiredBase64(signatures[0], "verifier"), bundle.Certificates[0]))
            throw SignatureMessages.Invalid(name, SignatureMessages.OtherEntry);
    }

    private static bool IsCertificate(byte[] pem, byte[] certificate)
    {
        string text = Encoding.UTF8.GetString(pem);
        byte[] der = new byte[pem.Length];
        return PemEncoding.TryFind(text, out PemFields fields) && text.AsSpan()[fields.Label] is "CERTIFICATE"
            && Convert.TryFromBase64Chars(text.AsSpan()[fields.Base64Data], der, out int written)
            && der.AsSpan(0, written).SequenceEqual(certificate);
    }
}
