namespace WiseHub.Client.Files;

/// <summary>Detects working folders: those inside a repository or a .NET project, whose tools read files there.</summary>
internal static class WorkingFolder
{
    private static readonly string[] RepositoryMarks = [".git", ".hg", ".svn", ".jj", ".sl", ".bzr"];

    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true };

    /// <summary>The nearest repository that contains a folder, or null.</summary>
    public static string? RepositoryOf(string folder) =>
        SelfAndParents(folder).FirstOrDefault(f => Array.Exists(RepositoryMarks, m => Path.Exists(Path.Combine(f, m))));

    /// <summary>The nearest project or solution file in a folder or above it, or null.</summary>
    public static string? ProjectOf(string folder) => SelfAndParents(folder).Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateFiles(f, "*", Readable)).FirstOrDefault(IsProject);

    private static bool IsProject(string file) =>
        Path.GetExtension(file.AsSpan()) is ".csproj" or ".vbproj" or ".fsproj" or ".sln" or ".slnx";

    private static IEnumerable<string> SelfAndParents(string folder)
    {
        for (string? at = Path.GetFullPath(folder); at is not null; at = Path.GetDirectoryName(at))
            yield return at;
    }
}
