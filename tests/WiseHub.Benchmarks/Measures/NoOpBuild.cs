using System.Globalization;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>
/// The time of our tasks in builds with nothing to do, from their binary logs.
/// </summary>
internal static class NoOpBuild
{
    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        HubRepo[] one = [bench.Repos.Many], many = [.. bench.Repos.References];
        const string Title = "No-op builds: time in our tasks";
        var projects = new List<(BuildProject Project, string Says, List<IReadOnlyDictionary<string, double>> Builds)>();
        IReadOnlyList<ReceivedRequest> requests;
        try
        {
            foreach (HubRepo[] repos in (HubRepo[][])[one, many])
            {
                string says = string.Create(CultureInfo.InvariantCulture, $"{repos.Length} "
                    + $"{(repos.Length == 1 ? "reference" : "references")}, {repos.Sum(r => r.Files.Count):N0} files");
                var project = new BuildProject(Path.Combine(bench.Folder, $"build-{repos.Length}"), bench,
                    bench.Hub.Endpoint(HubServer.Counted), repos);
                await project.BuildFirstAsync();
                // The first build after a restore still writes files; the second one finds them.
                await project.BuildAsync();
                projects.Add((project, says, []));
            }
            requests = await bench.Hub.CountAsync(async () =>
            {
                for (int i = 0; i < bench.Builds; i++)
                {
                    foreach (var (project, _, builds) in projects)
                        builds.Add(await project.BuildAsync());
                }
            }, cancel);
        }
        catch (InvalidOperationException e)
        {
            return new Section(Title, [new Row("dotnet build", Kind.Ours) { Missing = Row.Failure(e) }], [], []);
        }
        Row[] rows = [.. projects.SelectMany(p => BuildProject.TaskNames.Select(task =>
            new Row($"{task}, {p.Says}", Kind.Ours) { Seconds = new Samples([.. p.Builds.Select(b => b[task])]) }))];
        return new Section(Title, rows,
        [
            Restore(projects[0].Says, 16, 12), Restore(projects[^1].Says, 60, 45),
            new Goal("requests of no-op builds", new Samples([requests.Count]), 0, null, "requests"),
        ], [$"{bench.Builds} builds of each, in turns, with `dotnet build --no-restore`; a build is a process of its own. "
            + $"The hub was up and received {requests.Count} requests."]);

        Goal Restore(string says, double must, double excellent)
        {
            string name = $"{BuildProject.TaskNames[0]}, {says}";
            return new Goal($"no-op build: {name}", Section.Find(rows, name)!.Seconds!.Times(1000), must, excellent, "ms");
        }
    }
}
