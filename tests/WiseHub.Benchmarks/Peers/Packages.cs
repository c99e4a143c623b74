using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using WiseHub.Benchmarks.Reporting;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Peers;

/// <summary>What users have: the packed tool, installed, and the packed tasks.</summary>
/// <param name="Tool">The program that an installation makes.</param>
/// <param name="Targets">The folder with build/ of WiseHub.Build.</param>
/// <param name="TasksAssembly">Its tasks, where they are not in the package.</param>
/// <param name="Says">What they are.</param>
internal sealed record Packages(string Tool, string Targets, string? TasksAssembly, string Says)
{
    /// <summary>The folder of the packed packages; null if nothing was packed.</summary>
    public string? Feed { get; init; }

    /// <summary>The package of the native tool for this system; null if the measured tool is a managed program.</summary>
    public FileInfo? NativePackage => Feed is null ? null : new DirectoryInfo(Feed)
        .GetFiles($"WiseHub.Tool.{System}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}.*.nupkg")
        .FirstOrDefault();

    private static string System => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    /// <summary>What the last build of this project left.</summary>
    public static Packages Built()
    {
        string configuration = typeof(Packages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(a => a.Key == "Configuration").Value!;
        return new Packages(
            RepoFiles.At("src", "WiseHub.Tool", "bin", configuration, "net10.0",
                OperatingSystem.IsWindows() ? "wisehub.exe" : "wisehub"), RepoFiles.Root,
            RepoFiles.At("src", "WiseHub.Build", "bin", configuration, "net10.0", "WiseHub.Build.dll"),
            $"{configuration} build, compiled at run time");
    }

    /// <summary>Packs both and installs the tool.</summary>
    /// <exception cref="InvalidOperationException">They cannot be packed.</exception>
    public static async Task<Packages> PackAsync(string folder, CancellationToken cancel)
    {
        string feed = Path.Combine(folder, "feed"), tools = Path.Combine(folder, "tools"),
            targets = Path.Combine(folder, "package");
        string tasks = "compiled ahead of time";
        try
        {
            await PackAsync(feed, [], cancel);
        }
        catch (InvalidOperationException e)
        {
            // Where a registry does not serve the compilers, users' packages come from somewhere else; figures of these, which
            // have neither a native tool nor compiled tasks, are still worth something.
            await PackAsync(feed, ["-p:PackReadyToRun=false"], cancel);
            tasks = $"compiled at run time, because compiling ahead of time {Row.Failure(e)}";
        }
        Directory.CreateDirectory(folder);
        await Programs.RunAsync(new Command("dotnet", "tool", "install", "WiseHub.Tool", "--tool-path", tools, "--source", feed)
        {
            Folder = folder,
            // Not what another run left under the same version.
            Environment = new Dictionary<string, string?> { ["NUGET_PACKAGES"] = Path.Combine(folder, "nuget") },
        }, cancel);
        // The package of the tool that dotnet chose for this machine: only a managed one has DLLs of its own.
        bool isNative = Directory.GetFiles(Path.Combine(tools, ".store"), "wisehub.dll", SearchOption.AllDirectories) is [];
        await ZipFile.ExtractToDirectoryAsync(Directory.GetFiles(feed, "WiseHub.Build.*.nupkg").Single(), targets, cancel);
        return new Packages(Path.Combine(tools, OperatingSystem.IsWindows() ? "wisehub.exe" : "wisehub"), targets, null,
            isNative ? $"packed: a native tool, and tasks {tasks}" : $"packed: a tool of .NET and tasks, {tasks}")
        {
            Feed = feed
        };
    }

    private static async Task PackAsync(string feed, string[] properties, CancellationToken cancel)
    {
        foreach (string project in (string[])["WiseHub.Tool", "WiseHub.Build"])
            await Programs.RunAsync(new Command("dotnet",
                ["pack", RepoFiles.At("src", project), "-o", feed, "-nologo", "-v:q", .. properties]), cancel);
    }
}
