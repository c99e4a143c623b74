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
    public static string ProjectItem(RepoReference reference)
    {
        string item = $"<{ItemName} Include=\"{SecurityElement.Escape(reference.RepoId)}\"";
        if (reference.Hubs.Count > 0)
            item += $" Hub=\"{SecurityElement.Escape(string.Join(';', reference.Hubs))}\"";
        if (reference.RepoType != RepoType.Model)
            item += $" RepoType=\"{reference.RepoType.ToText()}\"";
        if (reference.Revision is not null)
            item += $" Revision=\"{SecurityElement.Escape(reference.Revision)}\"";
        return item + " />";
    }

    /// <summary>
    /// The class in the generated code with the repo's files, if no other reference of the project has that name.
    /// </summary>
    public static string Accessor(RepoReference reference) => ClassName + "." + AccessorName(reference.DefaultAlias);

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
}
