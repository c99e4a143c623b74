using System.Globalization;
using System.Security;
using System.Text;

namespace WiseHub.Client;

/// <summary>Sample lines for using a repo in a project, as on model pages.</summary>
public static class UsageSnippet
{
    /// <summary>The item of a project file.</summary>
    public static string ProjectItem(RepoReference reference)
    {
        // An item with a wildcard would be searched among the files of the project.
        string item = "<WiseModelReference Include=\""
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
        return item + " />";
    }

    /// <summary>The item of a project file for the package with the tasks.</summary>
    /// <param name="version">The version of the package.</param>
    public static string PackageItem(string version) =>
        $"<PackageReference Include=\"WiseHub.Build\" Version=\"{Value(version)}\" PrivateAssets=\"all\" />";

    /// <summary>
    /// The class in the generated code with the repo's files, if no other reference of the project has that name.
    /// </summary>
    public static string Accessor(RepoReference reference) => "WiseModels." + AccessorName(reference.DefaultAlias);

    /// <summary>
    /// The property in the generated code with the path of the one file that a reference names, if no other file has that name;
    /// null if the reference names a repo, a folder or several files.
    /// </summary>
    public static string? FileAccessor(RepoReference reference) =>
        (reference.RequiredPaths is [string path] ? path
            : UrlReference.IsUrl(reference.RepoId) && !reference.IsOfArchive ? UrlReference.NameOf(reference.RepoId) : null)
            is string file ? $"{Accessor(reference)}.Files.{AccessorName(file)}" : null;

    /// <summary>
    /// A name in the generated code: the text is split at non-alphanumerics, the first letter of each part becomes upper case,
    /// and a leading digit gets a <c>_</c>.
    /// </summary>
    public static string AccessorName(string text)
    {
        var name = new StringBuilder();
        bool first = true;
        foreach (char c in text)
        {
            // Surrogates and combining marks would need the full table of identifier characters, so they separate parts instead.
            if (!char.IsLetterOrDigit(c))
            {
                first = true;
                continue;
            }
            name.Append(first ? char.ToUpper(c, CultureInfo.InvariantCulture) : c);
            first = false;
        }
        if (name.Length == 0 || !char.IsLetter(name[0]))
            name.Insert(0, '_');
        return name.ToString();
    }

    // ';' separates patterns, so one that is part of a name becomes a pattern for one character.
    private static string Patterns(IEnumerable<string> patterns) =>
        Value(string.Join(';', patterns.Select(p => p.Replace(';', '?'))));

    // First for MSBuild, whose '%' begins an escape, '$' a property and '@' an item, and then for XML.
    private static string Value(string text) => SecurityElement.Escape(text.Replace("%", "%25", StringComparison.Ordinal)
        .Replace("$", "%24", StringComparison.Ordinal).Replace("@", "%40", StringComparison.Ordinal));
}
