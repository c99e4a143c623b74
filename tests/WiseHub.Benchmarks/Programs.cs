using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace WiseHub.Benchmarks;

/// <summary>A program with its arguments.</summary>
internal sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    public string Folder { get; init; } = Path.GetTempPath();

    /// <summary>Set over the environment of this process; null removes.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public override string ToString() => $"{Program} {string.Join(' ', Arguments)}";
}

/// <summary>What a program cost.</summary>
/// <param name="Seconds">From start to end.</param>
/// <param name="CpuSeconds">Of it and its children, user and system; in steps of 10 ms.</param>
/// <param name="PeakMiB">
/// Highest resident memory of its largest process; 0 when it was not watched, and where there is no /proc.
/// </param>
internal sealed record Cost(double Seconds, double CpuSeconds, double PeakMiB);

/// <summary>Runs programs to their end.</summary>
internal static class Programs
{
    // USER_HZ, in which proc(5) counts; 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <returns>Standard output.</returns>
    /// <exception cref="InvalidOperationException">It is not there, or ended with another code than 0.</exception>
    public static async Task<string> RunAsync(Command command, CancellationToken cancel)
    {
        using Process process = Start(command);
        return await EndAsync(process, command, cancel);
    }

    /// <summary>
    /// Runs programs at once, and says what they cost together. Nothing else may run meanwhile: processor time is that of all
    /// children that ended.
    /// </summary>
    /// <exception cref="InvalidOperationException">One is not there, or ended with another code than 0.</exception>
    public static async Task<Cost> MeasureAsync(IReadOnlyList<Command> commands, bool watchMemory, CancellationToken cancel)
    {
        double cpu = CpuOfChildren();
        long begin = Stopwatch.GetTimestamp();
        double[] peaks = await Task.WhenAll(commands.Select(async command =>
        {
            using Process process = Start(command);
            Task<double> peak = watchMemory ? Task.Run(() => WatchMemory(process), CancellationToken.None) : Task.FromResult(0.0);
            await EndAsync(process, command, cancel);
            return await peak;
        }));
        return new Cost(Stopwatch.GetElapsedTime(begin).TotalSeconds, CpuOfChildren() - cpu, peaks.Max());
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

    // The kernel keeps the highest value (VmHWM of proc(5)); only what is allocated in the last two milliseconds can be missed.
    // Not getrusage: there a child starts with its parent's peak.
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

    // A process that ends while it is looked at has no files any more, or fails to be read (ESRCH).
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

    // cutime and cstime of /proc/self/stat (proc(5)): fields 16 and 17, counted from behind the name, which may have spaces.
    private static double CpuOfChildren()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[13], CultureInfo.InvariantCulture) + double.Parse(fields[14],
            CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
