using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>
/// A target for a solution. MSBuild calls a target of a solution in each of its projects, and fails if a project lacks it. The
/// MSBuild task can skip such projects, but only a file that the solution imports can request that. A solution imports only one
/// such file; if the user has one, the generated file imports it.
/// </summary>
internal sealed class SolutionTargets : IDisposable
{
    /// <summary>The target to call.</summary>
    public const string Name = "_WiseSolution";

    // The properties that MSBuild itself passes to the projects of a solution.
    private const string Passed =
        "BuildingSolutionFile=true;CurrentSolutionConfigurationContents=$(CurrentSolutionConfigurationContents);"
        + "SolutionDir=$(SolutionDir);SolutionExt=$(SolutionExt);"
            + "SolutionFileName=$(SolutionFileName);SolutionName=$(SolutionName);SolutionPath=$(SolutionPath)";

    private const string UsersFile = "Directory.Solution.targets";

    private readonly string _file;

    private SolutionTargets(string solution, string target)
    {
        _file = Path.Combine(Directory.CreateTempSubdirectory("wisehub-solution-").FullName, UsersFile);
        File.WriteAllText(_file,
            "<Project>\n"
            + "  <Import Project=\"$(_WiseUsersSolutionTargets)\" Condition=\"'$(_WiseUsersSolutionTargets)' != ''\" />\n"
            + $"  <Target Name=\"{Name}\">\n"
            + "    <MSBuild Projects=\"@(ProjectReference)\" Targets=\"_WiseIsHere\" SkipNonexistentTargets=\"true\" "
            + "SkipNonexistentProjects=\"%(ProjectReference.SkipNonexistentProjects)\" BuildInParallel=\"true\"\n"
            + $"             Properties=\"{Passed}\">\n"
            + "      <Output TaskParameter=\"TargetOutputs\" ItemName=\"_WiseUser\" />\n"
            + "    </MSBuild>\n"
            + $"    <Error Condition=\"'@(_WiseUser)' == ''\" Code=\"{WiseCodes.ProjectWithoutWiseHub}\" "
            + $"HelpLink=\"{WiseCodes.HelpLink(WiseCodes.ProjectWithoutWiseHub)}\" File=\"$(SolutionPath)\"\n"
            + $"           Text=\"{ToolMessages.NoProjectUsesWiseHub}\" />\n"
            + $"    <MSBuild Projects=\"@(ProjectReference)\" Targets=\"{target}\" SkipNonexistentTargets=\"true\" "
            + "SkipNonexistentProjects=\"%(ProjectReference.SkipNonexistentProjects)\" BuildInParallel=\"true\"\n"
            + $"             Properties=\"{Passed}\" />\n"
            + "  </Target>\n"
            + "</Project>\n");
        Properties = [$"-p:DirectorySolutionTargetsPath={_file}",
            .. FindUsers(solution) is string users ? (string[])[$"-p:_WiseUsersSolutionTargets={users}"] : []];
    }

    /// <summary>Options for MSBuild.</summary>
    public string[] Properties { get; }

    /// <returns>Null if the path is not a solution.</returns>
    public static SolutionTargets? For(string path, string target) =>
        Path.GetExtension(path).ToUpperInvariant() is ".SLN" or ".SLNX" or ".SLNF" ? new SolutionTargets(path, target) : null;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);

    // As MSBuild does: the nearest one at or above the solution.
    private static string? FindUsers(string solution)
    {
        for (DirectoryInfo? folder = Directory.GetParent(solution); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, UsersFile);
            if (File.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
