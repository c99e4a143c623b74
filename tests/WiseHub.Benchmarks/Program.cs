using System.Globalization;
using System.Runtime.InteropServices;
using WiseHub.Benchmarks;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Measures;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;
using WiseHub.Testing;

// The exit code is 0 at any speed and with any missing peer, 1 if a program of ours failed, and 2 for a wrong command line.
using var interrupt = new CancellationTokenSource();
// Each of these signals stops nginx and deletes the gigabytes in the temp folder.
using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, BreakOff),
    onTermination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, BreakOff);
BenchmarkOptions options;
Measure[] measures;
try
{
    options = BenchmarkOptions.Parse(args);
    if (options.Only.FirstOrDefault(name => Measure.All.All(m => m.Name != name)) is string unknown)
        throw new FormatException($"There is no measure '{unknown}'; --list names them.");
    measures = [.. Measure.All.Where(m => options.Only.Count == 0 || options.Only.Contains(m.Name))];
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n{BenchmarkOptions.Usage}");
    return 2;
}
if (options.List)
{
    foreach (Measure measure in Measure.All)
        Console.WriteLine($"{measure.Name,-11} {measure.About}");
    return 0;
}
if (!Programs.Exists("nginx"))
{
    Console.WriteLine("nginx is not installed: there is no hub to measure with. Debian and Ubuntu: "
        + "apt install nginx-light libnginx-mod-http-echo");
    return 0;
}

string folder = Path.Combine(options.Work, $"wisehub-bench-{Guid.NewGuid():N}");
Directory.CreateDirectory(folder);
try
{
    Say("packages");
    Packages packages = options.NoPack ? Packages.Built()
        : await Packages.PackAsync(Path.Combine(folder, "packages"), interrupt.Token);
    Say("contents of the hub");
    var content = new HubContent(Directory.CreateDirectory(Path.Combine(folder, "hub")).FullName, options.Sizes.TreePage);
    var repos = new Repos(content, options.Sizes);
    foreach (Measure measure in measures)
        _ = measure.Needs(repos).ToList();
    await using NginxHub hub = await NginxHub.StartAsync(Path.Combine(folder, "nginx"), content, interrupt.Token);
    var bench = new Bench(options, folder, packages, content, repos, hub);
    string title = string.Create(CultureInfo.InvariantCulture,
        $"Benchmarks of {DateTimeOffset.Now:yyyy-MM-dd}, {bench.Rounds} "
        + $"{(bench.Rounds == 1 ? "round" : "rounds")}"
        + $"{(options.Quick ? "; small sizes, which show that everything runs and say nothing about speed" : "")}");
    bool isNative = packages.NativePackage is not null;
    var report = new Report(options.Report, title,
        [.. await Machine.DescribeAsync(folder, interrupt.Token),
            $"wisehub: the {(isNative ? "native" : "managed")} tool, {packages.Says}"],
        judges: !options.Quick, isNative);
    foreach (Measure measure in measures)
    {
        Say(measure.About);
        Section section = await measure.RunAsync(bench, interrupt.Token);
        report.Add(section);
        Console.WriteLine(Report.ToMarkdown(section));
    }
    if (options.Docs)
        report.ReplaceResults(RepoFiles.At("docs", "benchmarks.md"));
    Say($"report: {report.File}");
    return report.IsBroken ? 1 : 0;
}
catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
{
    Say("broken off; the report has what was measured before");
    return 130;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

void BreakOff(PosixSignalContext signal)
{
    signal.Cancel = true;
    interrupt.Cancel();
}

static void Say(string what) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {what}");
