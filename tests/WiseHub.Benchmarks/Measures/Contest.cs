using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>Runs contenders in turns and collects the figures of all rounds.</summary>
internal sealed class Contest(Bench bench, HubServer server)
{
    // ext4 does not reuse inodes that were deleted in the last minutes, and it checks all of them for each new file: after 1,000
    // deletions curl took 0.8 s instead of 0.1 s. So folders of small files stay until the end. Large files are deleted at once,
    // because they would fill the disk.
    private const long KeptToTheEnd = 64 << 20;

    /// <summary>Each run gets a new folder; otherwise one folder serves all rounds.</summary>
    public bool HasFreshFolders { get; init; } = true;

    /// <summary>The lines of the table, in the order of the contenders.</summary>
    public async Task<IReadOnlyList<Row>> RunAsync(IReadOnlyList<Contender> contenders, CancellationToken cancel)
    {
        Turn[] turns = [.. contenders.Select((contender, i) => new Turn(contender, Path.Combine(bench.Folder, "runs", $"{i}")))];
        Uri endpoint = bench.Hub.Endpoint(server);
        foreach (Turn turn in turns)
            await TryAsync(turn, async () => turn.Missing = await turn.Contender.Prepare(endpoint, cancel));
        for (int round = 0; round < bench.Rounds; round++)
        {
            // The order rotates, so that no contender always follows the heaviest writer.
            foreach (Turn turn in turns.Skip(round % turns.Length).Concat(turns.Take(round % turns.Length)))
                await TryAsync(turn, () => RunAsync(turn, endpoint, cancel));
        }
        foreach (Turn turn in turns)
        {
            await TryAsync(turn, () => CountAsync(turn, cancel));
            Delete(turn.Folder);
        }
        return [.. turns.Select(t => t.ToRow())];
    }

    private async Task RunAsync(Turn turn, Uri endpoint, CancellationToken cancel)
    {
        Job job = await PrepareAsync(turn, endpoint, cancel);
        double start = turn.Contender.Starts.Count == 0 ? 0
            : (await Programs.MeasureAsync(turn.Contender.Starts, watchMemory: false, cancel)).Seconds;
        turn.Add(await Programs.MeasureAsync(turn.Contender.Run(job), watchMemory: false, cancel), start);
        if (HasFreshFolders && turn.Contender.Repo.Bytes <= KeptToTheEnd)
            Directory.Move(turn.Folder, $"{turn.Folder}-{Guid.NewGuid():N}");
        else if (HasFreshFolders)
            Delete(turn.Folder);
    }

    private async Task CountAsync(Turn turn, CancellationToken cancel)
    {
        // The other port is another hub, so its cache would not count.
        Delete(turn.Folder);
        HubServer counted = server is HubServer.Slow ? HubServer.SlowCounted : HubServer.Counted;
        // Responses of the hub may contain its address.
        await turn.Contender.Prepare(bench.Hub.Endpoint(counted), cancel);
        Job job = await PrepareAsync(turn, bench.Hub.Endpoint(counted), cancel);
        turn.Answers = await bench.Hub.CountAsync(async () =>
            turn.Peak = (await Programs.MeasureAsync(turn.Contender.Run(job), watchMemory: true, cancel)).PeakMiB, cancel);
    }

    private static async Task<Job> PrepareAsync(Turn turn, Uri endpoint, CancellationToken cancel)
    {
        var job = new Job(turn.Contender.Repo, endpoint, turn.Folder) { Connections = turn.Contender.Connections };
        if (Directory.Exists(turn.Folder))
            return job;
        Directory.CreateDirectory(turn.Folder);
        if (turn.Contender.Before is not null)
            await Programs.RunAsync(turn.Contender.Before(job), cancel);
        return job;
    }

    // The line of a contender that cannot run has the reason, and the others go on.
    private static async Task TryAsync(Turn turn, Func<Task> run)
    {
        if (turn.Missing is not null)
            return;
        try
        {
            await run();
        }
        catch (InvalidOperationException e)
        {
            turn.Missing = Row.Failure(e);
            Delete(turn.Folder);
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A contender with the figures of its rounds.</summary>
    private sealed class Turn(Contender contender, string folder)
    {
        private readonly List<Cost> _costs = [];
        private readonly List<double> _starts = [];

        public Contender Contender { get; } = contender;

        public string Folder { get; } = folder;

        public string? Missing { get; set; }

        public IReadOnlyList<ReceivedRequest>? Answers { get; set; }

        public double? Peak { get; set; }

        public void Add(Cost cost, double start)
        {
            _costs.Add(cost with { Seconds = cost.Seconds - start });
            _starts.Add(start);
        }

        public Row ToRow()
        {
            var row = new Row(Contender.Name, Contender.Kind) { Verifies = Contender.Verifies, Missing = Missing };
            return Missing is not null || Answers is null ? row : row.With(_costs) with
            {
                StartSeconds = Contender.Starts.Count == 0 ? null : new Samples(_starts),
                PeakMiB = Peak,
                Answers = Answers,
            };
        }
    }
}
