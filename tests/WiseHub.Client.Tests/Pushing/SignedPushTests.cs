using System.Security.Cryptography;
using System.Text;

namespace WiseHub.Client.Tests;

/// <summary>Pushes with a key, and pushes to a repo that is signed.</summary>
public sealed class SignedPushTests : IDisposable
{
    private const string Policy = """
        {"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"}},
         "policy":{"signatures":[{"repos":["*"],"key":"key.pub"}]}}
        """;

    private readonly RestoreBench _bench = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public SignedPushTests()
    {
        _bench.Temp.Write("key.pem", _key.ExportPkcs8PrivateKeyPem());
        _bench.Temp.Write("key.pub", _key.ExportSubjectPublicKeyInfoPem());
    }

    public void Dispose()
    {
        _key.Dispose();
        _bench.Dispose();
    }

    private SigningKey Key => new(_bench.Temp["key.pem"]);

    private static PushFile File(string path, string text) => PushFile.FromBytes(Encoding.UTF8.GetBytes(text), path);

    private PushRequest Request(params PushFile[] files) =>
        new() { RepoId = "acme/tiny", Files = files, SignKey = Key };

    private async Task<PushResult> PushAsync(PushRequest request)
    {
        using HubClient client = _bench.NewClient();
        return await client.PushAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Steps(PushResult pushed) => string.Join(", ", pushed.Steps.Select(s => $"{s.Action} {s.PathInRepo}"));

    private async Task RestoreWithPolicyAsync()
    {
        _bench.Configure(Policy);
        await _bench.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
    }

    [Fact]
    public async Task A_signed_push_passes_a_policy_that_requires_its_key()
    {
        PushResult pushed = await PushAsync(Request(File("config.json", "{}"), File("onnx/data.txt", "text")));
        Assert.Equal("Add config.json, Add model.sig, Add onnx/data.txt", Steps(pushed));
        await RestoreWithPolicyAsync();
    }

    [Fact]
    public async Task The_signature_also_lists_the_files_that_the_repo_keeps()
    {
        await PushAsync(Request(File("old.txt", "old")) with { SignKey = null });
        Assert.Equal("Add model.sig, Add new.txt", Steps(await PushAsync(Request(File("new.txt", "new")))));
        await RestoreWithPolicyAsync();
    }

    [Fact]
    public async Task A_pruned_file_is_not_listed()
    {
        await PushAsync(Request(File("old.txt", "old")));
        Assert.Equal("Change model.sig, Add new.txt, Delete old.txt",
            Steps(await PushAsync(Request(File("new.txt", "new")) with { Prune = true })));
        await RestoreWithPolicyAsync();
    }

    [Fact]
    public async Task A_push_without_changes_keeps_the_signature_and_makes_no_commit()
    {
        PushResult first = await PushAsync(Request(File("config.json", "{}")));
        PushResult second = await PushAsync(Request(File("config.json", "{}")) with { Prune = true });
        Assert.Equal((first.Commit, false), (second.Commit, second.Changed));
        Assert.Equal("Keep config.json, Keep model.sig", Steps(second));
    }

    [Fact]
    public async Task A_push_without_changes_but_with_another_key_signs_again()
    {
        await PushAsync(Request(File("config.json", "{}")));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        _bench.Temp.Write("key.pem", other.ExportPkcs8PrivateKeyPem());
        _bench.Temp.Write("key.pub", other.ExportSubjectPublicKeyInfoPem());
        Assert.Equal("Keep config.json, Change model.sig", Steps(await PushAsync(Request(File("config.json", "{}")))));
        await RestoreWithPolicyAsync();
    }

    [Fact]
    public async Task A_signature_in_the_set_is_replaced()
    {
        await PushAsync(Request(File("config.json", "{}"), File("model.sig", "an old one")));
        await RestoreWithPolicyAsync();
    }

    [Fact]
    public async Task A_dry_run_plans_the_signature_and_writes_nothing()
    {
        Assert.Equal("Add config.json, Add model.sig",
            Steps(await PushAsync(Request(File("config.json", "{}")) with { DryRun = true })));
        Assert.False(Directory.Exists(_bench.Temp["hub/models"]));
    }

    [Fact]
    public async Task A_push_without_a_key_to_a_signed_repo_warns()
    {
        await PushAsync(Request(File("config.json", "{}")));
        _bench.Log.Clear();
        await PushAsync(Request(File("new.txt", "new")) with { SignKey = null });
        Assert.Contains("warning WISE5063: acme/tiny: the signature 'model.sig' stays as it is, while other files change. If it "
            + "does not list them, the model does not verify. Sign it again: push with a key (SignKey, WisePushSignKey, "
            + "--sign-key), or use 'wisehub sign' first.", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pushed_signature_that_does_not_list_the_files_warns()
    {
        string folder = Path.GetDirectoryName(_bench.Temp.Write("model/config.json", "{}"))!;
        await FolderSigning.SignAsync(folder, Key, cancel: TestContext.Current.CancellationToken);
        await PushAsync(new PushRequest { RepoId = "acme/tiny", Files = PushSet.FromFolder(folder) });
        Assert.DoesNotContain("WISE5063", _bench.Log.Text, StringComparison.Ordinal);
        _bench.Temp.Write("model/more.txt", "more");
        await PushAsync(new PushRequest { RepoId = "acme/other", Files = PushSet.FromFolder(folder) });
        Assert.Contains("warning WISE5063: acme/other: the signature 'model.sig' does not list these files as they are: "
            + "more.txt. The model does not verify. Sign it again: push with a key (SignKey, WisePushSignKey, --sign-key), or "
            + "use 'wisehub sign' first.", _bench.Log.Text, StringComparison.Ordinal);
        await RestoreFailsAsync("acme/other");

        async Task RestoreFailsAsync(string repo)
        {
            _bench.Configure(Policy);
            Assert.StartsWith("WISE6032: ", await _bench.FailureAsync(new RepoReference { RepoId = repo }),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("config.json", "{}")]
    [InlineData(".gitattributes", "* -text")]
    public async Task A_push_that_the_signature_permits_does_not_warn(string path, string text)
    {
        await PushAsync(Request(File("config.json", "{}")));
        _bench.Log.Clear();
        await PushAsync(Request(File(path, text)) with { SignKey = null });
        Assert.DoesNotContain("WISE5063", _bench.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hub_that_states_no_digest_of_other_files_cannot_be_signed_for()
    {
        await using HubBench bench = await HubBench.StartAsync();
        bench.Project.SetEnvironment("HF_TOKEN", bench.Hub.Token);
        bench.Repo(("README.md", "text"));
        using HubClient client = bench.NewClient();
        HubException refused = await Assert.ThrowsAsync<HubException>(() => client.PushAsync(new PushRequest
        { RepoId = HubBench.Id, Files = [File("model.bin", "weights")], SignKey = Key },
            TestContext.Current.CancellationToken));
        Assert.Equal("WISE5062: acme/tiny: the push cannot be signed, because 'huggingface' states no sha256 of other files in "
            + "the repo: README.md. Push them, too, or remove them from the repo (Prune, WisePushPrune, --prune).",
            $"{refused.Code}: {refused.Message}");
        Assert.DoesNotContain(bench.Hub.Requests.All, r => r.Method == "POST");
        PushResult pushed = await client.PushAsync(new PushRequest
        { RepoId = HubBench.Id, Files = [File("model.bin", "weights"), File("README.md", "text")], SignKey = Key },
            TestContext.Current.CancellationToken);
        Assert.Equal("Keep README.md, Add model.bin, Add model.sig", Steps(pushed));
    }

    [Fact]
    public async Task An_unusable_key_ends_the_push_before_a_file_is_read()
    {
        _bench.Temp.Write("key.pem", "no key");
        Assert.StartsWith("WISE6034: ", await _bench.FailureOfAsync(client => client.PushAsync(
            Request(new PushFile(_bench.Temp["missing"], "a")), TestContext.Current.CancellationToken)),
            StringComparison.Ordinal);
    }
}
