using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using WiseHub.Client;
using WiseHub.Client.Files;
using WiseHub.Tool.Commands;

namespace WiseHub.Tool;

/// <summary>The messages of the commands that work on a project or its lock file.</summary>
internal static partial class ProjectMessages
{
    public const string Package = "WiseHub.Build";

    // ---- the command line (WISE1101)

    public static Text IncludeWithAll => $"--include and --all cannot be combined.";

    public static Text OursAndTheirs => $"--ours and --theirs cannot be combined.";

    // ---- editing a project (WISE1085 to WISE1089)

    /// <exception cref="HubException">WISE1085: it is a solution.</exception>
    public static string OnlyProject(string path) =>
        Path.GetExtension(path).ToUpperInvariant() is ".SLN" or ".SLNX" or ".SLNF"
            ? throw NotEditable((Text)$"{path} is a solution. Name one of its projects with --project.") : path;

    public static HubException NotRead(string path, Exception e) =>
        NotEditable((Text)$"{path} cannot be read: {e.Message} Check its permissions.", e);

    public static HubException NotWritten(string path, Exception e) =>
        NotEditable((Text)$"{path} cannot be written: {e.Message} Check its permissions.", e);

    public static HubException NotUnicode(string path) =>
        NotEditable((Text)$"{path} is neither UTF-8 nor UTF-16, so it is not edited. Save it as UTF-8.");

    public static HubException NotXml(string path, XmlException e) => new(WiseCodes.ProjectNotEditable,
        $"{path}{(e.LineNumber > 0 ? $"({e.LineNumber},{e.LinePosition})" : "")} is not valid XML: {e.Message} "
        + $"Correct it, and try again.", e)
    { File = path, Line = e.LineNumber, Column = e.LinePosition };

    public static HubException NotAProject(string path) =>
        NotEditable((Text)$"{path} is not a project: its root element is not <Project>. Name a project file with --project.");

    public static HubException EmptyProject(string path) =>
        NotEditable((Text)$"{path} has no place for items: <Project /> ends at once. Write <Project> and </Project>.");

    public static HubException AlreadyReferenced(string path, string include) => new(WiseCodes.AlreadyReferenced,
        $"{path} already references {include}. Change its metadata there, or give the second reference another name with "
            + $"--alias.");

    public static HubException RestoreFailed(string path, RepoReference reference, string errors) =>
        new(WiseCodes.AddNotRestored, $"{reference} was not added: the restore failed, and {path} has its old content again. "
            + $"{FirstError(errors)}");

    public static HubException NoSuchReference(string path, string name, IEnumerable<string> known) =>
        new(WiseCodes.NoSuchReference, $"{path} has no reference to '{name}'. "
            + $"{(known.Any() ? (Text)$"It references {string.Join(", ", known)}. " : (Text)$"It has no references. ")}"
            + $"References of an imported file are removed there.");

    public static HubException NotEvaluated(string project, string output, Exception? e = null) =>
        new(WiseCodes.ReferencesNotListed, $"{project} cannot be evaluated. {FirstError(output)}", e);

    public static HubException NothingSelected(RepoReference reference, RepoListing listing) => new(WiseCodes.NothingSelected,
        $"{reference}: no file of commit {listing.Commit} matches --include and --exclude; it has "
        + $"{FileCount.Show(listing.Files.Count)}. List them with 'wisehub repo files {reference.RepoId}'.");

    public static Text Takes(RepoReference reference, RepoListing listing, TreeEntry[] selected) =>
        $"{reference} of '{listing.Hub}' at commit {listing.Commit}: takes {Amounts.Show(selected.Length, Sum(selected))} of "
        + $"{Amounts.Show(listing.Files.Count, Sum(listing.Files))}: {NameList.Some([.. selected.Select(f => f.Path)])}.";

    public static Text LeavesOut(IReadOnlyList<LeftOutFiles> leftOut) =>
        $"Left out: {string.Join("; ", leftOut.Select(l => $"{l.What} ({Amounts.Show(l.Files, l.Size)})"))}.";

    public static Text ChooseOthers => $"To take other files, remove the reference and add it with --include or --all.";

    public static Text OtherQuantisations(string chosen, IReadOnlyList<string> others) =>
        $"Of the quantisations it takes {chosen}. The others are {string.Join(", ", others)}. To take one of them, remove the "
        + $"reference and add it with --include '*{others[^1]}*.gguf'.";

    public static Text AddedTo(string path, string? versionFile, string name) =>
        $"Added to {path}{(versionFile is null ? "" : (Text)$", and the version of {Package} to {versionFile}")}. "
        + $"In C# its files are in {UsageSnippet.ClassName}.{name}.";

    public static Text RemovedFrom(string path) => $"Removed from {path}.";

    public static Text EntryKept(HubException e) => $"The lock file keeps its entry. {e.Message} ({e.Code})";

    // ---- ls, outdated

    public static Text NoReferences => $"There are no references.";

    public static Text DefaultBranch => $"(default)";

    public static Text NotLocked => $"not locked";

    public static Text State(LockState state) => state switch
    {
        LockState.Current => (Text)$"current",
        LockState.Outdated => (Text)$"outdated",
        LockState.NotLocked => NotLocked,
        _ => (Text)$"not checked",
    };

    public static string Repo(LockKey key) =>
        key.RepoType == RepoType.Model ? key.RepoId : $"{key.RepoType.ToText()} {key.RepoId}";

    public static string InCache(int present, int all) =>
        all == 0 ? "" : present == all ? (Text)$"in cache" : present == 0 ? (Text)$"not in cache" : (Text)$"{present} in cache";

    public static Text CountOutdated(int outdated, int all) => (outdated, all) switch
    {
        (0, 1) => (Text)$"The reference is current.",
        (0, _) => (Text)$"All {all} references are current.",
        _ => Text.Of($"{outdated} of {all} {(all == 1 ? (Text)$"reference" : (Text)$"references")}: outdated. "
            + $"'wisehub update' takes the current commits."),
    };

    // ---- diff, info

    /// <param name="from">The older commit.</param>
    /// <param name="to">The newer commit.</param>
    /// <param name="counts">Files and bytes that are added, changed and removed.</param>
    public static string Compared(string from, string to, (int Files, long Size)[] counts)
    {
        Func<string, Text>[] kinds = [n => $"{n} added", n => $"{n} changed", n => $"{n} removed"];
        string all = string.Join("; ", kinds.Zip(counts).Where(c => c.Second.Files > 0)
            .Select(c => c.First(Amounts.Show(c.Second.Files, c.Second.Size))));
        return $"{from} → {to}: {(all.Length == 0 ? (Text)$"no difference" : all)}";
    }

    public static HubException NoSuchFile(RepoReference repo, string commit, string path) => new(WiseCodes.NothingSelected,
        $"{repo}: commit {commit} has no file '{path}'. List its files with 'wisehub repo files {repo.RepoId}'.");

    public static string Repo(RepoReference repo) => repo.ToString();

    public static Text UnknownFormat => $"unknown format";

    public static Text Opsets(string sets) => $"operators of {sets}";

    public static Text DataIn(string files) => $"data in {files}";

    public static Text LargerHeader => $"header larger than what is read";

    public static Text Tensors(long tensors) => tensors == 1 ? (Text)$"1 tensor" : (Text)$"{Grouped(tensors)} tensors";

    public static Text Parameters(long parameters) => $"{Grouped(parameters)} parameters";

    public static Text MoreParts(int files) => $"and {FileCount.Show(files)} more, which were not read";

    private static string Grouped(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    // ---- lock (WISE1090, WISE1091)

    public static Text DriverName => $"merges wise.lock.json by its entries";

    public static HubException NoLockFile(string path) =>
        new(WiseCodes.LockMergeImpossible, $"{path} does not exist. Name the lock file.");

    public static HubException NoVersions(string path) => new(WiseCodes.LockMergeImpossible,
        $"{path} has a conflict about a commit, and git does not have the versions of both sides, because the file is not "
        + $"unmerged in a git repository. Decide in the file: keep one of the two entries, and remove the markers.");

    public static HubException Conflicts(string path, IReadOnlyList<LockConflict> conflicts) => new(WiseCodes.LockMergeConflict,
        $"{path} is not merged: both sides changed {string.Join("; ", conflicts.Select(Show))}. Run 'wisehub lock merge "
        + $"--ours' or 'wisehub lock merge --theirs' to decide for these references.");

    public static HubException NoGit() => new(WiseCodes.LockMergeImpossible,
        $"The program 'git' was not found. Install it, and put it on PATH. {Programs.Searched}.");

    public static HubException NotInRepository(string folder, string reason) => new(WiseCodes.LockMergeImpossible,
        $"{folder} is not in a git repository with a working tree: {reason.TrimEnd('.')}. Name a folder of the repository.");

    public static HubException GitFailed(string folder, string reason) =>
        new(WiseCodes.LockMergeImpossible, $"git failed in {folder}: {reason.TrimEnd('.')}. Try again.");

    public static Text NothingToMerge(string path) => $"{path} has no merge conflict.";

    public static Text MergedInto(string path, int entries) =>
        $"Merged: {path} has {entries} entries. Review it, and run 'git add' for it.";

    public static Text DriverInstalled(string root, string? attributes) =>
        $"git now merges lock files of {root} by their entries. "
        + $"{(attributes is null ? "" : (Text)$"Commit {attributes}. ")}Each clone needs 'wisehub lock install-merge-driver' "
        + $"once.";

    private static HubException NotEditable(string message, Exception? e = null) => new(WiseCodes.ProjectNotEditable, message, e);

    private static Text Show(LockConflict conflict) =>
        $"{conflict.Ours.Key} (ours {conflict.Ours.Commit}, theirs {conflict.Theirs.Commit})";

    private static long Sum(IEnumerable<TreeEntry> files) => files.Sum(f => f.Size ?? 0);

    // The first error has the cause; others often follow from it.
    private static string FirstError(string output)
    {
        string[] lines = [.. output.Split('\n').Select(l => BuildNode().Replace(l.Trim(), "")).Where(l => l.Length > 0)];
        return Array.Find(lines, l => l.Contains("error ", StringComparison.Ordinal)) ?? lines.FirstOrDefault()
            ?? (Text)$"Build it to see why.";
    }

    // The log begins each line with the number of its project in the build: 1:7>.
    [GeneratedRegex(@"^[\d:]+>", RegexOptions.CultureInvariant)]
    private static partial Regex BuildNode();
}
