namespace WiseHub.Client.Files;

/// <summary>Another program has a file open and did not close it in time.</summary>
/// <param name="path">The file.</param>
/// <param name="users">The programs, if known.</param>
/// <param name="innerException">The system's error.</param>
internal sealed class FileInUseException(string path, string? users, Exception innerException)
    : IOException(FileMessages.UsedBy(path, users), innerException);
