using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// The weights of the sample are reproduced by its trainer, and they identify the language of unseen lines. The network of others
/// finds the speech in a recording.
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

    // The script that made the recording states the silences: 0.6 s before the first sentence, 1.0 s after its 1.83 s, and 0.6 s
    // after the 2.01 s of the second. The network looks at 0.03 s at a time, and hears the room for a moment after the last word.
    [Fact]
    [Needs(Need.OnnxRuntime)]
    public async Task The_sample_finds_the_two_sentences_of_its_recording_and_nothing_between_them()
    {
        ProcessResult result = await RunAsync("DetectSpeech");

        Assert.Equal("", result.Error);
        Assert.Collection(Stretches(result.Output),
            first => AssertNear((0.60, 2.43), first),
            second => AssertNear((3.43, 5.44), second));
        string[] rows = result.Output.Split('\n');
        string probability = rows.Single(r => r.StartsWith("probability", StringComparison.Ordinal)).PadRight(80)[13..];
        // A column is 0.096 s. These are in the middle of the three silences and the two sentences.
        Assert.Equal("  ", $"{probability[3]}{probability[30]}");
        Assert.Equal(' ', probability[61]);
        Assert.Equal("██", $"{probability[12]}{probability[48]}");
    }

    // What differs between processors is left out: one block of the probability, one window of the times.
    [Fact]
    [Needs(Need.OnnxRuntime)]
    [Trait("snippet", "detect-speech")]
    [Trait("snippet", "detect-speech-output")]
    public async Task The_page_shows_what_the_sample_prints()
    {
        Assert.Equal("# the model snakers4/silero-vad of the hub \"local\"\ndotnet run --project samples/DetectSpeech\n",
            Snippet.Named("detect-speech").Text);
        string shown = Snippet.Named("detect-speech-output").Text;

        string printed = (await RunAsync("DetectSpeech")).Output;

        Assert.Equal(Exact(shown), Exact(printed));
        Assert.All(Stretches(shown).Zip(Stretches(printed)), pair => AssertNear(pair.First, pair.Second));

        static IEnumerable<string> Exact(string output) => output.Split('\n')
            .Where(line => !line.StartsWith("probability", StringComparison.Ordinal)
                && !line.StartsWith("speech ", StringComparison.Ordinal));
    }

    [Fact]
    [Needs(Need.OnnxRuntime)]
    public async Task The_sample_finds_no_speech_in_silence_and_in_a_tone()
    {
        using var folder = new TempFolder();
        WriteWav(folder["silence.wav"], _ => 0);
        WriteWav(folder["tone.wav"], i => (short)(8000 * Math.Sin(2 * Math.PI * 440 * i / 16000)));

        ProcessResult silence = await RunAsync("DetectSpeech", folder["silence.wav"]);
        ProcessResult tone = await RunAsync("DetectSpeech", folder["tone.wav"]);

        Assert.Equal("""
            silence.wav: 2.00 s, 63 windows
            loudness
            probability
            speech
            seconds      ╵0                             ╵1                             ╵2
            no speech

            """, silence.Output, ignoreLineEndingDifferences: true);
        Assert.EndsWith("no speech", tone.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (silence.ExitCode, tone.ExitCode));
    }

    [Fact]
    [Needs(Need.OnnxRuntime)]
    public async Task The_sample_refuses_a_recording_with_another_rate_and_a_file_that_is_no_recording()
    {
        using var folder = new TempFolder();
        WriteWav(folder["fast.wav"], _ => 0, rate: 44100);
        folder.Write("text.wav", "text");

        ProcessResult fast = await RunAsync("DetectSpeech", folder["fast.wav"]);
        ProcessResult text = await RunAsync("DetectSpeech", folder["text.wav"]);

        Assert.Equal((1, $"{folder["fast.wav"]} is not 16 kHz, mono, 16 bits, PCM."), (fast.ExitCode, fast.Error.TrimEnd()));
        Assert.Equal((1, $"{folder["text.wav"]} is no wav file."), (text.ExitCode, text.Error.TrimEnd()));
    }

    private static List<(double Start, double End)> Stretches(string output) =>
        [.. Stretch().Matches(output).Select(m => (Number(m.Groups[1]), Number(m.Groups[2])))];

    private static double Number(Group digits) => double.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    private static void AssertNear((double Start, double End) expected, (double Start, double End) actual)
    {
        Assert.InRange(actual.Start, expected.Start - 0.1, expected.Start + 0.1);
        Assert.InRange(actual.End, expected.End - 0.1, expected.End + 0.1);
    }

    // Two seconds, mono, 16 bits.
    private static void WriteWav(string path, Func<int, short> sampleAt, int rate = 16000)
    {
        using var file = new BinaryWriter(File.Create(path));
        int length = 2 * 2 * rate;
        file.Write("RIFF"u8);
        file.Write(36 + length);
        file.Write("WAVEfmt "u8);
        file.Write(16);
        file.Write((short)1);
        file.Write((short)1);
        file.Write(rate);
        file.Write(2 * rate);
        file.Write((short)2);
        file.Write((short)16);
        file.Write("data"u8);
        file.Write(length);
        for (int i = 0; i < length / 2; i++)
            file.Write(sampleAt(i));
    }

    /// <summary>The program of a sample. The samples are built with this project; running them must not build again.</summary>
    internal static string ProgramOf(string sample)
    {
        string configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/', '\\'))!.Name;
        return RepoFiles.At("samples", sample, "bin", configuration, "net10.0", sample + ".dll");
    }

    private static Task<ProcessResult> RunAsync(string sample, params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", [ProgramOf(sample), .. arguments], RepoFiles.Root);

    [GeneratedRegex(@"^speech from (\d+\.\d\d) s to (\d+\.\d\d) s\r?$", RegexOptions.Multiline)]
    private static partial Regex Stretch();

    [GeneratedRegex(@"accuracy: \d+\.\d % \((?<right>\d+) of (?<all>\d+)\)")]
    private static partial Regex Accuracy();
}
