using System.Security;
using System.Text;

namespace WiseHub.Client;

/// <summary>Sample lines for using a repo in a project, as on model pages.</summary>
public static class UsageSnippet
{
    /// <summary>The kind of item that references a repo in a project file.</summary>
    public const string ItemName = "WiseModelReference";

    /// <summary>The generated class with the repos of a project.</summary>
    public const string ClassName = "WiseModels";

    /// <summary>The item of a project file.</summary>
    /// <param name="reference">What the item references.</param>
    /// <param name="alias">The name of its class in the generated code. Null and "" stand for the default.</param>
    public static string ProjectItem(RepoReference reference, string? alias = null)
    {
        // An item with a wildcard would be searched among the files of the project.
        string item = $"<{ItemName} Include=\""
            + Value(reference.RepoId).Replace("*", "%2A", StringComparison.Ordinal)
                .Replace("?", "%3F", StringComparison.Ordinal) + "\"";
        if (reference.Hubs.Count > 0 && !reference.Hubs.Any(UrlReference.IsHub))
            item += $" Hub=\"{Value(string.Join(';', reference.Hubs))}\"";
        if (reference.RepoType != RepoType.Model)
            item += $" RepoType=\"{reference.RepoType.ToText()}\"";
        if (reference.Revision is not null)
            item += $" Revision=\"{Value(reference.Revision)}\"";
        if (reference.Files.Allow.Count > 0)
            item += $" AllowPatterns=\"{Patterns(reference.Files.Allow)}\"";
        if (reference.Files.Ignore.Count > 0)
            item += $" IgnorePatterns=\"{Patterns(reference.Files.Ignore)}\"";
        if (reference.IsOfArchive)
            item += " Unpack=\"true\"";
        if (alias is { Length: > 0 })
            item += $" Alias=\"{Value(alias)}\"";
        return item + " />";
    }

    /// <summary>The item of a project file for the package with the tasks.</summary>
    /// <param name="version">The version of the package.</param>
    public static string PackageItem(string version) =>
        $"<PackageReference Include=\"WiseHub.Build\" Version=\"{Value(version)}\" PrivateAssets=\"all\" />";

    /// <summary>
    /// The class in the generated code with the repo's files, if no other reference of the project has that name.
    /// </summary>
    public static string Accessor(RepoReference reference) => ClassName + "." + AccessorName(reference.DefaultAlias);

    /// <summary>
    /// The property in the generated code with the path of the one file that a reference names, if no other file has that name;
    /// null if the reference names a repo, a folder or several files.
    /// </summary>
    public static string? FileAccessor(RepoReference reference) =>
        (reference.RequiredPaths is [string path] ? path
            : UrlReference.IsUrl(reference.RepoId) && !reference.IsOfArchive ? UrlReference.NameOf(reference.RepoId) : null)
            is string file ? $"{Accessor(reference)}.Files.{PropertyOf(file)}" : null;

    // A folder of the repo is a class in the class Files.
    private static string PropertyOf(string path)
    {
        string[] parts = path.Split('/');
        return string.Join('.', [.. parts[..^1].Select(AccessorName), FileAccessorName(parts[^1])]);
    }

    /// <summary>
    /// The name of a file in the generated code: <c>Readme</c> for <c>README.md</c>, <c>ConfigJson</c> for <c>config.json</c>.
    /// The extension is part of the name, because a model often has the same file in several formats; only a page of text is
    /// known by its name alone.
    /// </summary>
    /// <param name="name">The last part of the file's path.</param>
    public static string FileAccessorName(string name) => AccessorName(
        name.Length > 3 && name.EndsWith(".md", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name);

    /// <summary>
    /// A name in the generated code: the text is split at non-alphanumerics, the first letter of each part becomes upper case,
    /// a part in capitals of three letters or more is written as a word (<c>README</c> becomes <c>Readme</c>), and a leading
    /// digit gets a <c>_</c>.
    /// </summary>
    public static string AccessorName(string text)
    {
        var name = new StringBuilder();
        for (int start = 0; start < text.Length;)
        {
            // Surrogates and combining marks would need the full table of identifier characters, so they separate parts instead.
            int end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
                end++;
            if (end > start)
                AppendPart(name, text.AsSpan(start, end - start));
            start = end + 1;
        }
        if (name.Length == 0 || !char.IsLetter(name[0]))
            name.Insert(0, '_');
        return name.ToString();
    }

    private static void AppendPart(StringBuilder name, ReadOnlySpan<char> part)
    {
        int capitals = 0;
        bool hasLower = false;
        foreach (char c in part)
        {
            capitals += char.IsUpper(c) ? 1 : 0;
            hasLower |= char.IsLower(c);
        }
        name.Append(char.ToUpperInvariant(part[0]));
        // The guideline for acronyms: https://learn.microsoft.com/dotnet/standard/design-guidelines/capitalization-conventions
        bool isWord = capitals >= 3 && !hasLower;
        foreach (char c in part[1..])
            name.Append(isWord ? char.ToLowerInvariant(c) : c);
    }

    // ';' separates patterns, so one that is part of a name becomes a pattern for one character.
    private static string Patterns(IEnumerable<string> patterns) =>
        Value(string.Join(';', patterns.Select(p => p.Replace(';', '?'))));

    // First for MSBuild, whose '%' begins an escape, '$' a property and '@' an item, and then for XML.
    private static string Value(string text) => SecurityElement.Escape(text.Replace("%", "%25", StringComparison.Ordinal)
        .Replace("$", "%24", StringComparison.Ordinal).Replace("@", "%40", StringComparison.Ordinal));
}
