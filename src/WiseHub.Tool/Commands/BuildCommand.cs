using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using WiseHub.Client.Files;

namespace WiseHub.Tool.Commands;

/// <summary>
/// <c>wisehub restore|update|verify [project or solution]</c>: runs the projects' own target and evaluates nothing itself.
/// MSBuild writes to the same terminal; only its message about a missing target is replaced by a better one.
/// </summary>
internal static class BuildCommand
{
    // Ctrl+C also reaches MSBuild through the terminal; killing only wisehub does not.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    private const string TargetMissing = "MSB4057";

    // A build says nothing if there is nothing to do; a user who asks for a restore gets an answer.
    private const string SaysIfAllIsThere = "-p:_WiseSaysIfAllIsThere=true";

    // The configurations that every project has.
    private static readonly string[] Configurations = ["Debug", "Release"];

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

    public static Command CreateVerify() => Create("verify", ToolHelp.Verify, "WiseVerify", _ => []);

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

    private static async Task<int> RunAsync(string project, string target, string[] properties, CancellationToken cancel)
    {
        using SolutionTargets? solution = SolutionTargets.For(project, target);
        if (solution is not null)
            (target, properties) = (SolutionTargets.Name, [.. properties, .. solution.Properties]);
        // MSBuild writes to the terminal itself; its errors are read from a second log.
        string errors = Path.GetTempFileName();
        try
        {
            int exit = await BuildAsync(["msbuild", project, "-restore", $"-t:{target}", "-nologo", Verbosity.ForMSBuild,
                .. properties, "-fl9", $"-flp9:LogFile={errors};ErrorsOnly;NoSummary;Encoding=UTF-8"], cancel)
                .ConfigureAwait(false);
            if (exit != 0 && IsTargetMissing(await File.ReadAllTextAsync(errors, cancel).ConfigureAwait(false), target))
                throw ToolMessages.NoTarget(project, target, ToolMessages.Version);
            return exit;
        }
        finally
        {
            File.Delete(errors);
        }
    }

    // Each evaluation lists the entries it uses; entries that no evaluation uses are removed.
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

    private static Process Start(string dotnet, string[] arguments)
    {
        try
        {
            // The build finds its programs as it does without this tool.
            return Process.Start(Programs.Describe(dotnet, arguments))!;
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
