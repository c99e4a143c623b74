namespace WiseHub.Testing;

/// <summary>
/// The packages of this repository as a folder feed, with NuGet's package folder of the run beside it. They are those of
/// <see cref="ReadyPackages"/>; where it names none they are packed once a test run from a copy of the sources, as IL, which
/// takes the least time.
/// </summary>
public sealed class PackageFeed : IDisposable
{
    private static readonly string[] NotSources = ["bin", "obj", "artifacts", "TestResults"];

    private readonly string _root;

    private PackageFeed(string root, string version)
    {
        _root = root;
        Version = version;
        Runner = new SdkRunner(Path.Combine(root, "packages"));
        // A temporary folder is its owner's alone, and one test builds as another user.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(root, (UnixFileMode)0b111_101_101);
    }

    /// <summary>
    /// The environment variable <c>WISEHUB_TEST_PACKAGES</c>: the folder of packages that <c>dotnet pack</c> has made of these
    /// sources. Tests then use what users get.
    /// </summary>
    public static string? ReadyPackages { get; } =
        Environment.GetEnvironmentVariable("WISEHUB_TEST_PACKAGES") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>The version of the packages.</summary>
    public string Version { get; }

    /// <summary>The folder feed.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>Runs processes that share the package folder.</summary>
    public SdkRunner Runner { get; }

    /// <summary>Takes the ready packages, else packs WiseHub.Client, WiseHub.Build and WiseHub.Extensions.Hosting.</summary>
    public static async Task<PackageFeed> CreateAsync()
    {
        // A version of its own: nothing of an earlier run can be taken for it.
        string version = ReadyPackages is null ? $"1.0.0-test.{Guid.NewGuid().ToString("N")[..12]}" : VersionIn(ReadyPackages);
        var feed = new PackageFeed(Directory.CreateTempSubdirectory("wisehub-feed-").FullName, version);
        try
        {
            if (ReadyPackages is null)
                (await feed.PackAsync(Path.Combine(feed._root, "clone"), feed.Folder,
                    "WiseHub.Client", "WiseHub.Build", "WiseHub.Extensions.Hosting")).Succeeded();
            else
                CopyFolder(ReadyPackages, feed.Folder);
            return feed;
        }
        catch
        {
            feed.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Packs all packages of a copy of the sources with <c>dotnet pack</c> itself, as a release is made, but without native
    /// programs, which would take minutes.
    /// </summary>
    public async Task<SdkRun> ReleaseAsync(string clone, string destination)
    {
        CopyPackageSources(clone);
        SdkRun run = null!;
        foreach (string project in Directory.GetDirectories(Path.Combine(clone, "src")).Select(f => Path.GetFileName(f)))
        {
            run = await ReleaseAsync(clone, destination, project, "-v:q", "-p:PackNative=false");
            if (run.ExitCode != 0)
                break;
        }
        return run;
    }

    /// <summary>Packs one project of the sources in a folder with <c>dotnet pack</c>.</summary>
    public Task<SdkRun> ReleaseAsync(string clone, string destination, string project, params string[] options) =>
        Runner.RunAsync(clone, "dotnet",
            ["pack", $"src/{project}", "-c", "Release", "-o", destination, "-nologo", "-tl:off", .. options]);

    /// <summary>Copies the sources into a new folder and packs projects there, as a release from a fresh clone would.</summary>
    public async Task<SdkRun> PackAsync(string clone, string destination, params string[] projects)
    {
        CopyPackageSources(clone);
        string traversal = Path.Combine(clone, "pack.proj");
        string list = string.Join(';', projects.Select(p => $"src/{p}/{p}.csproj"));
        await File.WriteAllTextAsync(traversal, $"""
            <Project>
              <Target Name="Pack">
                <MSBuild Projects="{list}" Targets="Restore" Properties="Restoring=true" />
                <MSBuild Projects="{list}" Targets="Pack" />
              </Target>
            </Project>
            """);
        return await Runner.RunAsync(clone, "dotnet",
            ["msbuild", traversal, "-t:Pack", "-nologo", "-v:q", "-tl:off", "-p:Configuration=Release", $"-p:Version={Version}",
                $"-p:PackageOutputPath={destination}"]);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>
    /// Copies what the packages are made of: builds there disturb neither the running test's own build nor a developer's.
    /// </summary>
    public static void CopyPackageSources(string destination)
    {
        Directory.CreateDirectory(destination);
        // In a git repository, files that git ignores are part of the symbols.
        foreach (string file in Directory.EnumerateFiles(RepoFiles.Root).Where(f => Path.GetExtension(f)
            is ".props" or ".targets" or ".json" or ".md" or ".config" or ".editorconfig" or ".gitignore" or ""))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        foreach (string folder in (string[])["build", "buildTransitive", "buildMultiTargeting", "docs", "src"])
            CopyFolder(RepoFiles.At(folder), Path.Combine(destination, folder));
    }

    private static string VersionIn(string folder)
    {
        const string Start = "WiseHub.Client.";
        return Path.GetFileNameWithoutExtension(Directory.GetFiles(folder, Start + "*.nupkg").Single())[Start.Length..];
    }

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (string file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(source).Where(f => !NotSources.Contains(Path.GetFileName(f))))
            CopyFolder(folder, Path.Combine(destination, Path.GetFileName(folder)));
    }
}
