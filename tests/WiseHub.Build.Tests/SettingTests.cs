using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Properties, metadata and targets that people use by name, with the real SDK.</summary>
public sealed partial class SettingTests(SdkFixture sdk)
{
    private const string Bin = "src/App/bin/Debug/net10.0";

    [Fact]
    public async Task WiseVerify_finds_a_changed_output_file()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "copy")));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "build")).Succeeded();
        Assert.Equal("  WiseHub: Verified 4 files against the lock file.\n",
            w.Log((await w.DotnetAsync("App", "msbuild -t:WiseVerify", "m")).Succeeded()));

        w.Write($"{Bin}/models/tiny/config.json", "{\"size\":9}");
        Assert.Equal(
            "$/src/App/App.csproj : error WISE3014: tiny: config.json: $/src/App/bin/Debug/net10.0/models/tiny/config.json does "
            + "not have the sha256 # of the lock file. Build with -p:WiseForce=true to download it again.\n",
            Digest().Replace(w.Log((await w.DotnetAsync("App", "msbuild -t:WiseVerify", "m")).Failed()), "#"));
        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build --no-restore -p:WiseForce=true")).Succeeded()));
        Assert.Equal("{\"size\":1}", w.Read($"{Bin}/models/tiny/config.json"));
    }

    [Fact]
    public async Task WiseVerify_finds_a_changed_file_in_the_publish_folder_and_in_a_layer_of_a_container()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "publish -c Debug")).Succeeded();
        foreach (string file in w.Tree($"{Bin}/publish"))
            w.Write($"layer/app/{file}", w.Read($"{Bin}/publish/{file}"));
        string verify = $"msbuild -t:WiseVerify -p:WiseVerifyDirectory={w.PathOf("layer")}";
        Assert.Equal("  WiseHub: Verified 6 files against the lock file.\n"
            + "  WiseHub: Verified: the model in $/layer is what was locked.\n",
            w.Log((await w.DotnetAsync("App", verify, "m")).Succeeded()));

        w.Write($"{Bin}/publish/models/tiny/config.json", "{\"size\":9}");
        w.Write("layer/app/models/tiny/config.json", "{\"size\":9}");
        Assert.Equal(
            "$/src/App/App.csproj : error WISE3014: tiny: config.json: "
            + "$/src/App/bin/Debug/net10.0/publish/models/tiny/config.json does not have the sha256 # of the lock file. "
            + "Build with -p:WiseForce=true to download it again.\n"
            + "$/src/App/App.csproj : error WISE6050: model acme/tiny from local at the default branch: "
            + "'app/models/tiny/config.json' in $/layer is not the locked file: its sha256 is #, and that in the lock file is #. "
            + "Do not run the program. Deploy it again.\n",
            Digest().Replace(w.Log((await w.DotnetAsync("App", verify, "m")).Failed()), "#"));
    }

    [Fact]
    public async Task An_assembly_names_the_files_with_code_that_its_references_waive()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string commit = await w.PushAsync("acme/evil", ("plugin.dll", "code"), ("data.json", "{}"));
        w.Write("App", ProjectBuilder.App().Model("acme/evil", ("Waive", "program")));
        w.Write("src/App/Program.cs", "foreach (System.Attribute a in System.Reflection.Assembly.GetExecutingAssembly()"
            + ".GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), false))\n"
            + "    if (a is System.Reflection.AssemblyMetadataAttribute { Key: \"WiseHub.Waived\" } m)\n"
            + "        System.Console.WriteLine(m.Value);\n");
        string expected = $"program: acme/evil@{commit}/plugin.dll sha256:"
            + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("code"u8)) + "\n";
        (await w.DotnetAsync("App", "build")).Succeeded();
        Assert.Equal(expected, (await w.RunAppAsync("App")).Output);
        // Without an accessor, as in a project in another language.
        (await w.DotnetAsync("App", "build -p:WiseGenerateAccessors=false")).Succeeded();
        Assert.Equal(expected, (await w.RunAppAsync("App")).Output);
    }

    [Fact]
    public async Task A_blob_that_was_changed_in_the_cache_is_replaced_with_a_warning()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("LinkMode", "hardlink")));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "build")).Succeeded();
        string blob = w.Tree("cache/blobs").Single(b => w.Read($"cache/blobs/{b}") == "first weights");
        w.Write($"{Bin}/models/tiny/weights/a.bin", "edited in bin, and so in the cache");
        Assert.Equal("edited in bin, and so in the cache", w.Read($"cache/blobs/{blob}"));

        Assert.Equal(
            "$/src/App/App.csproj(5,15): warning WISE3009: acme/tiny: 'weights/a.bin' was changed inside the cache "
            + $"($/cache/blobs/{blob}); fetching it again.\n",
            w.Log((await w.DotnetAsync("App", "build --no-restore")).Succeeded()));

        Assert.Equal("first weights", w.Read($"{Bin}/models/tiny/weights/a.bin"));
        Assert.Equal("first weights", w.Read($"cache/blobs/{blob}"));
    }

    [Fact]
    public async Task With_Never_files_are_only_in_the_cache_and_the_accessor_returns_its_folder()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("CopyToOutputDirectory", "Never")));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(App.WiseModels.Tiny.Directory);\n"
            + "System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Tiny.Path(\"weights/a.bin\")));\n");

        (await w.DotnetAsync("App", "build")).Succeeded();

        Assert.Empty(w.Tree($"{Bin}/models"));
        SdkRun run = (await w.RunAppAsync("App")).Succeeded();
        string[] lines = run.Output.Split('\n');
        Assert.StartsWith(w.Cache + "/", lines[0], StringComparison.Ordinal);
        Assert.Equal(["config.json", "weights/a.bin"], w.Tree(lines[0]));
        Assert.Equal("first weights", lines[1]);
        // A second build says the same.
        string accessor = w.Read("src/App/obj/Debug/net10.0/WiseModels.g.cs");
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        Assert.Equal(accessor, w.Read("src/App/obj/Debug/net10.0/WiseModels.g.cs"));

        (await w.DotnetAsync("App", "publish --no-build -c Debug -o ../../published")).Succeeded();
        Assert.Equal(["config.json", "weights/a.bin"], w.Tree("published/models/tiny"));
        Assert.StartsWith(w.PathOf("published/models/tiny"), (await w.RunAsync("", w.PathOf("published/App"))).Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_WiseHubEnabled_false_nothing_is_restored_and_the_accessor_still_compiles()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Property("WiseHubEnabled", "false").Model("acme/tiny"));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(App.WiseModels.Tiny.Exists);\n");

        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build")).Succeeded()));

        Assert.Equal("False\n", (await w.RunAppAsync("App")).Output);
        Assert.Empty(w.Tree($"{Bin}/models"));
        Assert.False(Directory.Exists(w.Cache));
        Assert.False(File.Exists(w.PathOf("src/App/wise.lock.json")));
    }

    [Theory]
    [InlineData("Nullable=enable;ImplicitUsings=enable;TreatWarningsAsErrors=true;IsAotCompatible=true;AnalysisLevel=latest-all;"
        + "EnforceCodeStyleInBuild=true;GenerateDocumentationFile=true;NoWarn=CA1303")]
    [InlineData("LangVersion=7.3;ImplicitUsings=disable;TreatWarningsAsErrors=true")]
    [InlineData("Nullable=enable;TreatWarningsAsErrors=true;EnableTrimAnalyzer=true;EnableAotAnalyzer=true;"
        + "EnableSingleFileAnalyzer=true;RootNamespace=App;CheckForOverflowUnderflow=true")]
    public async Task The_accessor_compiles_without_a_warning_with_these_properties(string properties)
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/tiny",
            [.. SdkFixture.Tiny, ("class/2-b.json", ""), ("class/2_b.json", ""), ("Path", ""), ("模型.bin", ""), ("Tiny", "")]);
        ProjectBuilder project = ProjectBuilder.App().Model("acme/tiny").Model("acme/tiny", ("Alias", "files"));
        foreach (string property in properties.Split(';'))
            project.Property(property.Split('=')[0], property.Split('=')[1]);
        w.Write("App", project);
        w.Write("src/App/Program.cs", """
            internal static class Program
            {
                private static void Main()
                {
                    System.Console.WriteLine(App.WiseModels.Tiny.Exists);
                    System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Tiny.Files.ConfigJson));
                    System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Files_2.Files.Weights.ABin));
                }
            }

            """);

        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build")).Succeeded()));

        Assert.Equal("True\n{\"size\":1}\nfirst weights\n", (await w.RunAppAsync("App")).Output);
    }

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Digest();
}
