namespace WiseHub.Client.Contents;

/// <summary>The messages about the files of a push and their contents.</summary>
internal static class ContentMessages
{
    /// <param name="response">The file and the response, such as "acme/tiny model.bin: the server sent an LFS pointer".</param>
    /// <param name="pointer">The pointer.</param>
    public static HubException LfsPointerServed(string response, LfsPointer pointer) => new(WiseCodes.LfsPointerServed,
        $"{response} (sha256 {pointer.Sha256}, {pointer.Size} bytes) instead of the content. Nothing was kept. "
        + $"Check that the file was uploaded to LFS (git lfs push), or name another hub that has it; "
        + $"or exclude it with a pattern (IgnorePatterns in a build, --exclude in the tool).");

    public static HubException FileChanged(string path) => new(WiseCodes.FileChangedDuringPush,
        $"{path} changed during the push. Push again when nothing writes to it.");

    public static HubException NotAFile(string path) => new(WiseCodes.InvalidPush,
        $"{path} is not a file. Correct the list of files to push.");

    /// <summary>The start of a sentence; the system's reason follows.</summary>
    public static Text NotReadable(string path) => $"{path} cannot be read";

    /// <summary>The last sentence of a message about malformed remembered digests.</summary>
    public static Text MemoryRewritten => $"The next push writes a new one.";

    public static Text MemoryNotWritten(string file, Exception e) =>
        $"The digests of the pushed files could not be stored in {file}: {e.Message} The next push computes them again.";

    public static HubException HeaderCutOff(string format) =>
        Header((Text)$"it ends before its {format} header does. Download it, and verify it.");

    public static HubException HeaderLength(string format, ulong length, int most) => Header(
        Text.Of($"its first bytes state a {format} header of {length} bytes; at most {ByteSize.Show(most)} are read. It may be "
            + $"another kind of file."));

    public static HubException HeaderMalformed(string format, Exception? e) =>
        Header((Text)$"it has no valid {format} header. It may be another kind of file, or damaged.", e);

    public static HubException GgufVersion(ulong version) =>
        Header((Text)$"it has version {version} of GGUF; versions 2 and 3 are read.");

    private static HubException Header(string problem, Exception? e = null) =>
        new(WiseCodes.HeaderUnreadable, $"The header of the file cannot be shown: {problem}", e);
}
