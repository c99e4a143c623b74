using System.IO.Compression;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Lock file and configuration are not copied, published, packed or pushed.</summary>
public sealed class OwnFilesTests(SdkFixture sdk)
{
    private static readonly string[] Projects = ["Web", "Other", "Service", "Views", "Plain"];

    [Fact]
    public async Task Own_files_are_not_copied_to_bin_publish_or_packages_in_any_SDK()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Web", Project("Microsoft.NET.Sdk.Web").Property("OutputType", "Exe").Reference("../Other/Other.csproj"));
        w.Write("Other", Project("Microsoft.NET.Sdk.Web").Property("OutputType", "Exe")
            .Property("WiseLockFile", "locks of models.json"));
        w.Write("Service", Project("Microsoft.NET.Sdk.Worker").Property("OutputType", "Exe"));
        w.Write("Views", Project("Microsoft.NET.Sdk.Razor"));
        w.Write("Plain", Project("Microsoft.NET.Sdk").Raw("<ItemGroup><Content Include=\"**/*.json\" Exclude=\"bin/**;obj/**\" "
            + "CopyToOutputDirectory=\"PreserveNewest\" Pack=\"true\" /><None Remove=\"**/*.json\" /></ItemGroup>"));
        foreach (string project in Projects)
        {
            w.Write($"src/{project}/Code.cs", project is "Views" or "Plain" ? "" : "return;\n");
            w.Write($"src/{project}/kept{project}.json", "{}");
            w.Write($"src/{project}/wisehub.json",
                w.Read("src/wisehub.json").Replace("../hub", "../../hub", StringComparison.Ordinal));
            // A folder inside that has a project of its own, and another project of the same folder.
            w.Write($"src/{project}/inner/wise.lock.json", "{}");
            w.Write($"src/{project}/other-lock.json", "{\"version\":1,\"references\":[]}\n");
        }
        w.Write("src/All.slnx",
            $"<Solution>{string.Concat(Projects.Select(p => $"<Project Path=\"{p}/{p}.csproj\" />"))}</Solution>");

        // Lock files come in the first build; the others find them.
        (await w.DotnetAsync("", "build All.slnx")).Succeeded();
        string[] locks = [.. w.Tree("src").Where(f => f.EndsWith("/wise.lock.json", StringComparison.Ordinal)
            && !f.Contains("inner", StringComparison.Ordinal))];
        Assert.Equal(["Plain/wise.lock.json", "Service/wise.lock.json", "Views/wise.lock.json", "Web/wise.lock.json"], locks);
        Assert.True(File.Exists(w.PathOf("src/Other/locks of models.json")));
        (await w.DotnetAsync("", "msbuild All.slnx -t:Publish -p:Configuration=Debug")).Succeeded();
        (await w.DotnetAsync("", "pack All.slnx -c Debug --no-build -o ../packages")).Succeeded();

        foreach (string project in Projects)
        {
            Assert.Equal(project is "Web" ? ["keptOther.json", "keptWeb.json"] : [$"kept{project}.json"],
                Content(w.Tree($"src/{project}/bin/Debug/net10.0/publish")));
            Assert.Contains("models/tiny/config.json", w.Tree($"src/{project}/bin/Debug/net10.0/publish"));
            Assert.Empty(Own(w.Tree($"src/{project}/bin")));
            using ZipArchive package = ZipFile.OpenRead(w.PathOf($"packages/{project}.1.0.0.nupkg"));
            Assert.Empty(Own(package.Entries.Select(e => e.FullName)));
        }
    }

    [Fact]
    public async Task Own_files_are_not_artifacts_of_a_glob_but_are_shown_in_the_editor()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", Project("Microsoft.NET.Sdk").Item("WiseArtifact", "**/*.json"));
        w.Write("src/App/wise.lock.json", "{\"version\":1,\"references\":[]}\n");
        w.Write("src/App/wisehub.json", "{}");
        w.Write("src/App/metrics.json", "{}");
        (await w.DotnetAsync("App", "restore")).Succeeded();

        SdkRun run = (await w.DotnetAsync("App", "msbuild -getItem:WiseArtifact -getItem:None")).Succeeded();

        using var items = System.Text.Json.JsonDocument.Parse(run.Output);
        string[] Names(string type) => [.. items.RootElement.GetProperty("Items").GetProperty(type).EnumerateArray()
            .Select(i => Path.GetFileName(i.GetProperty("FullPath").GetString()!))];
        Assert.Equal(["metrics.json"], Names("WiseArtifact")
            .Where(n => !n.Contains("assets", StringComparison.Ordinal) && !n.Contains("nuget", StringComparison.Ordinal)));
        Assert.Equal(["metrics.json", "wise.lock.json"], Names("None"));
    }

    private static ProjectBuilder Project(string projectSdk) =>
        new ProjectBuilder(projectSdk).UseWiseHub().Model("acme/tiny").Property("IsPackable", "true");

    private static IEnumerable<string> Content(IEnumerable<string> files) =>
        files.Where(f => f.EndsWith(".json", StringComparison.Ordinal) && !f.StartsWith("models/", StringComparison.Ordinal)
            && !f.EndsWith(".deps.json", StringComparison.Ordinal) && !f.EndsWith(".runtimeconfig.json", StringComparison.Ordinal)
            && !f.Contains("staticwebassets", StringComparison.Ordinal));

    private static IEnumerable<string> Own(IEnumerable<string> files) =>
        files.Where(f => f.Contains("lock", StringComparison.Ordinal) || f.EndsWith("wisehub.json", StringComparison.Ordinal));
}
