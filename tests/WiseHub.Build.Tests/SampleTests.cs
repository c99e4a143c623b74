using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// The weights of the sample are reproduced by its trainer, and they identify the language of unseen lines.
/// </summary>
public sealed partial class SampleTests
{
    [Fact]
    public async Task The_sample_identifies_the_language_of_at_least_97_of_100_held_out_lines()
    {
        ProcessResult result = await RunAsync("UseModel", "--evaluate", RepoFiles.At("samples", "LangId", "data", "heldout.tsv"));

        Match accuracy = Accuracy().Match(result.Output);
        Assert.True(accuracy.Success, result.Output + result.Error);
        Assert.True(int.Parse(accuracy.Groups["right"].Value, null) >= 0.97 * int.Parse(accuracy.Groups["all"].Value, null),
            accuracy.Value);
        Assert.True(int.Parse(accuracy.Groups["all"].Value, null) >= 200, accuracy.Value);
    }

    [Fact]
    public async Task The_weights_in_the_samples_hub_are_reproduced_by_the_trainer_from_its_data()
    {
        using var folder = new TempFolder();

        ProcessResult result = await RunAsync("LangId", "--output", folder.Path);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Matches(@"held-out accuracy: \d+\.\d % \(\d+ of \d+\)", result.Output);
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = RepoFiles.At("samples", HubConfig.FileName),
            CacheDirectory = Path.Combine(folder.Path, "cache"),
            Environment = TestEnvironment.Empty
        });
        Snapshot published = await client.DownloadAsync(new RepoReference { RepoId = "acme/langid", Hubs = ["local"] });
        foreach (SnapshotFile file in published.Files)
            Assert.Equal(await File.ReadAllBytesAsync(file.BlobPath),
                await File.ReadAllBytesAsync(Path.Combine(folder.Path, file.Path)));
        Assert.Contains("model.safetensors", published.Files.Select(f => f.Path));
    }

    // The samples are built with this project; running them must not build again beside other tests.
    private static Task<ProcessResult> RunAsync(string sample, params string[] arguments)
    {
        string configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/', '\\'))!.Name;
        return ProcessRunner.RunAsync("dotnet",
            [RepoFiles.At("samples", sample, "bin", configuration, "net10.0", sample + ".dll"), .. arguments], RepoFiles.Root);
    }

    [GeneratedRegex(@"accuracy: \d+\.\d % \((?<right>\d+) of (?<all>\d+)\)")]
    private static partial Regex Accuracy();
}
