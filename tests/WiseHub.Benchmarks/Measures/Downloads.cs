using System.Globalization;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>Downloads of a repo, beside other programs.</summary>
internal static class Downloads
{
    private const string Curl = "curl", Git = "git clone", Npm = "npm @huggingface/hub", OpenSsl = "openssl dgst -sha256";

    private const int Processes = 8;

    public static async Task<Section> LargeAsync(Bench bench, CancellationToken cancel)
    {
        IReadOnlyList<Row> rows = await ColdAsync(bench, bench.Repos.Large, cancel);
        string size = Size(bench.Sizes.Large);
        return new Section($"One file of {size}, cold", rows,
        [
            Section.Ratio($"{size} ÷ curl -o, which verifies nothing", rows, Wisehub.Name, Curl, 1.1, 1),
            Section.Ratio($"{size} ÷ {OpenSsl}", rows, Wisehub.Name, OpenSsl, 1.8, 1.5),
            Section.Memory($"a download of {size}", rows, Wisehub.Name),
        ], []);
    }

    public static async Task<Section> ManyAsync(Bench bench, CancellationToken cancel)
    {
        IReadOnlyList<Row> rows = await ColdAsync(bench, bench.Repos.Many, cancel);
        string files = Files(bench.Repos.Many);
        return new Section($"{files}, cold", rows,
        [
            Section.Ratio($"{files} ÷ curl with 16 connections", rows, Wisehub.Name, Curl, 1.5, 1.25),
            Section.Ratio($"{files} ÷ {Npm} (1/12, 1/16)", rows, Wisehub.Name, Npm, 1 / 12.0, 1 / 16.0),
            Section.Ratio($"{files} ÷ {Git}", rows, Wisehub.Name, Git, 1),
            Section.Memory($"a download of {files}", rows, Wisehub.Name),
        ], []);
    }

    public static async Task<Section> SlowAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo repo = bench.Repos.Many;
        string title = string.Create(CultureInfo.InvariantCulture,
            $"{Files(repo)}, cold, {NginxHub.DelayMilliseconds} ms before each response");
        if (!bench.Hub.HasDelay)
            return new Section(title,
                [new Row("curl", Kind.Peer) { Missing = "nginx has no echo module, which makes the delay" }], [], []);
        int connections = await CountConnectionsAsync(bench, repo, cancel);
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Slow).RunAsync(
        [
            Contender.Of(bench.Tool, repo), Contender.Of(new Curl(), repo) with { Connections = connections },
            Contender.Of(new Aria2(), repo) with { Connections = connections },
            LeftOut(repo, Npm, "left out: one request after another, it needs a minute a round"),
        ], cancel);
        return new Section(title, rows,
            [Section.Ratio($"{Files(repo)} behind a delay ÷ curl", rows, Wisehub.Name, Curl, 1.3),
                Section.Memory($"a download of {Files(repo)} behind a delay", rows, Wisehub.Name)],
            [$"wisehub used {connections} connections for contents; curl and aria2c used as many."]);
    }

    public static async Task<Section> TenTimesManyAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo ten = bench.Repos.TenTimesMany, many = bench.Repos.Many;
        string few = string.Create(CultureInfo.InvariantCulture, $"{Wisehub.Name}, {many.Files.Count:N0} files");
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain).RunAsync(
        [
            Contender.Of(bench.Tool, ten), Contender.Of(bench.Tool, many, few), Contender.Of(new Curl(), ten),
            Contender.Of(new Aria2(), ten),
            Contender.Of(bench.Git, ten), LeftOut(ten, Npm, "left out: it fetches one file after another, see the smaller repo"),
            Contender.Of(new OpenSslDigest(), ten), Contender.Of(new CopyFiles(), ten),
        ], cancel);
        Row all = Section.Find(rows, Wisehub.Name)!, part = Section.Find(rows, few)!;
        return new Section($"{Files(ten)}, cold", rows,
        [
            new Goal(string.Create(CultureInfo.InvariantCulture, $"{Files(ten)} ÷ 10 × the time of {many.Files.Count:N0}"),
                part.Seconds is null ? null : all.Seconds?.Over(part.Seconds.Times(10)), 1, null, "×"),
            new Goal(string.Create(CultureInfo.InvariantCulture,
                $"peak RSS of {Files(ten)} ÷ peak RSS of {many.Files.Count:N0}"),
                all.PeakMiB / part.PeakMiB is double ratio ? new Samples([ratio]) : null, 1.15, null, "×")
            {
                IsForNativeTool = true
            },
            Section.Memory($"a download of {Files(ten)}", rows, Wisehub.Name),
        ], []);
    }

    public static async Task<Section> MixedAsync(Bench bench, CancellationToken cancel)
    {
        IReadOnlyList<Row> rows = await ColdAsync(bench, bench.Repos.Mixed, cancel);
        return new Section($"Eight files of {Size(bench.Sizes.Shard)} and forty small ones, cold", rows,
            [Section.Memory("a download of a mixed repo", rows, Wisehub.Name)], []);
    }

    public static async Task<Section> NoOpAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo repo = bench.Repos.Many;
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain) { HasFreshFolders = false }.RunAsync(
        [
            Contender.Of(bench.Tool, repo) with { Before = job => bench.Tool.Download(job) },
            Contender.Of(bench.Tool, repo,
                $"{Wisehub.Name} --offline") with
            { Before = job => bench.Tool.Download(job), Run = job => [bench.Tool.Download(job, "--offline")] },
            Contender.Of(bench.Npm, repo) with { Before = bench.Npm.Fetch },
            Contender.Of(
                bench.Git, repo) with
            { Name = "git pull", Before = bench.Git.Fetch, Run = job => [GitClone.Pull(job, "main")] },
        ], cancel);
        return new Section($"{Files(repo)}, already present", rows,
        [
            Section.Milliseconds($"{Files(repo)}, already present", rows, Wisehub.Name, 40, 25),
            Section.Memory("a download with nothing to do", rows, Wisehub.Name),
        ], []);
    }

    public static async Task<Section> ChangedAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo before = bench.Repos.Many, after = bench.Repos.Changed;
        string revision = bench.Repos.ChangedRevision;
        Contender git = Contender.Of(
            bench.Git, before) with
        { Name = "git pull", Before = bench.Git.Fetch, Run = job => [GitClone.Pull(job, revision)] };
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain).RunAsync(
        [
            Contender.Of(bench.Tool, before) with
            {
                Before = job => bench.Tool.Download(job),
                Run = job => [bench.Tool.Download(job, "--revision", revision)]
            },
            Contender.Of(bench.Npm, before) with { Before = bench.Npm.Fetch, Run = job => [bench.Npm.Fetch(job, revision)] },
            git with { Prepare = PrepareGitAsync },
        ], cancel);
        return new Section($"A new commit changed 1 of {before.Files.Count} files", rows,
            [Section.Memory("an update", rows, Wisehub.Name)], []);

        async Task<string?> PrepareGitAsync(Uri endpoint, CancellationToken token)
        {
            string? missing = await git.Prepare(endpoint, token);
            if (missing is null)
                await bench.Git.AddRevisionAsync(after, revision, token);
            return missing;
        }
    }

    public static async Task<Section> ContentionAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo repo = bench.Repos.LargeAndMany;
        string one = $"{Wisehub.Name}, one process", all = $"{Wisehub.Name}, {Processes} processes";
        Contender alone = Contender.Of(bench.Tool, repo, one) with { Starts = [bench.Tool.Version] };
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain).RunAsync(
        [
            alone,
            alone with
            {
                Name = all,
                Run = job => [.. Enumerable.Repeat(bench.Tool.Download(job), Processes)],
                Starts = [.. Enumerable.Repeat(bench.Tool.Version, Processes)]
            },
        ], cancel);
        string what = $"{Processes} processes, one cache";
        return new Section(
            $"{Processes} processes fetch the same {Size(bench.Sizes.Large)} and {Files(bench.Repos.Many)} into one cache", rows,
        [
            Section.Ratio($"{what} ÷ one process, starts subtracted", rows, all, one, 1.3, 1.15),
            new Goal($"{what}: requests for contents ÷ those of one process",
                Section.Find(rows, all) is { Answers: not null } many && Section.Find(rows, one) is { Answers: not null } single
                    ? new Samples([(double)many.Contents.Count / single.Contents.Count]) : null, 1, null, "×"),
            new Goal($"{what}: content on the wire ÷ size of the repo", Section.Find(rows, all) is { Answers: not null } row
                ? new Samples([(double)row.Contents.Sum(c => c.Bytes) / repo.Bytes]) : null, 1, null, "×"),
            Section.Memory($"the largest of {what}", rows, all),
        ],
        [$"The wall times are without starts: the time of {Processes} starts at once, in the same round, is subtracted from the "
            + $"line of {Processes} processes, and that of one start from the line of one process."]);
    }

    public static async Task<Section> MemoryAsync(Bench bench, CancellationToken cancel)
    {
        string Name(HubRepo repo) => $"{Wisehub.Name}, {Size(repo.Bytes)}";
        IReadOnlyList<Row> rows = await new Contest(bench, HubServer.Plain)
            .RunAsync([.. bench.Repos.Series.Select(repo => Contender.Of(bench.Tool, repo, Name(repo)))], cancel);
        return new Section("One file of growing size", rows,
            [.. bench.Repos.Series.Select(repo => Section.Memory($"a download of {Size(repo.Bytes)}", rows, Name(repo)))], []);
    }

    private static Task<IReadOnlyList<Row>> ColdAsync(Bench bench, HubRepo repo, CancellationToken cancel) =>
        new Contest(bench, HubServer.Plain).RunAsync(
        [
            Contender.Of(bench.Tool, repo),
            .. ((IPeer[])[new Curl(), new Curl(thenHashes: true), new Aria2(), new Aria2(verifies: true), bench.Npm, bench.Git,
                new OpenSslDigest(), new CopyFiles()]).Select(peer => Contender.Of(peer, repo)),
        ], cancel);

    private static Contender LeftOut(HubRepo repo, string name, string why) =>
        new(name, Kind.Peer, repo, _ => []) { Prepare = (_, _) => Task.FromResult<string?>(why) };

    private static async Task<int> CountConnectionsAsync(Bench bench, HubRepo repo, CancellationToken cancel)
    {
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(bench.Folder, "connections"));
        try
        {
            var job = new Job(repo, bench.Hub.Endpoint(HubServer.SlowCounted), folder.FullName);
            IReadOnlyList<ReceivedRequest> requests =
                await bench.Hub.CountAsync(() => Programs.RunAsync(bench.Tool.Download(job), cancel), cancel);
            return requests.Where(r => r.IsContent).Select(r => r.Connection).Distinct().Count();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:N0} MiB");

    private static string Files(HubRepo repo) =>
        string.Create(CultureInfo.InvariantCulture, $"{repo.Files.Count:N0} files of 1–64 KiB");
}
