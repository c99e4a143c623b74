using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Testing;
using Task = System.Threading.Tasks.Task;

namespace WiseHub.Benchmarks.Measures;

/// <summary>A small program that references repos of the hub, and what its builds say in their binary logs.</summary>
internal sealed class BuildProject
{
    /// <summary>Our tasks that a build runs which has everything.</summary>
    public static readonly IReadOnlyList<string> TaskNames = ["RestoreWiseModels", "PlaceWiseFiles"];

    private readonly string _folder;
    private readonly Uri _endpoint;
    private readonly SdkRunner _sdk;
    private int _logs;

    /// <param name="folder">Made for it.</param>
    /// <param name="bench">Whose packages it uses.</param>
    /// <param name="endpoint">Of the hub.</param>
    /// <param name="repos">Its references.</param>
    public BuildProject(string folder, Bench bench, Uri endpoint, IEnumerable<HubRepo> repos)
    {
        (_folder, _endpoint) = (folder, endpoint);
        _sdk = new SdkRunner(Path.Combine(bench.Folder, "nuget"));
        Packages packages = bench.Packages;
        Directory.CreateDirectory(folder);
        // Nothing of whatever is above the temp folder.
        foreach (string file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            File.WriteAllText(Path.Combine(folder, file), "<Project />");
        File.WriteAllText(Path.Combine(folder, "Program.cs"), "System.Console.WriteLine();");
        File.WriteAllText(Path.Combine(folder, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <Import Project="{packages.Targets}/build/WiseHub.Build.props" />
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                {(packages.TasksAssembly is null ? "" : $"<WiseHubTasksAssembly>{packages.TasksAssembly}</WiseHubTasksAssembly>")}
              </PropertyGroup>
              <ItemGroup>
                {string.Concat(repos.Select(r => $"<WiseModelReference Include=\"{r.Id}\" Hub=\"huggingface\" />"))}
              </ItemGroup>
              <Import Project="{packages.Targets}/build/WiseHub.Build.targets" />
            </Project>
            """);
    }

    /// <summary>Where the build puts the models.</summary>
    public string Models => Path.Combine(_folder, "bin", "Debug", "net10.0", "models");

    /// <summary>Restores packages and models, and builds.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public Task BuildFirstAsync() => RunAsync("-restore");

    /// <summary>Builds again.</summary>
    /// <returns>Seconds by the names of <see cref="TaskNames"/>; all calls of a task together.</returns>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<IReadOnlyDictionary<string, double>> BuildAsync(params IEnumerable<string> options)
    {
        string log = Path.Combine(_folder, $"{_logs++}.binlog");
        await RunAsync(["--no-restore", $"-bl:{log}", .. options]);
        var seconds = TaskNames.ToDictionary(n => n, _ => 0.0);
        Microsoft.Build.Logging.StructuredLogger.BinaryLog.ReadBuild(log)
            .VisitAllChildren<Microsoft.Build.Logging.StructuredLogger.Task>(task =>
            {
                if (seconds.ContainsKey(task.Name))
                    seconds[task.Name] += task.Duration.TotalSeconds;
            });
        File.Delete(log);
        return seconds;
    }

    private async Task RunAsync(params IEnumerable<string> options) =>
        (await _sdk.RunAsync(_folder, "dotnet", ["build", "-nologo", "-v:q", .. options], new Dictionary<string, string?>
        {
            ["WISEHUB_CACHE"] = Path.Combine(_folder, "cache"),
            ["WISEHUB_ENDPOINT_HUGGINGFACE"] = _endpoint.GetLeftPart(UriPartial.Authority),
            ["HF_HOME"] = _folder,
        })).Succeeded();
}
