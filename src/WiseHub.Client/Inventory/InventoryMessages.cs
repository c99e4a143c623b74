namespace WiseHub.Client.Inventory;

/// <summary>The messages about bills of materials and provenance.</summary>
internal static class InventoryMessages
{
    public static HubException IsFolder(string file) => new(WiseCodes.BomNotWritten,
        $"{file} is a folder, so the list of materials cannot be written there. Name a file in it.");

    public static HubException NotWritten(string file, Exception e) => new(WiseCodes.BomNotWritten,
        $"{file} could not be written: {e.Message.TrimEnd('.')}. Name another file, or correct its permissions.", e);

    public static HubException WrongEpoch(string value) => new(WiseCodes.BomNotWritten,
        $"The environment variable SOURCE_DATE_EPOCH is '{PathRules.Printable(value)}', but it must be the seconds since "
        + $"1970-01-01 as a whole number (https://reproducible-builds.org/specs/source-date-epoch/). Correct or remove it.");

    public static HubException NotLocked(LockKey key) => new(WiseCodes.BomNotWritten,
        $"The lock file has no {key}, so its files are not known. Build the project, or run 'wisehub restore'.");

    public static HubException FolderUnreadable(string folder, Exception e) => new(WiseCodes.BomNotWritten,
        $"The files in {folder} cannot be listed or read: {e.Message.TrimEnd('.')}. Publish the program first, or correct the "
        + $"path or its permissions.", e);

    public static HubException MergeUnreadable(string file, Exception e) => new(WiseCodes.BomNotMerged,
        $"{file} cannot be read, so nothing was added to it: {e.Message.TrimEnd('.')}. Correct the path or its permissions.", e)
    { File = file };

    /// <summary>The last sentence of a message about malformed JSON.</summary>
    public static Text MakeItAgain => $"Make it again with the tool that wrote it, as CycloneDX JSON 1.4, 1.5 or 1.6.";

    public static HubException MergeTooLarge(string file, long length, int most) => NotMerged(file,
        Text.Of($"it has {ByteSize.Show(length)}, and at most {ByteSize.Show(most)} are read"));

    public static HubException IsXml(string file) => NotMerged(file, $"it is XML");

    public static HubException IsSpdx(string file) => NotMerged(file, $"it is an SPDX document");

    public static HubException NotCycloneDx(string file) => NotMerged(file, $"its \"bomFormat\" is not \"CycloneDX\"");

    public static HubException OtherVersion(string file, string? version) => NotMerged(file,
        version is null ? (Text)$"it has no \"specVersion\""
            : (Text)$"it has version {PathRules.Printable(version)} of CycloneDX");

    public static HubException IsSigned(string file) => new(WiseCodes.BomNotMerged,
        $"Nothing can be added to {file}: it is signed, and a change would break its signature. Merge into the file before it "
        + $"is signed.")
    { File = file };

    public static HubException WrongShape(string file, string key) => NotMerged(file,
        Text.Of($"\"{key}\" has another form than CycloneDX gives it"));

    public static HubException NotUnicode(string file) => NotMerged(file, $"a text in it is not valid Unicode");

    public static HubException ReferenceTaken(string file, string reference) => new(WiseCodes.BomNotMerged,
        $"Nothing can be added to {file}: another part of it already has the bom-ref '{PathRules.Printable(reference)}'. Make it "
        + $"again with the tool that wrote it.")
    { File = file };

    // ---- deployed programs

    public static HubException NotDeployed(string folder) => new(WiseCodes.DeploymentUnreadable,
        $"{folder} does not exist or is not a folder. Name the folder with the deployed program.");

    public static HubException DeploymentUnreadable(string folder, Exception e) => new(WiseCodes.DeploymentUnreadable,
        $"The files in {folder} cannot be read: {e.Message.TrimEnd('.')}. Correct the permissions, and verify again.", e);

    public static HubException OtherContent(string root, LockEntry entry, string path, Digest found, Digest expected) => new(
        WiseCodes.DeployedFileDiffers,
        $"{entry.Key}: '{PathRules.Printable(path)}' in {root} is not the locked file: its sha256 is {found.Hex}, and that in "
        + $"the lock file is {expected.Hex}. Do not run the program. Deploy it again.");

    public static HubException OtherInManifest(string root, LockEntry entry, string manifest, string path) => new(
        WiseCodes.DeployedFileDiffers,
        $"{entry.Key}: the manifest '{PathRules.Printable(manifest)}' in {root} names a '{PathRules.Printable(path)}' that is "
        + $"not in the lock file, or has another sha256 there. Build and deploy the program again, with this lock file.");

    public static HubException ModelMissing(string root, LockEntry entry) => new(WiseCodes.DeployedFileMissing,
        $"{entry.Key}: {root} has none of its files "
        + $"({NameList.Some([.. entry.Files.Select(f => PathRules.Printable(f.Path))])}). {MissingRemedy}");

    public static HubException FilesMissing(string root, LockEntry entry, string folder, IReadOnlyList<string> paths) => new(
        WiseCodes.DeployedFileMissing,
        $"{entry.Key}: files are missing in {Path.Combine(root, PathRules.Printable(folder))}: "
        + $"{NameList.Some([.. paths.Select(PathRules.Printable)])}. {MissingRemedy}");

    private static Text MissingRemedy =>
        $"Deploy the program again. If it uses only a part of the lock file, permit missing files (--ignore-missing).";

    public static HubException NotLockedFiles(string root, IReadOnlyList<string> paths) => new(WiseCodes.DeployedFileNotLocked,
        $"Folders of models in {root} have files that are not in the lock file: "
        + $"{NameList.Some([.. paths.Select(PathRules.Printable)])}. Remove them, or permit those of the program (--ignore).");

    private static HubException NotMerged(string file, Text problem) => new(WiseCodes.BomNotMerged,
        $"Nothing can be added to {file}: {problem}. {MakeItAgain}")
    { File = file };
}
