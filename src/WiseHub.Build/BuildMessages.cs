using System.Globalization;
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

    public const string Types = "model, dataset, code or space";

    public const string Booleans = "true or false";

    public const string LinkModes = "auto, clone, hardlink, symlink or copy";

    public const string CopyModes = "IfDifferent, Always or Never";

    public static string Numbers(int least, int most) => $"a whole number from {least} to {most}";

    public static HubException TwoRevisions(string include, string inUrl, string metadata) =>
        new(WiseCodes.InvalidValue, $"'{include}' names the revision '{inUrl}', but Revision is '{metadata}'. Omit one of them.");

    public static HubException PreserveNewest(string include, string name) =>
        new(WiseCodes.InvalidValue, $"'{include}': {name} cannot be PreserveNewest, which keeps a stale file after a rollback. "
            + "Write IfDifferent, or omit it.");

    public static HubException MalformedDigest(string include, string digest) =>
        new(WiseCodes.MalformedDigest, $"'{include}': Sha256 '{digest}' is not 64 hexadecimal characters.");

    public static HubException SameAlias(IEnumerable<string> includes, string alias) =>
        new(WiseCodes.InvalidAlias, $"{string.Join(" and ", includes.Select(i => $"'{i}'"))} have the same alias '{alias}' "
            + "(case is ignored). Give one of them a different Alias.");

    public static HubException InvalidAlias(string include, string alias, string reason) =>
        new(WiseCodes.InvalidAlias,
            $"'{include}': the alias '{alias}' cannot be a folder name: {reason}. Give it a different Alias.");

    public const string HasSlash = "it has a '/'";

    public static HubException InvalidTargetPath(string include, string target, string reason, string alias) =>
        new(WiseCodes.InvalidTargetPath, $"'{include}': the TargetPath '{target}' must be a folder below the output: {reason}. "
            + $"Write for example models/{alias}.");

    // ---- restore and update

    public static string LockFileWritten(string path) => $"Wrote {path}. Commit it.";

    public static string NothingToDownload(int models, int files) => string.Create(CultureInfo.InvariantCulture,
        $"Nothing to download: {models} model{(models == 1 ? "" : "s")}, {FileCount.Show(files)}, {(files == 1 ? "is" : "are")} "
        + $"in the cache.");

    public static HubException RemovalUnsafe(string lockFile, string reason) =>
        new(WiseCodes.RemovalUnsafe,
            $"Nothing was removed from {lockFile}, although WiseRemoveUnused is true: {reason}, or omit WiseRemoveUnused.");

    public const string OneFrameworkOnly =
        "this build sees only one of several target frameworks. Update the whole project, without -f";

    public const string LockFileElsewhere = "other projects may use it, because it is not beside the project. " + UpdateSolution;

    public const string OtherProjects = "other projects in the folder use it, too. " + UpdateSolution;

    private const string UpdateSolution =
        "Run 'wisehub update --remove-unused' on the solution, which checks all of its projects";

    // ---- the output

    private const int FilesShown = 20;

    /// <param name="model">The reference of the model.</param>
    /// <param name="folder">The model's folder below the output; empty for the output itself.</param>
    /// <param name="files">The rejected paths with their reasons.</param>
    public static HubException RejectedFiles(
        RepoReference model, string folder, IReadOnlyList<(string Path, string Reason)> files) =>
        new(WiseCodes.TakenUpByHost,
            $"{model}: a model may not put these files "
            + $"{(folder.Length == 0 ? "beside the program" : $"into {folder}")} by itself: "
            + string.Join(", ", files.Take(FilesShown).Select(f => $"'{f.Path}' ({f.Reason})"))
            + (files.Count > FilesShown ? $" and {files.Count - FilesShown} more" : "")
            + ". Leave them out with IgnorePatterns, or give the model a different TargetPath. "
            + "If you trust a file, name its whole path in AllowPatterns.")
        { Reference = model };

    public const string ReadByWebServer = "a web server reads settings from it in any folder";

    public const string LoadedAsCode = "it is code that may be loaded by its name";

    public const string MayBeShortName = "on Windows it may be the short name of another file";

    public const string RunByFunctions = "Azure Functions runs the program that it names";

    public const string ServedByWebApplication = "a web application serves that folder";

    public const string ReadByHost = "the host reads settings from it";

    public const string MayBeProgram = "without an extension it may be the name of a program";

    public const string IsProgram = "it is a program";

    public static HubException TwoModels(string firstPath, string secondPath, bool isSamePath, string first, string second) =>
        new(WiseCodes.TargetPathConflict, (isSamePath ? $"Two files have the same path '{secondPath}' in the output"
            : $"Two files have conflicting paths in the output, '{firstPath}' and '{secondPath}'")
            + $": {first} and {second}. The usual cause is that two projects reference different snapshots of one model. "
            + "Give them the same Revision and commit, or give one of them a different Alias or TargetPath.");

    public static HubException ModelAndBuild(string modelPath, string modelSource, string path, string source) =>
        new(WiseCodes.TargetPathConflict,
            $"The build puts {source} at '{path}' in the output, and a model has {modelSource} for '{modelPath}'. "
            + "A file from a hub never replaces a file of the build. "
            + "Leave the file out with IgnorePatterns, or give the model a different TargetPath.");

    /// <param name="file">The absolute path.</param>
    /// <param name="action">"builds" or "publishes".</param>
    public static HubException ForeignFile(string file, string action) =>
        new(WiseCodes.ForeignFileInOutput,
            $"{file} is not from an earlier run of this project, and a model has different content for that path. "
            + "A file from a hub never replaces a file from another source. "
            + $"If another project {action} into the same folder, give the model a different TargetPath. "
            + "If the file is left over, delete it.");

    public static HubException Damaged(string name, string path, Digest expected) =>
        new(WiseCodes.VerificationFailed, $"{name}: {path} does not have the sha256 {expected} of the lock file. "
            + "Build with -p:WiseForce=true to download it again.");

    public static string Verified(int files) => $"Verified {FileCount.Show(files)} against the lock file.";

    // ---- push

    public static HubException NoRepo() =>
        new(WiseCodes.InvalidPush, "WisePushRepoId is not set. Set it in the project, as owner/name.");

    // ---- the end of a run

    public static HubException Cancelled() =>
        new(WiseCodes.Cancelled, "Cancelled. Verified files are kept, and the next build continues from there.");
}
