using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files that tools obey by their name are not put into a folder where somebody works, unless they are named.</summary>
public sealed class ToolFilesTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("Directory.Build.props")]
    [InlineData("sub/directory.build.TARGETS")]
    [InlineData("Directory.Packages.props")]
    [InlineData("global.json")]
    [InlineData("NuGet.config")]
    [InlineData(".config/dotnet-tools.json")]
    [InlineData(".editorconfig")]
    [InlineData(".globalconfig")]
    [InlineData("App.csproj.user")]
    [InlineData("after.App.sln.targets")]
    [InlineData("wisehub.json")]
    [InlineData("wise.lock.json")]
    [InlineData(".vs/App/v17/.suo")]
    [InlineData(".vscode/tasks.json")]
    [InlineData(".idea/workspace.xml")]
    [InlineData(".env")]
    [InlineData(".env.local")]
    [InlineData(".envrc")]
    [InlineData(".npmrc")]
    [InlineData("conftest.py")]
    [InlineData("desktop.ini")]
    [InlineData("autorun.inf")]
    [InlineData("x.lnk")]
    [InlineData("CLAUDE.md")]
    [InlineData("DIRECT~1.PRO")]
    [InlineData("VSCODE~1/tasks.json")]
    public void A_tool_obeys(string path) => Assert.True(ToolFiles.IsObeyed(path, atTop: false));

    [Theory]
    [InlineData(".github/workflows/build.yml")]
    [InlineData(".husky/pre-commit")]
    [InlineData(".gitmodules")]
    [InlineData(".lfsconfig")]
    public void At_the_top_of_a_repository_and_only_there_a_tool_obeys(string path) =>
        Assert.Equal((true, false), (ToolFiles.IsObeyed(path, atTop: true), ToolFiles.IsObeyed(path, atTop: false)));

    // What model repos really have.
    [Theory]
    [InlineData(".gitattributes")]
    [InlineData(".gitignore")]
    [InlineData("README.md")]
    [InlineData("LICENSE")]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("requirements.txt")]
    [InlineData("Dockerfile")]
    [InlineData("Makefile")]
    [InlineData("package.json")]
    [InlineData("pyproject.toml")]
    [InlineData("modeling_x.py")]
    [InlineData("model.pth")]
    [InlineData("1_Pooling/config.json")]
    public void No_tool_obeys(string path) => Assert.False(ToolFiles.IsObeyed(path, atTop: true));

    [Fact]
    public async Task In_a_repository_all_bad_names_are_told_at_once_and_nothing_is_put_there()
    {
        Directory.CreateDirectory(At("work/.git"));
        string folder = At("work/models/tiny");

        HubException e = await Assert.ThrowsAsync<HubException>(() => DownloadAsync(folder, FileSelection.All));

        Assert.Equal($"WISE3017: acme/tiny: the repo has files that tools in {At("work")} would act on: "
            + $"'.vscode/tasks.json', 'Directory.Build.props'. Nothing was written to {folder}. Exclude these files with "
            + "FileSelection.Ignore, choose a folder outside, or, for a file that you trust, give its full path.",
            $"{e.Code}: {e.Message}");
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task What_is_named_left_out_or_outside_of_a_repository_is_taken()
    {
        Directory.CreateDirectory(At("work/.git"));
        await DownloadAsync(At("work/named"), new FileSelection([".vscode/tasks.json", "Directory.Build.props"], []));
        await DownloadAsync(At("work/without"), new FileSelection([], [".vscode/*", "Directory.*"]));
        await DownloadAsync(At("outside"), FileSelection.All);

        Assert.Equal([".vscode/tasks.json", "Directory.Build.props"], Tree("work/named"));
        Assert.Equal([".github/workflows/x.yml", "Model.cs", "config.json"], Tree("work/without"));
        Assert.Equal([".github/workflows/x.yml", ".vscode/tasks.json", "Directory.Build.props", "Model.cs", "config.json"],
            Tree("outside"));
    }

    [Fact]
    public async Task Below_a_project_sources_are_refused_because_the_SDK_would_compile_them()
    {
        Directory.CreateDirectory(At("App"));
        File.WriteAllText(At("App/App.csproj"), "<Project />");

        HubException e = await Assert.ThrowsAsync<HubException>(
            () => DownloadAsync(At("App/models"), new FileSelection(["*.cs", "config.json"], [])));

        Assert.Equal((WiseCodes.ObeyedByTools, true), (e.Code, e.Message.Contains($"tools in {At("App")} would act on: "
            + $"'Model.cs'. Nothing was written to {At("App/models")}.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task At_the_top_of_a_repository_its_own_services_are_refused_too()
    {
        Directory.CreateDirectory(At("work/.git"));
        HubException e =
            await Assert.ThrowsAsync<HubException>(() => DownloadAsync(At("work"), new FileSelection(["*.yml"], [])));
        Assert.Contains(": '.github/workflows/x.yml'. ", e.Message, StringComparison.Ordinal);
    }

    private string At(string relative) => Path.GetFullPath(_temp[relative]);

    private IEnumerable<string> Tree(string folder) => Directory.EnumerateFiles(At(folder), "*", SearchOption.AllDirectories)
        .Select(f => Path.GetRelativePath(At(folder), f).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private async Task DownloadAsync(string folder, FileSelection files)
    {
        Directory.CreateDirectory(At("hub"));
        File.WriteAllText(At("wisehub.json"),
            """{ "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "hub" } } }""");
        using var client = new HubClient(new HubClientOptions
        {
            ConfigFile = At("wisehub.json"),
            CacheDirectory = At("cache"),
            Environment = TestEnvironment.Empty
        });
        string file = At("file");
        await File.WriteAllTextAsync(file, "x");
        await client.PushAsync(new PushRequest
        {
            Hub = "local",
            RepoId = "acme/tiny",
            Files =
                [.. new[] { "config.json", ".vscode/tasks.json", "Directory.Build.props", ".github/workflows/x.yml", "Model.cs" }
                    .Select(p => new PushFile(file, p))],
        });
        await client.DownloadAsync(new DownloadRequest
        {
            Reference = new RepoReference { RepoId = "acme/tiny", Files = files },
            LocalDirectory = folder
        });
    }
}
