using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>File times in a publish folder of the real SDK: every change of a model is newer than the last deployment.</summary>
public sealed class PublishTimeTests(SdkFixture sdk)
{
    private const string Folder = "src/App/bin/Release/net10.0/publish";

    private static (DateTime Config, DateTime Weights) Times(SdkWorkspace w, string folder = Folder) =>
        (File.GetLastWriteTimeUtc(w.PathOf($"{folder}/models/tiny/config.json")),
            File.GetLastWriteTimeUtc(w.PathOf($"{folder}/models/tiny/weights/a.bin")));

    // As cp -u does it, on every system.
    private static void DeployWhatIsNewer(SdkWorkspace w)
    {
        foreach (string file in w.Tree(Folder))
        {
            string from = w.PathOf($"{Folder}/{file}"), to = w.PathOf($"deployed/{file}");
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (!File.Exists(to) || File.GetLastWriteTimeUtc(from) > File.GetLastWriteTimeUtc(to))
                File.Copy(from, to, overwrite: true);
        }
    }

    [Fact]
    public async Task A_second_publish_writes_nothing_and_changed_or_rolled_back_files_are_newer()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        DateTime start = DateTime.UtcNow.AddSeconds(-2);
        (await w.DotnetAsync("App", "publish")).Succeeded();
        (DateTime Config, DateTime Weights) first = Times(w);
        Assert.InRange(first.Config, start, DateTime.UtcNow.AddSeconds(2));
        DeployWhatIsNewer(w);
        string locked = w.Read("src/App/wise.lock.json");

        (await w.DotnetAsync("App", "publish --no-restore")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-build")).Succeeded();
        Assert.Equal(first, Times(w));

        // The same length, so that only times tell.
        await w.PushAsync("acme/tiny", ("config.json", "{\"size\":1}"), ("weights/a.bin", "FIRST WEIGHTS"));
        (await w.DotnetAsync("App", "msbuild -t:WiseUpdate")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-restore")).Succeeded();
        (DateTime Config, DateTime Weights) second = Times(w);
        Assert.Equal((first.Config, true), (second.Config, second.Weights > first.Weights));
        DeployWhatIsNewer(w);
        Assert.Equal("FIRST WEIGHTS", w.Read("deployed/models/tiny/weights/a.bin"));

        w.Write("src/App/wise.lock.json", locked);
        (await w.DotnetAsync("App", "publish --no-restore")).Succeeded();
        Assert.Equal((first.Config, true), (Times(w).Config, Times(w).Weights > second.Weights));
        DeployWhatIsNewer(w);
        Assert.Equal("first weights", w.Read("deployed/models/tiny/weights/a.bin"));
    }

    [Fact]
    public async Task Each_publish_folder_and_profile_has_its_own_times_and_no_stale_files()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("src/App/Properties/PublishProfiles/Folder.pubxml",
            "<Project><PropertyGroup><PublishDir>../../profile/</PublishDir></PropertyGroup></Project>\n");
        (await w.DotnetAsync("App", "publish -o ../../out")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-restore -p:PublishProfile=Folder")).Succeeded();
        (DateTime, DateTime) other = Times(w, "out"), profile = Times(w, "profile");

        (await w.DotnetAsync("App", "publish --no-restore -o ../../out")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-restore -p:PublishProfile=Folder")).Succeeded();
        Assert.Equal((other, profile), (Times(w, "out"), Times(w, "profile")));

        await w.PushAsync("acme/tiny", ("config.json", "{\"size\":1}"));
        (await w.DotnetAsync("App", "msbuild -t:WiseUpdate")).Succeeded();
        (await w.DotnetAsync("App", "publish --no-restore -o ../../out")).Succeeded();
        Assert.Equal(["models/tiny/config.json"], w.Tree("out").Where(f => f.StartsWith("models/", StringComparison.Ordinal)));
        Assert.Equal(other.Item1, Times(w, "out").Config);
    }
}
