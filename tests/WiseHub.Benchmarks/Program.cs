using System.Globalization;
using System.Reflection;
using WiseHub.Benchmarks;

// dotnet run -c Release --project tests/WiseHub.Benchmarks [rounds]
string Metadata(string key) => Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 15;
string folder = Directory.CreateTempSubdirectory("wisehub-bench").FullName;
try
{
    Console.WriteLine($"No-op build, lock file of 1,000 files, {rounds} builds, task time from the binary log:");
    Console.WriteLine();
    Console.WriteLine("| task | median ms | lowest | highest |");
    Console.WriteLine("|---|---|---|---|");
    foreach ((string task, double median, double low, double high) in await NoOpBuild.MeasureAsync(folder, Metadata("RepoRoot"), Metadata("Configuration"), rounds))
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {task} | {median:0.0} | {low:0.0} | {high:0.0} |"));
}
finally
{
    Directory.Delete(folder, recursive: true);
}
