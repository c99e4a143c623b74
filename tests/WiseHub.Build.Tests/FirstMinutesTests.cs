using System.IO.Compression;
using System.Xml.Linq;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>What a build says and does for people who begin: in a terminal, in CI, in F#, in a file-based app.</summary>
public sealed class FirstMinutesTests(SdkFixture sdk)
{
    [Fact]
    public async Task A_library_that_uses_a_model_does_not_pass_the_package_on()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Lib", ProjectBuilder.Library().Model("acme/tiny"));
        w.Write("src/Lib/Lib.cs", "class Models { static string Folder => Lib.WiseModels.Tiny.Directory; }\n");

        (await w.DotnetAsync("Lib", "pack -o ../../packed")).Succeeded();

        using ZipArchive package = await ZipFile.OpenReadAsync(Directory.GetFiles(w.PathOf("packed")).Single());
        await using Stream nuspec = await package.GetEntry("Lib.nuspec")!.OpenAsync();
        Assert.Equal([], (await XDocument.LoadAsync(nuspec, LoadOptions.None, default)).Descendants()
            .Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value));
    }

    [Fact]
    public async Task In_a_project_without_anything_of_this_package_no_task_of_it_runs()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App());
        w.Write("src/App/Program.cs", "return;\n");

        (await w.DotnetAsync("App", "publish -bl:log.binlog -o ../../published")).Succeeded();

        Assert.Equal([], BinaryLog.Tasks(w.PathOf("src/App/log.binlog"))
            .Where(t => t.Contains("Wise", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_fault_is_one_error_and_not_one_for_each_target_framework()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Lib", ProjectBuilder.Library().Property("TargetFrameworks", "net10.0;netstandard2.0").Model("acme/nothing"));

        string log = w.Log((await w.DotnetAsync("Lib", "build")).Failed());

        Assert.Single(log.Split("error WISE2002").Skip(1));
        Assert.DoesNotContain("error MSB", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CI", "true")]
    [InlineData("GITHUB_ACTIONS", "true")]
    [InlineData("TF_BUILD", "True")]
    [InlineData("GITLAB_CI", "true")]
    [InlineData("JENKINS_URL", "http://localhost/")]
    public async Task On_CI_locked_mode_is_on_if_there_is_a_lock_file_and_no_commit_is_asked_for(string name, string value)
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        w.Environment[name] = value;

        string first = w.Log((await w.DotnetAsync("App", "build", "m")).Succeeded());
        w.Write("App", ProjectBuilder.App().Model("acme/tiny").Model("acme/tiny", ("Revision", "main"), ("Alias", "b")));
        string second = w.Log((await w.DotnetAsync("App", "build --no-restore")).Failed());

        Assert.DoesNotContain("Commit it", first, StringComparison.Ordinal);
        Assert.Contains("WiseHub: Wrote $/src/App/wise.lock.json.\n", first, StringComparison.Ordinal);
        Assert.Contains("error WISE4003", second, StringComparison.Ordinal);
        // A scheduled job may still update.
        (await w.DotnetAsync("App", "msbuild -t:WiseUpdate")).Succeeded();
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));
    }

    [Fact]
    public async Task FSharp_is_told_where_the_files_are()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/App/App.fsproj", ProjectBuilder.App().Raw("<ItemGroup><Compile Include=\"Program.fs\" /></ItemGroup>")
            .Model("acme/tiny").ToString());
        w.Write("src/App/Program.fs", """
            printfn "hello"

            """);

        string log = w.Log((await w.DotnetAsync("App", "build", "m")).Succeeded());

        Assert.Contains("  WiseHub: The class WiseModels is generated for C# only. In F#, the files are in "
            + "System.AppContext.BaseDirectory, in the folder models/tiny.\n", log, StringComparison.Ordinal);
        Assert.Equal(["config.json", "weights/a.bin"], w.Tree("src/App/bin/Debug/net10.0/models/tiny"));
    }

    [Fact]
    public async Task A_file_based_app_names_a_model_by_a_property()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/App/app.cs", """
            #:package WiseHub.Build
            #:property WiseModel=acme/tiny@main
            Console.WriteLine(File.ReadAllText(WiseModels.Tiny.Files.ConfigJson));
            Console.WriteLine(WiseModels.Tiny.Revision);

            """);

        SdkRun run = (await w.RunAsync("App", "dotnet", "run", "app.cs")).Succeeded();

        Assert.EndsWith("{\"size\":1}\nmain\n", run.Output, StringComparison.Ordinal);
        w.Write("src/App/app.cs", w.Read("src/App/app.cs").Replace("@main", "@mian", StringComparison.Ordinal));
        Assert.Contains("$/src/App/app.cs(2,1): error WISE2003: acme/tiny: the hub 'local' has no revision 'mian' of it",
            w.Log((await w.RunAsync("App", "dotnet", "run", "app.cs")).Failed()), StringComparison.Ordinal);
    }

    // MSBuild draws only on a terminal that has a size.
    private const string Terminal = "stty cols 100 rows 40; dotnet build";

    [Fact]
    [Needs(Need.Linux)]
    public async Task A_terminal_shows_once_what_was_fetched_and_that_the_lock_file_was_written()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        w.Environment["TERM"] = "xterm-256color";

        string first = (await w.RunAsync("App", "script", "-qec", Terminal, "/dev/null")).Succeeded().Output;
        string second = (await w.RunAsync("App", "script", "-qec", Terminal, "/dev/null")).Succeeded().Output;

        Assert.Equal(["WiseHub: Fetched 2 files, 23 B, of acme/tiny; all verified.",
            "WiseHub: Wrote $/src/App/wise.lock.json. Commit it."], Lines(w, first));
        Assert.Equal([], Lines(w, second));
    }

    // Each line of a terminal may begin with control sequences.
    private static IEnumerable<string> Lines(SdkWorkspace w, string output) => w.Log(new SdkRun("", 0, output)).Split('\n')
        .Where(l => l.Contains("WiseHub: ", StringComparison.Ordinal))
        .Select(l => l[l.IndexOf("WiseHub: ", StringComparison.Ordinal)..].TrimEnd('\r'));
}
