using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// The messages of the tasks. WISE1001, WISE1071 and WISE5070 are in build/WiseHub.Build.targets, because no task runs there.
/// </summary>
internal static class BuildMessages
{
    // ---- settings and metadata (WISE1004 to WISE1017)

    public static HubException WrongValue(string name, string value, string allowed) =>
        new(WiseCodes.InvalidValue, $"{name} is '{value}'; it must be {allowed}.");

    public static Text Types => $"model, dataset, code or space";

    public static Text Booleans => $"true or false";

    public static Text LinkModes => $"auto, clone, hardlink, symlink or copy";

    public static Text CopyModes => $"IfDifferent, Always or Never";

    public static Text Numbers(int least, int most) => $"a whole number from {least} to {most}";

    public static Text FetchTimes => $"AtBuild or AtRunTime";

    /// <summary>What users of other tools mean by a name, or null.</summary>
    public static Text? MeantMetadata(string type, string name) => type != Names.Reference ? null
        : name.ToUpperInvariant() switch
        {
            "VERSION" or "VERSIONOVERRIDE" => (Text)$"A model has no version. Revision names a branch, tag or commit",
            "SHA" or "COMMIT" => (Text)$"Revision pins a commit, and Sha256 is the digest of one file",
            "REF" or "BRANCH" or "TAG" => (Text)$"Revision names a branch, tag or commit",
            "INCLUDEPATTERNS" or "FILES" or "PATTERN" or "PATTERNS" => (Text)$"AllowPatterns selects files",
            "EXCLUDE" or "EXCLUDEPATTERNS" => (Text)$"IgnorePatterns leaves out files",
            "NAME" => (Text)$"Alias names the class and the folder",
            "PRIVATEASSETS" or "INCLUDEASSETS" or "EXCLUDEASSETS" => (Text)$"A model is not a package, and has no assets",
            _ => null,
        };

    /// <param name="type">The item type.</param>
    /// <param name="include">The item.</param>
    /// <param name="name">The unknown metadata.</param>
    /// <param name="nearest">A known name that is near it, or null.</param>
    /// <param name="known">All known names.</param>
    public static HubException UnknownMetadata(
        string type, string include, string name, string? nearest, IEnumerable<string> known) => new(WiseCodes.UnknownMetadata,
            $"'{include}': {type} has no metadata '{name}'.{AboutMetadata(type, name, nearest, known)}");

    private static string AboutMetadata(string type, string name, string? nearest, IEnumerable<string> known) =>
        MeantMetadata(type, name) is Text meant ? $" {meant}."
            : nearest is not null ? Suggestions.Sentence(nearest)
            : (Text)$" It has {string.Join(", ", known.Order(StringComparer.Ordinal))}.";

    public static Text UnknownProperty(string name, string? nearest) => $"There is no property '{name}', so it has no effect."
        + $"{Suggestions.Sentence(nearest)} docs/reference.md lists the properties; a property of your own needs another name.";

    public static Text UnknownItem(string name, string? nearest) => $"There is no item '{name}', so it has no effect."
        + $"{Suggestions.Sentence(nearest)}"
        + $" The items are WiseModelReference and WiseArtifact; an item of your own needs another name.";

    public static HubException NotPlaced(string include, string how, string name) =>
        new(WiseCodes.InvalidValue, $"'{include}': {name} has no effect with {how}, because no file is put beside the program. "
            + $"Remove one of them.");

    public static HubException EmbedAtRunTime(string include) =>
        new(WiseCodes.InvalidValue, $"'{include}': a model that is embedded is not fetched at run time. Remove Embed or Fetch.");

    public static HubException TwoRevisions(string include, string inUrl, string metadata) =>
        new(WiseCodes.InvalidValue, $"'{include}' names the revision '{inUrl}', but Revision is '{metadata}'. Omit one of them.");

    public static HubException PreserveNewest(string include, string name) =>
        new(WiseCodes.InvalidValue, $"'{include}': {name} cannot be PreserveNewest, which keeps a stale file after a rollback. "
            + $"Write IfDifferent, or omit it.");

    public static HubException MalformedDigest(string include, string digest) =>
        new(WiseCodes.MalformedDigest, $"'{include}': Sha256 '{digest}' is not 64 hexadecimal characters.");

    public static HubException SameAlias(IEnumerable<string> includes, string alias) =>
        new(WiseCodes.InvalidAlias, $"{string.Join((Text)$" and ", includes.Select(i => $"'{i}'"))} have the same alias "
            + $"'{alias}' "
            + $"(case is ignored). Give one of them a different Alias.");

    public static HubException InvalidAlias(string include, string alias, string reason) =>
        new(WiseCodes.InvalidAlias,
            $"'{include}': the alias '{alias}' cannot be a folder name: {reason}. Give it a different Alias.");

    public static Text HasSlash => $"it has a '/'";

    public static HubException InvalidTargetPath(string include, string target, string reason, string alias) =>
        new(WiseCodes.InvalidTargetPath, $"'{include}': the TargetPath '{target}' must be a folder below the output: {reason}. "
            + $"Write for example models/{alias}.");

    // ---- restore and update

    public static Text LockFileWritten(string path, bool isCi) => isCi
        ? (Text)$"Wrote {path}." : (Text)$"Wrote {path}. Commit it.";

    /// <summary>A line of its own at the end of a build.</summary>
    public static Text FetchedAndVerified(IReadOnlyCollection<string> repos, int files, long bytes) =>
        $"Fetched {FileCount.Show(files)}, {ByteSize.Show(bytes)}, of {NameList.Some(repos)}; all verified.";

    /// <param name="language">The language of the project.</param>
    /// <param name="folders">The folders of the models below the output.</param>
    public static Text NoAccessor(string language, IReadOnlyCollection<string> folders) =>
        $"The class WiseModels is generated for C# only. In {language}, the files are in System.AppContext.BaseDirectory, in the "
        + $"{(folders.Count == 1 ? (Text)$"folder" : (Text)$"folders")} {NameList.Some(folders)}.";

    public static HubException TooLargeToEmbed(RepoReference reference, long size, long most) =>
        new(WiseCodes.TooLargeToEmbed, $"{reference}: the selected files have {ByteSize.Show(size)}, and Embed allows "
            + $"{ByteSize.Show(most)}. Remove Embed, or select fewer files with AllowPatterns.")
        { Reference = reference };

    public static Text NothingToDownload(int models, int files)
    {
        Text are = files == 1 ? (Text)$"is" : (Text)$"are";
        return models == 1 ? (Text)$"Nothing to download: 1 model, {FileCount.Show(files)}, {are} in the cache."
            : (Text)$"Nothing to download: {models} models, {FileCount.Show(files)}, {are} in the cache.";
    }

    public static HubException RemovalUnsafe(string lockFile, string reason) =>
        new(WiseCodes.RemovalUnsafe,
            $"Nothing was removed from {lockFile}, although WiseRemoveUnused is true: {reason}, or omit WiseRemoveUnused.");

    public static Text OneFrameworkOnly =>
        $"this build sees only one of several target frameworks. Update the whole project, without -f";

    public static Text LockFileElsewhere => $"other projects may use it, because it is not beside the project. {UpdateSolution}";

    public static Text OtherProjects => $"other projects in the folder use it, too. {UpdateSolution}";

    private static Text UpdateSolution =>
        $"Run 'wisehub update --remove-unused' on the solution, which checks all of its projects";

    // ---- the output

    /// <param name="model">The reference of the model.</param>
    /// <param name="folder">The model's folder below the output; empty for the output itself.</param>
    /// <param name="files">The rejected paths with their reasons.</param>
    public static HubException RejectedFiles(
        RepoReference model, string folder, IReadOnlyList<(string Path, string Reason)> files)
    {
        string[] names = [.. files.Select(f => $"'{f.Path}' ({f.Reason})")];
        return new HubException(WiseCodes.TakenUpByHost,
            $"{model}: a model may not put these files "
            + $"{(folder.Length == 0 ? (Text)$"beside the program" : (Text)$"into {folder}")} by itself: {NameList.Some(names)}. "
            + $"Leave them out with IgnorePatterns, or give the model a different TargetPath. "
            + $"If you trust a file, name its whole path in AllowPatterns.")
        { Reference = model, Details = NameList.All(names) };
    }

    public static Text ReadByWebServer => $"a web server reads settings from it in any folder";

    public static Text LoadedAsCode => $"it is code that may be loaded by its name";

    public static Text MayBeShortName => $"on Windows it may be the short name of another file";

    public static Text RunByFunctions => $"Azure Functions runs the program that it names";

    public static Text ServedByWebApplication => $"a web application serves that folder";

    public static Text ReadByHost => $"the host reads settings from it";

    public static Text MayBeProgram => $"without an extension it may be the name of a program";

    public static Text IsProgram => $"it is a program";

    public static HubException TwoModels(string firstPath, string secondPath, bool isSamePath, string first, string second) =>
        new(WiseCodes.TargetPathConflict, $"{(isSamePath ? (Text)$"Two files have the same path '{secondPath}' in the output"
            : (Text)$"Two files have conflicting paths in the output, '{firstPath}' and '{secondPath}'")}"
            + $": {first} and {second}. The usual cause is that two projects reference different snapshots of one model. "
            + $"Give them the same Revision and commit, or give one of them a different Alias or TargetPath.");

    public static HubException ModelAndBuild(string modelPath, string modelSource, string path, string source) =>
        new(WiseCodes.TargetPathConflict,
            $"The build puts {source} at '{path}' in the output, and a model has {modelSource} for '{modelPath}'. "
            + $"A file from a hub never replaces a file of the build. "
            + $"Leave the file out with IgnorePatterns, or give the model a different TargetPath.");

    /// <param name="file">The absolute path.</param>
    /// <param name="isPublish">The file is in the publish folder, and not in the output folder.</param>
    public static HubException ForeignFile(string file, bool isPublish) =>
        new(WiseCodes.ForeignFileInOutput,
            $"{file} is not from an earlier run of this project, and a model has different content for that path. "
            + $"A file from a hub never replaces a file from another source. "
            + $"{(isPublish ? (Text)$"If another project publishes into the same folder"
                : (Text)$"If another project builds into the same folder")}"
            + $", give the model a different TargetPath. If the file is left over, delete it.");

    public static HubException Damaged(string name, string path, Digest expected) =>
        new(WiseCodes.VerificationFailed, $"{name}: {path} does not have the sha256 {expected} of the lock file. "
            + $"Build with -p:WiseForce=true to download it again.");

    public static Text DeploymentVerified(int models, string folder) => models == 1
        ? (Text)$"Verified: the model in {folder} is what was locked."
        : (Text)$"Verified: the {models} models in {folder} are what was locked.";

    public static Text Verified(int files) => $"Verified {FileCount.Show(files)} against the lock file.";

    // ---- push

    public static HubException CertificatesWithoutKey() => new(WiseCodes.InvalidPush,
        $"WisePushSignChain is set, but WisePushSignKey is not. Set it to the file of the key, or remove both.");

    public static HubException NoRepo() =>
        new(WiseCodes.InvalidPush, $"WisePushRepoId is not set. Set it in the project, as owner/name.");

    // ---- the end of a run

    public static HubException Cancelled() =>
        new(WiseCodes.Cancelled, $"Cancelled. Verified files are kept, and the next build continues from there.");
}
