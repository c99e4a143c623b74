using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>
/// What a push takes, beside a program that only sends the same bytes to the same server and one that only hashes them.
/// </summary>
internal sealed partial class Pushes(Bench bench, IPushPlace place, CancellationToken cancel)
{
    private const string Large = "wisehub upload", Sending = "its sending", Curl = "curl -T", Hash = "openssl dgst -sha256",
        Many = "wisehub upload, small files", Tar = "tar and curl -T, small files",
        Again = "wisehub upload, small files that are all there";

    private readonly string _folder = Path.Combine(bench.Folder, "push");
    private readonly Dictionary<string, List<double>> _seconds = new(StringComparer.Ordinal),
        _cpuSeconds = new(StringComparer.Ordinal);

    public static async Task<Section> RunAsync(Bench bench, IPushPlace place, CancellationToken cancel)
    {
        await using (place)
            return place.WhyNot is string why
                ? new Section(place.Title, [new Row("the server", Kind.Limit) { Missing = why }], [], [])
                : await new Pushes(bench, place, cancel).RunAsync();
    }

    private async Task<Section> RunAsync()
    {
        string large = Path.Combine(_folder, "large"), many = Path.Combine(_folder, "many"),
            tar = Path.Combine(_folder, "many.tar"), file = Path.Combine(large, "model.bin");
        Write(file, bench.Sizes.Large, 1);
        for (int i = 0; i < bench.Sizes.Many; i++)
            Write(Path.Combine(many, $"{i}.json"), 1024 + (i * 63 * 1024L / bench.Sizes.Many), 2 + i, isText: true);
        double peak = 0, idlePeak = (await Programs.MeasureAsync([bench.Tool.Idle], watchMemory: true, cancel)).PeakMiB;
        try
        {
            for (int round = 0; round <= bench.Rounds; round++)
            {
                // The first one warms the server and is watched, which costs time.
                bool counts = round > 0;
                string caches = Path.Combine(_folder, $"caches{round}");
                double idle = (await Programs.MeasureAsync([bench.Tool.Idle], watchMemory: false, cancel)).Seconds;
                await InFreshAsync(async repo =>
                {
                    string said = Path.Combine(_folder, "said");
                    Cost whole = await TimeAsync(counts ? Large : null,
                        Said(Upload(repo, Path.Combine(caches, "large"), large), said), idle, !counts);
                    peak = Math.Max(peak, whole.PeakMiB);
                    if (counts)
                        Add(Sending, double.Parse(Elapsed().Match(await File.ReadAllTextAsync(said, cancel)).Groups[1].Value,
                            CultureInfo.InvariantCulture), 0);
                });
                await InFreshAsync(async _ => await TimeAsync(counts ? Curl : null,
                    new Command("curl", "-sSf", "-T", file, await place.UrlAsync(file, cancel)), 0));
                await TimeAsync(counts ? Hash : null, new Command("openssl", "dgst", "-sha256", file), 0);
                await InFreshAsync(async repo =>
                {
                    await TimeAsync(counts ? Many : null, Upload(repo, Path.Combine(caches, "many"), many), idle);
                    await TimeAsync(counts ? Again : null, Upload(repo, Path.Combine(caches, "many"), many), idle);
                });
                // Known beforehand only because some servers want its size or digest.
                await Programs.RunAsync(new Command("tar", "-cf", tar, "-C", many, "."), cancel);
                await InFreshAsync(async _ => await TimeAsync(counts ? Tar : null,
                    new Command("sh", "-c", "tar -cf \"$1\" -C \"$2\" . && curl -sSf -T \"$1\" \"$3\"", "sh", tar, many,
                        await place.UrlAsync(tar, cancel)), 0));
            }
        }
        catch (InvalidOperationException e)
        {
            return new Section(place.Title, [new Row(Large, Kind.Ours) { Missing = Row.Failure(e) }], [], []);
        }
        finally
        {
            Directory.Delete(_folder, recursive: true);
        }
        Row[] rows = [.. _seconds.Select(s => new Row(s.Key, s.Key is Curl or Hash or Tar ? Kind.Limit : Kind.Ours)
        {
            Verifies = s.Key is Curl or Hash or Tar ? null : true,
            Seconds = new Samples(s.Value),
            CpuSeconds = new Samples(_cpuSeconds[s.Key]),
            PeakMiB = s.Key == Large ? peak : null,
            PeakAboveIdleMiB = s.Key == Large ? peak - idlePeak : null,
        })];
        var best = new Samples([.. _seconds[Hash].Zip(_seconds[Curl], (hash, send) => hash + (1.25 * send))]);
        return new Section(place.Title, rows,
        [
            Section.Ratio("sending 1 GiB: time to that of curl -T", rows, Sending, Curl, 1.25),
            new Goal("push of 1 GiB: time to openssl dgst and 1.25 × curl -T",
                Section.Find(rows, Large)!.Seconds!.Over(best), 1, "×"),
            .. place.TakesSmallFilesTogether
                ? (Goal[])[Section.Ratio("push of small files: time to tar and curl -T", rows, Many, Tar, 2)] : [],
            new Goal("push of small files that are all there", Section.Find(rows, Again)!.Seconds!.Times(1000), 100, "ms"),
            Section.Memory("a push of 1 GiB", rows, Large),
        ],
        [$"{place.Note} Who sends shares the processors with who receives. {Curl} puts the bytes to one "
            + "URL; nothing is checked."])
        {
            IsOneContest = false,
        };
    }

    private static void Write(string path, long size, int seed, bool isText = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        var random = new Random(seed);
        byte[] buffer = new byte[Math.Min(size, 1 << 20)];
        for (long left = size; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            // Texts, as small files of models are: a hub takes those into its git.
            for (int i = 0; isText && i < buffer.Length; i++)
                buffer[i] = (byte)(' ' + (buffer[i] & 63));
            file.Write(buffer, 0, (int)Math.Min(buffer.Length, left));
        }
    }

    private Command Upload(string repo, string cache, string folder)
    {
        string configuration = Directory.CreateDirectory(Path.Combine(_folder, "configuration")).FullName;
        File.WriteAllText(Path.Combine(configuration, "wisehub.json"), $$"""{"hubs":{"team":{ {{place.Hub}} } } }""");
        return bench.Tool.Upload(cache, folder, repo, configuration, place.Secrets);
    }

    // What it says of its sending goes into a file.
    private static Command Said(Command command, string file) => command with
    {
        Program = "sh",
        Arguments = ["-c", "out=$1; shift; \"$@\" >\"$out\" 2>&1 || { cat \"$out\" >&2; exit 1; }", "sh", file,
            command.Program, .. command.Arguments]
    };

    private async Task<Cost> TimeAsync(string? name, Command command, double idle, bool watchMemory = false)
    {
        Cost cost = await Programs.MeasureAsync([command], watchMemory, cancel);
        if (name is not null)
            Add(name, cost.Seconds - idle, cost.CpuSeconds);
        return cost;
    }

    private void Add(string name, double seconds, double cpuSeconds)
    {
        foreach ((Dictionary<string, List<double>> all, double value) in ((Dictionary<string, List<double>>, double)[])[
            (_seconds, seconds), (_cpuSeconds, cpuSeconds)])
        {
            if (!all.TryGetValue(name, out List<double>? values))
                all[name] = values = [];
            values.Add(value);
        }
    }

    private async Task InFreshAsync(Func<string, Task> run)
    {
        string repo = await place.BeginAsync(cancel);
        await run(repo);
        await place.EndAsync();
    }

    [GeneratedRegex(@"; sent .* in ([0-9.]+) s\.")]
    private static partial Regex Elapsed();
}
