using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Puts blobs that are about to be copied into the output in place by link or clone, so that the SDK's own copy finds them done.
/// Before that, no file of a model may want the place of something else, and none may replace a file that this project did not
/// put there.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PlaceWiseFiles : WiseTask
{
    /// <summary>All files of the output, from this project and those it references.</summary>
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>The metadata that holds the path below the output: TargetPath in bin, RelativePath in publish.</summary>
    [Required]
    public string PathMetadata { get; set; } = "";

    /// <summary>
    /// What the build itself writes into <see cref="OutputDirectory"/>: assembly, symbols, settings, references. Absolute, or
    /// relative to the project.
    /// </summary>
    public ITaskItem[] Made { get; set; } = [];

    /// <summary>
    /// The files that this project declares; those with another link mode than the project's have it as metadata.
    /// </summary>
    public ITaskItem[] Declared { get; set; } = [];

    /// <summary>Absolute path of the output.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>Places nothing: the SDK copies.</summary>
    public bool OnlyCheck { get; set; }

    /// <summary>Where the SDK notes what earlier builds of this project wrote, one absolute path a line.</summary>
    public string EarlierWrites { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        // Each metadata is computed when it is asked for.
        Wanted[] items = Array.ConvertAll(Items, Wanted.Read(PathMetadata));
        // Most projects of a solution have none.
        if (!Array.Exists(items, i => i.IsModel))
            return;
        FindConflicts(items);
        if (Log.HasLoggedErrors || OnlyCheck)
            return;
        LinkMode fallback = Settings.LinkMode;
        Dictionary<string, LinkMode> declared = Declared.Where(d => d.GetMetadata(Names.LinkMode).Length > 0)
            .ToLookup(
                d => d.GetMetadata(Names.Link).Replace('\\', '/'),
                d => ModelItem.ReadLinkMode(d.GetMetadata(Names.LinkMode)),
                StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
        FilePlacer placer = new FilePlacer(log);
        var foreign = new List<string>();
        var earlier = new Lazy<HashSet<string>>(ReadEarlierWrites);
        placer.MayReplace = destination =>
        {
            if (earlier.Value.Contains(Path.GetFullPath(destination)))
                return true;
            foreign.Add(destination);
            return false;
        };
        foreach (Wanted model in items.Where(i => i.IsModel))
        {
            cancel.ThrowIfCancellationRequested();
            placer.Place(model.Source, Path.Combine(OutputDirectory, model.Target),
                declared.GetValueOrDefault(model.Target, fallback));
        }
        placer.Report(OutputDirectory);
        foreach (string file in foreign)
            LogError(OutputPlaces.Foreign(file, "builds"));
    }

    private readonly record struct Wanted(string Source, string Target, bool IsModel)
    {
        public static Converter<ITaskItem, Wanted> Read(string pathMetadata) => item =>
        {
            string source = item.GetMetadata("FullPath");
            return new Wanted(source, item.GetMetadata(pathMetadata).Replace('\\', '/'), FilePlacer.IsBlob(source));
        };
    }

    private void FindConflicts(Wanted[] items)
    {
        var places = new OutputPlaces();
        string output = Path.TrimEndingDirectorySeparator(OutputDirectory) + Path.DirectorySeparatorChar;
        foreach (ITaskItem made in Made)
        {
            // A relative OutDir with ".." is not made simple by MSBuild.
            string path = Path.GetFullPath(made.GetMetadata("FullPath"));
            if (path.StartsWith(output, StringComparison.OrdinalIgnoreCase))
                places.Add(path[output.Length..].Replace('\\', '/'), path, isModel: false);
        }
        foreach (Wanted item in items)
            places.Add(item.Target, item.Source, item.IsModel);
        foreach (HubException conflict in places.Conflicts)
            LogError(conflict);
    }

    // Without it (obj was deleted, bin was not) nothing is known to be this project's.
    private HashSet<string> ReadEarlierWrites()
    {
        StringComparer comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
        return File.Exists(EarlierWrites) ? File.ReadLines(EarlierWrites).ToHashSet(comparer) : new HashSet<string>(comparer);
    }
}
