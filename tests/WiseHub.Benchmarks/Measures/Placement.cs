using System.Globalization;
using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Peers;
using WiseHub.Benchmarks.Reporting;

namespace WiseHub.Benchmarks.Measures;

/// <summary>Placement of cached files in bin: the duration of our task in the binary log, beside cp.</summary>
internal static class Placement
{
    private static readonly string[] Modes = ["auto", "copy"];

    public static async Task<Section> RunAsync(Bench bench, CancellationToken cancel)
    {
        var rows = new List<Row>();
        var goals = new List<Goal>();
        bool clones = await ClonesAsync(bench, cancel);
        foreach (HubRepo repo in (HubRepo[])[bench.Repos.Large, bench.Repos.Many])
            await MeasureAsync(bench, repo, clones, rows, goals, cancel);
        return new Section("Placement in bin", rows, goals,
            ["Files were placed in an empty bin, on the disk of the cache, which "
                + $"{(clones ? "clones files" : "makes hard links and cannot clone")}. Our time is that of the task in the "
                + "build's log; cp's is that of its process."])
        {
            IsOneContest = false,
        };
    }

    private static async Task MeasureAsync(
        Bench bench, HubRepo repo, bool clones, List<Row> rows, List<Goal> goals, CancellationToken cancel)
    {
        string says = repo.Files.Count == 1 ? string.Create(CultureInfo.InvariantCulture, $"{repo.Bytes / 1048576.0:N0} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{repo.Files.Count:N0} files");
        string Name(string mode) => $"PlaceWiseFiles, {mode}, {says}";
        string folder = Path.Combine(bench.Folder, "placement-" + repo.Id.Split('/')[1]), copies = Path.Combine(folder, "cp");
        var project = new BuildProject(folder, bench, bench.Hub.Endpoint(HubServer.Plain), [repo]);
        var placed = Modes.ToDictionary(m => m, _ => new List<double>());
        var copied = new List<Cost>();
        Command cp = new CopyFiles().Fetch(new Job(repo, bench.Hub.Endpoint(HubServer.Plain), copies));
        long ownBytes = 0;
        try
        {
            await project.BuildFirstAsync();
            for (int round = 0; round < bench.Rounds; round++)
            {
                foreach (string mode in Modes)
                {
                    Directory.Delete(project.Models, recursive: true);
                    placed[mode].Add((await project.BuildAsync($"-p:WiseLinkMode={mode}"))["PlaceWiseFiles"]);
                    if (mode == "auto")
                        ownBytes = await BytesOfTheirOwnAsync(project.Models, cancel);
                }
                Directory.CreateDirectory(copies);
                copied.Add(await Programs.MeasureAsync([cp], watchMemory: false, cancel));
                Directory.Delete(copies, recursive: true);
            }
        }
        catch (InvalidOperationException e)
        {
            rows.Add(new Row(Name("auto"), Kind.Ours) { Missing = Row.Failure(e) });
            return;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        rows.AddRange(Modes.Select(m => new Row(Name(m), Kind.Ours) { Seconds = new Samples(placed[m]) }));
        rows.Add(new Row($"cp, {says}", Kind.Limit).With(copied));
        // A clone has no bytes of its own, and no program can tell it from a copy.
        if (!clones)
            goals.Add(new Goal($"placement of {says} by link: bytes copied", new Samples([ownBytes]), 0, null, "bytes"));
        goals.Add(Section.Ratio($"placement of {says} by copy ÷ cp", rows, Name("copy"), $"cp, {says}", 1.1));
    }

    // A file with one name was copied.
    private static async Task<long> BytesOfTheirOwnAsync(string folder, CancellationToken cancel)
    {
        string sizes =
            await Programs.RunAsync(new Command("find", folder, "-type", "f", "-links", "1", "-printf", "%s\\n"), cancel);
        return sizes.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(s => long.Parse(s, CultureInfo.InvariantCulture));
    }

    private static async Task<bool> ClonesAsync(Bench bench, CancellationToken cancel)
    {
        string file = Path.Combine(bench.Folder, "clone-of");
        await File.WriteAllTextAsync(file, "content", cancel);
        try
        {
            await Programs.RunAsync(new Command("cp", "--reflink=always", file, file + ".clone"), cancel);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
