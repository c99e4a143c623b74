using System.Globalization;

namespace WiseHub.Client;

/// <summary>Numbers of files for users.</summary>
public static class FileCount
{
    /// <summary>For example <c>1 file</c>, <c>1000 files</c>.</summary>
    public static string Show(long files) => files == 1 ? "1 file" : files.ToString(CultureInfo.InvariantCulture) + " files";
}
