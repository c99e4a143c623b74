using System.Globalization;
using Microsoft.Build.Logging.StructuredLogger;
using WiseHub.Client;

namespace WiseHub.Benchmarks;

/// <summary>
/// What a build that has everything pays: the durations of this product's tasks in the binary logs of repeated no-op builds
/// (<c>dotnet build --no-restore</c>), for a lock file of 1,000 files.
/// </summary>
internal static class NoOpBuild
{
    private const int Files = 1000;
    private static readonly string[] TaskNames = ["RestoreWiseModels", "GenerateWiseAccessor", "PlaceWiseFiles"];

    public static async Task<IReadOnlyList<(string Task, double MedianMs, double LowMs, double HighMs)>> MeasureAsync(string folder, string package, int rounds)
    {
        string hub = Path.Combine(folder, "hub"), project = Path.Combine(folder, "app");
        await PushAsync(folder, hub);
        WriteProject(project, package);
        Build(project, "-restore", null);
        var durations = TaskNames.ToDictionary(n => n, _ => new List<double>());
        for (int round = 0; round < rounds; round++)
        {
            string log = Path.Combine(folder, $"{round}.binlog");
            Build(project, "--no-restore", log);
            BinaryLog.ReadBuild(log).VisitAllChildren<Microsoft.Build.Logging.StructuredLogger.Task>(task =>
            {
                if (durations.TryGetValue(task.Name, out List<double>? list))
                    list.Add(task.Duration.TotalMilliseconds);
            });
        }
        return [.. durations.Select(d => (d.Key, Median(d.Value), d.Value.Min(), d.Value.Max()))];
    }

    private static async System.Threading.Tasks.Task PushAsync(string folder, string hub)
    {
        string source = Directory.CreateDirectory(Path.Combine(folder, "source")).FullName;
        var files = new List<PushFile>();
        for (int i = 0; i < Files; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"shard-{i:0000}.json");
            await File.WriteAllTextAsync(Path.Combine(source, name), $"{{\"shard\":{i}}}");
            files.Add(new PushFile(Path.Combine(source, name), "data/" + name));
        }
        string config = Path.Combine(folder, HubConfig.FileName);
        await File.WriteAllTextAsync(config, """{"defaultHub":"local","hubs":{"local":{"protocol":"store","path":"hub"}}}""");
        using var client = new HubClient(new HubClientOptions { ConfigFile = config });
        await client.PushAsync(new PushRequest { RepoId = "bench/thousand", Files = files });
    }

    private static void WriteProject(string project, string package)
    {
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(project, "Program.cs"), "System.Console.WriteLine(App.WiseModels.Thousand.Commit);");
        File.WriteAllText(Path.Combine(project, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{package}/build/WiseHub.Build.props" />
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <RootNamespace>App</RootNamespace>
              </PropertyGroup>
              <ItemGroup><WiseModelReference Include="bench/thousand" /></ItemGroup>
              <Import Project="{package}/build/WiseHub.Build.targets" />
            </Project>
            """);
    }

    private static void Build(string project, string restore, string? log) =>
        Programs.Run("dotnet", project, ["build", restore, "-nologo", "-v:q", "-nodeReuse:false", .. log is null ? (string[])[] : [$"-bl:{log}"]],
            new Dictionary<string, string> { ["WISEHUB_CACHE"] = Path.Combine(Path.GetDirectoryName(project)!, "cache") });

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
