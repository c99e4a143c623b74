using System.Diagnostics;
using System.Text;

namespace WiseHub.Testing;

/// <summary>What a process said.</summary>
/// <param name="Command">For messages.</param>
/// <param name="ExitCode">0 = done.</param>
/// <param name="Output">Standard output and error in the order in which they came.</param>
public sealed record SdkRun(string Command, int ExitCode, string Output)
{
    /// <summary>This run, if it succeeded.</summary>
    public SdkRun Succeeded() =>
        ExitCode == 0 ? this : throw new InvalidOperationException($"'{Command}' ended with {ExitCode}:\n{Output}");

    /// <summary>This run, if it failed.</summary>
    public SdkRun Failed() =>
        ExitCode != 0 ? this : throw new InvalidOperationException($"'{Command}' should have failed:\n{Output}");
}

/// <summary>
/// Runs the real <c>dotnet</c> as a person would from a shell: nothing of the test process's own build, of a CI system or of the
/// developer's hub settings reaches it.
/// </summary>
public sealed class SdkRunner(string packagesFolder)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // The test host and dotnet test leave their own MSBuild and host settings behind; the rest would change
    // what the product does.
    private static readonly string[] ForeignPrefixes =
        ["MSBUILD", "VSTEST", "TESTINGPLATFORM", "XUNIT", "DOTNET_HOST_PATH", "DOTNET_STARTUP", "COREHOST", "COVERLET", "CORECLR",
            "COR_", "WISE", "HF_", "HUGGING"];

    private static readonly string[] ForeignNames =
        ["ContinuousIntegrationBuild", "CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION",
            "CODEBUILD_BUILD_ID", "BUILD_ID", "PROJECT_ID", "Configuration", "Platform", "Version",
            "TargetFramework", "OutputPath", "OutDir", "RuntimeIdentifier", "NoBuild"];

    /// <summary>NuGet's package folder of the test run.</summary>
    public string PackagesFolder { get; } = packagesFolder;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="folder">Working directory.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Set (or, with null, removed) on top.</param>
    public async Task<SdkRun> RunAsync(
        string folder, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        SetEnvironment(start.Environment, environment);
        string command = $"{file} {string.Join(' ', start.ArgumentList)}";
        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        void Add(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not null)
            {
                lock (output)
                    output.Append(line.Data).Append('\n');
            }
        }
        process.OutputDataReceived += Add;
        process.ErrorDataReceived += Add;
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{command}' did not end within {Limit.TotalMinutes} minutes:\n{output}");
        }
        return new SdkRun(command, process.ExitCode, output.ToString());
    }

    private void SetEnvironment(IDictionary<string, string?> variables, IReadOnlyDictionary<string, string?>? own)
    {
        foreach (string name in variables.Keys.ToArray())
        {
            if (ForeignNames.Contains(name, StringComparer.OrdinalIgnoreCase)
                || ForeignPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
                variables.Remove(name);
        }
        variables["NUGET_PACKAGES"] = PackagesFolder;
        variables["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        variables["DOTNET_CLI_UI_LANGUAGE"] = "en";
        variables["DOTNET_NOLOGO"] = "1";
        // An idle worker node would keep a deleted package's DLL and old tasks; the compiler server is shared, because it is most
        // of the time of a small build.
        variables["MSBUILDDISABLENODEREUSE"] = "1";
        variables["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        variables["UseSharedCompilation"] = "true";
        foreach ((string name, string? value) in own ?? new Dictionary<string, string?>())
        {
            if (value is null)
                variables.Remove(name);
            else
                variables[name] = value;
        }
    }
}
