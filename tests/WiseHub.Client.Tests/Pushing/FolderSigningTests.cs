using System.Security.Cryptography;
using WiseHub.Client.Signatures;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Signatures of folders.</summary>
public sealed class FolderSigningTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public FolderSigningTests()
    {
        _temp.Write("key.pem", _key.ExportPkcs8PrivateKeyPem());
        _temp.Write("key.pub", _key.ExportSubjectPublicKeyInfoPem());
        _temp.Write("model/config.json", "{}");
        _temp.Write("model/onnx/model.onnx", "weights");
        _temp.Write("model/.gitattributes", "* -text");
    }

    public void Dispose()
    {
        _key.Dispose();
        _temp.Dispose();
    }

    private SigningKey Key => new(_temp["key.pem"]);

    private string Signer => "key sha256:" + Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private VerifiedSignature Verify(string file) => new SignatureVerifier(null, TimeProvider.System)
        .Verify(File.ReadAllBytes(_temp[file]), file, [new KeySigner(_temp["key.pub"])]);

    private async Task<string> FailureAsync(Func<Task> work) => (await Assert.ThrowsAsync<HubException>(work)) is var e
        ? $"{e.Code}: {e.Message.Replace(_temp.Path, "<temp>", StringComparison.Ordinal)}" : "";

    [Fact]
    public async Task The_signature_lists_all_files_apart_from_itself_and_those_of_git()
    {
        SignedFolder signed = await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel);
        Assert.Equal(new SignedFolder(_temp["model/model.sig"], Signer, 3, 16, true), signed);
        Assert.Equal(["config.json", "onnx/model.onnx"], Verify("model/model.sig").Files.Keys.Order(StringComparer.Ordinal));
    }

    // The bytes of an ECDSA signature are random; a folder in git must not change at each build.
    [Fact]
    public async Task A_second_signature_of_the_same_files_changes_nothing()
    {
        await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel);
        byte[] first = File.ReadAllBytes(_temp["model/model.sig"]);
        Assert.False((await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel)).Changed);
        Assert.Equal(first, File.ReadAllBytes(_temp["model/model.sig"]));
    }

    [Theory]
    [InlineData("model/config.json", "{ }")]
    [InlineData("model/more.txt", "more")]
    [InlineData("model/model.sig", "not a signature")]
    public async Task A_folder_that_changed_is_signed_again(string path, string text)
    {
        await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel);
        _temp.Write(path, text);
        Assert.True((await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel)).Changed);
        VerifiedSignature signature = Verify("model/model.sig");
        Assert.Equal(Digest.Parse(RestoreBench.Sha256(File.ReadAllText(_temp["model/config.json"]))),
            signature.Files["config.json"]);
    }

    [Fact]
    public async Task Another_key_replaces_the_signature()
    {
        await FolderSigning.SignAsync(_temp["model"], Key, cancel: Cancel);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        _temp.Write("other.pem", other.ExportPkcs8PrivateKeyPem());
        Assert.True((await FolderSigning.SignAsync(_temp["model"], new SigningKey(_temp["other.pem"]), cancel: Cancel)).Changed);
        Assert.StartsWith("WISE6033", await FailureAsync(() => Task.FromResult(Verify("model/model.sig"))),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_signature_can_be_elsewhere()
    {
        Directory.CreateDirectory(_temp["out"]);
        SignedFolder signed = await FolderSigning.SignAsync(_temp["model"], Key, _temp["out/m.sig"], Cancel);
        Assert.Equal(_temp["out/m.sig"], signed.SignatureFile);
        Assert.False(File.Exists(_temp["model/model.sig"]));
        Assert.Equal(2, Verify("out/m.sig").Files.Count);
    }

    [Fact]
    public async Task The_password_is_asked_for_only_if_the_key_is_encrypted()
    {
        int asked = 0;
        string? Ask()
        {
            asked++;
            return "secret";
        }
        await FolderSigning.SignAsync(_temp["model"], Key with { Password = Ask }, cancel: Cancel);
        Assert.Equal(0, asked);
        _temp.Write("key.pem", _key.ExportEncryptedPkcs8PrivateKeyPem("secret",
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Assert.False((await FolderSigning.SignAsync(_temp["model"], Key with { Password = Ask }, cancel: Cancel)).Changed);
        Assert.Equal(1, asked);
        Assert.Equal("WISE6034: The file <temp>/key.pem cannot be used for signatures: its key is encrypted, and "
            + "WISEHUB_SIGN_PASSWORD does not have its password. Correct its path or its contents.",
            (await FailureAsync(
                () => FolderSigning.SignAsync(_temp["model"], Key with { Password = () => null }, cancel: Cancel)))
                .Replace('\\', '/'));
    }

    [Fact]
    public async Task A_folder_without_files_is_an_error_and_nothing_is_written()
    {
        Directory.CreateDirectory(_temp["empty"]);
        Assert.StartsWith("WISE5004: The folder ", await FailureAsync(
            () => FolderSigning.SignAsync(_temp["empty"], Key, cancel: Cancel)), StringComparison.Ordinal);
        _temp.Write("empty/.gitignore", "x");
        Assert.StartsWith("WISE6032: empty cannot be signed: it has no files", await FailureAsync(
            () => FolderSigning.SignAsync(_temp["empty"], Key, cancel: Cancel)), StringComparison.Ordinal);
        Assert.False(File.Exists(_temp["empty/model.sig"]));
    }
}
