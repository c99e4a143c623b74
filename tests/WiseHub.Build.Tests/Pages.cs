using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The Markdown pages of the repository that people read.</summary>
internal static class Pages
{
    /// <summary>Their paths below the repository: at the top, in <c>docs</c>, and the page on other systems.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Directory.EnumerateFiles(RepoFiles.Root, "*.md")
            .Concat(Directory.EnumerateFiles(RepoFiles.At("docs"), "*.md", SearchOption.AllDirectories))
            .Append(RepoFiles.At("tests", "systems", "README.md"))
            .Select(f => Path.GetRelativePath(RepoFiles.Root, f).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];
}
