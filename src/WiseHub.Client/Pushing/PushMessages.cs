using System.Globalization;
using WiseHub.Client.Files;

namespace WiseHub.Client.Pushing;

/// <summary>The messages about pushes: the list of files, the card, and the progress of a push.</summary>
internal static class PushMessages
{
    public static HubException InvalidWorkers(int workers) => new(WiseCodes.InvalidValue,
        $"Workers is {workers}; it must be 1 to 64.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text SignatureNotWritten(string file) => $"The signature {file} could not be written";

    public static HubException NotSignable(string repoId, string hub, IReadOnlyList<string> unknown) => new(
        WiseCodes.PushNotSignable,
        $"{repoId}: the push cannot be signed, because '{hub}' states no sha256 of other files in the repo: {Names(unknown)}. "
        + $"Push them, too, or remove them from the repo (Prune, WisePushPrune, --prune).");

    public static Text SignatureKept(string repoId) =>
        $"{repoId}: the signature '{FolderSigning.FileName}' stays as it is, while other files change. If it does not list them, "
        + $"the model does not verify. Sign it again: push with a key (SignKey, WisePushSignKey, --sign-key), or use "
        + $"'wisehub sign' first.";

    public static Text SignatureListsOthers(string repoId, IReadOnlyList<string> others) =>
        $"{repoId}: the signature '{FolderSigning.FileName}' does not list these files as they are: {Names(others)}. The model "
        + $"does not verify. Sign it again: push with a key (SignKey, WisePushSignKey, --sign-key), or use 'wisehub sign' first.";

    public static Text SignatureListsMore(string repoId, string hub, IReadOnlyList<string> leftOut) =>
        $"{repoId}: the signature '{FolderSigning.FileName}' lists files that '{hub}' left out: {Names(leftOut)}. The model does "
        + $"not verify without them. Leave them out of the push, and push again.";

    private static string Names(IReadOnlyList<string> paths) => NameList.Some([.. paths.Select(PathRules.Printable)]);

    public static HubException InvalidChunkSize(long size) => new(WiseCodes.InvalidValue,
        $"ChunkSize is {size}; it must be 65536 (64 KiB) to 1073741824 (1 GiB).");

    public static HubException NetworkDisabled(string repoId, string hub, string? reason) => new(WiseCodes.OfflineAndMissing,
        $"{repoId} cannot be pushed to '{hub}', because network access is disabled ({reason}).");

    public static HubException NamesNotUtf8(string folder, IReadOnlyList<string> names) => new(WiseCodes.HostileFileName,
        $"{folder} has {(names.Count == 1 ? (Text)$"a name" : (Text)$"{names.Count} names")} with bytes that are not UTF-8 "
        + $"(shown as '{FileNameBytes.NotUtf8}'): "
        + $"{NameList.Some([.. names.Select(n => $"'{PathRules.Printable(n)}'")])}. Rename them, "
        + $"or exclude them with an ignore pattern such as '*\uFFFD*'.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotCopied(string pathInRepo, string to) =>
        $"The content for '{pathInRepo}' could not be copied to {to}";

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotPushed(string repoId, string hub, string? folder) =>
        $"{repoId} could not be pushed to '{hub}'{(folder is null ? "" : $" ({folder})")}";

    public static HubException FolderNotReadable(string folder, Exception e) =>
        new(IoFailures.IsForbidden(e) ? WiseCodes.NoPermission : WiseCodes.LocalFailure,
            $"The files of {folder} cannot be listed: {e.Message} "
            + $"{(IoFailures.IsForbidden(e) ? (Text)$"Give this user read permission, or exclude it with an ignore pattern."
                : (Text)$"Check the path and its device.")}", e);

    public static HubException HubReadOnly(string hub, string protocol) => new(WiseCodes.CannotBePushedTo,
        $"The hub '{hub}' (protocol {protocol}) only serves files; it does not accept pushes. "
        + $"Choose another one with Hub (WisePushHub).");

    public static HubException NothingToPush(string repoId) => new(WiseCodes.InvalidPush,
        $"{repoId}: there are no files to push.");

    public static HubException FolderMissing(string folder, bool isFile) => new(WiseCodes.InvalidPush,
        $"{folder} {(isFile ? (Text)$"is not a folder" : (Text)$"does not exist")}. Correct the path.");

    public static HubException FolderEmpty(string folder) => new(WiseCodes.InvalidPush,
        $"The folder {folder} has no files to push. Correct the path, or add files to it first.");

    public static HubException FileNotSelected(string file, FileSelection selection) => new(WiseCodes.InvalidPush,
        $"{file} is not selected by {selection}. Correct the patterns, or omit them for a single file.");

    public static HubException NothingSelected(string folder, FileSelection selection, IReadOnlyList<string> excluded) =>
        new(WiseCodes.InvalidPush,
            $"No file in the folder {folder} is selected by {selection}; it has "
            + $"{NameList.Some([.. excluded.Order(Utf8Ordinal.Instance).Select(PathRules.Printable)])}. "
            + $"Patterns are case-sensitive, match the whole path below the folder, and * crosses '/'.");

    public static HubException SamePath(string pathInRepo, string? first, string? second) => new(WiseCodes.InvalidPush,
        $"Two files have the path '{PathRules.Printable(pathInRepo)}' in the repo: {first} and {second}. "
        + $"Give one of them another path, or omit it.");

    public static HubException InvalidPathInRepo(string pathInRepo, string reason) => new(WiseCodes.InvalidPush,
        $"The path '{PathRules.Printable(pathInRepo)}' in the repo cannot be used: {reason}. Write a path below the "
        + $"top of the repo, with '/'.");

    /// <summary>A reason for <see cref="InvalidPathInRepo"/>.</summary>
    public static Text Absolute => $"it is absolute";

    public static HubException LinkRefused(string folder, string link, string problem) => new(WiseCodes.InvalidPush,
        $"{folder} cannot be pushed: the link '{PathRules.Printable(link)}' {problem}. Exclude it with an ignore pattern "
        + $"such as '{PathRules.Printable(link)}/*', or replace it by what it should be.");

    /// <summary>A problem for <see cref="LinkRefused"/>.</summary>
    public static Text DeadLink(string? target) => $"leads to no file ({PathRules.Printable(target ?? "?")})";

    /// <inheritdoc cref="DeadLink"/>
    public static Text LinkToParent(string target) => $"leads to its own parent folder {target}";

    /// <inheritdoc cref="DeadLink"/>
    public static Text LinkToOutside(string target) => $"leads to the folder {target}, which is outside";

    public static HubException CardNotText(string file, Exception e) => new(WiseCodes.InvalidCard,
        $"{file} is not UTF-8 text. Save it as UTF-8.", e)
    { File = file };

    public static HubException CardTooLarge(string file, long size, long most) => new(WiseCodes.InvalidCard,
        $"{file} has {ByteSize.Show(size)}; a card may have at most {ByteSize.Show(most)}. Move the rest to other files.")
    { File = file };

    public static HubException InvalidFrontMatter(string file, int line, int column, string problem) => new(WiseCodes.InvalidCard,
        $"{file}({line},{column}): {problem} Correct the front matter, between the two lines of '---'.")
    { File = file, Line = line, Column = column };

    /// <summary>A problem for <see cref="InvalidFrontMatter"/>.</summary>
    public static Text FrontMatterNotClosed => $"the front matter that begins here has no line '---' at its end.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    public static Text NotYaml(Exception e) => $"this is not valid YAML: {e.Message.TrimEnd('.')}.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    public static Text NotKeysAndValues => $"the front matter must have keys and values, such as 'license: mit'.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    public static Text SeveralDocuments => $"the front matter must be one YAML document.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    public static Text KeysInBraces => $"keys in braces cannot be extended. Write one key per line.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    public static Text NotAListOfObjects(string key) => $"'{key}' must be a list of keys with values, such as '- text: …'.";

    /// <inheritdoc cref="FrontMatterNotClosed"/>
    /// <param name="key">The key.</param>
    /// <param name="kind">"text", "a list of texts" or both.</param>
    public static Text WrongKind(string key, string kind) => $"'{key}' must be {kind}.";

    /// <inheritdoc cref="WrongKind"/>
    public static Text EmptyValue(string key, string kind) => $"'{key}' is empty; it must be {kind}.";

    /// <inheritdoc cref="WrongKind"/>
    /// <param name="key">The key.</param>
    /// <param name="kind">"text", "a list of texts" or both.</param>
    /// <param name="value">The unquoted value.</param>
    /// <param name="read">The type that YAML readers give it, such as "a date".</param>
    public static Text ReadAsOther(string key, string kind, string value, string read) =>
        $"'{key}' must be {kind}, but YAML readers read {PathRules.Printable(value)} as {read}. "
        + $"Write {YamlText.Quote(PathRules.Printable(value))}, in quotes.";

    public static HubException CardNameWrong(string repoId, PushFile file, string name) => new(WiseCodes.CardNotPossible,
        $"{repoId}: the push has '{file.PathInRepo}', but hubs only read a card named {name}. Rename {file.SourcePath}.");

    public static HubException OptionsOnlyForModels(IEnumerable<string> options) => new(WiseCodes.CardNotPossible,
        $"These card options are only for models, and this is a dataset: {string.Join(", ", options)}. Remove them.");

    public static HubException NoCardForType(RepoType type, string name) => new(WiseCodes.CardNotPossible,
        $"Only models and datasets have cards made from options, not a repo of type {type.ToText()}. "
        + $"Remove the card options, or add a {name} to the push.");

    public static Text CardMade(string repoId, string name) =>
        $"{repoId}: the push has no {name}; one is made from the card options.";

    public static Text CardMerged(string repoId, string name, IEnumerable<string> keys, string file) =>
        $"{repoId}: {name} is pushed with the content of {file} and the added keys {string.Join(", ", keys)}.";

    public static Text Started(string repoId, string hub, int files, long bytes) =>
        $"Pushing {FileCount.Show(files)}, {ByteSize.Show(bytes)}, of {repoId} to '{hub}' …";

    public static Text AlreadyThere(string repoId, string hub, int files, string? commit) =>
        $"{repoId}: '{hub}' already has exactly {(files == 1 ? (Text)$"this file" : (Text)$"these {files} files")} at {commit}; "
            + $"no commit.";

    public static Text SentAgain(string repoId, string hub, int filesSent, string? commit) =>
        $"{repoId}: '{hub}' has exactly these files at {commit}; {FileCount.Show(filesSent)} had to be sent again; no commit.";

    /// <summary>The hub ignores some of the files and already has the others.</summary>
    public static Text NothingChanged(string repoId, string hub, string commit) =>
        $"{repoId}: '{hub}' already has every file it accepts; still at {commit}, no commit made.";

    public static Text Pushed(string repoId, string hub, PushResult result, TimeSpan elapsed) =>
        $"{repoId}: pushed to '{hub}' as {result.Commit}"
        + $"{(result.PullRequestUrl is Uri proposal ? (Text)$", proposed at {proposal}" : "")}: {Summary(result)}; "
        + $"sent {ByteSize.Show(result.BytesSent)} in {elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s.";

    public static Text Planned(PushRequest request, string hub, string? commit, PushResult result, long bytes) =>
        $"{request.RepoId}: a push to '{hub}' ({request.Revision}, "
        + $"{(commit is null ? (Text)$"which has no commit yet" : (Text)$"now {commit}")}) would be {Summary(result)}; "
        + $"at most {ByteSize.Show(bytes)} to send.";

    public static string PlannedStep(PushStep step) =>
        $"  {step.Action.ToString().ToLowerInvariant(),-6}  "
        + $"{PathRules.Printable(step.PathInRepo)}{(step.Size is long size ? $"  {ByteSize.Show(size)}" : "")}";

    private static string Summary(PushResult result)
    {
        (int Count, Text Words)[] kinds =
        [
            (result.Count(PushAction.Add), $"{result.Count(PushAction.Add)} new"),
            (result.Count(PushAction.Change), $"{result.Count(PushAction.Change)} changed"),
            (result.Count(PushAction.Delete), $"{result.Count(PushAction.Delete)} deleted"),
            (result.Count(PushAction.Keep), $"{result.Count(PushAction.Keep)} unchanged"),
        ];
        return string.Join(", ", kinds.Where(k => k.Count > 0).Select(k => k.Words));
    }
}
