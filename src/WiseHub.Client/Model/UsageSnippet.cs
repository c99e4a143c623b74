using System.Globalization;
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
}
