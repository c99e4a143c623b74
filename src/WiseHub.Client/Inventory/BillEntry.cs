namespace WiseHub.Client.Inventory;

/// <summary>A repo in a list of materials: what the lock file says, and what the card and the hub add.</summary>
/// <param name="Key">The key of the lock file.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Files">The files, in ordinal UTF-8 order, each path once.</param>
internal sealed record BillEntry(LockKey Key, string Commit, IReadOnlyList<BillFile> Files)
{
    private const string Card = "README.md";

    /// <summary>The selections as the lock file writes them.</summary>
    public IReadOnlyList<string> Selections { get; init; } = [];

    /// <inheritdoc cref="LockEntry.License"/>
    public IReadOnlyList<string> License { get; init; } = [];

    /// <inheritdoc cref="LockEntry.Gate"/>
    public string? Gate { get; init; }

    /// <inheritdoc cref="LockEntry.Signature"/>
    public LockedSignature? Signature { get; init; }

    /// <summary>What the card says; <see cref="CardFacts.None"/> if it is not at hand.</summary>
    public CardFacts Facts { get; init; } = CardFacts.None;

    /// <summary>Where the repo is.</summary>
    public RepoAddress Address { get; init; } = RepoAddress.Unknown;

    /// <summary>The card of the repo; null if it is not among the files.</summary>
    public BillFile? CardFile => Files.FirstOrDefault(f => f.Path == Card);

    /// <summary>
    /// The reference of the component. Different keys and commits have different ones: each part is escaped, and only a part
    /// that is there is named.
    /// </summary>
    public string Reference { get; } = $"wisehub:{Key.RepoType.ToText()}/{PackageUrl.Escape(Key.Hub)}/"
        + $"{PackageUrl.EscapePath(Key.RepoId)}@{PackageUrl.Escape(Commit)}"
        + Part("?revision=", Key.Revision) + Part("?config=", Key.Config);

    /// <summary>The reference of a file's component. A <c>#</c> in another part is escaped.</summary>
    public string ReferenceOf(BillFile file) => $"{Reference}#{PackageUrl.EscapePath(file.Path)}";

    /// <summary>The package URL.</summary>
    public string Purl => PackageUrl.Of(Key, Commit, Address);

    /// <summary>The name without its owner; for a URL, the name of its file.</summary>
    public string Name => UrlReference.IsUrl(Key.RepoId) ? PackageUrl.NameOfUrl(Key.RepoId) : Key.RepoId.Split('/')[^1];

    /// <summary>The owner, with its subgroups; null if the id has none.</summary>
    public string? Group => !UrlReference.IsUrl(Key.RepoId) && Key.RepoId.LastIndexOf('/') is > 0 and int end
        ? Key.RepoId[..end] : null;

    /// <summary>The same repo with the files of another entry, of the same key and commit, added.</summary>
    public BillEntry With(BillEntry other)
    {
        List<BillFile> files = [.. Files.Concat(other.Files).DistinctBy(f => f.Path, StringComparer.Ordinal)];
        Utf8Ordinal.Sort(files, f => f.Path);
        return this with
        {
            Files = files,
            Selections = [.. Selections.Union(other.Selections).Order(Utf8Ordinal.Instance)],
        };
    }

    private static string Part(string name, string? value) => value is null ? "" : name + PackageUrl.Escape(value);
}
