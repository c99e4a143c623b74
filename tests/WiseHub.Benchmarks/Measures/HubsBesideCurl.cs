using System.Globalization;
using System.Text.Json;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;
using WiseHub.Client;

namespace WiseHub.Benchmarks.Measures;

/// <summary>
/// One large file through each hub, beside curl on the same address of the same server; for archives curl, then unzip.
/// </summary>
internal static class HubsBesideCurl
{
    // At least 0.8 of curl's speed.
    private const double Limit = 1 / 0.8;

    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo repo = bench.Repos.Hub;
        OtherHubs hubs = bench.OtherHubs;
        Uri endpoint = bench.Hub.Endpoint(HubServer.Plain);
        string size = string.Create(CultureInfo.InvariantCulture, $"{repo.Bytes / 1048576.0:N0} MiB"),
            title = $"One file of {size} through each hub";
        // The addresses for curl include the id of a commit.
        if (await hubs.PrepareAsync(endpoint, cancel) is string missing)
            return new Section(title, [new Row("curl", Kind.Peer) { Missing = missing }], [], []);
        var contenders = new List<Contender>();
        IReadOnlyList<Way> ways = hubs.Ways(endpoint);
        for (int i = 0; i < ways.Count; i++)
        {
            int way = i;
            contenders.Add(new Contender(Ours(ways[way]), Kind.Ours, repo,
                job => [Download(bench.Tool, job, hubs.Ways(job.Endpoint)[way])])
            {
                Verifies = true,
                Prepare = hubs.PrepareAsync,
            });
            contenders.Add(new Contender(Curl(ways[way]), Kind.Peer, repo, job => [Fetch(job, ways[way])])
            {
                // unzip compares checksums.
                Verifies = ways[way].IsArchive,
                Prepare = hubs.PrepareAsync,
            });
        }
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain).RunAsync(contenders, cancel);
        return new Section(title, rows,
        [
            .. ways.Select(w => Section.Ratio($"{size} by {w.Name} ÷ curl", rows, Ours(w), Curl(w), Limit)),
            .. ways.Select(w => new Goal($"{size} by {w.Name}: bytes on the wire ÷ those of curl", Bytes(w), 1.001, null, "×")),
        ],
        ["For archives, curl's time is that of curl, then unzip. \"Requests\" are all requests of a first download, "
            + "including those for the commit and the list of files."])
        {
            IsOneContest = false,
        };

        Samples? Bytes(Way way) => Section.Find(rows, Ours(way))?.Answers is { Count: > 0 } ours
            && Section.Find(rows, Curl(way))?.Answers is { Count: > 0 } curls
            ? new Samples([(double)ours.Sum(a => a.Bytes) / curls.Sum(a => a.Bytes)]) : null;
    }

    private static string Ours(Way way) => $"{Wisehub.Name}, {way.Name}";

    private static string Curl(Way way) => $"curl, {way.Name}";

    private static Command Download(Wisehub tool, Job job, Way way)
    {
        string folder = Directory.CreateDirectory(Path.Combine(job.Folder, "project")).FullName;
        if (way.Hub is null)
            return tool.Download(job, folder, way.Arguments);
        File.WriteAllText(Path.Combine(folder, HubConfig.FileName),
            JsonSerializer.Serialize(new { hubs = new Dictionary<string, object> { [Way.HubName] = way.Hub } }));
        return tool.Download(job, folder, [.. way.Arguments, "--hub", Way.HubName]);
    }

    private static Command Fetch(Job job, Way way)
    {
        string uri = new Uri(job.Endpoint, way.Address).AbsoluteUri;
        return way.IsArchive
            ? new Command("sh", "-c", """curl -sSf -o file.zip "$1" && unzip -q file.zip""", "sh", uri) { Folder = job.Folder }
            : new Command("curl", "-sSf", "-o", "file", uri) { Folder = job.Folder };
    }
}
