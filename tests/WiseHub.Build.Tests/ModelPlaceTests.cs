using System.Security.Cryptography;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Models that are in the assembly, in the cache or in a folder that the user names.</summary>
public sealed class ModelPlaceTests(SdkFixture sdk)
{
    private const string Bin = "src/App/bin/Debug/net10.0";

    [Fact]
    public async Task An_embedded_model_is_read_from_the_assembly_and_nothing_is_placed()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Property("ImplicitUsings", "enable").Model("acme/tiny", ("Embed", "true")));
        w.Write("src/App/Program.cs", """
            EmbeddedRead(WiseModels.Tiny.Files.ConfigJson.OpenRead());
            EmbeddedRead(WiseModels.Tiny.Files.Weights.ABin.OpenRead());
            Console.WriteLine(WiseModels.Tiny.Files.Weights.ABin.Size);
            static void EmbeddedRead(Stream stream) => Console.WriteLine(new StreamReader(stream).ReadToEnd());

            """);

        Assert.Equal("", w.Log((await w.DotnetAsync("App", "build")).Succeeded()));

        Assert.Empty(w.Tree($"{Bin}/models"));
        w.Delete("cache");
        Assert.Equal("{\"size\":1}\nfirst weights\n13\n", (await w.RunAppAsync("App")).Output);
    }

    [Theory]
    [InlineData("Embed", "true", "TargetPath", "x", "WISE1004: 'acme/tiny': TargetPath has no effect with Embed, because no "
        + "file is put beside the program. Remove one of them.")]
    [InlineData("Fetch", "AtRunTime", "CopyToOutputDirectory", "Always", "WISE1004: 'acme/tiny': CopyToOutputDirectory has no "
        + "effect with Fetch=\"AtRunTime\", because no file is put beside the program. Remove one of them.")]
    [InlineData("Fetch", "Later", "Alias", "a", "WISE1004: Fetch is 'Later'; it must be AtBuild or AtRunTime.")]
    [InlineData("Fetch", "AtRunTime", "Embed", "true",
        "WISE1004: 'acme/tiny': a model that is embedded is not fetched at run time. Remove Embed or Fetch.")]
    public async Task Settings_that_exclude_one_another_are_an_error(
        string first, string firstValue, string second, string secondValue, string expected)
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", (first, firstValue), (second, secondValue)));
        w.Write("src/App/Program.cs", "return;\n");

        Assert.Equal($"$/src/App/App.csproj(5,15): error {expected}\n", w.Log((await w.DotnetAsync("App", "build")).Failed()));
    }

    [Fact]
    public async Task The_same_source_gives_the_same_assembly_with_another_home_and_cache()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Property("Deterministic", "true").Model("acme/tiny")
            .Model("acme/tiny", ("Alias", "cached"), ("CopyToOutputDirectory", "Never"))
            .Model("acme/tiny", ("Alias", "inside"), ("Embed", "true")));
        w.Write("src/App/Program.cs", "System.Console.WriteLine(App.WiseModels.Cached.Directory);\n");
        var digests = new List<string>();
        foreach (string home in (string[])["alice", "bob"])
        {
            w.Environment["WISEHUB_CACHE"] = w.PathOf(home);
            NuGetProfile.Make(w.PathOf(home + "-home"));
            w.Environment["HOME"] = w.PathOf(home + "-home");
            w.Delete("src/App/obj");
            w.Delete("src/App/bin");
            (await w.DotnetAsync("App", "build")).Succeeded();
            digests.Add(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(w.PathOf($"{Bin}/App.dll")))));
            Assert.StartsWith(w.PathOf(home), (await w.RunAppAsync("App")).Output, StringComparison.Ordinal);
            Assert.DoesNotContain(w.PathOf(home), w.Read("src/App/obj/Debug/net10.0/WiseModels.g.cs"), StringComparison.Ordinal);
        }

        Assert.Equal(digests[0], digests[1]);
    }

    [Fact]
    public async Task A_variable_or_a_runtime_setting_names_another_folder()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny").Model("acme/tiny", ("Alias", "other-one"))
            .Item("RuntimeHostConfigurationOption", "WiseHub.Model.other-one", ("Value", w.PathOf("mine"))));
        w.Write("src/App/Program.cs", """
            System.Console.WriteLine(App.WiseModels.Tiny.Directory);
            System.Console.WriteLine((string)App.WiseModels.OtherOne.Files.ConfigJson);

            """);
        (await w.DotnetAsync("App", "build")).Succeeded();
        w.Environment["WISEHUB_MODEL_TINY"] = w.PathOf("tried");

        Assert.Equal($"{w.PathOf("tried")}\n{w.PathOf("mine/config.json")}\n", (await w.RunAppAsync("App")).Output);
    }

    [Fact]
    public async Task The_folder_of_a_model_in_the_cache_is_beside_the_program_and_is_not_published()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("CopyToOutputDirectory", "Never")));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "publish -c Debug -o ../../published")).Succeeded();

        Assert.Matches($"\\Atiny\t{w.Cache}/[^\n]+\n\\z", w.Read($"{Bin}/App.wise.dev.txt"));
        Assert.False(File.Exists(w.PathOf("published/App.wise.dev.txt")));
        Assert.Equal(["config.json", "weights/a.bin"], w.Tree("published/models/tiny"));

        (await w.DotnetAsync("App", "clean")).Succeeded();
        Assert.False(File.Exists(w.PathOf($"{Bin}/App.wise.dev.txt")));
    }

    [Fact]
    public async Task A_model_of_the_run_time_is_locked_and_ships_only_a_manifest()
    {
        TestHub hub = await SdkFixture.TestHubAsync();
        using SdkWorkspace w = await sdk.WorkspaceAsync(hub);
        w.Write("App", ProjectBuilder.App().Property("ImplicitUsings", "enable").Item("PackageReference", "WiseHub.Client")
            .Model("acme/tiny", ("Fetch", "AtRunTime")));
        w.Write("src/App/Program.cs", """
            Console.WriteLine(WiseModels.Tiny.Exists);
            Console.WriteLine(await WiseModels.Tiny.EnsureAsync() == WiseModels.Tiny.Directory);
            Console.WriteLine(File.ReadAllText(WiseModels.Tiny.Files.Weights.ABin));

            """);

        Assert.Equal("", w.Log((await w.DotnetAsync("App", "publish -c Debug -o ../../published")).Succeeded()));

        Assert.Equal(["tiny.wise.json"], w.Tree($"{Bin}/models"));
        Assert.Equal(["tiny.wise.json"], w.Tree("published/models"));
        Assert.DoesNotContain(hub.Requests.All, r => r.Path.Contains("a.bin", StringComparison.Ordinal));
        w.Environment["WISEHUB_CACHE"] = w.PathOf("server");
        Assert.Equal("False\nTrue\nfirst weights\n", (await w.RunAsync("", "dotnet", w.PathOf("published/App.dll"))).Output);
        await hub.DisposeAsync();
        Assert.Equal("True\nTrue\nfirst weights\n", (await w.RunAsync("", "dotnet", w.PathOf("published/App.dll"))).Output);
    }

    [Fact]
    public async Task A_model_of_the_run_time_needs_the_library()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("Fetch", "AtRunTime")));
        w.Write("src/App/Program.cs", "return;\n");

        Assert.Equal("$/src/App/App.csproj : error WISE1022: A model with Fetch=\"AtRunTime\" needs the package WiseHub.Client "
            + "in this project. Add it: dotnet add package WiseHub.Client\n",
            w.Log((await w.DotnetAsync("App", "build")).Failed()));
    }
}
