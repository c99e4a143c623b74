using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The paths of an output folder and the files that take them. A file of a model never takes the path of another file: one that
/// the build generates or copies, or one of another model. Paths that are equal on one system count as equal on every system.
/// </summary>
internal sealed class OutputPlaces
{
    private readonly record struct Taken(string Path, string Source, bool IsModel);

    // The first file of each path.
    private readonly Dictionary<string, Taken> _files = new(StringComparer.OrdinalIgnoreCase);

    // Each folder with one of its files, for messages.
    private readonly Dictionary<string, Taken> _folders = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<(string, string)> _reported = [];

    private readonly List<HubException> _conflicts = [];

    /// <summary>One error for each path that a model and another file claim.</summary>
    public IReadOnlyList<HubException> Conflicts => _conflicts;

    /// <summary>Claims a path for a file.</summary>
    /// <param name="path">The path below the output.</param>
    /// <param name="source">The file that is copied there.</param>
    /// <param name="isModel">The file comes from a hub.</param>
    public void Add(string path, string source, bool isModel)
    {
        string key = PathNames.Comparable(path);
        var wanted = new Taken(path, source, isModel);
        if (!_files.TryAdd(key, wanted))
            Compare(_files[key], wanted);
        if (_folders.TryGetValue(key, out Taken below))
            Compare(below, wanted);
        Dictionary<string, Taken>.AlternateLookup<ReadOnlySpan<char>> files = _files.GetAlternateLookup<ReadOnlySpan<char>>();
        Dictionary<string, Taken>.AlternateLookup<ReadOnlySpan<char>> folders = _folders.GetAlternateLookup<ReadOnlySpan<char>>();
        // From the innermost folder outward. If a folder is known, its parents are, too.
        for (ReadOnlySpan<char> folder = ParentOf(key); folder.Length > 0; folder = ParentOf(folder))
        {
            if (!folders.TryAdd(folder, wanted))
                break;
            if (files.TryGetValue(folder, out Taken file))
                Compare(file, wanted);
        }
    }

    private static ReadOnlySpan<char> ParentOf(ReadOnlySpan<char> path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private void Compare(Taken first, Taken second)
    {
        // The same file often arrives through several projects. Conflicts between files of the build are left to the SDK.
        if ((!first.IsModel && !second.IsModel) || SamePath.Equals(first.Source, second.Source))
            return;
        if (!_reported.Add((second.Path, second.Source)))
            return;
        if (first.IsModel && second.IsModel)
        {
            _conflicts.Add(BuildMessages.TwoModels(
                first.Path, second.Path, SameName(first.Path, second.Path), first.Source, second.Source));
            return;
        }
        (Taken model, Taken other) = first.IsModel ? (first, second) : (second, first);
        _conflicts.Add(BuildMessages.ModelAndBuild(model.Path, model.Source, other.Path, other.Source));
    }

    private static bool SameName(string first, string second) =>
        PathNames.Comparable(first).Equals(PathNames.Comparable(second), StringComparison.OrdinalIgnoreCase);

    // Sources are existing files of this machine, spelled by MSBuild.
    private static readonly StringComparer SamePath =
        OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
}
