using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub sign</c>, and <c>wisehub upload --sign-key</c>.</summary>
public sealed class SignCommandTests : IDisposable
{
    private readonly ToolWorkspace _workspace = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SignCommandTests()
    {
        _workspace.Write("work/key.pem", _key.ExportPkcs8PrivateKeyPem());
        _workspace.Write("work/secret.pem", _key.ExportEncryptedPkcs8PrivateKeyPem("secret",
            new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        _workspace.Write("work/model/config.json", "{}");
    }

    public void Dispose()
    {
        _key.Dispose();
        _workspace.Dispose();
    }

    private string Signer => "key sha256:" + Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));

    private string Signature => _workspace.PathOf("work/model/model.sig");

    // As the output shows it.
    private const string Shown = "$/work/model/model.sig";

    [Fact]
    public async Task The_last_line_is_the_signature()
    {
        Assert.Equal(new ProcessResult(0, Shown + "\n", $"Signed 1 file, 2 B by {Signer}.\n"),
            await _workspace.RunAsync("sign", "model", "--key", "key.pem"));
        Assert.Equal(new ProcessResult(0, Shown + "\n", $"1 file, 2 B are already signed by {Signer}.\n"),
            await _workspace.RunAsync("sign", "model", "--key", "key.pem"));
    }

    [Fact]
    public async Task The_result_can_be_JSON()
    {
        ProcessResult result = await _workspace.RunAsync("sign", "model", "--key", "key.pem", "--json");
        JsonNode json = JsonNode.Parse(result.Output)!;
        Assert.Equal((0, Shown, Signer, 1, 2, true), (result.ExitCode, json["signature"]!.GetValue<string>(),
            json["signer"]!.GetValue<string>(), json["files"]!.GetValue<int>(), json["size"]!.GetValue<int>(),
            json["changed"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task The_password_of_a_key_is_read_from_the_environment()
    {
        Assert.Equal(new ProcessResult(1, "", "error WISE6034: The file $/work/secret.pem cannot be used for signatures: its key "
            + "is encrypted, and WISEHUB_SIGN_PASSWORD does not have its password. Correct its path or its contents.\n"),
            await _workspace.RunAsync("sign", "model", "--key", "secret.pem"));
        Assert.False(File.Exists(Signature));
        _workspace.Environment["WISEHUB_SIGN_PASSWORD"] = "secret";
        Assert.Equal(0, (await _workspace.RunAsync("sign", "model", "--key", "secret.pem")).ExitCode);
    }

    [Fact]
    public async Task On_a_terminal_the_password_is_asked_for_and_not_shown()
    {
        using PseudoTerminal terminal = await PseudoTerminal.StartAsync(_workspace, "sign model --key secret.pem");
        await terminal.WaitForAsync("secret.pem: ");
        await terminal.TypeAsync("secret\n");
        (int exitCode, string screen) = await terminal.EndAsync();
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(": secret", screen, StringComparison.Ordinal);
        Assert.Contains($"Signed 1 file, 2 B by {Signer}.", screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_required()
    {
        ProcessResult result = await _workspace.RunAsync("sign", "model");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--key", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_with_a_key_sends_the_signature_too()
    {
        ProcessResult result = await _workspace.RunAsync(
            "upload", "model", "acme/m", "--sign-key", "key.pem", "--dry-run");
        Assert.Contains("add     model.sig", result.Output, StringComparison.Ordinal);
        result = await _workspace.RunAsync("upload", "model", "acme/m", "--sign-key", "key.pem", "--json");
        Assert.Equal(["config.json", "model.sig"], JsonNode.Parse(result.Output)!["steps"]!.AsArray()
            .Select(s => s!["path"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Certificates_without_a_key_are_an_error() => Assert.Equal(new ProcessResult(1, "",
        "error WISE1101: --sign-chain is only for --sign-key. Name the key, too.\n"),
        await _workspace.RunAsync("upload", "model", "acme/m", "--sign-chain", "key.pem"));
}
