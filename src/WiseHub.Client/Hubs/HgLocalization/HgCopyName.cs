namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The name of a copy: id, configuration and revision, each as it was written. A revision is not resolved to a commit, so
/// <c>main</c>, a tag and no revision name three copies (docs/protocols/hg-localization.md#names).
/// </summary>
internal sealed record HgCopyName(RepoType Type, string Id, string? Config, string? Revision)
{
    private const string Replaced = "/\\:*?\"<>| ";

    public static HgCopyName Of(RepoReference reference) =>
        new(reference.RepoType, reference.RepoId, reference.Config, reference.Revision);

    /// <summary>A text as part of a path. Not reversible, not unique: <c>a/b</c> and <c>a_b</c> have the same folder.</summary>
    public static string Safe(string text) =>
        string.Concat(text.Select(c => Replaced.Contains(c, StringComparison.Ordinal) ? '_' : c));

    /// <summary>
    /// The probable id of a folder: only the last <c>_</c> becomes <c>/</c>, as the tool itself shows it.
    /// </summary>
    public static string Guess(string folder) => folder.LastIndexOf('_') is > 0 and int last && last < folder.Length - 1
        ? $"{folder[..last]}/{folder[(last + 1)..]}" : folder;

    /// <summary>
    /// The folder of the files in a local store: <c>glue/mrpc/default_revision</c>, or without the middle part for a model.
    /// </summary>
    public string Folder(HgLayout layout) => string.Join('/', Parts(layout));

    /// <summary>The folder of the files, below the prefix of a bucket.</summary>
    public string KeyPrefix(HgLayout layout) => Type == RepoType.Dataset ? Folder(layout) : "models/" + Folder(layout);

    /// <summary>The key of the entry in a manifest or index, with the unchanged texts.</summary>
    public string EntryKey(HgLayout layout) => Type == RepoType.Dataset
        ? $"{Id}---{Or(Config, layout.DefaultConfig)}---{Or(Revision, layout.DefaultRevision)}"
        : $"{Id}---{Or(Revision, layout.DefaultRevision)}";

    /// <summary>The key of the public archive, below the prefix of a bucket.</summary>
    public string ZipKey(HgLayout layout) => $"{layout.ZipFolder}/{string.Join("---", Parts(layout))}.zip";

    /// <summary>True for two names of the same copy: null and an empty text both mean the default.</summary>
    public bool IsSame(HgCopyName other) =>
        Type == other.Type && Id == other.Id && Or(Config, "") == Or(other.Config, "")
        && Or(Revision, "") == Or(other.Revision, "");

    /// <summary>Rejects names that would lead out of the tree, or into another one.</summary>
    /// <exception cref="HubException">WISE1035.</exception>
    public void Check(HgLayout layout)
    {
        foreach ((string what, string text, string folder) in Named(layout))
        {
            string? reason = PathRules.Reject(folder)
                ?? (what == "id" && Type == RepoType.Dataset ? layout.RejectFolder(folder) : null);
            if (reason is not null)
                throw HgMessages.NameUnusable(this, what, Printable(text), reason);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type.ToText()} {Id}"
        + (Config is { Length: > 0 } ? (Text)$", configuration {Printable(Config)}" : "")
        + (Revision is { Length: > 0 } ? (Text)$", revision {Printable(Revision)}" : "");

    private IEnumerable<string> Parts(HgLayout layout) => Named(layout).Select(n => n.Folder);

    private IEnumerable<(string What, string Text, string Folder)> Named(HgLayout layout)
    {
        yield return ((Text)$"id", Id, Safe(Id));
        if (Type == RepoType.Dataset)
            yield return ((Text)$"configuration", Or(Config, layout.DefaultConfig), Safe(Or(Config, layout.DefaultConfig)));
        yield return ((Text)$"revision", Or(Revision, layout.DefaultRevision), Safe(Or(Revision, layout.DefaultRevision)));
    }

    private static string Or(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
