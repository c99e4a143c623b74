using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>
/// A temporary folder in which the snippets of the README are put and run as they stand: the package that they name is replaced
/// by the repository's own targets and the tasks beside this test, and the folder <c>hub</c> is a copy of the samples' hub.
/// </summary>
internal sealed partial class SnippetFolder : IDisposable
{
    // The test host and a CI system leave settings behind that a reader of the README has not.
    private static readonly string[] ForeignPrefixes =
        ["MSBUILD", "VSTEST", "XUNIT", "TESTINGPLATFORM", "DOTNET_HOST_PATH", "WISE", "HF_", "HUGGING", "HTTP_", "HTTPS_"];
    private static readonly string[] ForeignNames =
        ["CI", "TF_BUILD", "GITHUB_ACTIONS", "ContinuousIntegrationBuild", "Configuration", "Platform", "Version"];

    private static readonly string[] NotSources = ["bin", "obj", ".git", "artifacts", "TestResults"];

    private readonly TempFolder _temp = new();

    public Dictionary<string, string> Environment { get; } = [];

    public string Project => _temp["project"];

    public string Cache => _temp["cache"];

    private SnippetFolder() => (Environment["WISEHUB_CACHE"], Environment["HF_HUB_CACHE"]) = (Cache, _temp["hf"]);

    /// <summary>A folder for a project that uses the package.</summary>
    public static SnippetFolder ForProject()
    {
        var folder = new SnippetFolder();
        // In Directory.Build.* what NuGet would import from the package stands at nearly the same place of the evaluation.
        folder.Write("Directory.Build.props", $"""
            <Project>
              <Import Project="{RepoFiles.At("build")}/WiseHub.Build.props" />
              <PropertyGroup><WiseHubTasksAssembly>{AppContext.BaseDirectory}WiseHub.Build.dll</WiseHubTasksAssembly>
              </PropertyGroup>
            </Project>
            """);
        folder.Write("Directory.Build.targets", $"""
            <Project>
              <ItemGroup><PackageReference Remove="WiseHub.Build" /></ItemGroup>
              <Import Project="{RepoFiles.At("build")}/WiseHub.Build.targets" />
            </Project>
            """);
        CopyFolder(RepoFiles.At("samples", "hub"), Path.Combine(folder.Project, "hub"));
        return folder;
    }

    /// <summary>An empty folder, for a project that gets the package itself from a feed.</summary>
    public static SnippetFolder ForPackage(PackageFeed feed)
    {
        var folder = new SnippetFolder();
        folder.Write("nuget.config", $"""
            <configuration><packageSources><clear /><add key="feed" value="{feed.Folder}" /></packageSources></configuration>
            """);
        folder.Environment["NUGET_PACKAGES"] = feed.Runner.PackagesFolder;
        // "dotnet new" keeps what it knows of templates there.
        folder.Environment["DOTNET_CLI_HOME"] = folder._temp["home"];
        folder.Environment["DOTNET_GENERATE_ASPNET_CERTIFICATE"] = "false";
        return folder;
    }

    /// <summary>A folder with the sources of this repository, as a clone has them.</summary>
    public static SnippetFolder OfClone()
    {
        var folder = new SnippetFolder();
        CopyFolder(RepoFiles.Root, folder.Project);
        return folder;
    }

    public string PathOf(string relative) => Path.Combine(Project, relative);

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(relative))!);
        File.WriteAllText(PathOf(relative), text);
    }

    public string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>All files below a folder, with <c>/</c>, sorted.</summary>
    public IReadOnlyList<string> Tree(string relative) =>
        [.. Directory.EnumerateFiles(PathOf(relative), "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(PathOf(relative), f).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>The hub <c>local</c>, to push to.</summary>
    public StoreBuilder Hub => new(PathOf("hub"));

    /// <summary>Runs lines of a shell, which must succeed.</summary>
    /// <returns>Standard output.</returns>
    public async Task<string> ShellAsync(string lines)
    {
        (int exitCode, string output, string errors) = await TryShellAsync(lines);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{lines}ended with {exitCode}:\n{output}{errors}");
    }

    /// <summary>Runs lines of a shell, which must fail.</summary>
    /// <returns>Standard output.</returns>
    public async Task<string> FailingShellAsync(string lines)
    {
        (int exitCode, string output, string errors) = await TryShellAsync(lines);
        return exitCode != 0 ? output : throw new InvalidOperationException($"{lines}should have failed:\n{output}{errors}");
    }

    /// <summary>
    /// What the product said in a build's output, and every error and warning of anybody, without this run's folder and times.
    /// </summary>
    public string Said(string output)
    {
        IEnumerable<string> said = output.Split('\n')
            .Where(l => l.Contains("WiseHub:", StringComparison.Ordinal) || Diagnostic().IsMatch(l))
            .Select(l => Seconds().Replace(l.Trim().Replace(Project, "<project>", StringComparison.Ordinal)
                .Replace(Cache, "<cache>", StringComparison.Ordinal), "in N s"));
        // The summary at the end of a build repeats errors and warnings.
        return string.Join('\n', said.Distinct());
    }

    public void Dispose() => _temp.Dispose();

    private async Task<(int ExitCode, string Output, string Errors)> TryShellAsync(string lines)
    {
        var start = new ProcessStartInfo("sh", ["-e", "-c", lines])
        {
            WorkingDirectory = Project,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (string name in start.Environment.Keys.ToArray())
        {
            if (ForeignNames.Contains(name, StringComparer.OrdinalIgnoreCase)
                || ForeignPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
                start.Environment.Remove(name);
        }
        // A worker that stays would hold the tasks of this test run, and the token file of whoever runs the tests is
        // nobody's business.
        foreach ((string name, string value) in new Dictionary<string, string>(Environment)
        {
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["MSBUILDTERMINALLOGGER"] = "off",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_NOLOGO"] = "1",
            ["HF_TOKEN_PATH"] = _temp["no-token"],
        })
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static void CopyFolder(string source, string destination)
    {
        Directory.CreateDirectory(destination);
        foreach (string file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(destination, Path.GetFileName(file)));
        foreach (string folder in Directory.EnumerateDirectories(source).Where(f => !NotSources.Contains(Path.GetFileName(f))))
            CopyFolder(folder, Path.Combine(destination, Path.GetFileName(folder)));
    }

    [GeneratedRegex(@"(error|warning) [A-Z]+\d+:")]
    private static partial Regex Diagnostic();

    [GeneratedRegex(@"in [\d.]+ s")]
    private static partial Regex Seconds();
}
