using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A file from a hub never replaces a file of the build, wherever projects put their output.</summary>
public sealed class OutputConflictTests(SdkFixture sdk)
{
    private const string Evil = "not an assembly";

    private static IEnumerable<string> Errors(SdkWorkspace w, SdkRun run) =>
        w.Log(run.Failed()).Split('\n').Where(l => l.Contains("error WISE", StringComparison.Ordinal)).Distinct();

    [Fact]
    public async Task A_model_beside_the_program_does_not_replace_assemblies_in_bin_or_publish()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/evil", ("App.deps.json", "{}"), ("App.dll", Evil), ("Dep.dll", Evil), ("appsettings.json", "{}"),
            ("data.json", "{}"), ("de/Dep.resources.dll", Evil), ("version.dll", Evil));
        w.Write("Dep", new ProjectBuilder());
        w.Write("src/Dep/Dep.cs",
            "namespace Dep { public static class Code { public static string Of => \"the project's own\"; } }\n");
        // A waiver permits code in a model. It permits nothing that replaces what the build makes.
        ProjectBuilder App(string patterns, string copy = "IfDifferent") => ProjectBuilder.App().Reference("../Dep/Dep.csproj")
            .Model("acme/evil", ("TargetPath", "."), ("CopyToOutputDirectory", copy), ("AllowPatterns", patterns),
                ("Waive", "program"));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(Dep.Code.Of);\n");

        w.Write("App", App("*"));
        Assert.Equal(["$/src/App/App.csproj(6,15): error WISE3015: acme/evil: a model may not put these files beside the program "
            + "by itself: 'App.deps.json' (the host reads settings from it), "
            + "'App.dll' (it is code that may be loaded by its name), "
            + "'Dep.dll' (it is code that may be loaded by its name), 'appsettings.json' (the host reads settings from it), "
            + "'de/Dep.resources.dll' (it is code that may be loaded by its name), 'version.dll' (it is code that may be loaded "
            + "by its name). Leave them out with IgnorePatterns, or give the model a different TargetPath. "
            + "If you trust a file, name its whole path in AllowPatterns."],
            Errors(w, await w.DotnetAsync("App", "build")).Select(e => e.Split(" [")[0]));

        // Named, but each of them is one that the build makes.
        w.Write("App", App("App.deps.json;App.dll;Dep.dll"));
        Assert.Equal(["'App.deps.json'", "'App.dll'", "'Dep.dll'"], Errors(w, await w.DotnetAsync("App", "build"))
            .Select(ConflictingPath).Order(StringComparer.Ordinal));

        w.Write("App", App("data.json;version.dll"));
        (await w.DotnetAsync("App", "build")).Succeeded();
        Assert.Equal("the project's own\n", (await w.RunAppAsync("App")).Output);
        Assert.Equal([Evil, "{}"],
            new[] { w.Read("src/App/bin/Debug/net10.0/version.dll"), w.Read("src/App/bin/Debug/net10.0/data.json") });

        // Into the publish folder alone.
        w.Write("App", App("App.deps.json;App.dll;Dep.dll", copy: "Never"));
        Assert.Equal(["'App.deps.json'", "'App.dll'", "'Dep.dll'"], Errors(w, await w.DotnetAsync("App", "publish -c Debug"))
            .Select(ConflictingPath).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_library_cannot_add_a_program_to_a_referencing_project_without_the_package()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/evil", ("My.App", "#!/bin/sh\necho evil"), ("data.json", "{}"));
        w.Write("Lib", new ProjectBuilder().Item("PackageReference", "WiseHub.Build", ("PrivateAssets", "all"))
            .Model("acme/evil", ("TargetPath", ".")));
        w.Write("My.App", new ProjectBuilder().Property("OutputType", "Exe").Reference("../Lib/Lib.csproj"));
        w.Write("src/My.App/Program.cs", "return;\n");

        Assert.Equal(["acme/evil: a model may not put these files beside the program by itself: 'My.App' (it is a program). "
            + "Leave them out with IgnorePatterns, or give the model a different TargetPath. If you trust a file, "
            + "name its whole path in AllowPatterns."],
            Errors(w, await w.DotnetAsync("My.App", "build")).Select(e => e.Split("WISE3015: ")[1].Split(" [")[0]));
    }

    [Fact]
    public async Task In_a_shared_output_folder_a_build_keeps_files_of_the_other_project()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/flat", ("data.json", "first"));
        w.Write("Other", new ProjectBuilder().Property("OutDir", "../../out/")
            .Item("None", "data.json", ("CopyToOutputDirectory", "IfDifferent")));
        w.Write("src/Other/data.json", "the other project's");
        w.Write("App", ProjectBuilder.Library().Property("OutDir", "../../out/").Model("acme/flat", ("TargetPath", ".")));
        (await w.DotnetAsync("Other", "build")).Succeeded();

        Assert.Equal([Path.Combine("$", "out", "data.json")],
            Errors(w, await w.DotnetAsync("App", "build")).Select(e => e.Split("WISE3016: ")[1].Split(" is not from")[0]));
        Assert.Equal("the other project's", w.Read("out/data.json"));

        // Without the other one all is the project's, also when the model moves on and when somebody edited the copy.
        w.Delete("out");
        (await w.DotnetAsync("App", "build")).Succeeded();
        w.Write("out/data.json", "edited");
        await w.PushAsync("acme/flat", ("data.json", "second"));
        (await w.DotnetAsync("App", "build -t:WiseUpdate")).Succeeded();
        (await w.DotnetAsync("App", "build")).Succeeded();
        Assert.Equal("second", w.Read("out/data.json"));
    }

    [Fact]
    public async Task In_a_shared_publish_folder_a_publish_keeps_files_of_the_other_project()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/flat", ("data.json", "first"));
        w.Write("Other", new ProjectBuilder().Property("PublishDir", "../../out/")
            .Item("None", "data.json", ("CopyToPublishDirectory", "IfDifferent")));
        w.Write("src/Other/data.json", "the other project's");
        w.Write("App", ProjectBuilder.Library().Property("PublishDir", "../../out/").Model("acme/flat", ("TargetPath", ".")));
        (await w.DotnetAsync("Other", "publish")).Succeeded();

        Assert.Equal([Path.Combine("$", "out", "data.json")],
            Errors(w, await w.DotnetAsync("App", "publish")).Select(e => e.Split("WISE3016: ")[1].Split(" is not from")[0]));
        Assert.Equal("the other project's", w.Read("out/data.json"));

        // Without the other one all is the project's, also when the model moves on and when somebody edited the copy.
        w.Delete("out");
        (await w.DotnetAsync("App", "publish")).Succeeded();
        w.Write("out/data.json", "edited");
        await w.PushAsync("acme/flat", ("data.json", "second"));
        (await w.DotnetAsync("App", "build -t:WiseUpdate")).Succeeded();
        (await w.DotnetAsync("App", "publish")).Succeeded();
        Assert.Equal("second", w.Read("out/data.json"));
    }

    private static string ConflictingPath(string error) =>
        error.Split("error WISE3010: ")[1].Split(" for ")[1].Split(". A file from a hub")[0];
}
