using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace WiseHub.Testing;

/// <summary>What a program printed and how it ended.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error);

/// <summary>Runs programs.</summary>
public static class ProcessRunner
{
    // Windows would take the code page of the console.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">Passed one by one, never through a shell.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="environment">Set over that of this process; null removes.</param>
    /// <param name="input">What stands in its standard input.</param>
    public static async Task<ProcessResult> RunAsync(string program, IEnumerable<string> arguments, string folder,
        IReadOnlyDictionary<string, string?>? environment = null, string input = "")
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new ProcessResult(process.ExitCode, await output, await error);
    }

    /// <summary>Says whether a program can be run here.</summary>
    public static async Task<bool> ExistsAsync(string program)
    {
        try
        {
            await RunAsync(program, ["--version"], Path.GetTempPath());
            return true;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
