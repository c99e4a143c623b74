using System.Security;

namespace WiseHub.Client;

/// <summary>The lines with which a project uses a repo: the "use in" sample of model pages.</summary>
public static class UsageSnippet
{
    /// <summary>The item of a project file.</summary>
    /// <param name="reference">The repo. <c>main</c> is not written, being the default branch of new repos.</param>
    public static string ProjectItem(RepoReference reference)
    {
        string item = $"<WiseModelReference Include=\"{SecurityElement.Escape(reference.RepoId)}\"";
        if (reference.Hubs.Count > 0)
            item += $" Hub=\"{SecurityElement.Escape(string.Join(';', reference.Hubs))}\"";
        if (reference.RepoType != RepoType.Model)
            item += $" RepoType=\"{reference.RepoType.ToText()}\"";
        if (reference.Revision is not (null or "main"))
            item += $" Revision=\"{SecurityElement.Escape(reference.Revision)}\"";
        return item + " />";
    }
}
