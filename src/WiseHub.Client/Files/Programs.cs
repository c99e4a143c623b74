using System.Diagnostics;
using System.Text;

namespace WiseHub.Client.Files;

/// <summary>
/// Finds and describes programs to start, always by an absolute path from an absolute entry of PATH. Windows searches the
/// working folder first, and an empty or relative entry of PATH means that folder on every system; a cloned repository may
/// contain a <c>git</c> there.
/// </summary>
internal static class Programs
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The end of a message about a missing program, which may be in a folder that is not searched.</summary>
    public static Text Searched => $"Only absolute folders of PATH are searched";

    /// <summary>The absolute path of a program, or null.</summary>
    /// <param name="program">
    /// A name without folders, searched on PATH, or an absolute path. A relative path is never found.
    /// </param>
    /// <param name="environment">Reads an environment variable.</param>
    public static string? Find(string program, Func<string, string?> environment)
    {
        // Scripts (.cmd, .bat) are not searched: cmd.exe has its own rules for splitting arguments, so no quoting is safe.
        string name = OperatingSystem.IsWindows() && !program.EndsWith(".exe", StringComparison.OrdinalIgnoreCase)
            ? program + ".exe" : program;
        if (Path.IsPathFullyQualified(name))
            return IsProgram(name) ? Path.GetFullPath(name) : null;
        return program.Length == 0 || Path.GetFileName(name) != name ? null
            : Folders(environment).Select(f => Path.Combine(f, name)).FirstOrDefault(IsProgram);
    }

    /// <summary>Describes a process for a program, without a shell; the caller adds the rest.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="arguments">Passed one by one, without a shell.</param>
    public static ProcessStartInfo Describe(string path, IEnumerable<string> arguments) => Path.IsPathFullyQualified(path)
        ? new ProcessStartInfo(path, arguments) { UseShellExecute = false }
        : throw new ArgumentException((Text)$"'{path}' is not an absolute path.", nameof(path));

    /// <summary>
    /// The same for a program whose output the library reads: without a window, with standard input, output and error redirected
    /// as UTF-8, in a folder where only administrators can write, and with a safe PATH for the programs it starts itself.
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
        // Windows would use the console's code page, which in Europe has no Chinese characters.
        start.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        start.WorkingDirectory = OperatingSystem.IsWindows() ? Environment.SystemDirectory : "/";
        Protect(start, environment);
        return start;
    }

    /// <summary>Applies the same rule to the programs that a process starts itself.</summary>
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
