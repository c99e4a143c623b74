namespace WiseHub.Client.Entries;

/// <summary>The files that describe a repo's entries: <c>hubconf</c> at its top, or another given name.</summary>
/// <param name="Folder">Empty, or with a slash at the end.</param>
/// <param name="Stem">The name without extension.</param>
internal sealed record EntryFileName(string Folder, string Stem)
{
    private const string Default = "hubconf";

    private static readonly string[] Extensions = [".json", ".dll", ".py"];

    /// <summary>All files that describe entries without being executed.</summary>
    public IReadOnlyList<string> Paths => [Json, Assembly, Docs, Dependencies, Script];

    public string Json => $"{Folder}{Stem}.json";

    public string Assembly => $"{Folder}{Stem}.dll";

    public string Docs => $"{Folder}{Stem}.xml";

    public string Dependencies => $"{Folder}{Stem}.deps.json";

    public string Script => $"{Folder}{Stem}.py";

    /// <exception cref="HubException">WISE1046.</exception>
    public static EntryFileName Parse(string? given)
    {
        if (given is null)
            return new EntryFileName("", Default);
        string path = given.Trim();
        if (PathRules.Reject(path) is Text reason)
            throw EntryMessages.FileOutside(path, reason);
        string? extension = Array.Find(Extensions, e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        string stem = extension is null ? path : path[..^extension.Length];
        int slash = stem.LastIndexOf('/') + 1;
        return new EntryFileName(stem[..slash], stem[slash..]);
    }
}
