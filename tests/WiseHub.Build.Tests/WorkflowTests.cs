using System.Text.RegularExpressions;
using WiseHub.Testing;
using YamlDotNet.RepresentationModel;

namespace WiseHub.Build.Tests;

/// <summary>
/// The workflows name only existing things. No test runs them, so each reference from a job is looked up:
/// projects, scripts and files of this repository, jobs, artifacts, values of the matrix.
/// </summary>
public sealed partial class WorkflowTests
{
    private static readonly string[] Runners =
        ["ubuntu-24.04", "ubuntu-24.04-arm", "windows-2025", "windows-11-arm", "macos-15", "macos-15-intel"];

    private static readonly string[] DotnetCommands = ["build", "test", "format", "pack", "nuget"];

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(RepoFiles.At(".github", "workflows")).Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_job_of_a_workflow_names_only_existing_things(string file) => Assert.Equal([], Faults(Text(file)));

    [Theory]
    [InlineData("global-json-file: global.json", "global-json-file: globals.json", "test: there is no globals.json",
        "format: there is no globals.json",
        "pack: there is no globals.json", "use: there is no globals.json", "publish: there is no globals.json")]
    [InlineData("dotnet build WiseHub.Build.sln", "dotnet build WiseHub.sln", "test: there is no WiseHub.sln")]
    [InlineData("dotnet build", "dotnet biuld", "test: dotnet has no command biuld here")]
    [InlineData("bash tests/systems/use", "bash tests/systems/usage", "use: there is no tests/systems/usage")]
    [InlineData("bash tests/systems/use", "sh tests/systems/use", "use: nobody knows the program sh")]
    [InlineData("needs: [pack]", "needs: [packs]", "use: needs packs, which is no job",
        "use: takes packages, which no job that it needs has made")]
    [InlineData("name: packages\n          path: packages/", "name: package\n          path: packages/",
        "use: takes packages, which no job that it needs has made",
        "publish: takes packages, which no job that it needs has made")]
    [InlineData("runs-on: ${{ matrix.os }}", "runs-on: ${{ matrix.system }}", "test: the matrix has no system",
        "use: the matrix has no system")]
    [InlineData("macos-15-intel]", "macos-12]", "test: macos-12 is no runner", "use: macos-12 is no runner")]
    [InlineData("actions/checkout@v5\n", "actions/checkout@main\n", "test: actions/checkout@main names no version",
        "format: actions/checkout@main names no version",
        "pack: actions/checkout@main names no version", "use: actions/checkout@main names no version",
        "publish: actions/checkout@main names no version")]
    [InlineData("timeout-minutes: 60", "# none", "test: has no time limit")]
    public void The_check_detects_references_to_missing_things(string right, string wrong, params string[] faults)
    {
        string text = Text("build.yml");
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.Equal(faults, Faults(text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void Packages_are_tested_on_every_system_before_publishing_and_only_a_tag_publishes()
    {
        YamlMappingNode jobs = Map(Document(Text("build.yml"))["jobs"]);
        string[] tested = [.. List(Map(Map(Map(jobs["test"])["strategy"])["matrix"])["os"])];
        Assert.Equal(Runners, tested);
        Assert.Equal(tested, List(Map(Map(Map(jobs["use"])["strategy"])["matrix"])["os"]));
        Assert.Equal(["test", "format", "pack", "use"], List(Map(jobs["publish"])["needs"]));
        Assert.Equal("github.ref_type == 'tag'", Map(jobs["publish"])["if"].ToString());
        // A secret reaches the one step that publishes.
        Assert.Single(Secret().Matches(Text("build.yml")));
    }

    private static List<string> Faults(string text)
    {
        var faults = new List<string>();
        YamlMappingNode workflow = Document(text);
        YamlMappingNode jobs = Map(workflow["jobs"]);
        var made = new Dictionary<string, List<string>>();
        foreach ((string name, YamlMappingNode job) in jobs.Select(j => (j.Key.ToString(), Map(j.Value))))
        {
            string[] needs = [.. List(Optional(job, "needs"))];
            faults.AddRange(needs.Where(n => !made.ContainsKey(n)).Select(n => $"{name}: needs {n}, which is no job"));
            if (Optional(job, "timeout-minutes") is null)
                faults.Add($"{name}: has no time limit");
            YamlMappingNode? matrix = Optional(job, "strategy") is { } strategy ? Map(Map(strategy)["matrix"]) : null;
            string[] values = matrix is null ? [] : [.. matrix.Children.Keys.Select(k => k.ToString())];
            faults.AddRange(MatrixValue().Matches(job["runs-on"].ToString()).Select(m => m.Groups[1].Value)
                .Where(v => !values.Contains(v))
                .Select(v => $"{name}: the matrix has no {v}"));
            string runsOn = job["runs-on"].ToString();
            string[] runners = runsOn.StartsWith("${{", StringComparison.Ordinal)
                ? [.. List(matrix is null ? null : Optional(matrix, "os"))] : [runsOn];
            faults.AddRange(runners.Where(r => !Runners.Contains(r)).Select(r => $"{name}: {r} is no runner"));
            made[name] = [];
            var produced = new HashSet<string>();
            foreach (YamlMappingNode step in ((YamlSequenceNode)job["steps"]).Select(Map))
            {
                YamlMappingNode? with = Optional(step, "with") is { } parameters ? Map(parameters) : null;
                string? artifact = with is null ? null : Optional(with, "name")?.ToString();
                switch (Optional(step, "uses")?.ToString(), Optional(step, "run")?.ToString())
                {
                    case ({ } action, null):
                        if (!Action().IsMatch(action))
                            faults.Add($"{name}: {action} names no version");
                        if (with is not null && Optional(with, "global-json-file")?.ToString() is { } globalJson)
                            Look(globalJson);
                        if (action.StartsWith("actions/upload-artifact@", StringComparison.Ordinal))
                        {
                            made[name].Add(artifact!);
                            Look(with!["path"].ToString());
                        }
                        if (action.StartsWith("actions/download-artifact@", StringComparison.Ordinal))
                        {
                            produced.Add(with!["path"].ToString());
                            if (!needs.Any(n => made.TryGetValue(n, out List<string>? artifacts)
                                && artifacts.Contains(artifact!)))
                                faults.Add($"{name}: takes {artifact}, which no job that it needs has made");
                        }
                        break;
                    case (null, { } command):
                        CheckCommand(command.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                        break;
                    default:
                        faults.Add($"{name}: a step either uses an action or runs a command");
                        break;
                }
            }

            void CheckCommand(string[] words)
            {
                if (words[0] == "dotnet" && !DotnetCommands.Contains(words[1]))
                    faults.Add($"{name}: dotnet has no command {words[1]} here");
                if (words is not (["dotnet" or "bash", ..] or ["sudo", "apt-get", ..]))
                    faults.Add($"{name}: nobody knows the program {words[0]}");
                int output = Array.IndexOf(words, "-o");
                if (output >= 0)
                    produced.Add(words[output + 1]);
                foreach (string word in words.Skip(1).Where(w => FileName().IsMatch(w)))
                    Look(word);
            }

            // A file of the repository, or what an earlier step has put into a folder.
            void Look(string path)
            {
                if (!produced.Contains(path.Split('/')[0]) && !File.Exists(RepoFiles.At(path.Split('/'))))
                    faults.Add($"{name}: there is no {path}");
            }
        }
        return faults;
    }

    private static string Text(string file) =>
        File.ReadAllText(RepoFiles.At(".github", "workflows", file)).ReplaceLineEndings("\n");

    private static YamlMappingNode Document(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return Map(Assert.Single(stream.Documents).RootNode);
    }

    private static YamlMappingNode Map(YamlNode node) => Assert.IsType<YamlMappingNode>(node);

    private static YamlNode? Optional(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(key, out YamlNode? value) ? value : null;

    private static IEnumerable<string> List(YamlNode? node) =>
        node is YamlSequenceNode list ? list.Select(n => n.ToString()) : [];

    [GeneratedRegex(@"^[\w-]+/[\w-]+@v[0-9]+$")]
    private static partial Regex Action();

    [GeneratedRegex(@"matrix\.(\w+)")]
    private static partial Regex MatrixValue();

    [GeneratedRegex(@"secrets\.")]
    private static partial Regex Secret();

    // What a command names of files: a path, or a name that ends like a project. Not an option.
    [GeneratedRegex(@"^[\w.*-]+(/[\w.*-]+)+$|^[\w.-]+\.(sln|csproj|json)$")]
    private static partial Regex FileName();
}
