using System.Diagnostics;
using System.Text;

namespace WiseHub.Client.Files;

/// <summary>
/// Finds and describes the programs that are started: always by an absolute path, taken from an absolute entry of PATH. Windows
/// looks into the working folder first, and an empty or relative entry of PATH means that folder on every system; a cloned
/// repository may hold a <c>git</c> there.
/// </summary>
internal static class Programs
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>What a message about a missing program adds: it may be in a folder that is not searched.</summary>
    public const string Searched = "Only absolute folders of PATH are searched";

    /// <summary>The absolute path of a program, or null.</summary>
    /// <param name="program">
    /// A name without folders, looked for on PATH, or an absolute path. A relative path finds nothing.
    /// </param>
    /// <param name="environment">Reads an environment variable.</param>
    public static string? Find(string program, Func<string, string?> environment)
    {
        // Scripts (.cmd, .bat) are not looked for: cmd.exe splits their arguments by rules of its own, so that
        // no quoting is safe.
        string name = OperatingSystem.IsWindows() && !program.EndsWith(".exe", StringComparison.OrdinalIgnoreCase)
            ? program + ".exe" : program;
        if (Path.IsPathFullyQualified(name))
            return IsProgram(name) ? Path.GetFullPath(name) : null;
        return program.Length == 0 || Path.GetFileName(name) != name ? null
            : Folders(environment).Select(f => Path.Combine(f, name)).FirstOrDefault(IsProgram);
    }

    /// <summary>A process with this program, without a shell; the caller adds what it needs.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="arguments">Passed one by one.</param>
    public static ProcessStartInfo Describe(string path, IEnumerable<string> arguments) => Path.IsPathFullyQualified(path)
        ? new ProcessStartInfo(path, arguments) { UseShellExecute = false }
        : throw new ArgumentException($"'{path}' is not an absolute path.", nameof(path));

    /// <summary>
    /// The same for a program that works for us alone: without a window, with standard input, output and errors as UTF-8 for the
    /// caller, in a folder where only administrators write, and finding what it starts itself by our rule.
    /// </summary>
    /// <param name="path">Absolute.</param>
    /// <param name="arguments">Passed one by one.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static ProcessStartInfo DescribeRedirected(
        string path, IEnumerable<string> arguments, Func<string, string?> environment)
    {
        ProcessStartInfo start = Describe(path, arguments);
        start.CreateNoWindow = true;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        // Windows would take the code page of the console, which has no Chinese in Europe.
        start.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        start.WorkingDirectory = OperatingSystem.IsWindows() ? Environment.SystemDirectory : "/";
        Protect(start, environment);
        return start;
    }

    /// <summary>Has a process find the programs that it starts itself by the same rule.</summary>
    public static void Protect(ProcessStartInfo start, Func<string, string?> environment)
    {
        start.Environment["PATH"] = string.Join(Path.PathSeparator, Folders(environment));
        // https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-needcurrentdirectoryforexepathw
        if (OperatingSystem.IsWindows())
            start.Environment["NoDefaultCurrentDirectoryInExePath"] = "1";
    }

    // Windows allows quotation marks around an entry.
    private static IEnumerable<string> Folders(Func<string, string?> environment) =>
        (environment("PATH") ?? "").Split(Path.PathSeparator)
            .Select(f => OperatingSystem.IsWindows() ? f.Trim().Trim('"') : f).Where(Path.IsPathFullyQualified);

    private static bool IsProgram(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);
}
