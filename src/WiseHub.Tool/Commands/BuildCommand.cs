using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using WiseHub.Client;
using WiseHub.Client.Files;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub restore|update|verify [project or solution]</c>: runs the projects' own target and evaluates nothing itself.
/// MSBuild writes to the same terminal; only what it would say about a missing target is said better.
/// </summary>
internal static class BuildCommand
{
    // Ctrl+C reaches MSBuild through the terminal as well; a kill of wisehub alone does not.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    private const string TargetMissing = "MSB4057";

    // Those that every project has.
    private static readonly string[] Configurations = ["Debug", "Release"];

    public static Command CreateRestore()
    {
        var locked = new Option<bool>("--locked") { Description = "The lock file must already say everything (WiseLockedMode)." };
        Command restore = Create("restore", "Makes the models that a project references present and verified.",
            "WiseRestore", parsed =>
                parsed.GetValue(locked) ? ["-p:WiseLockedMode=true"] : []);
        restore.Add(locked);
        return restore;
    }

    public static Command CreateUpdate()
    {
        var removeUnused = new Option<bool>("--remove-unused")
        {
            Description = "Remove the entries of lock files that no project, target framework and configuration uses. "
                + "Name the solution where projects share a lock file.",
        };
        Option<string[]> configurations = Arguments.Texts("--configuration", "name",
            "With --remove-unused: a configuration whose references are in use, beside Debug and Release.");
        Command update = Create("update", "Resolves every revision that projects reference again, and rewrites their lock files.",
            "WiseUpdate", _ => [], (parsed, project, cancel) =>
                parsed.GetValue(removeUnused) ? RemoveUnusedAsync(project,
                    [.. Configurations.Concat(parsed.GetValue(configurations) ?? []).Distinct()], cancel)
                : Task.FromResult(ExitCodes.Done));
        update.Add(removeUnused);
        update.Add(configurations);
        return update;
    }

    public static Command CreateVerify() =>
        Create("verify",
            "Hashes the models of projects again, in the cache and in the output, and compares them with the lock file.",
            "WiseVerify", _ => []);

    private static Command Create(
        string name, string description, string target, Func<ParseResult, IEnumerable<string>> properties,
        Func<ParseResult, string, CancellationToken, Task<int>>? then = null)
    {
        var project = new Argument<string?>("project")
        {
            Description = "A project or solution file, or a folder with one; default is the working directory. "
                + "Projects of a solution that do not use WiseHub.Build are left alone.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Arguments.RefuseOptions(project);
        var offline = new Option<bool>("--offline") { Description = "Open no socket (WiseOffline)." };
        var noMirrorWrite = new Option<bool>("--no-mirror-write")
        { Description = "Write nothing to mirrors, also to those that have \"write\": true (WiseMirrorWrite=false)." };
        var command = new Command(name, description) { project, offline, noMirrorWrite };
        command.SetAction(async (parsed, cancel) =>
        {
            string path = FindProject(parsed.GetValue(project));
            string[] offlineProperty = parsed.GetValue(offline) ? ["-p:WiseOffline=true"] : [];
            string[] mirrorProperty = parsed.GetValue(noMirrorWrite) ? ["-p:WiseMirrorWrite=false"] : [];
            int exit = await RunAsync(path, target,
                [.. offlineProperty, .. mirrorProperty, .. properties(parsed)], cancel).ConfigureAwait(false);
            return exit != ExitCodes.Done || then is null ? exit : await then(parsed, path, cancel).ConfigureAwait(false);
        });
        return command;
    }

    private static string FindProject(string? given)
    {
        string path = Path.GetFullPath(given ?? ".");
        if (File.Exists(path))
            return path;
        if (!Directory.Exists(path))
            throw new HubException(WiseCodes.ProjectNotFound,
                $"There is no project {path}. Name a project file, or a folder that holds one.");
        string[] projects = [.. Directory.EnumerateFiles(path, "*.*proj").Order(StringComparer.Ordinal)];
        if (projects.Length == 0)
            projects = [.. Directory.EnumerateFiles(path).Where(f => Path.GetExtension(f) is ".sln" or ".slnx")
                .Order(StringComparer.Ordinal)];
        return projects.Length switch
        {
            1 => projects[0],
            0 => throw new HubException(WiseCodes.ProjectNotFound,
                $"There is no project in {path}. Name a project file, or a folder that holds one."),
            _ => throw new HubException(WiseCodes.ProjectNotFound,
                $"There is more than one project in {path}: "
                + $"{string.Join(", ", projects.Select(Path.GetFileName))}. Name one of them."),
        };
    }

    private static async Task<int> RunAsync(string project, string target, string[] properties, CancellationToken cancel)
    {
        using SolutionTargets? solution = SolutionTargets.For(project, target);
        if (solution is not null)
            (target, properties) = (SolutionTargets.Name, [.. properties, .. solution.Properties]);
        // MSBuild keeps the terminal for itself; what it found wrong is read from a second log.
        string errors = Path.GetTempFileName();
        try
        {
            int exit = await BuildAsync(["msbuild", project, "-restore", $"-t:{target}", "-nologo", "-v:m", .. properties,
                "-fl9", $"-flp9:LogFile={errors};ErrorsOnly;NoSummary;Encoding=UTF-8"], cancel).ConfigureAwait(false);
            if (exit != 0 && IsTargetMissing(await File.ReadAllTextAsync(errors, cancel).ConfigureAwait(false), target))
            {
                throw new HubException(WiseCodes.ProjectWithoutWiseHub,
                    $"{project} has no target {target}, so it does not use WiseHub.Build. Add <PackageReference "
                    + $"Include=\"WiseHub.Build\" Version=\"{Version}\" /> to it.");
            }
            return exit;
        }
        finally
        {
            File.Delete(errors);
        }
    }

    // Each evaluation says what it uses; what none of them uses may go.
    private static async Task<int> RemoveUnusedAsync(string project, string[] configurations, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("wisehub-use-").FullName;
        try
        {
            foreach (string configuration in configurations)
            {
                int exit = await RunAsync(project, "_WiseListReferences",
                    [$"-p:Configuration={configuration}", $"-p:_WiseListFolder={folder}"], cancel).ConfigureAwait(false);
                if (exit != ExitCodes.Done)
                    return exit;
            }
            return await new CommandRun(cancel) { Options = CommandRun.WithoutConfiguration }.RunAsync(async (client, _) =>
            {
                await client.RemoveUnusedAsync(folder, cancel).ConfigureAwait(false);
                return folder;
            }, _ => { }).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> BuildAsync(string[] arguments, CancellationToken cancel)
    {
        using Process build = Start(FindDotnet(), arguments);
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
        return build.ExitCode;
    }

    // The variable is set where the SDK itself started this process; a local tool is run by dotnet, a global one is a
    // program of its own.
    private static string FindDotnet()
    {
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        if (environment("DOTNET_HOST_PATH") is { Length: > 0 } host)
            return Programs.Find(host, environment) ?? throw new HubException(WiseCodes.SdkTooOld,
                $"DOTNET_HOST_PATH is '{host}', and that is no program. Correct it, or unset it.");
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath!).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? Environment.ProcessPath!
            : Programs.Find("dotnet", environment)
            ?? throw new HubException(WiseCodes.SdkTooOld, "There is no program 'dotnet' on this machine. "
                + $"Install the .NET SDK 10.0.100 or later, and put it on PATH. {Programs.Searched}.");
    }

    private static Process Start(string dotnet, string[] arguments)
    {
        try
        {
            // The build finds its programs as it does without us.
            return Process.Start(Programs.Describe(dotnet, arguments))!;
        }
        catch (Win32Exception e)
        {
            throw new HubException(WiseCodes.SdkTooOld, $"'{dotnet}' could not be started: {e.Message}. "
                + "Install the .NET SDK 10.0.100 or later, and put dotnet on the PATH.", e);
        }
    }

    // The code says it in every language; the name tells our target from another one that a project calls.
    private static bool IsTargetMissing(string log, string target) =>
        log.Split('\n')
            .Any(l => l.Contains(TargetMissing, StringComparison.Ordinal) && l.Contains(target, StringComparison.Ordinal));

    private static string Version => typeof(HubClient).Assembly.GetName().Version!.ToString(3);
}
