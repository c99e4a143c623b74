using System.Globalization;
using System.Text.RegularExpressions;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>
/// The system calls of a cold download for each small file: the difference between a repo of many files and one of few, so that
/// the start and the connections do not count.
/// </summary>
internal static partial class SystemCalls
{
    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        string title = string.Create(CultureInfo.InvariantCulture,
            $"System calls for each of {bench.Repos.Many.Files.Count:N0} files of 1–64 KiB, cold");
        if (await WhyNotAsync(cancel) is string why)
            return new Section(title, [new Row("strace", Kind.Limit) { Missing = why }], [Goal(null)], []);
        var rows = new List<Row>();
        foreach ((string name, Kind kind, Func<Job, Command> fetch) in ((string, Kind, Func<Job, Command>)[])[
            (Wisehub.Name, Kind.Ours, job => bench.Tool.Download(job)), ("curl", Kind.Peer, new Curl().Fetch)])
        {
            var row = new Row(name, kind) { Verifies = kind == Kind.Ours };
            try
            {
                rows.Add(row with { CallsEachFile = await CountEachFileAsync(bench, fetch, cancel) });
            }
            catch (InvalidOperationException e)
            {
                rows.Add(row with { Missing = Row.Failure(e) });
            }
        }
        return new Section(title, rows, [Goal(rows[0].CallsEachFile)],
            [$"Counted by `strace -f -c`: the calls of a download of {bench.Repos.Many.Files.Count} files less those of a "
                + $"download of {bench.Repos.Few.Files.Count} files, divided by the difference."]);
    }

    private static Goal Goal(Samples? value) => new("system calls for each small file, cold", value, 14, 10, "calls");

    private static async Task<string?> WhyNotAsync(CancellationToken cancel)
    {
        if (!Programs.Exists("strace"))
            return "strace is not installed";
        try
        {
            await Programs.RunAsync(new Command("strace", "-c", "true"), cancel);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return Row.Failure(e);
        }
    }

    private static async Task<Samples> CountEachFileAsync(Bench bench, Func<Job, Command> fetch, CancellationToken cancel)
    {
        HubRepo many = bench.Repos.Many, few = bench.Repos.Few;
        var calls = new List<double>();
        for (int round = 0; round < bench.Rounds; round++)
        {
            long ofMany = await CountAsync(bench, many, fetch, cancel), ofFew = await CountAsync(bench, few, fetch, cancel);
            calls.Add((double)(ofMany - ofFew) / (many.Files.Count - few.Files.Count));
        }
        return new Samples(calls);
    }

    private static async Task<long> CountAsync(Bench bench, HubRepo repo, Func<Job, Command> fetch, CancellationToken cancel)
    {
        string folder = Path.Combine(bench.Folder, "runs", $"calls-{Guid.NewGuid():N}"), counts = folder + ".txt";
        Directory.CreateDirectory(folder);
        Command command = fetch(new Job(repo, bench.Hub.Endpoint(HubServer.Plain), folder));
        await Programs.RunAsync(command with
        {
            Program = "strace",
            Arguments = ["-f", "-c", "-U", "calls,name", "-o", counts, command.Program, .. command.Arguments]
        }, cancel);
        string table = await File.ReadAllTextAsync(counts, cancel);
        return long.Parse(Total().Match(table).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(\d+) total\s*$")]
    private static partial Regex Total();
}
