namespace WiseHub.Client.Store;

/// <summary>The parsed path of a file list or a ref in a store.</summary>
/// <param name="RepoType">Kind of repo.</param>
/// <param name="RepoId">The id.</param>
/// <param name="IsTree">True for a file list, false for a ref.</param>
/// <param name="Name">Commit or revision.</param>
internal sealed record StorePath(RepoType RepoType, string RepoId, bool IsTree, string Name)
{
    private static readonly RepoType[] Types = [RepoType.Model, RepoType.Dataset, RepoType.Code, RepoType.Space];

    public override string ToString() =>
        $"{RepoStore.RelativePath(RepoType, RepoId)}/{(IsTree ? $"trees/{Name}.json" : $"refs/{Name}")}";

    /// <summary>Parses a path; null for other paths, and for names that are not valid as a repo or revision.</summary>
    public static StorePath? Parse(string path)
    {
        string[] parts = path.Split('/', 5);
        if (parts.Length < 5 || PathRules.Reject(path) is not null || !Array.Exists(Types, t => t.ToPlural() == parts[0]))
            return null;
        RepoType type = Types.First(t => t.ToPlural() == parts[0]);
        string id = RepoStore.IdOf(parts[1], parts[2]);
        bool isTree = parts[3] == "trees";
        string name = isTree ? Path.GetFileNameWithoutExtension(parts[4]) : parts[4];
        var found = new StorePath(type, id, isTree, name);
        return (isTree ? CommitId.IsCommit(name) : parts[3] == "refs")
            && new RepoReference { RepoId = id, RepoType = type, Revision = name }.Validate(anyId: true).Count == 0
            && found.ToString() == path
            ? found : null;
    }
}
