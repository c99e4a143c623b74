using System.Security;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Projects of one target framework and of several, whose target <c>Warn</c> warns of every code.</summary>
public sealed class WarningWorkspace(SdkFixture sdk) : IAsyncLifetime
{
    public SdkWorkspace Workspace { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Workspace = await sdk.WorkspaceAsync();
        foreach ((string name, string frameworks) in ((string, string)[])[("One", "net10.0"),
            ("Several", "net10.0;netstandard2.1")])
        {
            Workspace.Write(name, ProjectBuilder.Library()
                .Property(name == "One" ? "TargetFramework" : "TargetFrameworks", frameworks)
                .Raw($"<UsingTask TaskName=\"{typeof(WarnOfAllCodes)}\" "
                    + $"AssemblyFile=\"{SecurityElement.Escape(typeof(WarnOfAllCodes).Assembly.Location)}\" />")
                .Raw("<Target Name=\"Warn\" DependsOnTargets=\"_WiseDescribeClient\"><WarnOfAllCodes "
                    + "Client=\"@(_WiseClient)\" /></Target>"));
            (await Workspace.DotnetAsync(name, "restore")).Succeeded();
        }
    }

    public ValueTask DisposeAsync()
    {
        Workspace.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Every warning obeys the four properties that the compiler's warnings obey, in inner and in outer builds.</summary>
public sealed partial class WarningTests(WarningWorkspace shared) : IClassFixture<WarningWorkspace>
{
    // The properties have a second name that MSBuild itself reads; each name gets half of the codes.
    private static string Both(string property)
    {
        string[][] halves = [.. WarnOfAllCodes.Codes.Chunk((WarnOfAllCodes.Codes.Count + 1) / 2)];
        string second = property == "NoWarn" ? "MSBuildWarningsAsMessages" : "MSBuild" + property;
        return $"-p:{property}={string.Join("%3b", halves[0])};{second}={string.Join("%3b", halves[1])}";
    }

    public static TheoryData<string, string, string[]> Cases()
    {
        var cases = new TheoryData<string, string, string[]>();
        foreach (string project in (string[])["One", "Several"])
        {
            cases.Add(project, "error", ["-p:TreatWarningsAsErrors=true"]);
            cases.Add(project, "error", [Both("WarningsAsErrors")]);
            cases.Add(project, "warning", ["-p:TreatWarningsAsErrors=true", Both("WarningsNotAsErrors")]);
            cases.Add(project, "", ["-p:TreatWarningsAsErrors=true", Both("NoWarn")]);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Properties_set_every_code_to_warning_error_or_silent(string project, string kind, string[] properties)
    {
        SdkRun run = await shared.Workspace.RunAsync(project, "dotnet",
            ["msbuild", "-t:Warn", "-nologo", "-v:q", "-tl:off", .. properties]);

        Assert.Equal(kind == "error", run.ExitCode != 0);
        Assert.Equal(kind.Length == 0 ? [] : WarnOfAllCodes.Codes.Select(code => $"{kind} {code}: doubtful"),
            Line().Matches(run.Output).Select(m => m.Value));
    }

    [Theory]
    [InlineData("", "", "", "", WarningFate.Warning)]
    [InlineData("TRUE", "", "", "", WarningFate.Error)]
    [InlineData("false", "", "", "", WarningFate.Warning)]
    [InlineData("", "CS0618, wise2018", "", "", WarningFate.Error)]
    [InlineData("", "WISE20181", "", "", WarningFate.Warning)]
    [InlineData("true", "", "1591;WISE2018 CS0618", "", WarningFate.Warning)]
    [InlineData("", "WISE2018", "WISE2018", "", WarningFate.Error)]
    [InlineData("true", "WISE2018", "", "CS1591\n WISE2018", WarningFate.Message)]
    internal void Lists_are_read_as_the_compiler_reads_them(
        string treat, string asErrors, string notAsErrors, string noWarn, WarningFate fate) =>
        Assert.Equal(fate,
            new WarningRules(ClientItems.Of("/src", ("TreatWarningsAsErrors", treat), ("WarningsAsErrors", asErrors),
                ("WarningsNotAsErrors", notAsErrors), ("NoWarn", noWarn))).Of("WISE2018"));

    [GeneratedRegex(@"(error|warning) WISE\d{4}: doubtful")]
    private static partial Regex Line();
}
