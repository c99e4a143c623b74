using WiseHub.Client.Files;
using WiseHub.Testing;

namespace WiseHub.Client.Tests;

/// <summary>Files that tools obey by their name are not written into a working folder unless they are selected by name.</summary>
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
    public void A_file_that_tools_execute_or_obey_is_recognized_in_any_folder(string path) =>
        Assert.True(ToolFiles.IsObeyed(path, atTop: false));

    [Theory]
    [InlineData(".github/workflows/build.yml")]
    [InlineData(".husky/pre-commit")]
    [InlineData(".gitmodules")]
    [InlineData(".lfsconfig")]
    public void Some_files_are_obeyed_only_at_the_top_of_a_repository(string path) =>
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
    public void The_usual_files_of_model_repos_are_not_obeyed_by_tools(string path) =>
        Assert.False(ToolFiles.IsObeyed(path, atTop: true));

    [Fact]
    public async Task A_download_into_a_git_repository_lists_all_refused_names_and_writes_nothing()
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
    public async Task Refused_names_can_be_selected_ignored_or_downloaded_outside_a_repository()
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
    public async Task A_source_file_in_the_folder_of_a_project_is_refused_as_the_SDK_would_compile_it()
    {
        Directory.CreateDirectory(At("App"));
        File.WriteAllText(At("App/App.csproj"), "<Project />");

        HubException e = await Assert.ThrowsAsync<HubException>(
            () => DownloadAsync(At("App/models"), new FileSelection(["*.cs", "config.json"], [])));

        Assert.Equal((WiseCodes.ObeyedByTools, true), (e.Code, e.Message.Contains($"tools in {At("App")} would act on: "
            + $"'Model.cs'. Nothing was written to {At("App/models")}.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task At_the_top_of_a_repository_workflow_files_are_refused_too()
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
