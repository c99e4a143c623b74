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

    private static HubException NotMerged(string file, Text problem) => new(WiseCodes.BomNotMerged,
        $"Nothing can be added to {file}: {problem}. {MakeItAgain}")
    { File = file };
}
