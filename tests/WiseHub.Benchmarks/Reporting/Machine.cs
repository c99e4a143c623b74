using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Reporting;

/// <summary>Where figures come from: without it they mean little.</summary>
internal static partial class Machine
{
    // openssl and nginx have an option of their own.
    private static readonly Command[] Versions =
    [
        new("dotnet", "--version"), new("nginx", "-v"), new("curl", "--version"), new("aria2c", "--version"),
        new("node", "--version"),
        new("git", "--version"), new("git-lfs", "--version"), new("openssl", "version"), new("cp", "--version"),
    ];

    public static async Task<IReadOnlyList<string>> DescribeAsync(string work, CancellationToken cancel)
    {
        double memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0;
        string commit =
            await SayAsync(new Command("git", "-C", RepoFiles.Root, "describe", "--always", "--dirty", "--abbrev=12"), cancel);
        var versions = new List<string>();
        foreach (Command command in Versions.Where(c => Programs.Exists(c.Program)))
            versions.Add($"{command.Program} {Version().Match(await SayAsync(command, cancel)).Value}");
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{Processor()}, {Environment.ProcessorCount} cores, {memory:0} GiB, "
                + $"{RuntimeInformation.OSDescription}, {new DriveInfo(work).DriveFormat}"),
            string.Join(", ", versions),
            $"this repository at {(commit.Length == 0 ? "an unknown commit" : commit)}",
        ];
    }

    // nginx speaks on standard error. Nothing that fails here is worth more than a gap in a line.
    private static async Task<string> SayAsync(Command command, CancellationToken cancel)
    {
        try
        {
            return (await Programs.RunAsync(
                new Command("sh", ["-c", "exec \"$@\" 2>&1", "sh", command.Program, .. command.Arguments]), cancel)).Trim();
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>How busy the machine is: processes that run or want to, on average over the last minute.</summary>
    public static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static string Processor() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':', 2)[1].Trim() ?? RuntimeInformation.OSArchitecture.ToString()
        : RuntimeInformation.OSArchitecture.ToString();

    [GeneratedRegex(@"\d+(\.\d+)+")]
    private static partial Regex Version();
}
