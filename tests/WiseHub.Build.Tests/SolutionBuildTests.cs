using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>Three libraries and a program that reference one model, restored once.</summary>
public sealed class SolutionWorkspace(SdkFixture sdk) : IAsyncLifetime
{
    public static readonly string[] Projects = ["A", "App", "B", "C"];

    public SdkWorkspace Workspace { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Workspace = await sdk.WorkspaceAsync();
        foreach (string lib in (string[])["A", "B", "C"])
            Workspace.Write(lib, ProjectBuilder.Library().Model("acme/tiny"));
        Workspace.Write("App", ProjectBuilder.App().Model("acme/tiny").Reference("../A/A.csproj").Reference("../B/B.csproj")
            .Reference("../C/C.csproj"));
        Workspace.Write("src/App/Program.cs", SdkFixture.Program);
        Workspace.Write("src/All.slnx",
            $"<Solution>{string.Concat(Projects.Select(p => $"<Project Path=\"{p}/{p}.csproj\" />"))}</Solution>\n");
        (await Workspace.DotnetAsync("", "restore All.slnx")).Succeeded();
    }

    public ValueTask DisposeAsync()
    {
        Workspace.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Builds of a solution in all modes of MSBuild.</summary>
public sealed class SolutionBuildTests(SolutionWorkspace shared) : IClassFixture<SolutionWorkspace>
{
    [Theory]
    [InlineData("-m:4")]
    [InlineData("-m:1")]
    [InlineData("-graph -isolate -m:2")]
    [InlineData("-mt -m:4")]
    [InlineData("-t:Rebuild -m:4")]
    public async Task A_solution_build_downloads_once_and_fills_every_output_in_this_mode(string mode)
    {
        SdkWorkspace w = shared.Workspace;
        w.Delete("cache");
        foreach (string project in SolutionWorkspace.Projects)
        {
            w.Delete($"src/{project}/bin");
            w.Delete($"src/{project}/wise.lock.json");
        }

        SdkRun run = (await w.DotnetAsync("", $"build All.slnx --no-restore {mode}", "m")).Succeeded();

        // Sorted, because projects end in any order. Without the line of -graph about itself, and without the line about a long
        // wait, which only a busy machine shows.
        Assert.Equal([
            "  A -> $/src/A/bin/Debug/net10.0/A.dll", "  App -> $/src/App/bin/Debug/net10.0/App.dll",
            "  B -> $/src/B/bin/Debug/net10.0/B.dll", "  C -> $/src/C/bin/Debug/net10.0/C.dll",
            "  WiseHub: Fetched 2 files, 23 B, in N s; every byte was verified.",
            "  WiseHub: Fetching 2 files, 23 B, from local …",
            "  WiseHub: Wrote $/src/A/wise.lock.json. Commit it.", "  WiseHub: Wrote $/src/App/wise.lock.json. Commit it.",
            "  WiseHub: Wrote $/src/B/wise.lock.json. Commit it.", "  WiseHub: Wrote $/src/C/wise.lock.json. Commit it.",
        ], w.Log(run).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith("Static graph ", StringComparison.Ordinal)
                && l != "  WiseHub: Waiting for another process that is working on the same repo …")
            .Order(StringComparer.Ordinal));
        Assert.All(SolutionWorkspace.Projects,
            p => Assert.Equal(["config.json", "weights/a.bin"], w.Tree($"src/{p}/bin/Debug/net10.0/models/tiny")));
    }
}
