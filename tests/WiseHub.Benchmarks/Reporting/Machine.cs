using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Reporting;

/// <summary>The machine, the programs and the commit behind the figures.</summary>
internal static partial class Machine
{
    private static readonly Command[] Versions =
    [
        new("nginx", "-v"), new("curl", "--version"), new("aria2c", "--version"),
        new("node", "--version"), new("git", "--version"), new("git-lfs", "--version"), new("openssl", "version"),
        new("cp", "--version"),
    ];

    public static async Task<IReadOnlyList<string>> DescribeAsync(string work, CancellationToken cancel)
    {
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0;
        string sdk = await SayAsync(new Command("dotnet", "--version") { Folder = RepoFiles.Root }, cancel),
            commit = await SayAsync(new Command("git", "-C", RepoFiles.Root, "rev-parse", "--short", "HEAD"), cancel),
            changes = await SayAsync(new Command("git", "-C", RepoFiles.Root, "status", "--porcelain"), cancel);
        var versions = new List<string>();
        foreach (Command command in Versions.Where(c => Programs.Exists(c.Program)))
            versions.Add($"{command.Program} {Version().Match(await SayAsync(command, cancel)).Value}");
        return
        [
            $"commit {(commit.Length == 0 ? "unknown" : commit)}{(changes.Length == 0 ? "" : " + changes")}",
            string.Create(CultureInfo.InvariantCulture, $"{Processor()}, {Environment.ProcessorCount} cores, {memory:0} GiB, "
                + $"{RuntimeInformation.OSDescription}, {new DriveInfo(work).DriveFormat}"),
            $".NET SDK {sdk}",
            string.Join(", ", versions),
        ];
    }

    // nginx writes its version to standard error. A failure only leaves a gap in a line.
    private static async Task<string> SayAsync(Command command, CancellationToken cancel)
    {
        try
        {
            string[] arguments = ["-c", "exec \"$@\" 2>&1", "sh", command.Program, .. command.Arguments];
            return (await Programs.RunAsync(command with { Program = "sh", Arguments = arguments }, cancel)).Trim();
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>The load average of the last minute: processes that run or wait for a processor.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim() ?? RuntimeInformation.OSArchitecture.ToString()
        : RuntimeInformation.OSArchitecture.ToString();

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Version();
}
