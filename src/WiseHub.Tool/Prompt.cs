using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using WiseHub.Client;
using WiseHub.Client.Files;

namespace WiseHub.Tool;

/// <summary>Questions to a person. Only on a terminal, and never in a CI job: a build that waits for an answer hangs.</summary>
internal static class Prompt
{
    /// <summary>
    /// Somebody sits there: input and errors are a terminal, and no CI service says otherwise (they all set CI, or TF_BUILD).
    /// </summary>
    public static bool IsPossible => !Console.IsInputRedirected && !Console.IsErrorRedirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("TF_BUILD"));

    /// <summary>Yes only for y or yes.</summary>
    public static async Task<bool> ConfirmAsync(string question, CancellationToken cancel) =>
        (await ReadLineAsync($"{question} [y/N] ", isSecret: false, cancel).ConfigureAwait(false)).Trim()
            .ToUpperInvariant() is "Y" or "YES";

    /// <summary>One line.</summary>
    public static async Task<string> ReadAsync(string question, CancellationToken cancel) =>
        (await ReadLineAsync(question, isSecret: false, cancel).ConfigureAwait(false)).Trim();

    /// <summary>One line that is not shown while it is typed or pasted.</summary>
    public static Task<string> ReadSecretAsync(string question, CancellationToken cancel) =>
        ReadLineAsync(question, isSecret: true, cancel);

    private static async Task<string> ReadLineAsync(string question, bool isSecret, CancellationToken cancel)
    {
        bool isSilent = isSecret && !OperatingSystem.IsWindows();
        try
        {
            // Before the question: who pastes at once must not see it either.
            if (isSilent && !await SttyAsync("-echo").ConfigureAwait(false))
                throw new HubException(WiseCodes.LoginNotPossible, "The terminal would show what is typed: 'stty -echo' failed. "
                    + "Pipe the token into 'wisehub login --token-stdin'.");
            await Console.Error.WriteAsync(Failures.Printable(question)).ConfigureAwait(false);
            // A person may never answer; Ctrl+C must end the wait, and the thread ends with the process.
            return await Task.Run(() => OperatingSystem.IsWindows() && isSecret ? ReadKeys() : ReadTerminal(), cancel)
                .WaitAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            if (isSilent)
                await SttyAsync("echo").ConfigureAwait(false);
            // The line end that was typed was not shown either.
            if (isSecret)
                await Console.Error.WriteLineAsync().ConfigureAwait(false);
        }
    }

    private static string ReadTerminal()
    {
        if (OperatingSystem.IsWindows())
            return Console.In.ReadLine() ?? "";
        // Not Console's own stream, which on Unix edits the line itself and echoes it.
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

    // The program of POSIX for the terminal that is its standard input, which it shares with this process.
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
