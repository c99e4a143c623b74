using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Who gets which place of an output folder. A file of a model never gets a place that something else has: what the build makes,
/// what it copies, or another model. Paths that are one on some system are one here on every system.
/// </summary>
internal sealed class OutputPlaces
{
    private readonly record struct Taken(string Path, string Source, bool IsModel);

    // Of places that two want, the first is the one that is kept.
    private readonly Dictionary<string, Taken> _files = new(StringComparer.OrdinalIgnoreCase);

    // A folder and one path in it, for the message.
    private readonly Dictionary<string, Taken> _folders = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<(string, string)> _told = [];

    private readonly List<HubException> _conflicts = [];

    /// <summary>One error for each place that a model and something else want.</summary>
    public IReadOnlyList<HubException> Conflicts => _conflicts;

    /// <summary>Says that a place is wanted.</summary>
    /// <param name="path">Below the output.</param>
    /// <param name="source">What would be put there.</param>
    /// <param name="isModel">It comes from a hub.</param>
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
        // From the innermost folder outward: where one is known, those around it are.
        for (ReadOnlySpan<char> folder = ParentOf(key); folder.Length > 0; folder = ParentOf(folder))
        {
            if (!folders.TryAdd(folder, wanted))
                break;
            if (files.TryGetValue(folder, out Taken file))
                Compare(file, wanted);
        }
    }

    /// <summary>The error for a file that neither this project nor a model put there.</summary>
    /// <param name="file">Absolute path.</param>
    /// <param name="action">"builds" or "publishes".</param>
    public static HubException Foreign(string file, string action) => new(WiseCodes.ForeignFileInOutput,
        $"{file} is not from an earlier run of this project, and a model has different content for that path. "
        + $"A file from a hub never replaces a file that something else made. If another project {action} into the same folder, "
        + "give the model a TargetPath of its own. If the file is left over, delete it.");

    private static ReadOnlySpan<char> ParentOf(ReadOnlySpan<char> path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    private void Compare(Taken first, Taken second)
    {
        // The same file often comes along several projects, and what the build copies over itself is the SDK's matter.
        if ((!first.IsModel && !second.IsModel) || SamePath.Equals(first.Source, second.Source))
            return;
        if (!_told.Add((second.Path, second.Source)))
            return;
        if (first.IsModel && second.IsModel)
        {
            string places = SameName(first.Path, second.Path) ? $"Two files want the place '{second.Path}' of the output"
                : $"Two files want places of the output that cannot both be, '{first.Path}' and '{second.Path}'";
            _conflicts.Add(new HubException(WiseCodes.TargetPathConflict,
                $"{places}: {first.Source} and {second.Source}. Usually two projects reference different snapshots of one model: "
                + "give them the same Revision and commit, or give one an Alias or TargetPath of its own."));
            return;
        }
        (Taken model, Taken other) = first.IsModel ? (first, second) : (second, first);
        _conflicts.Add(new HubException(WiseCodes.TargetPathConflict,
            $"The build puts {other.Source} at '{other.Path}' in the output, and a model has {model.Source} for '{model.Path}'. "
            + "A file from a hub never replaces what the build makes. "
            + "Leave it out with IgnorePatterns, or give the model a TargetPath of its own."));
    }

    private static bool SameName(string first, string second) =>
        PathNames.Comparable(first).Equals(PathNames.Comparable(second), StringComparison.OrdinalIgnoreCase);

    // Sources are existing files of this machine, as MSBuild spells them.
    private static readonly StringComparer SamePath =
        OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
}
