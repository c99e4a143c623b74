using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>A locked commit stays locked when other projects or configurations build or update.</summary>
public sealed class PinTests(SdkFixture sdk)
{
    private static string[] Locked(SdkWorkspace w, string file) =>
        [.. w.Read(file).Split("\"repoId\":\"")[1..]
            .Select(e => $"{e.Split('"')[0]} {e.Split("\"commit\":\"")[1].Split('"')[0]}")];

    [Fact]
    public async Task An_update_in_one_configuration_keeps_the_pins_of_the_other()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        string first = await w.PushAsync("acme/big", ("w.bin", "first"));
        string tiny = w.Read("hub/models/acme/tiny/refs/main");
        w.Write("App", ProjectBuilder.App().Model("acme/tiny")
            .Model("acme/big", ("Condition", "'$(Configuration)' == 'Release'")));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "build -c Release")).Succeeded();
        await w.PushAsync("acme/big", ("w.bin", "newer"));

        (await w.DotnetAsync("App", "msbuild -t:WiseUpdate")).Succeeded();
        (await w.DotnetAsync("App", "build -c Release --no-restore")).Succeeded();

        Assert.Equal([$"acme/big {first}", $"acme/tiny {tiny}"], Locked(w, "src/App/wise.lock.json"));
        Assert.Equal("first", w.Read("src/App/bin/Release/net10.0/models/big/w.bin"));
    }

    [Fact]
    public async Task Projects_that_update_a_shared_lock_file_in_parallel_keep_each_others_pins()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/Directory.Build.props",
            "<Project><PropertyGroup><WiseLockFile>../shared.lock.json</WiseLockFile></PropertyGroup></Project>\n");
        string[] names = ["A", "B", "C"];
        foreach (string name in names)
        {
            await w.PushAsync($"acme/{name}", ("f.txt", $"first of {name}"));
            w.Write(name, ProjectBuilder.Library().Model("acme/tiny").Model($"acme/{name}"));
        }
        w.Write("src/All.slnx",
            $"<Solution>{string.Concat(names.Select(p => $"<Project Path=\"{p}/{p}.csproj\" />"))}</Solution>\n");
        (await w.DotnetAsync("", "build All.slnx")).Succeeded();
        string[] before = Locked(w, "src/shared.lock.json");
        Assert.Equal(4, before.Length);

        (await w.DotnetAsync("", "msbuild All.slnx -t:WiseUpdate -m:4")).Succeeded();
        Assert.Equal(before, Locked(w, "src/shared.lock.json"));

        Assert.Equal("$/src/A/A.csproj : error WISE4010: Nothing was removed from $/src/shared.lock.json, although "
            + "WiseRemoveUnused is true: other projects may use it, because it is not beside the project. Run 'wisehub update "
            + "--remove-unused' on the solution, which checks all of its projects, or omit WiseRemoveUnused.\n",
            w.Log((await w.DotnetAsync("A", "msbuild -t:WiseUpdate -p:WiseRemoveUnused=true")).Failed()));
        Assert.Equal(before, Locked(w, "src/shared.lock.json"));
    }

    [Fact]
    public async Task A_file_based_app_that_runs_again_follows_a_changed_lock_file()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("src/Directory.Build.targets",
            "<Project><ItemGroup><WiseModelReference Include=\"acme/tiny\" /></ItemGroup></Project>\n");
        w.Write("src/app.cs", "#:package WiseHub.Build\n"
            + "System.Console.WriteLine(System.IO.File.ReadAllText(System.IO.Path.Combine(System.AppContext.BaseDirectory, "
            + "\"models/tiny/weights/a.bin\")));\n");
        SdkRun first = (await w.RunAsync("", "dotnet", "run", "app.cs")).Succeeded();
        string locked = w.Read("src/wise.lock.json");
        await w.PushAsync("acme/tiny", ("weights/a.bin", "second weights"));
        w.Delete("src/wise.lock.json");
        SdkRun second = (await w.RunAsync("", "dotnet", "run", "app.cs")).Succeeded();
        w.Write("src/wise.lock.json", locked);
        SdkRun third = (await w.RunAsync("", "dotnet", "run", "app.cs")).Succeeded();

        Assert.Equal(("first weights", "second weights", "first weights"),
            (first.Output.Trim().Split('\n')[^1], second.Output.Trim().Split('\n')[^1], third.Output.Trim().Split('\n')[^1]));
    }

    [Fact]
    public async Task References_that_targets_add_are_restored_updated_and_verified()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        await w.PushAsync("acme/more", ("m.txt", "1"));
        static ProjectBuilder App(string before) => ProjectBuilder.App().Raw($"""
            <Target Name="AddModels" BeforeTargets="{before}"><ItemGroup><WiseModelReference Include="acme/tiny" />
            <WiseModelReference Include="acme/more" /></ItemGroup></Target>
            <Target Name="Count" AfterTargets="WiseRestore"><Message Importance="high" Text="@(ResolvedWiseModel)" /></Target>
            """);
        w.Write("src/App/Program.cs", SdkFixture.Program);
        foreach (string hook in (string[])["WiseRestore", "AssignTargetPaths", "BeforeBuild"])
        {
            w.Write("App", App(hook));
            w.Delete("src/App/bin");
            SdkRun build = (await w.DotnetAsync("App", "build", "m")).Succeeded();
            Assert.Contains("  tiny;more\n", build.Output, StringComparison.Ordinal);
            Assert.Equal(["models/more/m.txt", "models/tiny/config.json", "models/tiny/weights/a.bin"],
                w.Tree("src/App/bin/Debug/net10.0").Where(f => f.StartsWith("models/", StringComparison.Ordinal)));
            Assert.Equal("True\nmodels/tiny\n{\"size\":1}\nfirst weights\n", (await w.RunAppAsync("App")).Output);
        }

        w.Write("App", App("WiseRestore"));
        string second = await w.PushAsync("acme/more", ("m.txt", "2"));
        (await w.DotnetAsync("App", "msbuild -t:WiseUpdate;Build")).Succeeded();
        Assert.Equal(($"acme/more {second}", "2"),
            (Locked(w, "src/App/wise.lock.json")[0], w.Read("src/App/bin/Debug/net10.0/models/more/m.txt")));
        Assert.Equal("  tiny;more\n  WiseHub: Verified 6 files against the lock file.\n",
            w.Log((await w.DotnetAsync("App", "msbuild -t:WiseVerify", "m")).Succeeded()));

        w.Write("App", App("CoreCompile"));
        Assert.Equal("$/src/App/App.csproj : error WISE1071: acme/tiny, acme/more: not restored, because a target added "
            + "it after WiseRestore. Give that target BeforeTargets=\"WiseRestore\".\n",
            w.Log((await w.DotnetAsync("App", "build --no-restore")).Failed()).Replace(" [$/src/App/App.csproj]", "",
                StringComparison.Ordinal));
    }
}
