using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client.Files;

namespace WiseHub.Tool;

/// <summary>Asks the user. Only on a terminal, and never in a CI job: a build that waits for an answer hangs.</summary>
internal static class Prompt
{
    /// <summary>Input and errors are a terminal, and this is not a CI job. All CI services set CI or TF_BUILD.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && !Console.IsErrorRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TF_BUILD"));

    /// <summary>Asks for y or yes; any other answer means no.</summary>
    public static async Task<bool> ConfirmAsync(string question, CancellationToken cancel) =>
        (await ReadLineAsync(ToolMessages.Confirm(question), isSecret: false, cancel).ConfigureAwait(false)).Trim()
            .ToUpperInvariant() is "Y" or "YES";

    /// <summary>Reads one line.</summary>
    public static async Task<string> ReadAsync(string question, CancellationToken cancel) =>
        (await ReadLineAsync(question, isSecret: false, cancel).ConfigureAwait(false)).Trim();

    /// <summary>Reads one line that is not shown while it is typed or pasted.</summary>
    public static Task<string> ReadSecretAsync(string question, CancellationToken cancel) =>
        ReadLineAsync(question, isSecret: true, cancel);

    private static async Task<string> ReadLineAsync(string question, bool isSecret, CancellationToken cancel)
    {
        bool isSilent = isSecret && !OperatingSystem.IsWindows();
        try
        {
            // Before the question, because the user may paste at once.
            if (isSilent && !await SttyAsync("-echo").ConfigureAwait(false))
                throw ToolMessages.InputWouldBeShown();
            await Console.Error.WriteAsync(Failures.Printable(question)).ConfigureAwait(false);
            // The user may never answer. Ctrl+C must end the wait; the thread ends with the process.
            return await Task.Run(() => OperatingSystem.IsWindows() && isSecret ? ReadKeys() : ReadTerminal(), cancel)
                .WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            if (isSilent)
                await SttyAsync("echo").ConfigureAwait(false);
            // The line break that the user typed was not shown either.
            if (isSecret)
                await Console.Error.WriteLineAsync().ConfigureAwait(false);
        }
    }

    private static string ReadTerminal()
    {
        if (OperatingSystem.IsWindows())
            return Console.In.ReadLine() ?? "";
        // Not Console.In, which on Unix edits the line itself and echoes it.
        using var descriptor = new SafeFileHandle(0, ownsHandle: false);
        using var stream = new FileStream(descriptor, FileAccess.Read, bufferSize: 1);
        using var input = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 256);
        return input.ReadLine() ?? "";
    }

    private static string ReadKeys()
    {
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && text.Length > 0)
                text.Length--;
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }
        return text.ToString();
    }

    // stty (POSIX) changes the terminal of its standard input, which it inherits from this process.
    private static async Task<bool> SttyAsync(string mode)
    {
        if (Programs.Find("stty", Environment.GetEnvironmentVariable) is not string stty)
            return false;
        try
        {
            using Process process = Process.Start(Programs.Describe(stty, [mode]))!;
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
