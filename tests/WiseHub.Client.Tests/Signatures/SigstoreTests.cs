using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>
/// Ring 4: keyless signatures of Sigstore's own mocks, and what Sigstore's own verifier says of ours, so that both sides are
/// right and do not merely agree with each other.
/// </summary>
public sealed class SigstoreTests : IClassFixture<SigstoreTests.Mocks>
{
    private const string Identity = "https://example.com/acme/tiny/.github/workflows/sign.yml@refs/heads/main",
        Issuer = "https://login.example.com", Name = "acme/tiny model.sig";

    private static readonly string Program = RepoFiles.At("tests", "sigstore-js");

    private readonly Mocks _mocks;

    public SigstoreTests(Mocks mocks)
    {
        Assert.SkipUnless(mocks.Missing is null, mocks.Missing ?? "");
        _mocks = mocks;
    }

    [Fact]
    public void A_keyless_signature_of_the_mocks_verifies()
    {
        VerifiedSignature signature = Verify("good.sig");
        Assert.Equal($"{Identity} ({Issuer})", signature.Signer);
        SignatureVerifier.CheckFiles(signature, Name, "model.sig", SignatureVectors.Files("ref/files-p256/model"),
            SignatureVectors.Files("ref/files-p256/model").Keys);
    }

    [Theory]
    [InlineData("good.sig", "ok")]
    [InlineData("second.sig", "ok")]
    [InlineData("strange-certificate-log.sig", "SCT verification failed")]
    [InlineData("no-certificate-log.sig", "expected 1 SCTs, got 0")]
    [InlineData("late.sig", "Failed to verify certificate chain")]
    public async Task The_other_verifier_has_the_same_verdict(string file, string verdict)
    {
        ProcessResult other = await ProcessRunner.RunAsync("node",
            ["judge.mjs", _mocks.At(file), _mocks.At("trusted_root.json"), Identity, Issuer], Program);
        Assert.Contains(verdict, other.Output + other.Error, StringComparison.Ordinal);
        Assert.Equal(verdict == "ok", Record.Exception(() => Verify(file)) is null);
    }

    [Theory]
    [InlineData(Identity + "x", Issuer)]
    [InlineData(Identity, Issuer + "/")]
    public void Another_login_is_not_expected(string identity, string issuer) => Assert.Equal(WiseCodes.SignerNotExpected,
        Assert.Throws<HubException>(() => Verify("good.sig", new KeylessSigner(identity, issuer))).Code);

    [Theory]
    [InlineData("strange-certificate-log.sig", WiseCodes.SignatureInvalid)]
    [InlineData("no-certificate-log.sig", WiseCodes.SignatureInvalid)]
    [InlineData("late.sig", WiseCodes.SignatureTimeInvalid)]
    public void A_wrong_signature_of_the_mocks_is_refused(string file, string code) =>
        Assert.Equal(code, Assert.Throws<HubException>(() => Verify(file)).Code);

    [Fact]
    public void A_signature_of_the_mocks_without_a_time_is_refused()
    {
        JsonNode bundle = JsonNode.Parse(File.ReadAllText(_mocks.At("good.sig")))!;
        JsonLeaves.Remove(bundle, "verificationMaterial.timestampVerificationData");
        Verify(bundle);
        JsonLeaves.Remove(bundle, "verificationMaterial.tlogEntries.0.inclusionPromise");
        Assert.Equal(WiseCodes.SignatureTimeInvalid, Assert.Throws<HubException>(() => Verify(bundle)).Code);
    }

    [Fact]
    public void Each_changed_value_of_the_mocks_is_refused()
    {
        JsonNode good = JsonNode.Parse(File.ReadAllText(_mocks.At("good.sig")))!;
        List<string> accepted = [];
        // The middle of a checkpoint may be the log's name before its signature, which nobody signs.
        foreach (string path in JsonLeaves.Of(good).Where(p => !p.EndsWith(".envelope", StringComparison.Ordinal)).ToList())
        {
            JsonNode bundle = good.DeepClone();
            JsonLeaves.Change(bundle, path);
            if (Record.Exception(() => Verify(bundle)) is not HubException)
                accepted.Add(path);
        }
        Assert.Equal(["dsseEnvelope.signatures.0.keyid"], accepted);
    }

    // For other curves, it takes the wrong hash.
    [Fact]
    public async Task The_other_verifier_accepts_our_signature()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var folder = new TempFolder();
        string bundle = folder.Write("model.sig", ModelSigner.Sign(SignatureVectors.Files("ref/order/model"), "model", key));
        string pem = folder.Write("key.pem", key.ExportSubjectPublicKeyInfoPem());
        ProcessResult other = await ProcessRunner.RunAsync("node", ["judge.mjs", bundle, pem], Program);
        Assert.True(other.ExitCode == 0, other.Error);

        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.Write("key.pem", stranger.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(1, (await ProcessRunner.RunAsync("node", ["judge.mjs", bundle, pem], Program)).ExitCode);
    }

    private VerifiedSignature Verify(string file, SignerRule? rule = null) => Verify(File.ReadAllBytes(_mocks.At(file)), rule);

    private VerifiedSignature Verify(JsonNode bundle) => Verify(System.Text.Encoding.UTF8.GetBytes(bundle.ToJsonString()), null);

    private VerifiedSignature Verify(byte[] bundle, SignerRule? rule) => new SignatureVerifier(
        TrustRoot.Read(File.ReadAllBytes(_mocks.At("trusted_root.json")), "trusted_root.json"), TimeProvider.System)
        .Verify(bundle, Name, [rule ?? new KeylessSigner(Identity, Issuer)]);

    /// <summary>What the mocks made, once for all tests; a reason if there is no Node.js.</summary>
    public sealed class Mocks : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();

        public string? Missing { get; private set; }

        public string At(string file) => _folder[file];

        public async ValueTask InitializeAsync()
        {
            if (!await ProcessRunner.ExistsAsync("npm") || !await ProcessRunner.ExistsAsync("node"))
            {
                Missing = "Node.js and npm are not installed.";
                return;
            }
            string version = (await ProcessRunner.RunAsync("node", ["--version"], Program)).Output.Trim();
            if (!Version.TryParse(version.TrimStart('v'), out Version? node) || node < new Version(20, 17))
            {
                Missing = $"Node.js {version} is installed, and the packages of Sigstore need 20.17 or later.";
                return;
            }
            if (!Directory.Exists(Path.Combine(Program, "node_modules", "@sigstore", "verify")))
            {
                ProcessResult install = await ProcessRunner.RunAsync("npm",
                    ["ci", "--silent", "--no-audit", "--no-fund"], Program);
                if (install.ExitCode != 0)
                {
                    Missing = $"npm could not install the packages of Sigstore: {install.Error}";
                    return;
                }
            }
            _folder.Write("statement.json", SignatureVectors.Read("ref/files-p256/statement.json"));
            ProcessResult made = await ProcessRunner.RunAsync("node", ["make.mjs", _folder.Path], Program);
            Assert.True(made.ExitCode == 0, made.Error);
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
