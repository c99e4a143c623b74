namespace WiseHub.Client.Entries;

/// <summary>
/// The messages about entries, except those of <see cref="EntryCodeMessages"/>. <c>repo</c> is the reference as users see it.
/// </summary>
internal static class EntryMessages
{
    public static HubException UnknownParameter(string repo, HubEntry entry, string parameter) => new(WiseCodes.EntryArgument,
        $"{repo}: the entry '{entry.Name}' has no parameter '{parameter}'; {ParametersOf(entry)}.");

    public static HubException MissingArgument(string repo, HubEntry entry, string parameter) => new(WiseCodes.EntryArgument,
        $"{repo}: the entry '{entry.Name}' needs '{parameter}'; {ParametersOf(entry)}. Write {parameter}=value.");

    public static HubException UnknownEntry(string repo, string entry, IReadOnlyList<HubEntry> known) =>
        new(WiseCodes.UnknownEntry, $"{repo} has no entry '{entry}'; it has "
            + $"{(known.Count == 0 ? (Text)$"no entries" : NameList.Some([.. known.Select(e => e.Name)]))}. "
            + $"Names are case-sensitive.");

    public static HubException NoEntries(RepoReference repo, EntryFileName name, Exception e) => new(WiseCodes.NoEntries,
        $"{repo} has no entries: it has neither {name.Json} nor {name.Assembly} nor {name.Script}. "
        + $"Download its files instead, or name another entry file.", e);

    public static HubException NotRestored(RepoReference repo) => new(WiseCodes.NoEntries, $"{repo} could not be restored.");

    public static HubException Malformed(string file, string reason) => new(WiseCodes.MalformedEntries,
        $"{file} cannot be read as entries: {reason}. Ask the owner of the repo to correct it.");

    /// <summary>A reason for <see cref="Malformed"/>.</summary>
    public static Text NotAnAssembly(Exception e) => $"it is not a .NET assembly ({e.Message})";

    /// <inheritdoc cref="NotAnAssembly"/>
    public static Text NotDepsJson(Exception e) => $"it is not a deps.json ({e.Message})";

    /// <inheritdoc cref="NotAnAssembly"/>
    public static Text NotOneClass(string name, int count) =>
        $"it has {(count == 0 ? (Text)$"no public class" : (Text)$"more than one public class")} {name}";

    /// <inheritdoc cref="NotAnAssembly"/>
    public static Text AmbiguousMethod(string type, string method) =>
        $"{type} has more than one method {method}, so it is unclear which one is the entry";

    public static HubException MalformedDocumentation(string file, Exception e) => new(WiseCodes.MalformedEntries,
        $"{file} cannot be read as documentation: {e.Message} Ask the owner of the repo to correct it.", e);

    /// <summary>The last sentences of a message about a malformed <c>hubconf.json</c>.</summary>
    public static Text SeeEntriesPage => $"docs/entries.md describes the format. Ask the owner of the repo to correct it.";

    public static Text NewerVersion(long? version) => $"'version' is {version}; this WiseHub reads version 1. Update it.";

    public static Text InvalidName(string name) =>
        $"'{name}' is not a valid name: use letters, digits and '_', and do not start with a digit.";

    public static Text EntryTwice(string name) => $"the entry '{name}' is listed twice.";

    public static HubException FileOutside(string path, string reason) => new(WiseCodes.EntryFileOutside,
        $"The entry file '{path}' must be a path inside the repo: {reason}. For example, write tools/hubconf.json.");

    public static HubException TrustNeeded(RepoReference repo, string assembly, string commit) => new(WiseCodes.TrustNeeded,
        $"{repo}: {assembly} of commit {commit} is code, which would run with all your permissions. If you trust "
        + $"everyone who can write to that repo, use --trust or EntryTrust.RunCode. The commands list and help run no code.");

    public static HubException DependencyMissing(string repo, string assembly, IEnumerable<string> missing) =>
        new(WiseCodes.EntryDependencyMissing,
            $"{repo}: {assembly} needs {string.Join(", ", missing)}, which neither this program nor the repo has. "
            + $"Add them to your program, or ask the owner of the repo to add them there.");

    public static HubException NothingToImport(RepoReference repo, EntryFileName name, bool hasScript) =>
        new(WiseCodes.EntryIsNotCode,
            $"{repo} has no {name.Assembly} to "
                + $"import{(hasScript ? (Text)$"; {name.Script} is Python, which is never run" : "")}. "
            + $"List its entries, or load the files of one.");

    public static HubException PythonEntry(string repo, HubEntry entry) => new(WiseCodes.EntryIsNotCode,
        $"{repo}: the entry '{entry.Name}' is Python, which is never run. "
        + $"{(entry.PretrainedUrl is null ? (Text)$"Its owner can offer it to .NET with a hubconf.json or hubconf.dll."
            : (Text)$"You can download its weights: Pretrained.FetchAsync, {entry.PretrainedUrl}.")}");

    private static Text ParametersOf(HubEntry entry) => entry.Parameters.Count == 0 ? Text.Of($"it has no parameters")
        : Text.Of($"its parameters are {string.Join(", ", entry.Parameters.Select(ParameterOf))}");

    private static string ParameterOf(EntryParameter parameter) =>
        $"{parameter.Type} {parameter.Name}".TrimStart() + (parameter.IsOptional ? (Text)$" (optional)" : "");
}
