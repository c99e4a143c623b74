namespace WiseHub.Client.Files;

/// <summary>Another program has a file open, and did not let go of it in time.</summary>
/// <param name="path">The file.</param>
/// <param name="users">The programs, where they are known.</param>
/// <param name="innerException">What the system said.</param>
internal sealed class FileInUseException(string path, string? users, Exception innerException)
    : IOException($"{path} is in use by {users ?? "another program"}.", innerException);
