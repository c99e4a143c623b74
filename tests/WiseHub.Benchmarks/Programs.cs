using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace WiseHub.Benchmarks;

/// <summary>A program with its arguments.</summary>
internal sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Set over the environment of this process; null removes.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public override string ToString() => $"{Program} {string.Join(' ', Arguments)}";
}

/// <summary>The time and memory of a whole process and its children.</summary>
/// <param name="Seconds">From start to end.</param>
/// <param name="UserSeconds">User time; 0 on systems other than Linux, like the next one.</param>
/// <param name="SystemSeconds">System time.</param>
/// <param name="PeakMiB">
/// Peak RSS of the largest process; null if memory was not watched, or if no process lived long enough to be seen.
/// </param>
internal sealed record Cost(double Seconds, double UserSeconds, double SystemSeconds, double? PeakMiB);

/// <summary>Runs programs to their end.</summary>
internal static partial class Programs
{
    // Less than any program needs: such a process was seen only before its exec was done.
    private const double SmallestMiB = 0.5;

    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <returns>Standard output.</returns>
    /// <exception cref="InvalidOperationException">The program is missing or ended with a code other than 0.</exception>
    public static async Task<string> RunAsync(Command command, CancellationToken cancel)
    {
        using Process process = Start(command);
        return await EndAsync(process, command, cancel);
    }

    /// <summary>
    /// Runs programs at once and returns their cost together. No other child of this process may end meanwhile, because the
    /// kernel adds up the processor time of all children that ended.
    /// </summary>
    /// <exception cref="InvalidOperationException">A program is missing or ended with a code other than 0.</exception>
    public static async Task<Cost> MeasureAsync(IReadOnlyList<Command> commands, bool watchMemory, CancellationToken cancel)
    {
        (double user, double system) = TimesOfChildren();
        long begin = Stopwatch.GetTimestamp();
        double[] peaks = await Task.WhenAll(commands.Select(async command =>
        {
            using Process process = Start(command);
            Task<double> peak = watchMemory ? Task.Run(() => WatchMemory(process), CancellationToken.None) : Task.FromResult(0.0);
            await EndAsync(process, command, cancel);
            return await peak;
        }));
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds, peakOfAll = peaks.Max();
        (double userAfter, double systemAfter) = TimesOfChildren();
        return new Cost(seconds, userAfter - user, systemAfter - system, peakOfAll > SmallestMiB ? peakOfAll : null);
    }

    private static async Task<string> EndAsync(Process process, Command command, CancellationToken cancel)
    {
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None),
            error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{Path.GetFileName(command.Program)} "
            + $"ended with {process.ExitCode}:\n{command}\n{await output}{await error}");
    }

    private static Process Start(Command command)
    {
        var start = new ProcessStartInfo(command.Program, command.Arguments)
        {
            WorkingDirectory = command.Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string? value) in command.Environment)
            start.Environment[name] = value;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"'{command.Program}' could not be started: {e.Message}", e);
        }
    }

    // The kernel keeps the highest value (VmHWM of proc(5)), so only the growth of the last two milliseconds can be missed.
    // getrusage is no alternative: its peak of a child includes the memory of this process, from before the exec.
    private static double WatchMemory(Process process)
    {
        long peak = 0;
        while (!process.HasExited)
        {
            foreach (int id in Tree(process.Id))
                peak = Math.Max(peak, PeakKiB(id));
            Thread.Sleep(2);
        }
        return peak / 1024.0;
    }

    // The files of a process that ends meanwhile are gone, or reading them fails with ESRCH.
    private static IEnumerable<int> Tree(int id)
    {
        yield return id;
        foreach (string list in ReadAll($"/proc/{id}/task", "children"))
        {
            foreach (string child in list.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                foreach (int descendant in Tree(int.Parse(child, CultureInfo.InvariantCulture)))
                    yield return descendant;
            }
        }
    }

    private static long PeakKiB(int id) => ReadAll($"/proc/{id}", "status")
        .Select(status => status.Split('\n').FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)))
        .Select(line => line is null ? 0
            : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>The texts of a file of that name in a folder itself or in its subfolders.</summary>
    private static IReadOnlyList<string> ReadAll(string folder, string name)
    {
        try
        {
            return File.Exists(Path.Combine(folder, name)) ? [File.ReadAllText(Path.Combine(folder, name))]
                : [.. Directory.EnumerateDirectories(folder).Select(f => File.ReadAllText(Path.Combine(f, name)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // getrusage(2): struct rusage begins with the user and the system time, each in seconds and microseconds, and has 14 more
    // numbers. Its numbers have 64 bits on each Linux that .NET runs on with 64 bits.
    private static (double User, double System) TimesOfChildren()
    {
        const int OfChildren = -1;
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
            return (0, 0);
        long[] usage = new long[18];
        return GetUsage(OfChildren, usage) == 0 ? (Seconds(usage[0], usage[1]), Seconds(usage[2], usage[3]))
            : throw new Win32Exception();

        static double Seconds(long seconds, long microseconds) => seconds + (microseconds / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, [Out] long[] usage);
}
