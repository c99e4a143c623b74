namespace WiseHub.Client;

/// <summary>The kinds of repos.</summary>
public enum RepoType
{
    /// <summary>Model weights and their companions.</summary>
    Model,
    /// <summary>A dataset.</summary>
    Dataset,
    /// <summary>Source code.</summary>
    Code,
    /// <summary>A demo application.</summary>
    Space,
}

/// <summary>A project's reference to a repo: hub, revision and files.</summary>
public sealed record RepoReference
{
    /// <summary>
    /// <c>owner/name</c>, <c>group/subgroup/name</c> on hubs with subgroups, or a single name on hubs with such ids
    /// (<c>gpt2</c>); for single files their URL (see <see cref="HubClient.ParseReference"/>).
    /// </summary>
    public required string RepoId { get; init; }

    /// <summary>
    /// Hub names in order: the first one resolves revisions, the others only serve bytes. Empty = the default hub.
    /// </summary>
    public IReadOnlyList<string> Hubs { get; init; } = [];

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>Branch, tag or commit; null = the hub's default branch.</summary>
    public string? Revision { get; init; }

    /// <summary>Dataset configuration, for hubs with configurations.</summary>
    public string? Config { get; init; }

    /// <summary>The requested files.</summary>
    public FileSelection Files { get; init; } = FileSelection.All;

    /// <summary>
    /// Paths that must be among the selected files, because they were given one by one. A pattern may match nothing if another
    /// one does, but a file requested by name must not be missing silently.
    /// </summary>
    public IReadOnlyList<string> RequiredPaths { get; init; } = [];

    /// <summary>
    /// True if the file's whole path was given, without a wildcard. A pattern selects any files of the hub; a path is a decision
    /// about one file.
    /// </summary>
    public bool AsksByName(string path) =>
        RequiredPaths.Contains(path) || Files.Allow.Contains(path) || Files.Allow.Contains(FileSelection.Literal(path));

    /// <summary>Required digest of the single selected file, or of the archive with the requested files.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>
    /// Kinds of content that are taken although code in it may run: <c>pickle</c>, <c>keras</c>, <c>savedmodel</c>,
    /// <c>program</c>, <c>script</c>, <c>unknown</c>. The lock file records the digests of the files that need it.
    /// </summary>
    public IReadOnlyList<string> Waive { get; init; } = [];

    /// <summary>Makes a failure a warning instead of an error.</summary>
    public bool Optional { get; init; }

    /// <summary>Lets the other hubs resolve, too, if the first one does not respond or does not have the repo.</summary>
    public bool Fallback { get; init; }

    /// <summary>True for files in an archive, whose digest is the commit.</summary>
    internal bool IsOfArchive => Hubs is [string hub] && hub.Equals(UrlReference.ArchiveHub, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The default name below <c>models/</c> and in <c>WiseModels</c>: the name of the repo, or of the URL's file without its
    /// extension.
    /// </summary>
    public string DefaultAlias => UrlReference.IsUrl(RepoId) ? UrlReference.StemOf(RepoId) : RepoId.Split('/')[^1];

    /// <inheritdoc/>
    public override string ToString() => RepoType == RepoType.Model ? RepoId : $"{RepoType.ToText()} {RepoId}";

    // The generated equality of a record would compare lists by identity.
    /// <summary>True if another reference is equal, with lists compared element by element.</summary>
    public bool Equals(RepoReference? other) => ReferenceEquals(this, other) || (other is not null
        && RepoId == other.RepoId && RepoType == other.RepoType && Revision == other.Revision && Config == other.Config
        && Sha256 == other.Sha256 && Optional == other.Optional && Fallback == other.Fallback
        && Files.Equals(other.Files) && Hubs.SequenceEqual(other.Hubs) && RequiredPaths.SequenceEqual(other.RequiredPaths)
        && Waive.SequenceEqual(other.Waive));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RepoId, RepoType, Revision, Config, Sha256, Files);

    /// <summary>Finds all mistakes in this reference without network access.</summary>
    /// <returns>One exception per mistake; empty if there is none.</returns>
    public IReadOnlyList<HubException> Validate() => Validate(anyId: false);

    /// <param name="anyId">
    /// True if the hub's ids are free names, as in hg_localization; otherwise they are those of hubs with pages.
    /// </param>
    internal IReadOnlyList<HubException> Validate(bool anyId)
    {
        var mistakes = new List<HubException>();
        if (UrlReference.IsUrl(RepoId))
        {
            if (UrlReference.Reject(RepoId) is Text badUrl)
                mistakes.Add(UrlReference.Unusable(RepoId, badUrl).About(this));
            else if (!Hubs.Any(h => UrlReference.IsHub(h)))
                mistakes.Add(ModelMessages.HubOfUrl(this).About(this));
        }
        else if ((anyId ? RejectAnyId(RepoId) : RejectRepoId(RepoId)) is Text badId)
        {
            mistakes.Add(ModelMessages.MalformedRepoId(RepoId, badId).About(this));
        }
        if (Revision is not null && RejectRevision(Revision) is Text badRevision)
        {
            mistakes.Add(ModelMessages.MalformedRevision(this, badRevision).About(this));
        }
        return mistakes;
    }

    /// <summary>Refuses ids with more than one <c>/</c>, for hubs without subgroups.</summary>
    /// <exception cref="HubException">WISE1003: the id has subgroups.</exception>
    internal void RefuseSubgroups(string hub)
    {
        if (RepoId.IndexOf('/', StringComparison.Ordinal) != RepoId.LastIndexOf('/'))
            throw ModelMessages.NoSubgroups(RepoId, hub).About(this);
    }

    // docs.gitlab.com/user/group/subgroups: up to 20 levels of groups, and the project.
    private const int MostIdParts = 21;

    // Any name that cannot forge log lines; the hub rejects names it cannot store.
    private static Text? RejectAnyId(string id) =>
        id.Length is 0 or > 255 || id.Trim() != id ? (Text)$"it must have 1 to 255 characters, and no space at either end"
            : id.Any(char.IsControl) ? (Text)$"it has a control character" : null;

    /// <summary>True for an id in the form of hubs with pages, which is also valid as folder names on every system.</summary>
    internal static bool IsCommonId(string id) => RejectRepoId(id) is null;

    // The characters allowed on Hugging Face or Wisemodel, without rules that only one of them has.
    private static Text? RejectRepoId(string id)
    {
        string[] parts = id.Split('/');
        if (parts.Length > MostIdParts)
            return $"it has more than {MostIdParts - 1} '/'";
        // In a store, owner and subgroups form one folder name; GitLab has the same limit for the whole path.
        if (id.Length > 255)
            return $"it has more than 255 characters";
        foreach (string part in parts)
        {
            if (!IsIdPart(part))
                return $"each part must have 1 to 96 letters, digits, '-', '_' or '.', "
                    + $"and start and end with a letter, digit or '_'";
            if (part.Contains("..", StringComparison.Ordinal) || PathRules.RejectSegment(part) is not null)
                return $"'{part}' cannot be a folder name on every system";
        }
        return parts.Length == 2 && parts[0] == "_" ? (Text)$"the owner '_' is reserved for \"no owner\"" : null;
    }

    /// <summary>
    /// The rules of git check-ref-format (https://git-scm.com/docs/git-check-ref-format), and names that are not valid as a
    /// folder.
    /// </summary>
    internal static Text? RejectRevision(string revision)
    {
        if (revision.Length is 0 or > 255)
            return $"it must have 1 to 255 characters";
        if (revision.Any(c => char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\'))
            return $"it has a character that git does not allow";
        if (revision.StartsWith('-') || revision == "@" || revision.Contains("@{", StringComparison.Ordinal))
            return $"git does not read it as a name";
        if (revision.Contains("..", StringComparison.Ordinal) || revision.EndsWith('.'))
            return $"git does not allow its dots";
        foreach (string part in revision.Split('/'))
        {
            if (part.Length == 0 || part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal))
                return $"git does not allow an empty part, a part that starts with '.', or one that ends in '.lock'";
            if (PathRules.RejectSegment(part) is Text reason)
                return reason;
        }
        return PathRules.Reject(revision);
    }

    private static bool IsIdPart(string part) =>
        part.Length is > 0 and <= 96 && part[0] is not ('.' or '-') && part[^1] is not ('.' or '-')
            && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}

/// <summary>Texts for <see cref="RepoType"/>.</summary>
public static class RepoTypes
{
    /// <summary>The word used in projects, options and the lock file: model, dataset, code, space.</summary>
    public static string ToText(this RepoType type) => type switch
    {
        RepoType.Model => "model",
        RepoType.Dataset => "dataset",
        RepoType.Code => "code",
        _ => "space",
    };

    /// <summary>The plural used in paths and URLs: models, datasets, codes, spaces.</summary>
    public static string ToPlural(this RepoType type) => type.ToText() + "s";

    /// <summary>Parses the singular or plural word in any case.</summary>
    public static bool TryParse(string text, out RepoType type)
    {
        foreach (RepoType candidate in (ReadOnlySpan<RepoType>)[RepoType.Model, RepoType.Dataset, RepoType.Code, RepoType.Space])
        {
            if (text.Equals(candidate.ToText(), StringComparison.OrdinalIgnoreCase)
                || text.Equals(candidate.ToPlural(), StringComparison.OrdinalIgnoreCase))
            {
                type = candidate;
                return true;
            }
        }
        type = default;
        return false;
    }
}
