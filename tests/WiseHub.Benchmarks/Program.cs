using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using WiseHub.Benchmarks;

// dotnet run -c Release --project tests/WiseHub.Benchmarks [rounds]
// Prints Markdown; a benchmark never fails by time.
if (args is ["--serve", string serveFolder, string size])
{
    await PeakMemory.ServeAsync(serveFolder, int.Parse(size, CultureInfo.InvariantCulture));
    return;
}
if (args is ["--restore", string restoreFolder, string endpoint])
{
    await PeakMemory.RestoreAsync(restoreFolder, endpoint);
    return;
}
string repoRoot = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
string folder = Directory.CreateTempSubdirectory("wisehub-bench").FullName;
try
{
    // What users have is the package: its tasks are compiled ahead of time.
    Programs.Run("dotnet", repoRoot, ["pack", "src/WiseHub.Build", "-o", folder, "-nologo", "-v:q"]);
    string package = Path.Combine(folder, "package");
    ZipFile.ExtractToDirectory(Directory.GetFiles(folder, "WiseHub.Build.*.nupkg").Single(), package);

    Console.WriteLine($"## No-op build of a lock file of 1,000 files: task time in the binary logs of {rounds} builds");
    Console.WriteLine();
    Console.WriteLine("| task | median ms | lowest | highest |");
    Console.WriteLine("|---|---|---|---|");
    foreach ((string task, double median, double low, double high) in await NoOpBuild.MeasureAsync(folder, package, rounds))
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {task} | {median:0.0} | {low:0.0} | {high:0.0} |"));

    Console.WriteLine();
    Console.WriteLine("## Peak memory of a restore above an idle process, by file size");
    Console.WriteLine();
    Console.WriteLine("| file | MiB |");
    Console.WriteLine("|---|---|");
    foreach ((int mebibytes, double peak) in PeakMemory.Measure(folder))
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {mebibytes} MiB | {peak:0} |"));
}
finally
{
    Directory.Delete(folder, recursive: true);
}
