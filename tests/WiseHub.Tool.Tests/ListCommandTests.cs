using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

public sealed class ListCommandTests : IDisposable
{
    private readonly ProjectBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Ls_shows_what_a_project_uses_and_what_is_in_the_cache()
    {
        string commit = await _bench.PushModelAsync();
        string other = await _bench.Workspace.PushAsync("acme/other", ("a.txt", "a"));
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" Alias=\"all\" />"
            + "<WiseModelReference Include=\"acme/m\" Alias=\"config\" AllowPatterns=\"*.json\" />"
            + "<WiseModelReference Include=\"acme/other\" Revision=\"main\" />");
        await _bench.RunAsync("restore", "App");
        Directory.Delete(_bench.Workspace.PathOf("hub"), recursive: true);
        foreach (string blob in Directory.EnumerateFiles(_bench.Workspace.Cache, "*", SearchOption.AllDirectories)
            .Where(f => new FileInfo(f).Length == 1))
            File.Delete(blob);
        string before = _bench.WriteProject("<WiseModelReference Include=\"acme/m\" Alias=\"all\" />"
            + "<WiseModelReference Include=\"acme/m\" Alias=\"config\" AllowPatterns=\"*.json\" />"
            + "<WiseModelReference Include=\"acme/other\" Revision=\"main\" /><WiseModelReference Include=\"acme/third\" />");

        ProcessResult result = await _bench.RunAsync("ls", "App");

        Assert.Equal(new ProcessResult(0, $"""
            all     acme/m      local  {commit[..7]}     4 files, 37 B  in cache
            config  acme/m      local  {commit[..7]}     1 file, 2 B    in cache
            other   acme/other  local  {other[..7]}     1 file, 1 B    not in cache
            third   acme/third  local  not locked  0 files, 0 B

            """.ReplaceLineEndings("\n"), ""), result);
        Assert.Equal(before, await File.ReadAllTextAsync(_bench.Project));
    }

    [Fact]
    public async Task Ls_of_a_solution_names_the_projects()
    {
        string commit = await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json\" />", "A");
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json\" />", "B");
        _bench.Workspace.Write("work/All.slnx",
            "<Solution><Project Path=\"A/A.csproj\" /><Project Path=\"B/B.csproj\" /></Solution>");
        await _bench.RunAsync("restore", "All.slnx");

        Assert.Equal(new ProcessResult(0, $"""
            $/work/A/A.csproj
            m  acme/m  local  {commit[..7]}  1 file, 2 B  in cache
            $/work/B/B.csproj
            m  acme/m  local  {commit[..7]}  1 file, 2 B  in cache

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("ls", "All.slnx"));
    }

    [Fact]
    public async Task Ls_as_JSON()
    {
        string commit = await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" AllowPatterns=\"*.json\" Revision=\"main\" />");
        await _bench.RunAsync("restore", "App");

        Assert.Equal(new ProcessResult(0, $$"""
            {
              "references": [
                {
                  "project": "$/work/App/App.csproj",
                  "alias": "m",
                  "repoType": "model",
                  "repoId": "acme/m",
                  "hub": "local",
                  "revision": "main",
                  "commit": "{{commit}}",
                  "files": 1,
                  "size": 2,
                  "filesInCache": 1
                }
              ],
              "warnings": []
            }

            """.ReplaceLineEndings("\n"), ""), await _bench.RunAsync("ls", "App", "--json"));
    }

    [Fact]
    public async Task Outdated_compares_the_locked_commit_with_that_of_the_hub()
    {
        string first = await _bench.PushModelAsync();
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" /><WiseModelReference Include=\"acme/m\" Alias=\"fixed\" "
            + $"Revision=\"{first}\" />");
        await _bench.RunAsync("restore", "App");
        ProcessResult current = await _bench.RunAsync("outdated", "App", "--exit-code");
        string second = await _bench.PushModelAsync("{2}"), locked = await File.ReadAllTextAsync(_bench.LockFile);

        ProcessResult outdated = await _bench.RunAsync("outdated", "App"), asCode = await _bench.RunAsync("outdated", "App",
            "--exit-code");

        string Row(string revision, string commit, string state) =>
            $"acme/m  local  {revision.PadRight(64)}  {first[..7]}  {commit[..7]}  {state}\n";
        Assert.Equal(new ProcessResult(0, Row(first, first, "current") + Row("(default)", first, "current")
            + "All 2 references are current.\n", ""), current);
        Assert.Equal(new ProcessResult(0, Row(first, first, "current") + Row("(default)", second, "outdated")
            + "1 of 2 references: outdated. 'wisehub update' takes the current commits.\n", ""), outdated);
        Assert.Equal((1, outdated.Output, locked), (asCode.ExitCode, asCode.Output,
            await File.ReadAllTextAsync(_bench.LockFile)));
    }

    [Fact]
    public async Task Outdated_sends_one_request_for_each_reference()
    {
        await using TestHub hub = await TestHub.StartAsync();
        hub.CreateRepo("acme/m").Commit(new Dictionary<string, byte[]?> { ["config.json"] = "{1}"u8.ToArray() });
        _bench.Workspace.Configure(hub);
        _bench.WriteProject("<WiseModelReference Include=\"acme/m\" Hub=\"net\" /><WiseModelReference Include=\"acme/m\" "
            + "Hub=\"net\" "
            + "Alias=\"again\" AllowPatterns=\"*.json\" />");
        await _bench.RunAsync("restore", "App");
        int before = hub.Requests.All.Count;

        ProcessResult result = await _bench.RunAsync("outdated", "App");

        Assert.Equal((0, 1), (result.ExitCode, hub.Requests.All.Count - before));
    }

    [Fact]
    public async Task A_project_that_cannot_be_evaluated_is_an_error_with_the_reason()
    {
        _bench.WriteProject("<WiseModelReference Include=\"a//b\" />");

        ProcessResult result = await _bench.RunAsync("ls", "App");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error WISE1089: $/work/App/App.csproj cannot be evaluated. $/work/App/App.csproj(8,6): error "
            + "WISE1003: 'a//b' is not a repo id: ", result.Error, StringComparison.Ordinal);
    }
}
