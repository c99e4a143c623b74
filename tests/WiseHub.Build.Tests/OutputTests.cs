using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The files of a model are copied to the output and removed by a clean.</summary>
public sealed class OutputTests(SdkFixture sdk)
{
    private static readonly string[] TinyFiles = ["models/tiny/config.json", "models/tiny/weights/a.bin"];

    private static IEnumerable<string> Models(SdkWorkspace w, string folder) =>
        w.Tree(folder).Where(f => f.StartsWith("models/", StringComparison.Ordinal));

    [Fact]
    public async Task Files_are_copied_to_bin_and_publish_and_removed_by_clean()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);

        SdkRun build = (await w.DotnetAsync("App", "build", "m")).Succeeded();
        Assert.Equal(TinyFiles, Models(w, "src/App/bin/Debug/net10.0"));
        Assert.Equal("{\"size\":1}", w.Read("src/App/bin/Debug/net10.0/models/tiny/config.json"));
        Assert.Equal("""
              Determining projects to restore...
              Restored $/src/App/App.csproj (in N s).
              WiseHub: Fetching 2 files, 23 B, from local …
              WiseHub: Fetched 2 files, 23 B, in N s; every byte was verified.
              WiseHub: Wrote $/src/App/wise.lock.json. Commit it.
              App -> $/src/App/bin/Debug/net10.0/App.dll

            """, w.Log(build));
        Assert.Equal("True\nmodels/tiny\n{\"size\":1}\nfirst weights\n", (await w.RunAppAsync("App")).Output);

        (await w.DotnetAsync("App", "publish -c Debug --no-build -o ../../published")).Succeeded();
        Assert.Equal(["App", "App.deps.json", "App.dll", "App.pdb", "App.runtimeconfig.json", .. TinyFiles], w.Tree("published"));

        (await w.DotnetAsync("App",
            "publish -c Debug -p:PublishSingleFile=true --self-contained false -r linux-x64 -o ../../single")).Succeeded();
        Assert.Equal(["App", "App.pdb", .. TinyFiles], w.Tree("single"));
        Assert.Equal("True\nmodels/tiny\n{\"size\":1}\nfirst weights\n", (await w.RunAsync("", w.PathOf("single/App"))).Output);

        (await w.DotnetAsync("App", "clean")).Succeeded();
        Assert.Empty(Models(w, "src/App/bin/Debug/net10.0"));
        Assert.Equal(2, w.Tree("cache/blobs").Count);
    }

    [Fact]
    public async Task Files_flow_to_referencing_projects_with_and_without_the_package_and_to_tests()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Lib", ProjectBuilder.Library().Model("acme/tiny"));
        w.Write("src/Lib/Lib.cs", "namespace Lib { public static class Model { public static string Config => "
            + "System.IO.File.ReadAllText(WiseModels.Tiny.Files.ConfigJson); } }\n");
        // Private: the targets do not flow, so the SDK alone copies.
        w.Write("Cut", new ProjectBuilder().Item("PackageReference", "WiseHub.Build", ("PrivateAssets", "all"))
            .Model("acme/tiny"));
        w.Write("App", new ProjectBuilder().Property("OutputType", "Exe").Reference("../Lib/Lib.csproj"));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(Lib.Model.Config);\n");
        w.Write("Plain", new ProjectBuilder().Property("OutputType", "Exe").Reference("../Cut/Cut.csproj"));
        w.Write("src/Plain/Program.cs", "return;\n");
        w.Write("Test", new ProjectBuilder().Property("IsTestProject", "true").Reference("../App/App.csproj"));
        w.Write("src/All.slnx", """
            <Solution>
              <Project Path="Lib/Lib.csproj" /><Project Path="Cut/Cut.csproj" /><Project Path="App/App.csproj" />
              <Project Path="Plain/Plain.csproj" /><Project Path="Test/Test.csproj" />
            </Solution>
            """);

        SdkRun build = (await w.DotnetAsync("", "build All.slnx")).Succeeded();

        Assert.Equal("", w.Log(build));
        foreach (string project in (string[])["Lib", "Cut", "App", "Plain", "Test"])
            Assert.Equal(TinyFiles, Models(w, $"src/{project}/bin/Debug/net10.0"));
        Assert.Equal("{\"size\":1}\n", (await w.RunAppAsync("App")).Output);

        (await w.DotnetAsync("App", "publish --no-build -c Debug -o ../../published")).Succeeded();
        Assert.Equal(TinyFiles, Models(w, "published"));

        (await w.DotnetAsync("", "clean All.slnx")).Succeeded();
        foreach (string project in (string[])["Lib", "Cut", "App", "Plain", "Test"])
            Assert.Empty(Models(w, $"src/{project}/bin/Debug/net10.0"));
    }
}
