namespace WiseHub.Client;

/// <summary>Numbers of files for users.</summary>
public static class FileCount
{
    /// <summary>For example <c>1 file</c>, <c>1000 files</c>.</summary>
    public static string Show(long files) => files == 1 ? (Text)$"1 file" : (Text)$"{files} files";
}
