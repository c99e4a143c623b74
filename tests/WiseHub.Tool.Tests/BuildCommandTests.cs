using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class BuildCommandTests : IDisposable
{
    private const string Restored = "  Determining projects to restore...\n  Restored $/work/App/App.csproj (in N).\n";

    private readonly ToolWorkspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Restore_of_a_folder_restores_its_project_and_writes_the_lock_file()
    {
        await PushAsync("{1}");
        WriteProject();

        ProcessResult result = await _workspace.RunAsync("restore", "App");

        Assert.Equal(new ProcessResult(0, Restored
            + "  WiseHub: Fetching 1 file, 3 B, from local …\n  WiseHub: Fetched 1 file, 3 B, in N; every byte was verified.\n"
            + "  WiseHub: Wrote $/work/App/wise.lock.json. Commit it.\n", ""), result);
        Assert.Equal(["App.csproj", "wise.lock.json"], TopFiles());
    }

    [Fact]
    public async Task A_restore_without_anything_to_do_says_so()
    {
        await PushAsync("{1}");
        WriteProject();
        await _workspace.RunAsync("restore", "App");

        ProcessResult again = await _workspace.RunAsync("restore", "App"),
            quiet = await _workspace.RunAsync("restore", "App", "--quiet");

        Assert.Equal(new ProcessResult(0, "  Determining projects to restore...\n  All projects are up-to-date for restore.\n"
            + "  WiseHub: Nothing to download: 1 model, 1 file, is in the cache.\n", ""), again);
        Assert.Equal(new ProcessResult(0, "", ""), quiet);
    }

    [Fact]
    public async Task Restore_without_a_project_uses_the_one_in_the_working_directory()
    {
        await PushAsync("{1}");
        WriteProject();

        ProcessResult result = await _workspace.RunInAsync(_workspace.PathOf("work/App"), "restore");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(["App.csproj", "wise.lock.json"], TopFiles());
    }

    [Fact]
    public async Task Restore_stays_at_the_locked_commit_and_update_follows_the_branch()
    {
        string first = await PushAsync("{1}");
        WriteProject();
        await _workspace.RunAsync("restore", "App");
        string second = await PushAsync("{2}");

        ProcessResult restored = await _workspace.RunAsync("restore", "App/App.csproj");
        string lockedBefore = ReadLock();
        ProcessResult updated = await _workspace.RunAsync("update", "App/App.csproj");

        Assert.Equal((0, 0), (restored.ExitCode, updated.ExitCode));
        Assert.Contains(first, lockedBefore, StringComparison.Ordinal);
        Assert.Contains(second, ReadLock(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locked_fails_when_the_lock_file_is_missing()
    {
        await PushAsync("{1}");
        WriteProject();

        ProcessResult result = await _workspace.RunAsync("restore", "App", "--locked");

        Assert.Equal(new ProcessResult(1, Restored
            + "$/work/App/App.csproj : error WISE4005: Locked mode is on, but there is no $/work/App/wise.lock.json. "
            + "Build once with -p:WiseLockedMode=false and commit the file.\n", ""), result);
        Assert.Equal(["App.csproj"], TopFiles());
    }

    [Fact]
    public async Task The_offline_option_is_passed_to_the_build()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["config.json"] = "{1}"u8.ToArray() });
        _workspace.Configure(hub);
        WriteProject("""Hub="net" """);

        ProcessResult result = await _workspace.RunAsync("restore", "App", "--offline");

        Assert.Equal((1, "", 0), (result.ExitCode, result.Error, hub.Requests.All.Count));
        Assert.Contains("App.csproj(8,6): error WISE2014: acme/m: the network must not be used", result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_no_mirror_write_option_is_passed_to_the_build()
    {
        await PushAsync("{1}");
        _workspace.Write("work/wisehub.json", """
            { "defaultHub": "local", "hubs": { "local": { "protocol": "store", "path": "../hub" },
             "team": { "protocol": "store", "path": "../mirror" } }, "mirrors": [ { "hub": "team", "write": true } ] }
            """);
        WriteProject();

        ProcessResult restored = await _workspace.RunAsync("restore", "App", "--no-mirror-write");
        bool isWritten = Directory.Exists(_workspace.PathOf("mirror"));
        ProcessResult updated = await _workspace.RunAsync("update", "App");

        Assert.Equal((0, false, 0, true),
            (restored.ExitCode, isWritten, updated.ExitCode, Directory.Exists(_workspace.PathOf("mirror"))));
    }

    [Fact]
    public async Task Output_and_exit_code_of_the_build_are_passed_through()
    {
        WriteProject("""Hub="nope" """);

        ProcessResult result = await _workspace.RunAsync("restore", "App");

        Assert.Equal(new ProcessResult(1, Restored
            + "$/work/App/App.csproj(8,6): error WISE1002: There is no hub 'nope'. The known hubs are github, gitlab, "
            + "huggingface, local, wisemodel. Declare others in $/work/wisehub.json.\n", ""), result);
    }

    [Theory]
    [InlineData("restore", "WiseRestore")]
    [InlineData("update", "WiseUpdate")]
    public async Task The_error_for_a_project_without_the_package_says_how_to_add_it(string command, string target)
    {
        _workspace.Write("work/App/App.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>"""
            + """<TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");

        ProcessResult result = await _workspace.RunAsync(command, "App");

        Assert.Equal(new ProcessResult(1, Restored
            + $"$/work/App/App.csproj : error MSB4057: The target \"{target}\" does not exist in the project.\n",
            $"error WISE1103: $/work/App/App.csproj has no target {target}, so it does not use WiseHub.Build. "
            + "Add <PackageReference Include=\"WiseHub.Build\" Version=\"1.0.0\" /> to it.\n"), result);
    }

    [Fact]
    public async Task Another_missing_target_is_reported_only_by_MSBuild()
    {
        await PushAsync("{1}");
        WriteProject();
        string project = _workspace.PathOf("work/App/App.csproj");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project)).Replace("</Project>",
            """<Target Name="Own" BeforeTargets="WiseRestore"><CallTarget Targets="Elsewhere" /></Target></Project>""",
            StringComparison.Ordinal));

        ProcessResult result = await _workspace.RunAsync("restore", "App");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.Contains("error MSB4057: The target \"Elsewhere\" does not exist in the project.", result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_and_a_folder_without_a_project_are_errors()
    {
        Directory.CreateDirectory(_workspace.PathOf("work/empty"));

        Assert.Equal(new ProcessResult(1, "",
            "error WISE1102: $/work/empty contains no project. Name a project file, or a folder that contains one.\n"),
            await _workspace.RunAsync("restore", "empty"));
        Assert.Equal(new ProcessResult(1, "",
            "error WISE1102: $/work/gone does not exist. Name a project file, or a folder that contains one.\n"),
            await _workspace.RunAsync("update", "gone"));
    }

    [Theory]
    [InlineData("All.slnx", "<Solution><Project Path=\"App/App.csproj\" /><Project Path=\"Plain/Plain.csproj\" /></Solution>")]
    [InlineData("Some.slnf",
        "{ \"solution\": { \"path\": \"All.slnx\", \"projects\": [ \"App/App.csproj\", \"Plain/Plain.csproj\" ] } }")]
    public async Task A_solution_is_restored_updated_and_verified_without_projects_that_lack_the_package(
        string solution, string text)
    {
        await PushAsync("{1}");
        WriteProject();
        WritePlain();
        _workspace.Write("work/All.slnx",
            "<Solution><Project Path=\"App/App.csproj\" /><Project Path=\"Plain/Plain.csproj\" /></Solution>");
        _workspace.Write("work/" + solution, text);
        // The user's own stays in force.
        _workspace.Write("work/Directory.Solution.targets", "<Project><Target Name=\"Own\" AfterTargets=\"_WiseSolution\">"
            + "<Message Importance=\"high\" Text=\"own target ran\" /></Target></Project>");
        ProcessResult restored = await _workspace.RunAsync("restore", solution);
        string second = await PushAsync("{2}");
        ProcessResult updated = await _workspace.RunAsync("update", solution),
            verified = await _workspace.RunAsync("verify", solution);

        Assert.Equal((0, 0, 0, ""),
            (restored.ExitCode, updated.ExitCode, verified.ExitCode, restored.Error + updated.Error + verified.Error));
        Assert.Contains("own target ran", restored.Output, StringComparison.Ordinal);
        Assert.Contains(second, ReadLock(), StringComparison.Ordinal);
        Assert.Contains("  WiseHub: Verified 1 file against the lock file.\n", verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_solution_without_any_project_that_uses_the_package_is_an_error()
    {
        WritePlain();
        _workspace.Write("work/All.slnx", "<Solution><Project Path=\"Plain/Plain.csproj\" /></Solution>");

        ProcessResult result = await _workspace.RunAsync("update", "All.slnx");

        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        Assert.EndsWith("$/work/All.slnx : error WISE1103: No project of the solution uses WiseHub.Build. "
            + "Add a PackageReference to the projects that need models.\n",
            result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_unused_keeps_entries_that_any_build_configuration_uses()
    {
        await PushAsync("{1}");
        await _workspace.PushAsync("acme/gone", ("g.txt", "g"));
        await _workspace.PushAsync("acme/release", ("r.txt", "r"));
        const string Release = "<WiseModelReference Include=\"acme/release\" Condition=\"'$(Configuration)' == 'Release'\" />";
        WriteProject(more: Release + "<WiseModelReference Include=\"acme/gone\" />");
        await _workspace.RunAsync("restore", "App");
        Assert.Equal(0, (await ProcessRunner.RunAsync("dotnet", ["msbuild", _workspace.PathOf("work/App/App.csproj"),
            "-t:WiseRestore", "-p:Configuration=Release"], _workspace.Work, _workspace.Environment)).ExitCode);
        WriteProject(more: Release);

        ProcessResult result = await _workspace.RunAsync("update", "App", "--remove-unused");

        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"\ARemoved from \$/work/App/wise\.lock\.json, because nothing uses it: model acme/gone from local at the "
            + @"default branch, commit [0-9a-f]{64}\.\n\z", result.Error);
        Assert.Equal(["acme/m", "acme/release"], ReadLock().Split("\"repoId\":\"")[1..].Select(e => e.Split('"')[0]));
    }

    [Fact]
    public async Task The_error_for_several_projects_in_a_folder_names_them()
    {
        _workspace.Write("work/Two/B.fsproj", "<Project />");
        _workspace.Write("work/Two/A.csproj", "<Project />");

        Assert.Equal(new ProcessResult(1, "",
            "error WISE1102: $/work/Two contains more than one project: A.csproj, B.fsproj. Name one of them.\n"),
            await _workspace.RunAsync("restore", "Two"));
    }

    [Fact]
    public async Task A_missing_SDK_is_an_error()
    {
        WriteProject();
        _workspace.Environment["DOTNET_HOST_PATH"] = _workspace.PathOf("no/dotnet");

        ProcessResult result = await _workspace.RunAsync("restore", "App");

        Assert.Equal(new ProcessResult(1, "",
            "error WISE1001: DOTNET_HOST_PATH is '$/no/dotnet', which is not a program. Correct it, or unset it.\n"), result);
    }

    [Fact]
    public async Task The_temporary_log_of_the_build_is_deleted()
    {
        string temp = Directory.CreateDirectory(_workspace.PathOf("temp")).FullName;
        _workspace.Environment["TMPDIR"] = temp;
        _workspace.Write("work/App/App.csproj", "<Project />");

        Assert.Equal(1, (await _workspace.RunAsync("restore", "App")).ExitCode);

        Assert.Empty(Directory.EnumerateFiles(temp, "*.tmp"));
    }

    private Task<string> PushAsync(string config) => _workspace.PushAsync("acme/m", ("config.json", config));

    // As the package does it, with the tasks that were built with this test.
    private void WriteProject(string metadata = "", string more = "") => _workspace.Write("work/App/App.csproj", $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <Import Project="{RepoFiles.At("build", "WiseHub.Build.props")}" />
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <WiseHubTasksAssembly>{ToolWorkspace.Metadata("TasksAssembly")}</WiseHubTasksAssembly>
          </PropertyGroup>
          <ItemGroup>
            <WiseModelReference Include="acme/m" {metadata}/>{more}
          </ItemGroup>
          <Import Project="{RepoFiles.At("build", "WiseHub.Build.targets")}" />
        </Project>
        """);

    private void WritePlain() =>
        _workspace.Write("work/Plain/Plain.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>"""
            + """<TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");

    private IEnumerable<string?> TopFiles() =>
        Directory.EnumerateFiles(_workspace.PathOf("work/App")).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private string ReadLock() => File.ReadAllText(_workspace.PathOf("work/App/wise.lock.json"));
}
