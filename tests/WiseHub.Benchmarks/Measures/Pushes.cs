using System.Globalization;
using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;
using WiseHub.Testing.S3;

namespace WiseHub.Benchmarks.Measures;

/// <summary>What a push takes, beside a program that only sends the same bytes to the same server and one that only hashes them.</summary>
internal sealed partial class Pushes(Bench bench, CephServer ceph, CancellationToken cancel)
{
    private const string Title = "Pushes to a bucket", Large = "wisehub upload", Sending = "its sending", Curl = "curl -T", Hash = "openssl dgst -sha256",
        Many = "wisehub upload, small files", Tar = "tar, then curl -T, small files", Again = "wisehub upload, small files that are all there";

    private readonly string _folder = Path.Combine(bench.Folder, "push");
    private readonly Dictionary<string, List<double>> _seconds = new(StringComparer.Ordinal), _cpuSeconds = new(StringComparer.Ordinal);
    private int _buckets;

    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        string? whyNot = null;
        await using var ceph = new CephServer();
        await ceph.StartAsync(reason => whyNot = reason);
        return whyNot is null ? await new Pushes(bench, ceph, cancel).RunAsync() : new Section(Title, [new Row("Ceph", Kind.Limit) { Missing = whyNot }], [], []);
    }

    private async Task<Section> RunAsync()
    {
        string large = Path.Combine(_folder, "large"), many = Path.Combine(_folder, "many"), tar = Path.Combine(_folder, "many.tar"), file = Path.Combine(large, "model.bin");
        Write(file, bench.Sizes.Large, 1);
        for (int i = 0; i < bench.Sizes.Many; i++)
            Write(Path.Combine(many, $"{i}.json"), 1024 + (i * 63 * 1024L / bench.Sizes.Many), 2 + i);
        double peak = 0, idlePeak = (await Programs.MeasureAsync([bench.Tool.Idle], watchMemory: true, cancel)).PeakMiB;
        try
        {
            for (int round = 0; round <= bench.Rounds; round++)
            {
                // The first one warms the server and is watched, which costs time.
                bool counts = round > 0;
                string caches = Path.Combine(_folder, $"caches{round}");
                double idle = (await Programs.MeasureAsync([bench.Tool.Idle], watchMemory: false, cancel)).Seconds;
                await InBucketAsync(async bucket =>
                {
                    string said = Path.Combine(_folder, "said");
                    Cost whole = await TimeAsync(counts ? Large : null, Said(Upload(bucket, Path.Combine(caches, "large"), large), said), idle, !counts);
                    peak = Math.Max(peak, whole.PeakMiB);
                    if (counts)
                        Add(Sending, double.Parse(Elapsed().Match(await File.ReadAllTextAsync(said, cancel)).Groups[1].Value, CultureInfo.InvariantCulture), 0);
                });
                await InBucketAsync(bucket => TimeAsync(counts ? Curl : null, new Command("curl", "-sSf", "-T", file, Sign(bucket, "model.bin")), 0));
                await TimeAsync(counts ? Hash : null, new Command("openssl", "dgst", "-sha256", file), 0);
                await InBucketAsync(async bucket =>
                {
                    await TimeAsync(counts ? Many : null, Upload(bucket, Path.Combine(caches, "many"), many), idle);
                    await TimeAsync(counts ? Again : null, Upload(bucket, Path.Combine(caches, "many"), many), idle);
                });
                await InBucketAsync(bucket => TimeAsync(counts ? Tar : null, new Command("sh", "-c", "tar -cf \"$1\" -C \"$2\" . && curl -sSf -T \"$1\" \"$3\"", "sh", tar, many, Sign(bucket, "many.tar")), 0));
            }
        }
        catch (InvalidOperationException e)
        {
            return new Section(Title, [new Row(Large, Kind.Ours) { Missing = Row.Failure(e) }], [], []);
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
        return new Section(Title, rows,
        [
            Section.Ratio("sending 1 GiB: time to that of curl -T", rows, Sending, Curl, 1.25),
            new Goal("push of 1 GiB: time to openssl dgst and 1.25 × curl -T", Section.Find(rows, Large)!.Seconds!.Over(best), 1, "×"),
            new Goal("push of small files that are all there", Section.Find(rows, Again)!.Seconds!.Times(1000), 100, "ms"),
            Section.Memory("a push of 1 GiB", rows, Large),
        ],
        [
            $"The server is a Ceph of this machine, in memory: who sends shares the processors with who receives. {Curl} puts one object by a signed URL. In a bucket each small file is an object and two requests; one archive of them is one.",
        ])
        {
            IsOneContest = false,
        };
    }

    private static void Write(string path, long size, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream file = File.Create(path);
        var random = new Random(seed);
        byte[] buffer = new byte[1 << 20];
        for (long left = size; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            file.Write(buffer, 0, (int)Math.Min(buffer.Length, left));
        }
    }

    private Command Upload(string bucket, string cache, string folder)
    {
        string configuration = Directory.CreateDirectory(Path.Combine(_folder, "configuration")).FullName;
        File.WriteAllText(Path.Combine(configuration, "wisehub.json"),
            $$"""{"hubs":{"team":{"protocol":"s3","bucket":"{{bucket}}","endpoint":"{{ceph.Endpoint}}","pathStyle":true,"bodyMode":"chunked","conditionalWrites":true} } }""");
        return bench.Tool.Upload(cache, folder, configuration, CephServer.AccessKey, CephServer.SecretKey);
    }

    // What it says of its sending goes into a file.
    private static Command Said(Command command, string file) => command with { Program = "sh", Arguments = ["-c", "out=$1; shift; exec \"$@\" >\"$out\" 2>&1", "sh", file, command.Program, .. command.Arguments] };

    private async Task<Cost> TimeAsync(string? name, Command command, double idle, bool watchMemory = false)
    {
        Cost cost = await Programs.MeasureAsync([command], watchMemory, cancel);
        if (name is not null)
            Add(name, cost.Seconds - idle, cost.CpuSeconds);
        return cost;
    }

    private void Add(string name, double seconds, double cpuSeconds)
    {
        foreach ((Dictionary<string, List<double>> all, double value) in ((Dictionary<string, List<double>>, double)[])[(_seconds, seconds), (_cpuSeconds, cpuSeconds)])
        {
            if (!all.TryGetValue(name, out List<double>? values))
                all[name] = values = [];
            values.Add(value);
        }
    }

    // What is deleted is kept in memory by Ceph for hours, unless the bucket goes with it.
    private async Task InBucketAsync(Func<string, Task> run)
    {
        string bucket = $"push{++_buckets}";
        using AmazonS3Client client = Client();
        await client.PutBucketAsync(bucket, cancel);
        await run(bucket);
        await ceph.AdminAsync($"bucket rm --bucket={bucket} --purge-objects --bypass-gc");
    }

    private string Sign(string bucket, string key)
    {
        using AmazonS3Client client = Client();
        return client.GetPreSignedURL(new GetPreSignedUrlRequest { BucketName = bucket, Key = key, Verb = HttpVerb.PUT, Protocol = Protocol.HTTP, Expires = DateTime.UtcNow.AddHours(1) });
    }

    private AmazonS3Client Client() => new(CephServer.AccessKey, CephServer.SecretKey, new AmazonS3Config { ServiceURL = ceph.Endpoint.AbsoluteUri, AuthenticationRegion = "us-east-1", ForcePathStyle = true, UseHttp = true });

    [GeneratedRegex(@"; sent .* in ([0-9.]+) s\.")]
    private static partial Regex Elapsed();
}
