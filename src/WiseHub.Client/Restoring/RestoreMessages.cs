using WiseHub.Client.Configuration;
using WiseHub.Client.Hubs;

namespace WiseHub.Client.Restoring;

/// <summary>The messages about restores.</summary>
internal static class RestoreMessages
{
    public static HubException UpdateInLockedMode() => new(WiseCodes.UpdateInLockedMode,
        $"WiseUpdate would rewrite the lock file, but locked mode is on. Run it on a developer's machine, "
        + $"with WiseLockedMode=false, and commit the lock file.");

    public static HubException LockFileMissing(string? lockFile) => new(WiseCodes.LockFileMissing,
        $"Locked mode is on, but there is no {lockFile}. Build once with -p:WiseLockedMode=false and commit the file.");

    public static Text NoLockFileInCi(string? lockFile) =>
        $"This is a CI build, but there is no {lockFile}, so the build is not reproducible. "
        + $"Build once on a developer's machine and commit the file.";

    public static HubException LockMissesReference(LockKey key, string? lockFile) => new(WiseCodes.LockMissesReference,
        $"{key}: {lockFile} has no entry for it, and locked mode is on. "
        + $"Build once with -p:WiseLockedMode=false and commit the lock file.");

    public static HubException LockDrift(RepoReference reference, LockKey key, IEnumerable<FileSelection> locked,
        IEnumerable<FileSelection> selected) => new(WiseCodes.LockDrift,
            $"{key}: the lock file was made for {string.Join((Text)$" and ", locked)}, "
            + $"but the project now selects {string.Join((Text)$" and ", selected)}, "
            + $"and locked mode is on. Build once with -p:WiseLockedMode=false and commit the lock file.")
        { Reference = reference };

    public static HubException MayNotResolve(LockKey key, string? lockFile) => new(WiseCodes.MayNotResolve,
        $"{key}: {lockFile} has no entry for it, and a --no-build publish resolves nothing. Build once without --no-build.");

    public static HubException LockedCommitGone(RepoReference reference, string commit, HubException cause) =>
        new(WiseCodes.LockedCommitGone,
            $"{reference}: the hub no longer has commit {commit} of the lock file: "
            + $"the history was squashed or force-pushed, or the repo was deleted and created again. The hub said: "
            + $"{cause.Message} To move to the current commit, run WiseUpdate (wisehub update) and review the change of the lock "
            + $"file. To keep the locked commit, push it to a mirror from a machine whose cache has it (wisehub mirror push).",
            cause);

    public static Text HubsChanged(RepoReference reference, LockEntry entry, string hubs) =>
        $"{reference}: its hubs changed from '{entry.Key.Hub}' in the lock file to '{hubs}'; it stays at commit {entry.Commit}.";

    /// <summary>A reference that was changed; otherwise a new pin looks as if the old one had moved.</summary>
    public static Text ResolvedBesideSimilar(LockKey key, string? lockFile, string commit, IEnumerable<LockEntry> similar) =>
        $"{key}: {lockFile} had no entry for it; resolved to commit {commit}. Similar entries: {List(similar)}.";

    public static Text KeepsUnused(string? lockFile, IEnumerable<LockEntry> unused) =>
        $"{lockFile} keeps entries that are not used here: {List(unused)}. Another configuration, target framework, "
        + $"runtime or project may use them. 'wisehub update --remove-unused' removes those that none of them uses.";

    public static HubException ProjectNotChecked(string lockFile, string project) => NothingRemoved(lockFile,
        (Text)$"the project {project} beside it was not checked");

    public static HubException SharedElsewhere(string lockFile, string project) => NothingRemoved(lockFile,
        (Text)$"only {project} was checked. It is in another folder, so other projects may use the lock file");

    private static HubException NothingRemoved(string lockFile, string reason) => new(WiseCodes.RemovalUnsafe,
        $"Nothing was removed from {lockFile}: {reason}. Name a solution with all projects that use it.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text LockFileNotWritten(string lockFile) => $"The lock file {lockFile} could not be written";

    /// <inheritdoc cref="LockFileNotWritten"/>
    public static Text CacheOrLockFileUnusable(string cache, string? lockFile) =>
        $"The cache {cache} or the lock file {lockFile} could not be used";

    public static HubException OnlyFirstResolves(HubException cause, IEnumerable<IHub> others) => new(cause.Code,
        $"{cause.Message} The other hubs ({string.Join(", ", others.Select(h => h.Definition.Name))}) only provide file "
        + $"contents; Fallback=\"true\" lets them resolve revisions, too.", cause);

    public static Text FallsBack(HubException cause, RepoReference reference, string hub) =>
        $"{cause.Message} Fallback is allowed: taking {reference} from '{hub}'.";

    public static Text TakesLastSeen(RepoReference reference, string revision, string commit) =>
        $"{reference}: offline, taking '{revision}' at {commit} as last seen.";

    public static Text HeadersNotKept(RepoReference repo, string commit, Exception e) =>
        $"{repo}: the headers of commit {commit} are not kept in the cache: {e.Message}";

    public static Text AsksHubAgain(HubException damage) => $"{damage.Message} Downloading it again.";

    public static HubException Offline(RepoReference reference, string reason, string lack) => new(WiseCodes.OfflineAndMissing,
        $"{reference}: the network must not be used ({reason}), but {lack}. "
        + $"Build once online, or put the files into a store hub.");

    /// <summary>The lack, within a sentence.</summary>
    public static Text NeverResolved(string revision, string hub) =>
        $"'{revision}' was never resolved on '{hub}' from this machine";

    /// <inheritdoc cref="NeverResolved"/>
    public static Text ListNotInCache(string commit, string cache) =>
        $"the file list of commit {commit} is not in the cache {cache}";

    /// <inheritdoc cref="NeverResolved"/>
    public static Text FilesMissing(string[] askedMirrors, IReadOnlyCollection<string> files) =>
        askedMirrors.Length == 0 ? Text.Of($"the cache lacks {NameList.Some(files)}")
            : Text.Of($"the cache and {Quote(askedMirrors)} lack {NameList.Some(files)}");

    /// <param name="file">Path and digest.</param>
    /// <param name="origin">The hub that lists it.</param>
    /// <param name="notAsked">Mirrors that cannot be reached now.</param>
    /// <param name="changed">Its path in the cache, if it was changed there.</param>
    public static Text MissingFile(TreeEntry file, string origin, string[] notAsked, string? changed) =>
        $"'{file.Path}' ({file.Sha256?.Hex ?? file.Oid}, last seen on '{origin}'"
        + $"{(notAsked.Length == 0 ? "" : (Text)$", perhaps also on {Quote(notAsked)}")}"
        + $"{(changed is null ? ")" : (Text)$"; {changed} was changed)")}";

    public static HubException MirrorsLack(string code, RepoReference reference, string origin, string reason, string lack,
        Exception? cause) => new(code,
            $"{reference}: '{origin}' must not be contacted ({reason}), and {lack} "
            + $"Mirror it from a machine that reaches the hub: run wisehub mirror pull, or restore with a mirror "
            + $"that has \"write\": true.", cause);

    /// <summary>The lack, at the end of a sentence.</summary>
    public static Text NoMirrorHas(string file, string? identity) =>
        $"no mirror has {file}{(identity is null ? "" : $" ({identity})")}.";

    /// <inheritdoc cref="NoMirrorHas"/>
    public static Text NoMirrorKnows(string what, IEnumerable<KeyValuePair<string, string>> said) =>
        $"no mirror knows {what}. {string.Join(' ', said.Select(s => Text.Of($"'{s.Key}' says: {s.Value}")))}";

    /// <summary>The object of <see cref="NoMirrorKnows"/>.</summary>
    public static Text Revision(RepoReference reference) =>
        $"{(reference.Revision is string revision ? (Text)$"the revision '{revision}'" : (Text)$"the default branch")}"
        + $"{(reference.Config is string config ? (Text)$" of the configuration '{config}'" : "")}";

    /// <inheritdoc cref="Revision"/>
    public static Text Commit(string commit) => $"the commit {commit}";

    /// <inheritdoc cref="NoMirrorHas"/>
    public static Text UrlOnlyByDigest =>
        $"a mirror finds the content of a URL only by the digest in a lock file. "
        + $"Create the lock file on a machine that can reach the URL.";

    public static Text MirrorStandsIn(RepoReference reference, string mirror, string origin, string commit) =>
        $"{reference}: the mirror '{mirror}' stands in for '{origin}', which must not be contacted; taking commit {commit}.";

    public static Text MirrorDisagrees(RepoReference reference, string mirror, string commit, string disagreement) =>
        $"{reference}: the mirror '{mirror}' lists commit {commit} differently: {disagreement}. "
        + $"The mirror is not used for this repo. Find out who wrote the commit there, remove it from the "
        + $"mirror, and mirror it again.";

    /// <summary>The difference, within a sentence.</summary>
    public static Text FileDiffers(string path, string difference, string origin) => $"'{path}' has {difference} on '{origin}'";

    public static Text MirrorCannotHave(RepoReference reference, string mirror, string reason) =>
        $"{reference}: the mirror '{mirror}' cannot hold this repo: {reason}";

    public static Text MirrorNotUsedForRepo(RepoReference reference, string mirror, string reason) =>
        $"{reference}: the mirror '{mirror}' is not used for this repo: {reason}";

    public static Text MirrorNotUsed(string mirror, string reason) => $"The mirror '{mirror}' is not used: {reason}";

    public static Text BlobChanged(RepoReference reference, string path, string blob) =>
        $"{reference}: '{path}' was changed inside the cache ({blob}); fetching it again.";

    public static Text FoundInCache(int files, long bytes, string cache, string folder) =>
        $"Found {FileCount.Show(files)}, {ByteSize.Show(bytes)}, in {cache} {folder}.";

    public static Text Fetching(int files, long bytes, string hubs) =>
        $"Fetching {FileCount.Show(files)}, {ByteSize.Show(bytes)}, from {hubs} …";

    public static Text Fetched(int files, long bytes, TimeSpan elapsed) =>
        $"Fetched {FileCount.Show(files)}, {ByteSize.Show(bytes)}, in {elapsed.TotalSeconds:0.0} s; every byte was verified.";

    public static Text OptionalMissing(RepoReference reference, HubException failure) =>
        $"{reference} is optional and will be missing: {failure.Message} ({failure.Code})";

    public static HubException UnusableName(RepoReference reference, string path, string reason, string? excludeOption) =>
        new(WiseCodes.HostileFileName,
            $"{reference}: the file name '{PathRules.Printable(path)}' cannot be used: {reason}. "
            + $"Leave the file out{With(excludeOption)}, or {Owner(excludeOption)}rename it.")
        { Reference = reference };

    public static HubException UnusableNames(
        RepoReference reference, List<(string Path, string Reason)> names, string? excludeOption)
    {
        List<string> all = names.ConvertAll(b => $"'{PathRules.Printable(b.Path)}' ({b.Reason})");
        return new HubException(WiseCodes.HostileFileName,
            $"{reference}: {names.Count} file names cannot be used: {NameList.Some(all)}. "
            + $"Leave the files out{With(excludeOption)}, or {Owner(excludeOption)}rename them.")
        { Reference = reference, Details = NameList.All(all) };
    }

    public static HubException SameName(RepoReference reference, string first, string second, string? excludeOption) =>
        new(WiseCodes.CollidingFileNames,
            $"{reference}: '{first}' and '{second}' are the same name on systems that ignore case, "
            + $"or one is a folder and the other a file. Leave one out{With(excludeOption)}.")
        { Reference = reference };

    public static HubException SameNames(
        RepoReference reference, List<(string First, string Second)> pairs, string? excludeOption)
    {
        List<string> all = pairs.ConvertAll(c => $"'{c.First}' and '{c.Second}'");
        return new HubException(WiseCodes.CollidingFileNames,
            $"{reference}: {pairs.Count} pairs of files have the same name on systems that ignore case, or one is a folder and "
            + $"the other a file: {NameList.Some(all)}. Leave one of each out{With(excludeOption)}.")
        { Reference = reference, Details = NameList.All(all) };
    }

    public static HubException CollidesInRepo(RepoReference reference, string there, string path) =>
        new(WiseCodes.CollidingFileNames,
            $"{reference}: the repo has '{PathRules.Printable(there)}'. '{path}' is the same name on systems that ignore case, "
            + $"or one is a folder and the other a file. Give the new file another path, or delete the one in the repo.")
        { Reference = reference };

    public static HubException FilesNotThere(
        RepoReference reference, IEnumerable<string> missing, string commit, IReadOnlyCollection<string> available) =>
        new(WiseCodes.NothingSelected,
            $"{reference}: commit {commit} has no file "
            + $"{string.Join((Text)$" and no file ", missing.Select(p => $"'{PathRules.Printable(p)}'"))}, "
            + $"or an ignore pattern excludes it; {Has(available)}. Paths are case-sensitive and relative to the top of "
            + $"the repo; select a folder with a pattern such as 'folder/*'.")
        { Reference = reference };

    public static HubException NothingSelected(RepoReference reference, string commit, IReadOnlyCollection<string> available) =>
        new(WiseCodes.NothingSelected,
            $"{reference}: no file of commit {commit} is selected by {reference.Files}; {Has(available)}. "
            + $"{(reference.Files.Allow.Any(HasComma) ? SeparatedBySemicolons : "")}"
            + $"Patterns are case-sensitive, match the whole path, and * crosses '/'.")
        { Reference = reference };

    public static Text PatternWithoutFile(
        RepoReference reference, string pattern, string commit, IReadOnlyCollection<string> available) =>
        $"{reference}: commit {commit} has no file '{PathRules.Printable(pattern)}'."
        + $"{ModelMessages.DidYouMean(pattern, available)} {(HasComma(pattern) ? SeparatedBySemicolons : "")}"
        + $"Correct the pattern, or remove it.";

    private static Text SeparatedBySemicolons => $"Several patterns are separated by ';', not by ','. ";

    private static bool HasComma(string pattern) => pattern.Contains(',', StringComparison.Ordinal);

    public static HubException DigestOfManyFiles(RepoReference reference, int selected) => new(WiseCodes.DigestOfManyFiles,
        $"{reference}: Sha256 is the digest of one file, but {selected} are selected. Select one with AllowPatterns, "
        + $"or omit Sha256: the lock file has all digests.")
    { Reference = reference };

    public static HubException OtherArchive(RepoReference reference, string actual) => new(WiseCodes.RequiredDigestMismatch,
        $"{reference}: the archive has the sha256 {actual}, but the project requires {reference.Sha256}. "
        + $"Correct Sha256, or run WiseUpdate.")
    { Reference = reference };

    public static HubException OtherFile(RepoReference reference, TreeEntry file, string commit) =>
        new(WiseCodes.RequiredDigestMismatch,
            $"{reference}: '{file.Path}' at commit {commit} has the sha256 {file.Sha256}, "
            + $"but the project requires {reference.Sha256}. Correct Sha256, or pin the Revision that has it.")
        { Reference = reference };

    public static HubException NoLockFileToMirror(string lockFile) => new(WiseCodes.NothingToMirror,
        $"There is no lock file {lockFile}. Name a lock file or repos.");

    public static HubException NothingToMirror() => new(WiseCodes.NothingToMirror,
        $"There is nothing to mirror. Name repos, or a lock file that lists some.");

    public static HubException ListNowhere(RepoReference reference, string commit, string origin) =>
        new(WiseCodes.OfflineAndMissing,
            $"{reference}: the file list of commit {commit} is not on this machine, and '{origin}' must not be contacted. "
            + $"Mirror it once online.");

    public static Text WroteToMirror(RepoReference reference, int files, long bytes, string commit, string mirror) =>
        $"{reference}: wrote {FileCount.Show(files)}, {ByteSize.Show(bytes)}, of commit {commit} to the mirror '{mirror}'.";

    public static Text NotWrittenToMirror(RepoReference reference, string mirror, HubException failure) =>
        $"{reference} was restored, but not written to the mirror '{mirror}': "
        + $"{failure.Message} ({failure.Code}) WiseMirrorWrite=false stops such writes.";

    public static HubException ManifestMissing(string alias, string path, Exception? e) => new(WiseCodes.ManifestUnusable,
        $"{alias}: the manifest {path} cannot be read: {e?.Message ?? (Text)$"it does not exist."} It belongs beside the "
        + $"program; publish the program again, and copy all of its files.", e)
    { File = path };

    public static HubException ManifestTooLarge(string alias, string path, long size, long most) =>
        new(WiseCodes.ManifestUnusable,
            $"{alias}: the manifest {path} has {ByteSize.Show(size)}; a manifest has at most {ByteSize.Show(most)}. "
            + $"Publish the program again.")
        { File = path };

    public static HubException ManifestTooNew(string path, long found, int known) => new(WiseCodes.ManifestUnusable,
        $"{path} has version {found}; this WiseHub.Client reads version {known}. Use the WiseHub.Client of the version of the "
        + $"WiseHub.Build that built the program.")
    { File = path };

    public static HubException ManifestNotOneReference(string path, int found) => new(WiseCodes.ManifestUnusable,
        $"{path} has {found} references; a manifest has one. {ConfigurationMessages.BuildAgain}")
    { File = path };

    public static HubException ManifestEdited(string alias, string path, Digest expected, Digest found) =>
        new(WiseCodes.ManifestEdited,
            $"{alias}: the manifest {path} is not the one this program was built with: its sha256 is {found.Hex}, not "
            + $"{expected.Hex}. Publish the program again, and copy all of its files. To use other files, name their folder with "
            + $"{RunTimeManifest.FolderVariable(alias)}.")
        { File = path };

    /// <param name="alias">The model.</param>
    /// <param name="source">The setting that names the folder.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="wrong">What is wrong with each file; empty if the folder does not exist.</param>
    public static HubException ModelFolderIncomplete(
        string alias, string source, string folder, IReadOnlyList<string> wrong) => new(WiseCodes.ModelFolderIncomplete,
            $"{alias}: {source} names the folder {folder}, "
            + $"{(wrong.Count == 0 ? (Text)$"which does not exist" : (Text)$"in which {NameList.Some(wrong)}")}"
            + $". Put the files of the model there, or remove {source} to fetch them.");

    public static Text FileMissing(string path) => $"'{PathRules.Printable(path)}' is missing";

    public static Text FileOfOtherSize(string path, long size, long expected) =>
        $"'{PathRules.Printable(path)}' has {size} bytes instead of {expected}";

    public static HubException HubNotShipped(string alias, string hub, string application) => new(WiseCodes.UnknownHub,
        $"{alias}: the hub '{hub}' is a folder or was configured by the environment when the program was built, so the program "
        + $"does not know where it is. Declare it in a {HubNames.ConfigFile} in {application} or above, or in the file that "
        + $"WISEHUB_CONFIG names.");

    public static HubException ProgramOffline(string alias, string variables, string cache, IReadOnlyList<LockedFile> missing) =>
        new(WiseCodes.OfflineAndMissing,
            $"{alias}: the network must not be used (RunTimeOptions.Offline, {variables}), but the cache {cache} lacks "
            + $"{Missing(missing)}. Start the program once with network, copy a filled cache to this machine, or name a "
            + $"folder with the files with {RunTimeManifest.FolderVariable(alias)}.");

    public static HubException StillMissing(HubException cause, string alias, string cache, IReadOnlyList<LockedFile> missing) =>
        new(cause.Code, missing.Count == 0 ? cause.Message
            : (Text)$"{cause.Message} {alias}: the cache {cache} lacks {Missing(missing)}.", cause);

    public static HubException CacheReadOnly(string alias, string cache, IReadOnlyList<LockedFile> missing, Exception cause) =>
        new(WiseCodes.CacheReadOnly,
            $"{alias}: the cache {cache} cannot be written, and it lacks "
            + $"{(missing.Count == 0 ? (Text)$"the folder of this model" : Missing(missing))}"
            + $". Set WISEHUB_CACHE to a folder that can be written, such as a volume, or fill the cache before it becomes "
            + $"read-only: run the program, or name a folder with the files with {RunTimeManifest.FolderVariable(alias)}.",
            cause);

    private static string Missing(IReadOnlyList<LockedFile> files) =>
        NameList.Some([.. files.Select(f => $"'{PathRules.Printable(f.Path)}' ({ByteSize.Show(f.Size)})")]);
    /// <summary>What an update changed in an entry of the lock file.</summary>
    public static Text Updated(LockEntryChange change)
    {
        string commits = change.Before.Commit == change.After.Commit ? (Text)$"commit {change.After.Commit} as before"
            : (Text)$"commit {change.Before.Commit} → {change.After.Commit}";
        string[] files = [.. new (Text Change, IReadOnlyList<LockedFile> Files)[]
            { ($"added", change.Added), ($"changed", change.Changed), ($"removed", change.Removed) }
            .Where(c => c.Files.Count > 0).Select(c => (string)Text.Of($"{FileCount.Show(c.Files.Count)} {c.Change}, "
                + $"{ByteSize.Show(c.Files.Sum(f => f.Size))} ({NameList.Some([.. c.Files.Select(f => f.Path)])})"))];
        return $"Updated {change.After.Key}: {commits}; "
            + $"{(files.Length == 0 ? (Text)$"the same files" : string.Join("; ", files))}.";
    }

    public static Text LicenseChanged(LockEntry before, LockEntry after) =>
        $"{after.Key}: the license changes from {string.Join(", ", before.License)} to {LicenseOf(after)}. Read it before you "
        + $"commit the lock file.";

    private static string LicenseOf(LockEntry entry) =>
        entry.License.Count > 0 ? string.Join(", ", entry.License) : (Text)$"none that is stated";

    /// <summary>What an update changed in a card.</summary>
    public static Text CardChanged(LockKey key, IEnumerable<string> changes) =>
        $"{key}: README.md changed {string.Join("; ", changes)}.";

    public static Text NotRead(RepoReference repo, string path) => $"{repo}: '{path}' could not be read.";

    public static HubException NoPlace(RepoReference repo, string path) => new(WiseCodes.FileNotFound,
        $"{repo}: the hub lists '{path}', but names no place that has it. Try again later.");


    private static string With(string? excludeOption) => excludeOption is null ? "" : (Text)$" with {excludeOption}";

    private static string Owner(string? excludeOption) => excludeOption is null ? "" : (Text)$"ask the owner of the repo to ";

    private static Text Has(IReadOnlyCollection<string> files) => files.Count == 0 ? Text.Of($"the repo has no files")
        : Text.Of($"it has {FileCount.Show(files.Count)}, for example "
            + $"{string.Join(", ", files.Order(Utf8Ordinal.Instance).Take(5).Select(PathRules.Printable))}");

    private static string List(IEnumerable<LockEntry> entries) =>
        string.Join("; ", entries.Select(e => (Text)$"{e.Key}, commit {e.Commit}"));

    private static Text Quote(string[] mirrors) =>
        mirrors.Length > 1 ? Text.Of($"the mirrors {Quoted(mirrors)}") : Text.Of($"the mirror {Quoted(mirrors)}");

    private static string Quoted(string[] names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
