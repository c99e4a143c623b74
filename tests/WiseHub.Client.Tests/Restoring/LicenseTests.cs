using System.Text;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>The license and the gate of a commit in the lock file.</summary>
public sealed class LicenseTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private static RepoReference Weights => HubBench.Reference() with { Files = new FileSelection(["*.bin"], []) };

    private static string Card(string frontMatter) => $"---\n{frontMatter}\n---\n# Tiny\n";

    private LockEntry Locked => LockFile.Read(_bench.Project.LockFile)!.Entries.Single();

    private async Task<string> LicenseAsync(string frontMatter)
    {
        _bench.Repo(("a.bin", "x"), ("README.md", Card(frontMatter)));
        await _bench.RestoreAsync(Weights);
        return string.Join('|', Locked.License);
    }

    [Fact]
    public async Task The_license_comes_with_the_revision_and_costs_no_request()
    {
        Assert.Equal("mit", await LicenseAsync("license: mit"));
        Assert.Equal("hub GET /api/models/acme/tiny/revision/main 200", _bench.Hub.Requests.All[0].ToString());
        Assert.Equal(3, _bench.Hub.Requests.All.Count(r => r.Origin == "hub"));
    }

    [Fact]
    public async Task Several_licenses_are_all_locked() =>
        Assert.Equal("mit|apache-2.0", await LicenseAsync("license: [mit, apache-2.0]"));

    [Fact]
    public async Task A_license_that_the_hub_does_not_know_is_locked_by_its_name() =>
        Assert.Equal("acme-research-1", await LicenseAsync("license: other\nlicense_name: acme-research-1"));

    [Fact]
    public async Task A_commit_without_a_license_has_none_in_the_lock_file()
    {
        Assert.Equal("", await LicenseAsync("tags: [x]"));
        Assert.DoesNotContain("license", _bench.Project.LockText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_license_of_several_lines_does_not_get_into_the_lock_file() =>
        Assert.Equal("", await LicenseAsync("license: \"mit\\nevil\""));

    [Fact]
    public async Task The_gate_of_a_repo_is_locked()
    {
        TestRepo repo = _bench.Repo(("a.bin", "x"));
        repo.Gated = "manual";
        _bench.Project.SetEnvironment("HF_TOKEN", "hf_test");
        await _bench.RestoreAsync(Weights);
        Assert.Equal("manual", Locked.Gate);
    }

    [Fact]
    public async Task A_hub_that_states_no_license_leaves_it_to_the_card()
    {
        using var project = new RestoreBench();
        await project.Hub.PushAsync("acme/tiny", ("a.bin", "x"), ("README.md", Card("license: cc-by-4.0")));
        await project.RestoreAsync(new RepoReference { RepoId = "acme/tiny" });
        Assert.Equal(["cc-by-4.0"], LockFile.Read(project.LockFile)!.Entries.Single().License);
    }

    [Fact]
    public async Task A_download_that_changes_no_selection_leaves_the_lock_file_as_it_is()
    {
        await LicenseAsync("license: mit");
        string text = _bench.Project.LockText.Replace(",\"license\":[\"mit\"]", "", StringComparison.Ordinal);
        File.WriteAllText(_bench.Project.LockFile, text);
        Directory.Delete(Path.Combine(_bench.Project.Cache, "blobs"), recursive: true);
        await _bench.RestoreAsync(Weights);
        Assert.Equal(text, _bench.Project.LockText);
    }

    [Fact]
    public async Task An_update_warns_of_another_license()
    {
        await LicenseAsync("license: mit");
        _bench.Repo(("README.md", Card("license: llama3.2")));
        await _bench.RestoreAsync(_bench.Project.Request(Weights) with { Update = true });
        Assert.Contains("warning WISE6007: model acme/tiny from huggingface at main: the license changes from mit to llama3.2. "
            + "Read it before you commit the lock file.", _bench.Project.Log.Text, StringComparison.Ordinal);
        Assert.Equal(["llama3.2"], Locked.License);
    }

    [Fact]
    public void What_an_entry_states_survives_writing_and_reading()
    {
        Digest digest = Digest.Parse(RestoreBench.Sha256("x"));
        var key = new LockKey(RepoType.Model, "acme/tiny", "hf", null, null);
        var entry = new LockEntry(key, new string('a', 40), [FileSelection.All], [new("a.pt", 1, digest) { Waived = "pickle" }])
        {
            License = ["mit", "x y"],
            Gate = "auto",
            Signature = new LockedSignature("someone", digest),
        };
        byte[] text = LockFile.Empty.With([entry]).ToBytes();
        LockEntry read = LockFile.Parse(text, "wise.lock.json").Entries.Single();
        Assert.Equal("mit|x y|auto|pickle", string.Join('|', [.. read.License, read.Gate, read.Files[0].Waived]));
        Assert.Equal(entry.Signature, read.Signature);
        Assert.Equal(Encoding.UTF8.GetString(text), Encoding.UTF8.GetString(LockFile.Empty.With([read]).ToBytes()));
    }
}
