using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>
/// A temporary folder with a folder hub, a cache and a working directory, and the built <c>wisehub</c> run in it as a person's
/// shell would: nothing of the test run's own environment reaches it.
/// </summary>
internal sealed partial class ToolWorkspace : IDisposable
{
    private static readonly string[] ForeignPrefixes =
        ["WISE", "HF_", "HUGGING", "HGLOC_", "AWS_", "MSBUILD", "DOTNET_", "VSTEST", "TESTINGPLATFORM", "COREHOST"];

    private static readonly string[] ForeignNames =
        ["ContinuousIntegrationBuild", "CI", "TF_BUILD", "GITHUB_ACTIONS", "Configuration", "Platform", "XDG_CACHE_HOME"];

    public ToolWorkspace()
    {
        Directory.CreateDirectory(Work);
        Configure("");
        foreach (string name in System.Environment.GetEnvironmentVariables().Keys)
        {
            if (ForeignPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase))
                || ForeignNames.Contains(name, StringComparer.OrdinalIgnoreCase))
                Environment[name] = null;
        }
        Environment["WISEHUB_CACHE"] = Cache;
        Environment["HF_HUB_CACHE"] = PathOf("hf");
        // The profile of whoever runs the tests is left alone.
        Environment["HOME"] = Environment["USERPROFILE"] = PathOf("home");
        NuGetProfile.Make(PathOf("home"));
        Environment["XDG_CONFIG_HOME"] = Environment["APPDATA"] = PathOf("config");
        Environment["LOCALAPPDATA"] = PathOf("local");
        Environment["NETRC"] = null;
        // But builds take the packages that are there.
        string profile = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        Environment["NUGET_PACKAGES"] = System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(profile, ".nuget", "packages");
        Environment["DOTNET_CLI_HOME"] = System.Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") ?? profile;
        Environment["DOTNET_CLI_UI_LANGUAGE"] = Environment["WISEHUB_LANG"] = "en";
        Environment["DOTNET_NOLOGO"] = "1";
        Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        Environment["MSBUILDDISABLENODEREUSE"] = "1";
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("wisehub-tool-").FullName;

    public string Work => Path.Combine(Root, "work");

    public string Cache => Path.Combine(Root, "cache");

    /// <summary>Set over the environment of the tests; null removes.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    public static string Metadata(string key) =>
        typeof(ToolWorkspace).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;

    /// <summary>Writes wisehub.json: the folder hub <c>local</c> as default, and what else is given.</summary>
    public void Configure(string moreHubs) => File.WriteAllText(Path.Combine(Work, "wisehub.json"),
        $$"""
        { "defaultHub": "local", "hubs": { "local": { "protocol": "store",
         "path": "../hub" }{{(moreHubs.Length > 0 ? ", " + moreHubs : "")}} } }
        """);

    /// <summary>Adds a loopback hub named <c>net</c>.</summary>
    public void Configure(TestHub hub, string settings = "") =>
        Configure($$"""
            "net": { "protocol": "huggingface", "endpoint": "{{hub.Endpoint.AbsoluteUri.TrimEnd('/')}}"{{settings}} }
            """);

    public string PathOf(string relative) => Path.Combine(Root, relative.Replace('/', Path.DirectorySeparatorChar));

    public void Write(string relative, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(relative))!);
        File.WriteAllText(PathOf(relative), text);
    }

    /// <summary>All files below a folder with their text, sorted: <c>a/b.txt=text</c>.</summary>
    public static IReadOnlyList<string> Contents(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => $"{Path.GetRelativePath(folder, f).Replace('\\', '/')}={File.ReadAllText(f)}")
            .Order(StringComparer.Ordinal)];

    /// <summary>Publishes a commit to the folder hub.</summary>
    public Task<string> PushAsync(string repoId, params (string Path, string Text)[] files) =>
        PushAsync(repoId, Array.ConvertAll(files, f => (f.Path, Encoding.UTF8.GetBytes(f.Text))));

    /// <summary>Publishes a commit with files of bytes.</summary>
    public async Task<string> PushAsync(string repoId, (string Path, byte[] Content)[] files)
    {
        string staging = Directory.CreateTempSubdirectory("wisehub-push-").FullName;
        try
        {
            var push = new List<PushFile>();
            foreach ((string path, byte[] content) in files)
            {
                push.Add(new PushFile(Path.Combine(staging, $"{push.Count}"), path));
                await File.WriteAllBytesAsync(push[^1].SourcePath, content);
            }
            using var client = new HubClient(new HubClientOptions
            {
                ConfigFile = Path.Combine(Work, "wisehub.json"),
                CacheDirectory = Cache,
                Environment = TestEnvironment.Empty
            });
            return (await client.PushAsync(
                new PushRequest { Hub = "local", RepoId = repoId, Files = push, Prune = true })).Commit;
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>Runs <c>wisehub</c> to its end in the working directory.</summary>
    public Task<ProcessResult> RunAsync(params string[] arguments) => RunInAsync(Work, arguments);

    public async Task<ProcessResult> RunInAsync(string folder, params string[] arguments)
    {
        ProcessResult result = await ProcessRunner.RunAsync(ToolProgram.FileName, [.. ToolProgram.FirstArguments, .. arguments],
            folder, Environment);
        return new ProcessResult(result.ExitCode, Normal(result.Output), Normal(result.Error));
    }

    /// <summary>Runs <c>wisehub</c> with something in its standard input.</summary>
    public async Task<ProcessResult> RunWithInputAsync(string input, params string[] arguments)
    {
        ProcessResult result = await ProcessRunner.RunAsync(ToolProgram.FileName, [.. ToolProgram.FirstArguments, .. arguments],
            Work, Environment, input);
        return new ProcessResult(result.ExitCode, Normal(result.Output), Normal(result.Error));
    }

    /// <summary>
    /// Starts <c>wisehub</c> as a terminal does: what a shell runs in the background is started with Ctrl+C ignored, and so would
    /// be the tests, and what they start.
    /// </summary>
    public Process StartInterruptible(params string[] arguments) =>
        OperatingSystem.IsLinux()
            ? StartProgram("env", ["--default-signal=INT", .. ToolProgram.Command, .. arguments]) : Start(arguments);

    /// <summary>Starts <c>wisehub</c> in the working directory.</summary>
    public Process Start(params string[] arguments) =>
        StartProgram(ToolProgram.FileName, [.. ToolProgram.FirstArguments, .. arguments]);

    /// <summary>Starts a program in the working directory.</summary>
    public Process StartProgram(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        { WorkingDirectory = Work, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>
    /// Text as it is in every run: the workspace is <c>$</c>, durations are <c>N</c>, hashes of hub paths <c>HASH</c>.
    /// </summary>
    public string Normal(string text) =>
        HubFolder().Replace(Durations().Replace(PortablePaths.Hide(
            text.Replace(System.Environment.NewLine, "\n", StringComparison.Ordinal), Root, "$"), "in N"), "hubs/$1-HASH");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    [GeneratedRegex(@"\bin [\d.]+ m?s(ec)?")]
    private static partial Regex Durations();

    [GeneratedRegex("hubs/([a-z]+)-[0-9a-f]{8}")]
    private static partial Regex HubFolder();
}
