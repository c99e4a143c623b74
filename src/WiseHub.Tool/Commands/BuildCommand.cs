using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using WiseHub.Client;
using WiseHub.Client.Files;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub restore|update [project or solution]</c>, and <c>verify</c> without a lock file: runs the projects' own target and
/// evaluates nothing itself.
/// MSBuild writes to the same terminal; only its message about a missing target is replaced by a better one.
/// </summary>
internal static class BuildCommand
{
    // Ctrl+C also reaches MSBuild through the terminal; killing only wisehub does not.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    private const string TargetMissing = "MSB4057";

    // A build says nothing if there is nothing to do; a user who asks for a restore gets an answer.
    private const string SaysIfAllIsThere = "-p:_WiseSaysIfAllIsThere=true";

    /// <summary>The configurations that every project has.</summary>
    public static readonly string[] Configurations = ["Debug", "Release"];

    public static Command CreateRestore()
    {
        var locked = new Option<bool>("--locked") { Description = ToolHelp.Locked };
        Command restore = Create("restore", ToolHelp.Restore,
            "WiseRestore", parsed => [SaysIfAllIsThere, .. parsed.GetValue(locked) ? (string[])["-p:WiseLockedMode=true"] : []]);
        restore.Add(locked);
        return restore;
    }

    public static Command CreateUpdate()
    {
        var removeUnused = new Option<bool>("--remove-unused") { Description = ToolHelp.RemoveUnused };
        Option<string[]> configurations = Arguments.Texts("--configuration", "name", ToolHelp.Configuration);
        Command update = Create("update", ToolHelp.Update,
            "WiseUpdate", _ => [], (parsed, project, cancel) =>
                parsed.GetValue(removeUnused) ? RemoveUnusedAsync(project,
                    [.. Configurations.Concat(parsed.GetValue(configurations) ?? []).Distinct()], cancel)
                : Task.FromResult(ExitCodes.Done));
        update.Add(removeUnused);
        update.Add(configurations);
        return update;
    }

    private static Command Create(
        string name, string description, string target, Func<ParseResult, IEnumerable<string>> properties,
        Func<ParseResult, string, CancellationToken, Task<int>>? then = null)
    {
        var project = new Argument<string?>("project") { Description = ToolHelp.Project, Arity = ArgumentArity.ZeroOrOne };
        Arguments.RefuseOptions(project);
        var offline = new Option<bool>("--offline") { Description = ToolHelp.BuildOffline };
        var noMirrorWrite = new Option<bool>("--no-mirror-write") { Description = ToolHelp.BuildNoMirrorWrite };
        var command = new Command(name, description) { project, offline, noMirrorWrite };
        command.SetAction(async (parsed, cancel) =>
        {
            string path = FindProject(parsed.GetValue(project));
            int exit = (await RunAsync(path, target,
                [.. PropertiesOf(parsed.GetValue(offline), parsed.GetValue(noMirrorWrite)), .. properties(parsed)],
                isQuiet: false, cancel).ConfigureAwait(false)).ExitCode;
            return exit != ExitCodes.Done || then is null ? exit : await then(parsed, path, cancel).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>The properties for options that several commands have.</summary>
    public static IEnumerable<string> PropertiesOf(bool offline, bool noMirrorWrite)
    {
        if (offline)
            yield return "-p:WiseOffline=true";
        if (noMirrorWrite)
            yield return "-p:WiseMirrorWrite=false";
    }

    /// <summary>The project or solution that the user named, or the only one in the folder.</summary>
    /// <exception cref="HubException">WISE1102.</exception>
    public static string FindProject(string? given)
    {
        string path = Path.GetFullPath(given ?? ".");
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw ToolMessages.NoProject(path);
        string[] projects = [.. Directory.EnumerateFiles(path, "*.*proj").Order(StringComparer.Ordinal)];
        if (projects.Length == 0)
            projects = [.. Directory.EnumerateFiles(path).Where(f => Path.GetExtension(f) is ".sln" or ".slnx")
                .Order(StringComparer.Ordinal)];
        return projects.Length switch
        {
            1 => projects[0],
            0 => throw ToolMessages.NoProjectIn(path),
            _ => throw ToolMessages.SeveralProjects(path, projects.Select(Path.GetFileName)),
        };
    }

    /// <summary>Runs a target of a project, or of the projects of a solution that have it.</summary>
    /// <param name="project">The project or solution.</param>
    /// <param name="target">The target.</param>
    /// <param name="properties">Options for MSBuild.</param>
    /// <param name="isQuiet">Shows nothing of the build; its errors are in the result.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The exit code, and the lines of the build's errors.</returns>
    /// <exception cref="HubException">WISE1001, WISE1103.</exception>
    public static async Task<(int ExitCode, string Errors)> RunAsync(
        string project, string target, string[] properties, bool isQuiet, CancellationToken cancel)
    {
        using SolutionTargets? solution = SolutionTargets.For(project, target);
        if (solution is not null)
            (target, properties) = (SolutionTargets.Name, [.. properties, .. solution.Properties]);
        // MSBuild writes to the terminal itself; its errors are read from a second log.
        string log = Path.GetTempFileName();
        try
        {
            string[] arguments = ["msbuild", project, "-restore", $"-t:{target}", "-nologo", Verbosity.ForMSBuild, .. properties,
                "-fl9", $"-flp9:LogFile={log};ErrorsOnly;NoSummary;Encoding=UTF-8"];
            int exit = isQuiet ? (await CaptureAsync(arguments, cancel).ConfigureAwait(false)).ExitCode
                : await BuildAsync(arguments, cancel).ConfigureAwait(false);
            string errors = await File.ReadAllTextAsync(log, cancel).ConfigureAwait(false);
            if (exit != 0 && IsTargetMissing(errors, target))
                throw ToolMessages.NoTarget(project, target, ToolMessages.Version);
            return (exit, errors);
        }
        finally
        {
            File.Delete(log);
        }
    }

    // Each evaluation lists the entries it uses; entries that no evaluation uses are removed.
    private static async Task<int> RemoveUnusedAsync(string project, string[] configurations, CancellationToken cancel)
    {
        using var used = new UsedReferences();
        foreach (string configuration in configurations)
        {
            int exit = (await used.CollectAsync(project, configuration, isQuiet: false, cancel).ConfigureAwait(false)).ExitCode;
            if (exit != ExitCodes.Done)
                return exit;
        }
        return await new CommandRun(cancel) { Options = CommandRun.WithoutConfiguration }.RunAsync(async (client, _) =>
        {
            await client.RemoveUnusedAsync(used.Folder, cancel).ConfigureAwait(false);
            return used.Folder;
        }, _ => { }).ConfigureAwait(false);
    }

    /// <summary>Runs <c>dotnet</c> and returns all that it writes to standard output.</summary>
    /// <exception cref="HubException">WISE1001.</exception>
    public static async Task<(int ExitCode, string Output)> CaptureAsync(string[] arguments, CancellationToken cancel)
    {
        using Process build = Start(FindDotnet(), arguments, start =>
        {
            start.RedirectStandardOutput = start.RedirectStandardError = true;
            start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
            // MSBuild follows the console's code page otherwise.
            start.Environment["DOTNET_CLI_FORCE_UTF8_ENCODING"] = "true";
        });
        // Both are read to the end, because a full pipe would stop the build.
        Task<string> output = build.StandardOutput.ReadToEndAsync(CancellationToken.None),
            errors = build.StandardError.ReadToEndAsync(CancellationToken.None);
        await EndAsync(build, cancel).ConfigureAwait(false);
        await errors.ConfigureAwait(false);
        return (build.ExitCode, await output.ConfigureAwait(false));
    }

    private static async Task<int> BuildAsync(string[] arguments, CancellationToken cancel)
    {
        using Process build = Start(FindDotnet(), arguments);
        await EndAsync(build, cancel).ConfigureAwait(false);
        return build.ExitCode;
    }

    private static async Task EndAsync(Process build, CancellationToken cancel)
    {
        try
        {
            await build.WaitForExitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            using var patience = new CancellationTokenSource(TimeToEnd);
            await build.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!build.HasExited)
                build.Kill(entireProcessTree: true);
            throw;
        }
    }

    // DOTNET_HOST_PATH is set if the SDK started this process. A local tool is run by dotnet; a global tool is a program of
    // its own.
    public static string FindDotnet()
    {
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        if (environment("DOTNET_HOST_PATH") is { Length: > 0 } host)
            return Programs.Find(host, environment) ?? throw ToolMessages.WrongDotnetHostPath(host);
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? Environment.ProcessPath!
            : Programs.Find("dotnet", environment) ?? throw ToolMessages.NoDotnet();
    }

    private static Process Start(string dotnet, string[] arguments, Action<ProcessStartInfo>? describe = null)
    {
        // The build finds its programs as it does without this tool.
        ProcessStartInfo start = Programs.Describe(dotnet, arguments);
        describe?.Invoke(start);
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw ToolMessages.DotnetNotStarted(dotnet, e);
        }
    }

    // MSBuild translates the text, but not the code. The name tells this target from others that the project calls.
    private static bool IsTargetMissing(string log, string target) =>
        log.Split('\n')
            .Any(l => l.Contains(TargetMissing, StringComparison.Ordinal) && l.Contains(target, StringComparison.Ordinal));
}
