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
}
