using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The accessor finds the files of its project wherever the assembly is loaded from.</summary>
public sealed class AccessorPlaceTests(SdkFixture sdk)
{
    private const string Library = """
        namespace Lib
        {
            public static class Model
            {
                public static string Text { get { return System.IO.File.ReadAllText(WiseModels.Tiny.Path("config.json")); } }
            }
        }

        """;

    [Theory]
    [InlineData("IncludeAllContentForSelfExtract")]
    [InlineData("IncludeNativeLibrariesForSelfExtract")]
    public async Task A_self_extracting_single_file_finds_models_beside_the_started_file(string property)
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = w.PathOf("extracted");
        // As old as a library may be: without Environment.ProcessPath.
        w.Write("Lib", ProjectBuilder.Library().Property("TargetFramework", "netstandard2.0").Property("LangVersion", "7.3")
            .Model("acme/tiny"));
        w.Write("src/Lib/Lib.cs", Library);
        w.Write("App", ProjectBuilder.App().Property("PublishSingleFile", "true").Property(property, "true")
            .Reference("../Lib/Lib.csproj").Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program.Split('\n')[0] + "\n"
            + "System.Console.WriteLine(System.IO.File.ReadAllText(App.WiseModels.Tiny.Files.ConfigJson));\n"
            + "System.Console.WriteLine(Lib.Model.Text);\n");
        string rid = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

        (await w.DotnetAsync("App", $"publish --self-contained false -r {rid} -o ../../single")).Succeeded();

        Assert.Equal("True\n{\"size\":1}\n{\"size\":1}\n",
            (await w.RunAsync("", w.PathOf("single/App" + (OperatingSystem.IsWindows() ? ".exe" : "")))).Output);
    }

    [Fact]
    public async Task A_plug_in_finds_its_own_models_and_not_those_of_its_host()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = await w.PushAsync("acme/tiny", ("config.json", "the host's"));
        await w.PushAsync("acme/tiny", ("config.json", "the plug-in's"));
        w.Write("Lib", ProjectBuilder.Library().Model("acme/tiny"));
        w.Write("src/Lib/Lib.cs", Library);
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("Revision", first)));
        // From a file, and from memory, where an assembly has no place and the application's is what is left.
        w.Write("src/App/Program.cs", """
            using System;
            using System.IO;
            using System.Runtime.Loader;
            string Read(System.Reflection.Assembly plugin) =>
                (string)plugin.GetType("Lib.Model").GetProperty("Text").GetValue(null);
            Console.WriteLine(File.ReadAllText(App.WiseModels.Tiny.Files.ConfigJson));
            Console.WriteLine(Read(new AssemblyLoadContext("file").LoadFromAssemblyPath(args[0])));
            using FileStream stream = File.OpenRead(args[0]);
            Console.WriteLine(Read(new AssemblyLoadContext("memory").LoadFromStream(stream)));

            """);
        w.Write("src/All.slnx", "<Solution><Project Path=\"Lib/Lib.csproj\" /><Project Path=\"App/App.csproj\" /></Solution>");
        (await w.DotnetAsync("", "build All.slnx")).Succeeded();

        SdkRun run = await w.RunAsync("", "dotnet", w.PathOf("src/App/bin/Debug/net10.0/App.dll"),
            w.PathOf("src/Lib/bin/Debug/net10.0/Lib.dll"));

        Assert.Equal("the host's\nthe plug-in's\nthe host's\n", run.Output);
    }

    [Fact]
    [Needs(Need.Linux, Need.Gcc)]
    public async Task A_native_AOT_program_finds_its_models_and_compiles_without_a_warning()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Property("PublishAot", "true").Property("CppCompilerAndLinker", "gcc")
            .Property("TreatWarningsAsErrors", "true").Property("InvariantGlobalization", "true").Model("acme/tiny"));
        w.Write("src/App/Program.cs", SdkFixture.Program);
        string rid = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

        SdkRun publish = (await w.DotnetAsync("App", $"publish -r {rid} -o ../../native")).Succeeded();

        Assert.Equal("", w.Log(publish));
        SdkRun run = await w.RunAsync("", w.PathOf("native/App"));
        Assert.Equal("True\nmodels/tiny\n{\"size\":1}\nfirst weights\n", run.Output);
    }

    [Fact]
    public async Task The_accessor_compiles_without_a_warning_for_every_consumer()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("Lib", ProjectBuilder.Library().Property("TargetFrameworks", "netstandard2.0;netstandard2.1;net472;net10.0")
            .Property("LangVersion", "7.3").Property("TreatWarningsAsErrors", "true")
            .Property("GenerateDocumentationFile", "true").Property("AnalysisLevel", "latest-all")
            .Property("NoWarn", "$(NoWarn);CS1591;CA1724;CA1812").Model("acme/tiny"));
        w.Write("Strict", ProjectBuilder.Library().Property("Nullable", "enable").Property("TreatWarningsAsErrors", "true")
            .Property("EnableSingleFileAnalyzer", "true")
            .Property("EnableTrimAnalyzer", "true").Property("EnableAotAnalyzer", "true").Property("IsAotCompatible", "true")
            .Model("acme/tiny"));
        w.Write("src/All.slnx",
            "<Solution><Project Path=\"Lib/Lib.csproj\" /><Project Path=\"Strict/Strict.csproj\" /></Solution>");

        Assert.Equal("", w.Log((await w.DotnetAsync("", "build All.slnx")).Succeeded()));
    }
}
