using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Links or clones the model files that the SDK is about to copy to the output, so that its copy finds them up to date. First it
/// checks that no model file takes the path of another file, and that none replaces a file that this project did not put there.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PlaceWiseFiles : WiseTask
{
    /// <summary>All files of the output, from this project and the projects it references.</summary>
    public ITaskItem[] Items { get; set; } = [];

    /// <summary>The metadata with the path below the output: TargetPath in bin, RelativePath in publish.</summary>
    [Required]
    public string PathMetadata { get; set; } = "";

    /// <summary>
    /// The files that the build itself writes to <see cref="OutputDirectory"/>: assembly, symbols, settings, references.
    /// Absolute, or relative to the project.
    /// </summary>
    public ITaskItem[] Made { get; set; } = [];

    /// <summary>The files that this project declares, with the link mode if it differs from the project's.</summary>
    public ITaskItem[] Declared { get; set; } = [];

    /// <summary>Absolute path of the output.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>Only checks, and leaves the copying to the SDK.</summary>
    public bool OnlyCheck { get; set; }

    /// <summary>The file in which the SDK lists the files that earlier builds wrote, one absolute path per line.</summary>
    public string EarlierWrites { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        // Read once, because MSBuild computes each metadata on access.
        Wanted[] items = Array.ConvertAll(Items, Wanted.Read(PathMetadata));
        // Most projects of a solution have no models.
        if (!Array.Exists(items, i => i.IsModel))
            return;
        FindConflicts(items);
        if (Log.HasLoggedErrors || OnlyCheck)
            return;
        LinkMode fallback = Settings.LinkMode;
        Dictionary<string, LinkMode> declared = Declared.Where(d => d.GetMetadata(Names.LinkMode).Length > 0)
            .ToLookup(
                d => d.GetMetadata(Names.Link).Replace('\\', '/'),
                d => ModelItem.TryReadLinkMode(d.GetMetadata(Names.LinkMode)) ?? fallback,
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
            LogError(BuildMessages.ForeignFile(file, isPublish: false));
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
            // MSBuild does not normalize a relative OutDir with "..".
            string path = Path.GetFullPath(made.GetMetadata("FullPath"));
            if (path.StartsWith(output, StringComparison.OrdinalIgnoreCase))
                places.Add(path[output.Length..].Replace('\\', '/'), path, isModel: false);
        }
        foreach (Wanted item in items)
            places.Add(item.Target, item.Source, item.IsModel);
        foreach (HubException conflict in places.Conflicts)
            LogError(conflict);
    }

    // If it is missing (obj was deleted, bin was not), no file is known to be from this project.
    private HashSet<string> ReadEarlierWrites()
    {
        StringComparer comparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
        return File.Exists(EarlierWrites) ? File.ReadLines(EarlierWrites).ToHashSet(comparer) : new HashSet<string>(comparer);
    }
}
