using System.Text.RegularExpressions;
using WiseHub.Client;

namespace WiseHub.Testing;

/// <summary>
/// A temporary folder with projects of a test: isolated from this repository's build files, with the folder feed added to the
/// machine's package sources, a folder hub named <c>local</c>, and a cache of its own.
/// </summary>
public sealed partial class SdkWorkspace : IDisposable
{
    private readonly PackageFeed _feed;

    public SdkWorkspace(PackageFeed feed)
    {
        _feed = feed;
        Root = Directory.CreateTempSubdirectory("wisehub-sdk-").FullName;
        Write("src/Directory.Build.props", "<Project />\n");
        Write("src/Directory.Build.targets", "<Project />\n");
        Write("src/Directory.Packages.props", $"""
            <Project>
              <PropertyGroup><ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally></PropertyGroup>
              <ItemGroup><PackageVersion Include="WiseHub.Build;WiseHub.Client" Version="{feed.Version}" /></ItemGroup>
            </Project>
            """);
        // Without a clear: what a project needs beside our package comes from wherever this machine gets its packages.
        Write("src/nuget.config", $"""
            <configuration><packageSources><add key="wisehub-test-feed" value="{feed.Folder}" /></packageSources></configuration>
            """);
        Write("src/wisehub.json", """
            { "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "../hub" } } }
            """);
        Environment["WISEHUB_CACHE"] = Cache;
        Environment["HF_HUB_CACHE"] = PathOf("hf");
    }

    /// <summary>The folder of everything.</summary>
    public string Root { get; }

    /// <summary>Where projects are.</summary>
    public string Sources => Path.Combine(Root, "src");

    /// <summary>The folder hub.</summary>
    public string Hub => Path.Combine(Root, "hub");

    /// <summary>The cache.</summary>
    public string Cache => Path.Combine(Root, "cache");

    /// <summary>Variables for every run; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>The absolute path of something below the workspace.</summary>
    public string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Writes a text file.</summary>
    public void Write(string relative, string text)
    {
        string file = PathOf(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary>Writes <c>src/NAME/NAME.csproj</c>.</summary>
    public void Write(string name, ProjectBuilder project) => Write($"src/{name}/{name}.csproj", project.ToString());

    /// <summary>Reads a text file.</summary>
    public string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>Deletes a file or a folder with all that is in it.</summary>
    public void Delete(string relative)
    {
        if (Directory.Exists(PathOf(relative)))
            Directory.Delete(PathOf(relative), recursive: true);
        else
            File.Delete(PathOf(relative));
    }

    /// <summary>All files below a folder, with <c>/</c>, sorted; empty when there is no such folder.</summary>
    public IReadOnlyList<string> Tree(string relative) => !Directory.Exists(PathOf(relative)) ? []
        : [.. Directory.EnumerateFiles(PathOf(relative), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(PathOf(relative), f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>Publishes a commit to the folder hub.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string repoId, params (string Path, string Text)[] files)
    {
        string staging = Directory.CreateDirectory(PathOf($"staging/{Guid.NewGuid():N}")).FullName;
        var push = new List<PushFile>();
        foreach ((string path, string text) in files)
        {
            string file = Path.Combine(staging, $"{push.Count}");
            await File.WriteAllTextAsync(file, text);
            push.Add(new PushFile(file, path));
        }
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = PathOf("src/wisehub.json"),
            CacheDirectory = Cache,
            Environment = TestEnvironment.Empty
        });
        string commit =
            (await client.PushAsync(new PushRequest { Hub = "local", RepoId = repoId, Files = push, Prune = true })).Commit;
        Directory.Delete(PathOf("staging"), recursive: true);
        return commit;
    }

    /// <summary>Runs <c>dotnet</c> in a project's folder, with plain output of the given verbosity.</summary>
    /// <param name="project">Name of the project; empty = the folder above all projects.</param>
    /// <param name="arguments">The command and its options, separated by spaces.</param>
    /// <param name="verbosity">q: only errors and warnings; m: also what a person sees.</param>
    public Task<SdkRun> DotnetAsync(string project, string arguments, string verbosity = "q") =>
        RunAsync(project, "dotnet", [.. arguments.Split(' '), "-nologo", $"-v:{verbosity}", "-tl:off"]);

    /// <summary>Runs any program in a project's folder.</summary>
    public Task<SdkRun> RunAsync(string project, string file, params string[] arguments) =>
        _feed.Runner.RunAsync(Path.Combine(Sources, project), file, arguments, Environment);

    /// <summary>Runs the built program of a project.</summary>
    public Task<SdkRun> RunAppAsync(string project) =>
        RunAsync(project, "dotnet", PathOf($"src/{project}/bin/Debug/net10.0/{project}.dll"));

    /// <summary>
    /// The whole log as it is in every run: the workspace is <c>$</c>, durations are <c>N s</c>, and the summary is left off,
    /// which <c>dotnet build</c> asks for even where the caller asked for none.
    /// </summary>
    public string Log(SdkRun run)
    {
        string text = Durations().Replace(run.Output.Replace(Root, "$", StringComparison.Ordinal), "in N s");
        int summary = Summary().Match(text) is { Success: true } match ? match.Index : text.Length;
        return text[..summary];
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);

    [GeneratedRegex(@"in [\d.]+ (ms|s|sec|seconds)\b")]
    private static partial Regex Durations();

    [GeneratedRegex(@"(^|(?<=\n))\n?Build (succeeded|FAILED)\.\n")]
    private static partial Regex Summary();
}
