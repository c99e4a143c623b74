using System.Diagnostics;

namespace WiseHub.Benchmarks;

/// <summary>Runs programs to their end.</summary>
internal static class Programs
{
    /// <returns>Standard output.</returns>
    /// <exception cref="InvalidOperationException">The program ended with another code than 0.</exception>
    public static string Run(string program, string folder, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{output}");
    }
}
