namespace WiseHub.Client;

/// <summary>What kind of repo a reference names.</summary>
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

/// <summary>What a project asks for: a repo of a hub, a revision, and which files.</summary>
public sealed record RepoReference
{
    /// <summary>
    /// <c>owner/name</c>, <c>group/subgroup/name</c> where the hub has subgroups, or one name where it has such ids
    /// (<c>gpt2</c>); for single files their URL (see <see cref="HubClient.ParseReference"/>).
    /// </summary>
    public required string RepoId { get; init; }

    /// <summary>Hub names in order: the first one resolves, the others only give bytes. Empty = the default hub.</summary>
    public IReadOnlyList<string> Hubs { get; init; } = [];

    /// <summary>Kind of repo.</summary>
    public RepoType RepoType { get; init; }

    /// <summary>Branch, tag or commit; null = the hub's default branch.</summary>
    public string? Revision { get; init; }

    /// <summary>Dataset configuration, for hubs that have them.</summary>
    public string? Config { get; init; }

    /// <summary>Which files are wanted.</summary>
    public FileSelection Files { get; init; } = FileSelection.All;

    /// <summary>
    /// Paths that were named one by one and must be among the selected files. A pattern may match nothing where another one does;
    /// a file that somebody asked for by name must not be missing silently.
    /// </summary>
    public IReadOnlyList<string> RequiredPaths { get; init; } = [];

    /// <summary>
    /// True when somebody wrote the file's whole path, without a wildcard. A pattern takes whatever the hub has; a path is a
    /// decision about one file.
    /// </summary>
    public bool AsksByName(string path) =>
        RequiredPaths.Contains(path) || Files.Allow.Contains(path) || Files.Allow.Contains(FileSelection.Literal(path));

    /// <summary>Required digest of the one selected file, or of the archive whose files are wanted.</summary>
    public Digest? Sha256 { get; init; }

    /// <summary>A failure is a warning instead of an error.</summary>
    public bool Optional { get; init; }

    /// <summary>The other hubs may resolve, too, when the first one does not answer or does not have the repo.</summary>
    public bool Fallback { get; init; }

    /// <summary>The files of an archive are wanted, whose digest is the commit.</summary>
    internal bool IsOfArchive => Hubs is [string hub] && hub.Equals(UrlReference.ArchiveHub, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What it is called below <c>models/</c> and in <c>WiseModels</c> unless somebody says otherwise: the name of the repo, or
    /// of the URL's file without its extension.
    /// </summary>
    public string DefaultAlias => UrlReference.IsUrl(RepoId) ? UrlReference.StemOf(RepoId) : RepoId.Split('/')[^1];

    /// <inheritdoc/>
    public override string ToString() => RepoType == RepoType.Model ? RepoId : $"{RepoType.ToText()} {RepoId}";

    // A record would compare lists by identity.
    /// <summary>Whether another reference asks for the same, lists element by element.</summary>
    public bool Equals(RepoReference? other) => ReferenceEquals(this, other) || (other is not null
        && RepoId == other.RepoId && RepoType == other.RepoType && Revision == other.Revision && Config == other.Config
        && Sha256 == other.Sha256 && Optional == other.Optional && Fallback == other.Fallback
        && Files.Equals(other.Files) && Hubs.SequenceEqual(other.Hubs) && RequiredPaths.SequenceEqual(other.RequiredPaths));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RepoId, RepoType, Revision, Config, Sha256, Files);

    /// <summary>Reports everything that is wrong with this reference before any network is used.</summary>
    /// <returns>One exception for each mistake; empty when there is none.</returns>
    public IReadOnlyList<HubException> Validate() => Validate(anyId: false);

    /// <param name="anyId">
    /// The hub's ids are names that people gave, as those of hg_localization are; otherwise they are those of hubs with pages.
    /// </param>
    internal IReadOnlyList<HubException> Validate(bool anyId)
    {
        var mistakes = new List<HubException>();
        if (UrlReference.IsUrl(RepoId))
        {
            if (UrlReference.Reject(RepoId) is string badUrl)
                mistakes.Add(UrlReference.Unusable(RepoId, badUrl).About(this));
            else if (!Hubs.Any(h => UrlReference.IsHub(h)))
                mistakes.Add(new HubException(WiseCodes.UrlSetting,
                    $"{this}: a URL stands for its own server, so that no hub can be named for it. Leave Hub out.")
                { Reference = this });
        }
        else if ((anyId ? RejectAnyId(RepoId) : RejectRepoId(RepoId)) is string badId)
        {
            mistakes.Add(new HubException(WiseCodes.MalformedRepoId,
                $"'{RepoId}' is not a repo id: {badId}. Write owner/name, or one name where the hub has such ids (gpt2).")
            { Reference = this });
        }
        if (Revision is not null && RejectRevision(Revision) is string badRevision)
        {
            mistakes.Add(new HubException(WiseCodes.MalformedRevision,
                $"{this}: '{Revision}' is not a revision: {badRevision}. Write a branch, a tag or a commit.")
            { Reference = this });
        }
        return mistakes;
    }

    /// <summary>For hubs whose ids have one <c>/</c>.</summary>
    /// <exception cref="HubException">WISE1003: this one has more.</exception>
    internal void RefuseSubgroups(string hub)
    {
        if (RepoId.IndexOf('/', StringComparison.Ordinal) != RepoId.LastIndexOf('/'))
            throw new HubException(WiseCodes.MalformedRepoId, $"'{RepoId}' is not a repo id of '{hub}': "
                + "it has more than one '/', and the hub has no subgroups. Write owner/name.")
            { Reference = this };
    }

    // docs.gitlab.com/user/group/subgroups: up to 20 levels of groups, and the project.
    private const int MostIdParts = 21;

    // What is a name and cannot forge lines of a log; which of them a hub can keep it says itself.
    private static string? RejectAnyId(string id) =>
        id.Length is 0 or > 255 || id.Trim() != id ? "it has 1 to 255 characters, and none of them is a space at an end"
            : id.Any(char.IsControl) ? "it has a control character" : null;

    /// <summary>Whether an id has the form that hubs with pages have, and that folders may have everywhere.</summary>
    internal static bool IsCommonId(string id) => RejectRepoId(id) is null;

    // The characters of Hugging Face and Wisemodel ids, without the rules that only one of them has.
    private static string? RejectRepoId(string id)
    {
        string[] parts = id.Split('/');
        if (parts.Length > MostIdParts)
            return $"it has more than {MostIdParts - 1} '/'";
        // Owner and subgroups are one folder name in a store; GitLab allows as many characters for all of it.
        if (id.Length > 255)
            return "it has more than 255 characters";
        foreach (string part in parts)
        {
            if (!IsIdPart(part))
                return "each part has 1 to 96 letters, digits, '-', '_' or '.', and begins and ends with a letter, digit or '_'";
            if (part.Contains("..", StringComparison.Ordinal) || PathRules.RejectSegment(part) is not null)
                return $"'{part}' cannot be a folder name on every system";
        }
        return parts.Length == 2 && parts[0] == "_" ? "the owner '_' stands for \"no owner\"" : null;
    }

    /// <summary>
    /// The rules of git check-ref-format (https://git-scm.com/docs/git-check-ref-format), plus names that no folder may have.
    /// </summary>
    internal static string? RejectRevision(string revision)
    {
        if (revision.Length is 0 or > 255)
            return "it has 1 to 255 characters";
        if (revision.Any(c => char.IsControl(c) || c is ' ' or '~' or '^' or ':' or '?' or '*' or '[' or '\\'))
            return "it has a character that git refuses";
        if (revision.StartsWith('-') || revision == "@" || revision.Contains("@{", StringComparison.Ordinal))
            return "git reads it as something else than a name";
        if (revision.Contains("..", StringComparison.Ordinal) || revision.EndsWith('.'))
            return "git refuses its dots";
        foreach (string part in revision.Split('/'))
        {
            if (part.Length == 0 || part.StartsWith('.') || part.EndsWith(".lock", StringComparison.Ordinal))
                return "git refuses an empty part, one that starts with '.', and one that ends in '.lock'";
            if (PathRules.RejectSegment(part) is string reason)
                return reason;
        }
        return PathRules.Reject(revision);
    }

    private static bool IsIdPart(string part) =>
        part.Length is > 0 and <= 96 && part[0] is not ('.' or '-') && part[^1] is not ('.' or '-')
            && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}

/// <summary>The written forms of <see cref="RepoType"/>.</summary>
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

    /// <summary>Reads the singular or plural word in any case.</summary>
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
