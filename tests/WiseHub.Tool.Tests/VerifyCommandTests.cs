using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary><c>wisehub verify</c> of a deployed program. Only the lock file and the folder are there.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private const string Commit = "1e265f4cf08b0c1fa9d03dd442022141390cae7a4b1bc05bf2c471de5f16acdb",
        Weights = "9a0364b9e99bb480dd25e1f0284c8555e8c1a3a1e0d4bd3d3ecfcbf7a4ba0d9f";

    private readonly ToolWorkspace _workspace = new();

    public VerifyCommandTests()
    {
        _workspace.Write("work/app/App.dll", "program");
        _workspace.Write("work/app/models/m/config.json", "{}");
        _workspace.Write("work/app/models/m/code.bin", "code");
        _workspace.Write("work/wise.lock.json", $$"""
            {
            "version":1,
            "references":[
            {"repoId":"acme/m","repoType":"model","hub":"local","commit":"{{Commit}}","license":["mit"],
            "signature":{"signer":"key sha256:{{Weights}}","sha256":"{{Weights}}"},
            "selections":[{}],
            "files":[
            {"path":"code.bin","size":4,"sha256":"{{Sha("code")}}","waived":"pickle"},
            {"path":"config.json","size":2,"sha256":"{{Sha("{}")}}"}]}]
            }

            """);
    }

    public void Dispose() => _workspace.Dispose();

    private static string Sha(string text) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    private Task<ProcessResult> VerifyAsync(params string[] more) =>
        _workspace.RunAsync(["verify", "app", "--lock", "wise.lock.json", .. more]);

    [Fact]
    public async Task A_deployed_program_is_proved_with_its_signers_and_waivers()
    {
        _workspace.Environment["PATH"] = "";
        Assert.Equal(new ProcessResult(0, $"""
            model acme/m from local at the default branch, commit {Commit}: 2 files, 6 B as locked in models/m
              license: mit
              signed by key sha256:{Weights}
              waived: code.bin can run code (pickle)
            Verified: the model in $/work/app is what was locked.

            """.ReplaceLineEndings("\n"), ""), await VerifyAsync());
        Assert.False(Directory.Exists(_workspace.Cache));
    }

    [Fact]
    public async Task A_changed_file_ends_with_exit_code_1()
    {
        _workspace.Write("work/app/models/m/code.bin", "evil");
        ProcessResult result = await VerifyAsync();
        Assert.Equal((1, "error WISE6050: model acme/m from local at the default branch: 'models/m/code.bin' in "
            + $"$/work/app is not the locked file: its sha256 is {Sha("evil")}, and that in the lock file "
            + $"is {Sha("code")}. Do not run the program. Deploy it again.\n"), (result.ExitCode, result.Error));
        Assert.DoesNotContain("Verified", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_result_can_be_JSON()
    {
        _workspace.Write("work/app/models/m/extra.bin", "evil");
        ProcessResult result = await VerifyAsync("--json");
        JsonNode json = JsonNode.Parse(result.Output)!;
        Assert.Equal((1, false, "WISE6052", "models/m", "pickle"), (result.ExitCode, json["verified"]!.GetValue<bool>(),
            json["problems"]![0]!["code"]!.GetValue<string>(), json["models"]![0]!["folders"]![0]!.GetValue<string>(),
            json["models"]![0]!["waived"]![0]!["kind"]!.GetValue<string>()));
        Assert.Equal(0, (await VerifyAsync("--ignore", "models/m/*.bin")).ExitCode);
    }

    [Fact]
    public async Task Missing_files_can_be_permitted()
    {
        File.Delete(_workspace.PathOf("work/app/models/m/config.json"));
        Assert.Equal((1, 0), ((await VerifyAsync()).ExitCode, (await VerifyAsync("--ignore-missing")).ExitCode));
    }

    [Theory]
    [InlineData("error WISE1101: --ignore-missing is only for a deployed program. Name its lock file with --lock.\n",
        "verify", "app", "--ignore-missing")]
    [InlineData("error WISE1101: --offline is only for a build. With --lock no network is used, so remove it.\n",
        "verify", "app", "--lock", "wise.lock.json", "--offline")]
    public async Task Options_of_the_other_form_are_refused(string error, params string[] arguments) =>
        Assert.Equal(new ProcessResult(1, "", error), await _workspace.RunAsync(arguments));

    [Fact]
    public async Task A_missing_lock_file_and_an_unknown_repo_are_errors()
    {
        Assert.Equal($"error WISE6053: $/work/other.json does not exist. Name the wise.lock.json that the "
            + "program was built with.\n", (await _workspace.RunAsync("verify", "app", "--lock", "other.json")).Error);
        Assert.Equal($"error WISE6053: $/work/wise.lock.json has no entry for acme/x. Correct the names "
            + "after --repo.\n", (await VerifyAsync("--repo", "acme/x")).Error);
    }
}
