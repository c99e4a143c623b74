using System.Globalization;
using System.Security;
using System.Text;

namespace WiseHub.Client;

/// <summary>The lines with which a project uses a repo: the "use in" sample of model pages.</summary>
public static class UsageSnippet
{
    /// <summary>The item of a project file.</summary>
    public static string ProjectItem(RepoReference reference)
    {
        string item = $"<WiseModelReference Include=\"{SecurityElement.Escape(reference.RepoId)}\"";
        if (reference.Hubs.Count > 0)
            item += $" Hub=\"{SecurityElement.Escape(string.Join(';', reference.Hubs))}\"";
        if (reference.RepoType != RepoType.Model)
            item += $" RepoType=\"{reference.RepoType.ToText()}\"";
        if (reference.Revision is not null)
            item += $" Revision=\"{SecurityElement.Escape(reference.Revision)}\"";
        return item + " />";
    }

    /// <summary>
    /// The class of the generated code that leads to its files, where no other reference of the project has that name.
    /// </summary>
    public static string Accessor(RepoReference reference) => "WiseModels." + AccessorName(reference.DefaultAlias);

    /// <summary>
    /// A name of the generated code: split at non-alphanumerics, the first letter of each part in upper case, joined; a leading
    /// digit gets <c>_</c>.
    /// </summary>
    public static string AccessorName(string text)
    {
        var name = new StringBuilder();
        bool first = true;
        foreach (char c in text)
        {
            // Surrogates and combining marks would need the whole table of identifier characters; they separate parts instead.
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
