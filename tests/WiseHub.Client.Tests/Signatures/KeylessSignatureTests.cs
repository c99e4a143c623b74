using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Tests;

/// <summary>Signatures with a login, verified without a network.</summary>
public sealed class KeylessSignatureTests
{
    private const string Email = "somebody@example.com", Name = "acme/tiny model.sig";

    private static readonly KeylessSigner Somebody = new(Email, KeylessWorld.Issuer);

    [Fact]
    public void A_signature_by_an_expected_login_verifies()
    {
        using var world = new KeylessWorld();
        VerifiedSignature signature = Verify(world, world.Sign());
        Assert.Equal("somebody@example.com (https://login.example.com)", signature.Signer);
        Assert.Equal(world.Now + world.Delay, signature.Time);
        Assert.Equal(["a"], signature.Files.Keys);
    }

    [Fact]
    public void The_name_may_be_a_URI()
    {
        using var world = new KeylessWorld { Identity = "https://example.com/acme/sign.yml@refs/heads/main" };
        Verify(world, world.Sign(), new KeylessSigner(world.Identity, KeylessWorld.Issuer));
    }

    [Fact]
    public void Old_certificates_name_the_login_provider_in_another_way()
    {
        using var world = new KeylessWorld { HasOldIssuerOnly = true };
        Verify(world, world.Sign());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(20, 13)]
    public void An_entry_may_be_anywhere_in_the_log(int before, int after)
    {
        using var world = new KeylessWorld { Others = (before, after) };
        Verify(world, world.Sign());
    }

    [Theory]
    [InlineData("somebody@example.co", KeylessWorld.Issuer)]
    [InlineData("Somebody@example.com", KeylessWorld.Issuer)]
    [InlineData(".*", KeylessWorld.Issuer)]
    [InlineData(Email, "https://login.example.com/")]
    [InlineData(Email, "")]
    [InlineData("", "")]
    public void Another_login_is_not_expected(string identity, string issuer)
    {
        using var world = new KeylessWorld();
        HubException e = Failure(world, world.Sign(), new KeylessSigner(identity, issuer));
        Assert.Equal(WiseCodes.SignerNotExpected, e.Code);
        Assert.Contains("somebody@example.com with a login by https://login.example.com signed it. Expected: ", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_expected_signers_suffices()
    {
        using var world = new KeylessWorld();
        new SignatureVerifier(world.TrustRoot(), SignatureVectors.June).Verify(Bytes(world.Sign()), Name,
            [SignatureVectors.Key("p256"), new KeylessSigner("other", "other"), Somebody]);
    }

    // The timestamp alone suffices, and so does the promise of the log.
    [Theory]
    [InlineData("timestampVerificationData")]
    [InlineData("tlogEntries.0.inclusionPromise")]
    public void One_attested_time_suffices(string removed)
    {
        using var world = new KeylessWorld();
        JsonObject bundle = world.Sign();
        Remove(bundle, "verificationMaterial." + removed);
        Assert.Equal(world.Now + world.Delay, Verify(world, bundle).Time);
    }

    [Fact]
    public void A_signature_without_an_attested_time_is_refused()
    {
        using var world = new KeylessWorld { HasTimestamp = false };
        JsonObject bundle = world.Sign();
        Remove(bundle, "verificationMaterial.tlogEntries.0.inclusionPromise");
        HubException e = Failure(world, bundle);
        Assert.Equal(WiseCodes.SignatureTimeInvalid, e.Code);
        Assert.Contains("no log and no authority attests the time of the signature", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(11, true)]
    [InlineData(11, false)]
    [InlineData(-1, true)]
    [InlineData(-1, false)]
    public void A_time_outside_the_minutes_of_the_certificate_is_refused(int minutes, bool hasTimestamp)
    {
        using var world = new KeylessWorld { Delay = TimeSpan.FromMinutes(minutes), HasTimestamp = hasTimestamp };
        HubException e = Failure(world, world.Sign());
        Assert.Equal(WiseCodes.SignatureTimeInvalid, e.Code);
        Assert.Contains("is valid from 2026-04-01 00:00:00Z to 2026-04-01 00:10:00Z, but the time is ", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_was_not_logged_is_refused()
    {
        using var world = new KeylessWorld { HasCertificateTimestamp = false };
        Assert.Equal(WiseCodes.SignatureInvalid, Failure(world, world.Sign()).Code);
    }

    [Theory]
    [InlineData(X509KeyUsageFlags.KeyEncipherment, "1.3.6.1.5.5.7.3.3")]
    [InlineData(X509KeyUsageFlags.DigitalSignature, "1.3.6.1.5.5.7.3.1")]
    public void A_certificate_for_another_purpose_is_refused(X509KeyUsageFlags usage, string purpose)
    {
        using var world = new KeylessWorld { KeyUsage = usage, Purpose = purpose };
        HubException e = Failure(world, world.Sign());
        Assert.Equal(WiseCodes.SignatureInvalid, e.Code);
        Assert.Contains("may not be used for signing", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dsse", "0.0.2")]
    [InlineData("hashedrekord", "0.0.2")]
    [InlineData("intoto", "0.0.2")]
    public void Another_kind_of_log_entry_is_not_supported(string kind, string version)
    {
        using var world = new KeylessWorld();
        JsonObject bundle = world.Sign();
        Set(bundle, "verificationMaterial.tlogEntries.0.kindVersion.kind", kind);
        Set(bundle, "verificationMaterial.tlogEntries.0.kindVersion.version", version);
        HubException e = Failure(world, bundle);
        Assert.Equal(WiseCodes.SignatureNotSupported, e.Code);
        Assert.Contains($"its log entry is of the kind '{kind} {version}', and only 'dsse 0.0.1' of Rekor 1 is supported",
            e.Message, StringComparison.Ordinal);
    }

    // Parts of two signatures by the same login over the same statement do not make a third one.
    [Theory]
    [InlineData("verificationMaterial.certificate")]
    [InlineData("verificationMaterial.tlogEntries")]
    [InlineData("verificationMaterial.timestampVerificationData")]
    [InlineData("verificationMaterial.tlogEntries.0.canonicalizedBody")]
    [InlineData("verificationMaterial.tlogEntries.0.inclusionPromise")]
    [InlineData("verificationMaterial.tlogEntries.0.inclusionProof")]
    [InlineData("verificationMaterial.tlogEntries.0.inclusionProof.checkpoint")]
    [InlineData("dsseEnvelope.signatures")]
    public void A_part_of_another_signature_is_refused(string part)
    {
        using var world = new KeylessWorld();
        JsonObject bundle = world.Sign();
        Set(bundle, part, At(world.Sign(), part)!.DeepClone());
        Assert.Equal(WiseCodes.SignatureInvalid, Failure(world, bundle).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1 << 16)]
    public void A_checkpoint_may_have_signatures_of_witnesses_but_not_thousands(int characters)
    {
        using var world = new KeylessWorld();
        JsonObject bundle = world.Sign();
        const string path = "verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope";
        string checkpoint = (string)JsonLeaves.At(bundle, path)!, line = "— witness AAAAAAAA\n";
        JsonLeaves.Set(bundle, path, checkpoint + string.Concat(Enumerable.Repeat(line, 1 + characters / line.Length)));
        Assert.Equal(characters == 1, Record.Exception(() => Verify(world, bundle)) is null);
    }

    [Theory]
    [InlineData("verificationMaterial.tlogEntries.0.inclusionProof")]
    [InlineData("verificationMaterial.tlogEntries")]
    [InlineData("verificationMaterial.certificate")]
    public void A_missing_part_is_refused(string part)
    {
        using var world = new KeylessWorld();
        JsonObject bundle = world.Sign();
        Remove(bundle, part);
        Assert.Contains(Failure(world, bundle).Code, (string[])[WiseCodes.SignatureInvalid, WiseCodes.SignatureMalformed]);
    }

    [Theory]
    [InlineData("tlogs")]
    [InlineData("ctlogs")]
    [InlineData("certificateAuthorities")]
    [InlineData("timestampAuthorities")]
    public void What_the_trust_root_does_not_know_is_refused(string part)
    {
        using var world = new KeylessWorld();
        JsonObject root = world.TrustRootJson();
        root[part] = new JsonArray();
        HubException e = Failure(root, world.Sign());
        Assert.Equal(WiseCodes.SignatureInvalid, e.Code);
        Assert.Contains("the trust root root.json", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tlogs.0.publicKey.validFor")]
    [InlineData("ctlogs.0.publicKey.validFor")]
    [InlineData("certificateAuthorities.0.validFor")]
    [InlineData("timestampAuthorities.0.validFor")]
    public void A_time_that_the_trust_root_does_not_cover_is_told_apart(string period)
    {
        using var world = new KeylessWorld();
        JsonObject root = world.TrustRootJson(), bundle = world.Sign();
        Set(root, period + ".end", "2026-02-01T00:00:00Z");
        HubException e = Failure(root, bundle);
        Assert.Equal(WiseCodes.TrustRootUnusable, e.Code);
        Assert.Contains("was signed at 2026-04-01 00:0", e.Message, StringComparison.Ordinal);
        Assert.Contains("only from 2026-01-01 00:00:00Z to 2026-02-01 00:00:00Z. Get a current trusted_root.json of Sigstore. ",
            e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_with_a_key_of_another_kind_is_not_supported()
    {
        using var world = new KeylessWorld();
        JsonObject root = world.TrustRootJson();
        Set(root, "tlogs.0.publicKey.rawBytes", Convert.ToBase64String(TrustRoot.Shipped.Logs[1].Spki));
        HubException e = Failure(root, world.Sign());
        Assert.Equal(WiseCodes.SignatureNotSupported, e.Code);
        Assert.Contains("the key of the log https://rekor.example.com is of a kind that is not supported (Ed25519)", e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Each_changed_value_is_refused()
    {
        using var world = new KeylessWorld();
        var verifier = new SignatureVerifier(world.TrustRoot(), SignatureVectors.June);
        JsonObject good = world.Sign();
        List<string> accepted = [], paths = [.. JsonLeaves.Of(good)];
        foreach (string path in paths)
        {
            JsonObject bundle = good.DeepClone().AsObject();
            JsonLeaves.Change(bundle, path);
            if (Record.Exception(() => verifier.Verify(Bytes(bundle), Name, [Somebody])) is not HubException)
                accepted.Add(path);
        }
        Assert.True(paths.Count > 18, string.Join('\n', paths));
        Assert.Equal(["dsseEnvelope.signatures.0.keyid"], accepted);
    }

    [Fact]
    public void The_shipped_trust_root_does_not_trust_another_world()
    {
        using var world = new KeylessWorld();
        var e = Assert.Throws<HubException>(
            () => new SignatureVerifier(null, SignatureVectors.June).Verify(Bytes(world.Sign()), Name, [Somebody]));
        Assert.Equal(WiseCodes.SignatureInvalid, e.Code);
    }

    private static VerifiedSignature Verify(KeylessWorld world, JsonObject bundle, SignerRule? rule = null) =>
        new SignatureVerifier(world.TrustRoot(), SignatureVectors.June).Verify(Bytes(bundle), Name, [rule ?? Somebody]);

    private static HubException Failure(KeylessWorld world, JsonObject bundle, SignerRule? rule = null) =>
        Assert.Throws<HubException>(() => Verify(world, bundle, rule));

    private static HubException Failure(JsonObject root, JsonObject bundle) => Assert.Throws<HubException>(() =>
        new SignatureVerifier(TrustRoot.Read(Bytes(root), "root.json"), SignatureVectors.June)
            .Verify(Bytes(bundle), Name, [Somebody]));

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private static JsonNode? At(JsonNode node, string path) => JsonLeaves.At(node, path);

    private static void Set(JsonObject json, string path, JsonNode value) => JsonLeaves.Set(json, path, value);

    private static void Remove(JsonObject json, string path) => JsonLeaves.Remove(json, path);
}
