using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>
/// Pushes, beside a program that only sends the same bytes to the same server and one that only hashes them.
/// </summary>
internal sealed partial class Pushes(Bench bench, IPushPlace place, CancellationToken cancel)
{
    private const string Large = "wisehub upload", Sending = "the sending of wisehub upload", Curl = "curl -T",
        Hash = "openssl dgst -sha256", Many = "wisehub upload, small files", Tar = "tar and curl -T, small files",
        Again = "wisehub upload, small files, unchanged";

    private readonly string _folder = Path.Combine(bench.Folder, "push");
    private readonly List<Line> _lines = [];
    private readonly List<double> _sending = [];

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
        try
        {
            for (int round = 0; round <= bench.Rounds; round++)
            {
                // The first round warms the server up. Memory is watched and requests are counted there, because that costs time.
                bool isFirst = round == 0;
                string caches = Path.Combine(_folder, $"caches{round}");
                await InFreshAsync(async repo =>
                {
                    string output = Path.Combine(_folder, "output");
                    await TimeAsync(Large, Kind.Ours,
                        WithOutput(Upload(repo, Path.Combine(caches, "large"), large), output), isFirst);
                    if (!isFirst)
                        _sending.Add(double.Parse(Elapsed().Match(await File.ReadAllTextAsync(output, cancel)).Groups[1].Value,
                            CultureInfo.InvariantCulture));
                });
                await InFreshAsync(async _ => await TimeAsync(Curl, Kind.Limit,
                    new Command("curl", "-sSf", "-T", file, await place.UrlAsync(file, cancel)), isFirst));
                await TimeAsync(Hash, Kind.Limit, new Command("openssl", "dgst", "-sha256", file), isFirst);
                await InFreshAsync(async repo =>
                {
                    await TimeAsync(Many, Kind.Ours, Upload(repo, Path.Combine(caches, "many"), many), isFirst);
                    await TimeAsync(Again, Kind.Ours, Upload(repo, Path.Combine(caches, "many"), many), isFirst);
                });
                // Made beforehand, because some servers ask for the size or the digest of a file before they accept it.
                await Programs.RunAsync(new Command("tar", "-cf", tar, "-C", many, "."), cancel);
                await InFreshAsync(async _ => await TimeAsync(Tar, Kind.Limit,
                    new Command("sh", "-c", "tar -cf \"$1\" -C \"$2\" . && curl -sSf -T \"$1\" \"$3\"", "sh", tar, many,
                        await place.UrlAsync(tar, cancel)), isFirst));
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
        Row[] rows = [.. _lines.Select(l => l.ToRow()), new Row(Sending, Kind.Ours) { Seconds = new Samples(_sending) }];
        Samples Seconds(string name) => Section.Find(rows, name)!.Seconds!;
        var best = new Samples([.. Seconds(Hash).Values.Zip(Seconds(Curl).Values, (hash, send) => hash + (1.25 * send))]);
        return new Section(place.Title, rows,
        [
            .. place.TakesSmallFilesTogether ? (Goal[])
            [
                Section.Ratio($"{place.Title}: small files ÷ tar and one curl -T", rows, Many, Tar, 3, 2),
            ] : [],
            Section.Milliseconds($"{place.Title}: unchanged small files", rows, Again, 60),
            .. Section.Find(rows, Again)!.Requests is int requests ? (Goal[])
            [
                new Goal($"{place.Title}: requests for unchanged small files", new Samples([requests]), 3, null,
                    "requests"),
            ] : [],
            Section.Ratio($"{place.Title}: the sending of 1 GiB ÷ curl -T", rows, Sending, Curl, 1.25),
            new Goal($"{place.Title}: 1 GiB ÷ (openssl dgst + 1.25 × curl -T)", Seconds(Large).Over(best), 1, null, "×"),
            .. ((string[])[Large, Many, Again]).Select(name => Section.Memory($"{name} ({place.Title})", rows, name)),
        ],
        [$"{place.Note} The sender shares the processors with the server. {Curl} sends the bytes to one URL and checks nothing. "
            + $"\"{Sending}\" is the time that {Large} reports for it. Memory and requests come from one run more."])
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
            // Small files of models are texts, which a hub stores in its git.
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

    // Standard output goes into a file, for the reported time of the sending.
    private static Command WithOutput(Command command, string file) => command with
    {
        Program = "sh",
        Arguments = ["-c", "out=$1; shift; \"$@\" >\"$out\" 2>&1 || { cat \"$out\" >&2; exit 1; }", "sh", file,
            command.Program, .. command.Arguments]
    };

    private async Task TimeAsync(string name, Kind kind, Command command, bool isFirst)
    {
        Line? line = _lines.Find(l => l.Name == name);
        if (line is null)
            _lines.Add(line = new Line(name, kind));
        int? before = place.Requests;
        Cost cost = await Programs.MeasureAsync([command], watchMemory: isFirst, cancel);
        if (isFirst)
            (line.PeakMiB, line.Requests) = (cost.PeakMiB, place.Requests - before);
        else
            line.Costs.Add(cost);
    }

    private async Task InFreshAsync(Func<string, Task> run)
    {
        string repo = await place.BeginAsync(cancel);
        await run(repo);
        await place.EndAsync();
    }

    [GeneratedRegex(@"; sent .* in ([0-9.]+) s\.")]
    private static partial Regex Elapsed();

    /// <summary>A line of the table while it is measured.</summary>
    private sealed class Line(string name, Kind kind)
    {
        public string Name => name;

        public List<Cost> Costs { get; } = [];

        public double? PeakMiB { get; set; }

        public int? Requests { get; set; }

        public Row ToRow() => new Row(name, kind).With(Costs) with
        {
            Verifies = kind == Kind.Ours ? true : null,
            PeakMiB = PeakMiB,
            Requests = Requests,
        };
    }
}
