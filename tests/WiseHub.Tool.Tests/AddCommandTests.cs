using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class AddCommandTests : IDisposable
{
    private const string Item =
        "<WiseModelReference Include=\"acme/m\" AllowPatterns=\"README.md;config.json;model.safetensors\" />";

    private readonly ProjectBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private string ProjectText => File.ReadAllText(_bench.Project);

    private string[] Locked => [.. LockFile.Read(_bench.LockFile)!.Entries
        .Select(e => $"{e.Key.RepoId} {e.Commit} {string.Join(' ', e.Files.Select(f => f.Path))}")];

    private static string With(string project, string item) => project.Replace("</PropertyGroup>",
        $"</PropertyGroup>\n  <ItemGroup>\n    {item}\n  </ItemGroup>", StringComparison.Ordinal);

    [Fact]
    public async Task A_model_is_added_with_its_smallest_useful_files_and_its_commit_is_locked()
    {
        string commit = await _bench.PushModelAsync(), before = _bench.WriteProject();

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App");

        Assert.Equal((0, $"""
            acme/m of 'local' at commit {commit}: takes 3 files, 33 B of 4 files, 37 B: README.md, config.json, model.safetensors.
            Left out: ONNX weights (1 file, 4 B).
            To take other files, remove the reference and add it with --include or --all.
            Added to $/work/App/App.csproj. In C# its files are in WiseModels.M.

            """.ReplaceLineEndings("\n")), (result.ExitCode, result.Error));
        Assert.EndsWith("  WiseHub: Wrote $/work/App/wise.lock.json. Commit it.\n" + Item + "\n", result.Output,
            StringComparison.Ordinal);
        Assert.Equal(With(before, Item), ProjectText);
        Assert.Equal([$"acme/m {commit} README.md config.json model.safetensors"], Locked);
    }

    [Theory]
    [InlineData("--all", "<WiseModelReference Include=\"acme/m\" />")]
    [InlineData("--include *.json --alias config",
        "<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json\" Alias=\"config\" />")]
    [InlineData("--exclude onnx/* --hub local --revision main",
        "<WiseModelReference Include=\"acme/m\" Hub=\"local\" Revision=\"main\" IgnorePatterns=\"onnx/*\" />")]
    public async Task Options_choose_other_files_and_metadata(string options, string item)
    {
        await _bench.PushModelAsync();
        string before = _bench.WriteProject();

        ProcessResult result = await _bench.RunAsync(["add", "acme/m", "--project", "App", .. options.Split(' ')]);

        Assert.Equal((0, With(before, item)), (result.ExitCode, ProjectText));
    }

    [Fact]
    public async Task The_URL_of_a_file_page_adds_that_file()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/net").Commit(new Dictionary<string, byte[]?> { ["a[1].bin"] = "w"u8.ToArray(), ["b"] = [] });
        _bench.Workspace.Configure(hub);
        string before = _bench.WriteProject();

        ProcessResult result = await _bench.RunAsync(
            "add", $"{hub.Endpoint}acme/net/blob/main/a%5B1%5D.bin", "--project", "App", "--exclude", "*.txt");

        Assert.Equal((0, With(before, "<WiseModelReference Include=\"acme/net\" Hub=\"net\" Revision=\"main\" "
            + "AllowPatterns=\"a[[]1].bin\" IgnorePatterns=\"*.txt\" />")), (result.ExitCode, ProjectText));
        Assert.Equal(["a[1].bin"], LockFile.Read(_bench.LockFile)!.Entries.Single().Files.Select(f => f.Path));
    }

    [Fact]
    public async Task With_JSON_standard_output_is_one_object()
    {
        string commit = await _bench.PushModelAsync();
        _bench.WriteProject();

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App", "--json");

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "project": "$/work/App/App.csproj",
              "item": "{{Item.Replace("\"", "\\\"", StringComparison.Ordinal)}}",
              "commit": "{{commit}}",
              "files": [
                {
                  "path": "README.md",
                  "size": 21
                },
                {
                  "path": "config.json",
                  "size": 2
                },
                {
                  "path": "model.safetensors",
                  "size": 10
                }
              ],
              "leftOut": [
                {
                  "what": "ONNX weights",
                  "files": 1,
                  "size": 4
                }
              ],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), result);
    }

    [Fact]
    public async Task A_missing_repo_changes_nothing()
    {
        await _bench.PushModelAsync();
        string before = _bench.WriteProject();

        ProcessResult result = await _bench.RunAsync("add", "acme/n", "--project", "App");

        Assert.Equal(new ProcessResult(1, "", "error WISE2002: acme/n: the hub 'local' ($/hub) has no such repo. It has acme/m. "
            + "Check the name and RepoType.\n"), result);
        Assert.Equal((before, false), (ProjectText, File.Exists(_bench.LockFile)));
    }

    [Fact]
    public async Task A_second_reference_to_a_repo_needs_another_alias()
    {
        await _bench.PushModelAsync();
        string before = _bench.WriteProject("<WiseModelReference Include=\"acme/m\" Alias=\"first\" />");

        ProcessResult same = await _bench.RunAsync("add", "acme/m", "--project", "App"),
            sameAlias = await _bench.RunAsync("add", "acme/m", "--project", "App", "--alias", "First");
        string unchanged = ProjectText;
        ProcessResult other = await _bench.RunAsync("add", "acme/m", "--project", "App", "--alias", "second", "--all");

        const string Error = "error WISE1086: $/work/App/App.csproj already references acme/m. Change its metadata there, or "
            + "give the second reference another name with --alias.\n";
        Assert.Equal((new ProcessResult(1, "", Error), new ProcessResult(1, "", Error), before, 0),
            (same, sameAlias, unchanged, other.ExitCode));
        Assert.Contains("Alias=\"first\" />\n    <WiseModelReference Include=\"acme/m\" Alias=\"second\" />\n", ProjectText,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_restore_fails_the_project_has_its_old_bytes()
    {
        await _bench.PushModelAsync();
        byte[] before = [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes(_bench.WriteProject(
            "<WiseModelReference Include=\"acme/gone\" />").Replace("\n", "\r\n", StringComparison.Ordinal))];
        await File.WriteAllBytesAsync(_bench.Project, before);

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(before, await File.ReadAllBytesAsync(_bench.Project));
        Assert.Contains("error WISE1087: acme/m was not added: the restore failed, and $/work/App/App.csproj has its old content "
            + "again. $/work/App/App.csproj(8,6): error WISE2002: acme/gone: the hub 'local' ", result.Error,
            StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.LockFile));
    }

    [Fact]
    public async Task A_project_without_the_package_gets_it()
    {
        await _bench.PushModelAsync();
        _bench.MakePackage();
        _bench.Workspace.Write("work/App/App.csproj", Plain());

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App");

        Assert.Equal((0, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
              </PropertyGroup>
              <ItemGroup>
                {Item}
              </ItemGroup>
              <ItemGroup>
                <PackageReference Include="WiseHub.Build" Version="1.0.0" />
              </ItemGroup>
            </Project>

            """.ReplaceLineEndings("\n")), (result.ExitCode, ProjectText));
        Assert.Single(Locked);
    }

    [Fact]
    public async Task With_central_versions_the_version_goes_into_their_file_and_both_are_put_back_after_a_failure()
    {
        const string Versions = """
            <Project>
              <PropertyGroup>
                <ManagePackageVersionsCentrally>true</ManagePackageVersionsCentrally>
              </PropertyGroup>
            </Project>
            """;
        string file = _bench.Workspace.PathOf("work/Directory.Packages.props");
        await _bench.PushModelAsync();
        _bench.Workspace.Write("work/Directory.Packages.props", Versions);
        _bench.Workspace.Write("work/App/App.csproj", Plain());
        _bench.Workspace.Write("work/nuget.config",
            "<configuration><packageSources><clear /></packageSources></configuration>");
        _bench.Workspace.Environment["NUGET_PACKAGES"] = _bench.Workspace.PathOf("packages");
        ProcessResult failed = await _bench.RunAsync("add", "acme/m", "--project", "App");
        (string, string) afterFailure = (await File.ReadAllTextAsync(file), ProjectText);
        _bench.MakePackage();

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App");

        Assert.Equal((1, (Versions, Plain()), 0), (failed.ExitCode, afterFailure, result.ExitCode));
        Assert.Contains("    <PackageReference Include=\"WiseHub.Build\" />\n", ProjectText, StringComparison.Ordinal);
        Assert.Equal(Versions.Replace("</PropertyGroup>", "</PropertyGroup>\n  <ItemGroup>\n    <PackageVersion "
            + "Include=\"WiseHub.Build\" Version=\"1.0.0\" />\n  </ItemGroup>", StringComparison.Ordinal),
            await File.ReadAllTextAsync(file));
        Assert.Contains($"Added to $/work/App/App.csproj, and the version of WiseHub.Build to $/work/Directory.Packages.props. ",
            result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_hub_of_the_project_is_asked()
    {
        await _bench.PushModelAsync();
        _bench.Workspace.Write("work/wisehub.json",
            """{ "hubs": { "local": { "protocol": "store", "path": "../hub" } } }""");
        string before = _bench.WriteProject().Replace("<TargetFramework>",
            "<WiseDefaultHub>local</WiseDefaultHub><TargetFramework>",
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(_bench.Project, before);

        ProcessResult result = await _bench.RunAsync("add", "acme/m", "--project", "App");

        Assert.Equal((0, With(before, Item)), (result.ExitCode, ProjectText));
    }

    [Fact]
    public async Task Patterns_without_a_file_and_solutions_are_errors()
    {
        string commit = await _bench.PushModelAsync(), before = _bench.WriteProject();
        _bench.Workspace.Write("work/All.slnx", "<Solution />");

        Assert.Equal(new ProcessResult(1, "", $"error WISE1015: acme/m: no file of commit {commit} matches --include and "
            + "--exclude; it has 4 files. List them with 'wisehub repo files acme/m'.\n"),
            await _bench.RunAsync("add", "acme/m", "--project", "App", "--include", "*.gguf"));
        Assert.Equal(new ProcessResult(1, "",
            "error WISE1085: $/work/All.slnx is a solution. Name one of its projects with --project.\n"),
            await _bench.RunAsync("add", "acme/m", "--project", "All.slnx"));
        Assert.Equal(before, ProjectText);
    }

    [Fact]
    public async Task A_reference_is_removed_by_id_or_alias_with_its_lock_entry_and_nothing_else()
    {
        string before = _bench.WriteProject(), commit = await _bench.PushModelAsync();
        await _bench.Workspace.PushAsync("acme/other", ("a.txt", "a"));
        await _bench.RunAsync("add", "acme/other", "--project", "App", "--alias", "extra");
        string withOther = ProjectText;
        await _bench.RunAsync("add", "acme/m", "--project", "App");

        ProcessResult byId = await _bench.RunAsync("remove", "acme/m", "--project", "App");
        string afterId = ProjectText;
        string[] lockedAfterId = [.. LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId)];
        ProcessResult byAlias = await _bench.RunAsync("remove", "extra", "--project", "App", "--json");

        Assert.Equal(new ProcessResult(0, Item + "\n", "Removed from $/work/App/App.csproj.\nRemoved from "
            + "$/work/App/wise.lock.json, because nothing uses it: model acme/m from local at the default branch, "
            + $"commit {commit}.\n"), byId);
        Assert.Equal((withOther, before, 0), (afterId, ProjectText, byAlias.ExitCode));
        Assert.Equal(["acme/other"], lockedAfterId);
        Assert.Empty(LockFile.Read(_bench.LockFile)!.Entries);
        Assert.Contains("\"lockEntries\": [\n    {\n      \"repoType\": \"model\",\n      \"repoId\": \"acme/other\",\n",
            byAlias.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reference_that_is_not_valid_can_be_removed()
    {
        _bench.WriteProject("<WiseModelReference Include=\"a//b\" Alias=\"bad\" />");

        ProcessResult result = await _bench.RunAsync("remove", "bad", "--project", "App");

        Assert.Equal((0, _bench.WriteProject()), (result.ExitCode, ProjectText));
    }

    [Fact]
    public async Task An_entry_that_was_unused_before_stays()
    {
        await _bench.PushModelAsync();
        await _bench.Workspace.PushAsync("acme/other", ("a.txt", "a"));
        _bench.WriteProject("<WiseModelReference Include=\"acme/other\" />");
        await _bench.RunAsync("restore", "App");
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" />");
        await _bench.RunAsync("restore", "App");

        Assert.Equal(0, (await _bench.RunAsync("remove", "acme/m", "--project", "App")).ExitCode);

        Assert.Equal(["acme/other"], LockFile.Read(_bench.LockFile)!.Entries.Select(e => e.Key.RepoId));
    }

    [Fact]
    public async Task An_entry_of_a_lock_file_beside_another_project_stays_and_the_reason_is_told()
    {
        await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" />");
        await _bench.RunAsync("restore", "App");
        _bench.Workspace.Write("work/App/Other.csproj", "<Project />");

        ProcessResult result = await _bench.RunAsync("remove", "acme/m", "--project", "App/App.csproj");

        Assert.Equal((0, "Removed from $/work/App/App.csproj.\nThe lock file keeps its entry. Nothing was removed from "
            + "$/work/App/wise.lock.json: the project $/work/App/Other.csproj beside it was not checked. Name a solution with "
            + "all projects that use it. (WISE4010)\n"), (result.ExitCode, result.Error));
        Assert.Single(LockFile.Read(_bench.LockFile)!.Entries);
    }

    [Fact]
    public async Task A_reference_that_is_not_there_is_an_error_that_lists_those_that_are()
    {
        string before = _bench.WriteProject("<WiseModelReference Include=\"acme/m\" />");

        ProcessResult result = await _bench.RunAsync("remove", "acme/n", "--project", "App");

        Assert.Equal(new ProcessResult(1, "", "error WISE1088: $/work/App/App.csproj has no reference to 'acme/n'. "
            + "It references acme/m. References of an imported file are removed there.\n"), result);
        Assert.Equal(before, ProjectText);
    }

    private static string Plain() => """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
          </PropertyGroup>
        </Project>

        """.ReplaceLineEndings("\n");
}
