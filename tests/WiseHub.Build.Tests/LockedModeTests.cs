using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Locked mode resolves and writes nothing, and names any drift.</summary>
public sealed class LockedModeTests(SdkFixture sdk)
{
    private const string Ci = "build --no-restore -p:ContinuousIntegrationBuild=true";

    private async Task<SdkWorkspace> RestoredAsync()
    {
        SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Model("acme/tiny"));
        w.Write("src/App/Program.cs", "return;\n");
        (await w.DotnetAsync("App", "restore")).Succeeded();
        return w;
    }

    [Fact]
    public async Task Without_a_lock_file_implied_locked_mode_warns_and_explicit_locked_mode_fails()
    {
        using SdkWorkspace w = await RestoredAsync();

        Assert.Equal(
            "$/src/App/App.csproj : error WISE4005: Locked mode is on, but there is no $/src/App/wise.lock.json. "
            + "Build once with -p:WiseLockedMode=false and commit the file.\n",
            w.Log((await w.DotnetAsync("App", "build --no-restore -p:WiseLockedMode=true")).Failed()));
        Assert.False(File.Exists(w.PathOf("src/App/wise.lock.json")));

        Assert.Equal(
            "$/src/App/App.csproj : warning WISE4006: This is a CI build, but there is no $/src/App/wise.lock.json, "
            + "so the build is not reproducible. Build once on a developer's machine and commit the file.\n",
            w.Log((await w.DotnetAsync("App", Ci)).Succeeded()));
        Assert.True(File.Exists(w.PathOf("src/App/wise.lock.json")));
    }

    [Fact]
    public async Task With_a_lock_file_a_CI_build_is_locked_and_names_the_drift()
    {
        using SdkWorkspace w = await RestoredAsync();
        (await w.DotnetAsync("App", "build --no-restore")).Succeeded();
        string locked = w.Read("src/App/wise.lock.json");

        w.Delete("cache");
        Assert.Equal("", w.Log((await w.DotnetAsync("App", Ci)).Succeeded()));

        w.Write("App", ProjectBuilder.App().Model("acme/tiny", ("AllowPatterns", "*.json")));
        Assert.Equal(
            "$/src/App/App.csproj(5,15): error WISE4004: model acme/tiny from local at the default branch: the lock file was "
            + "made for all files, but the project now selects *.json, and locked mode is on. Build once with "
            + "-p:WiseLockedMode=false and commit the lock file.\n", w.Log((await w.DotnetAsync("App", Ci)).Failed()));

        w.Write("App", ProjectBuilder.App().Model("acme/tiny").Model("acme/tiny", ("Revision", "main"), ("Alias", "Main")));
        Assert.Equal(
            "$/src/App/App.csproj(6,15): error WISE4003: model acme/tiny from local at main: $/src/App/wise.lock.json has no "
            + "entry for it, and locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.\n",
            w.Log((await w.DotnetAsync("App", Ci)).Failed()));

        Assert.Equal(
            "$/src/App/App.csproj : error WISE1017: WiseUpdate would rewrite the lock file, but locked mode is on. "
            + "Run it on a developer's machine, with WiseLockedMode=false, and commit the lock file.\n",
            w.Log((await w.DotnetAsync("App", "msbuild -t:WiseUpdate -p:ContinuousIntegrationBuild=true")).Failed()));

        // An unused entry is no drift.
        w.Write("App", ProjectBuilder.App());
        Assert.Equal("", w.Log((await w.DotnetAsync("App", Ci)).Succeeded()));
        Assert.Equal(locked, w.Read("src/App/wise.lock.json"));
    }
}
