namespace WiseHub.Client;

/// <summary>Whether the code of a repo may run.</summary>
public enum EntryTrust
{
    /// <summary>Nothing of the repo is executed; what needs it is an error (WISE1047).</summary>
    None,
    /// <summary>The caller knows the repo and lets its code run in this process, with all rights of this process.</summary>
    RunCode,
}

/// <summary>What an entry is.</summary>
public enum EntryKind
{
    /// <summary>Files that <c>hubconf.json</c> names.</summary>
    Files,
    /// <summary>A public static method of the class <c>HubConf</c> in <c>hubconf.dll</c>.</summary>
    Code,
    /// <summary>A function of <c>hubconf.py</c>: it is listed, and never executed.</summary>
    Python,
}

/// <summary>A parameter of an entry.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as C# writes it; empty in Python.</param>
/// <param name="IsOptional">It has a default.</param>
/// <param name="Default">The default as text, where it is known.</param>
/// <param name="Summary">What the documentation says of it.</param>
public sealed record EntryParameter(string Name, string Type, bool IsOptional, string? Default, string? Summary);

/// <summary>
/// An entry point of a repo (docs/protocols/megengine-hub.md), as its static data say it: no code was run to know it.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
public sealed record HubEntry(string Name, EntryKind Kind)
{
    /// <summary>What it is for.</summary>
    public string? Summary { get; init; }

    /// <summary>What it gives.</summary>
    public string? Returns { get; init; }

    /// <summary>Its parameters in order.</summary>
    public IReadOnlyList<EntryParameter> Parameters { get; init; } = [];

    /// <summary>Patterns of the files that it needs; empty = all files of the repo.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Names of assemblies, or of Python modules, that must be there.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>URL of weights, for <see cref="Pretrained"/>.</summary>
    public string? PretrainedUrl { get; init; }

    /// <summary>
    /// The Python module of the repo that it is imported from, where it is not written in <c>hubconf.py</c> itself.
    /// </summary>
    public string? Module { get; init; }
}

/// <summary>The entries of a repo at a commit.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Files">What describes them: paths in the repo.</param>
/// <param name="Entries">The entries by name.</param>
public sealed record EntryList(string Commit, IReadOnlyList<string> Files, IReadOnlyList<HubEntry> Entries);

/// <summary>Of which repo the entries are.</summary>
public sealed record EntryRequest
{
    /// <summary>The repo, on any hub.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>
    /// Another name than <c>hubconf</c>: a path in the repo, with or without <c>.json</c>, <c>.dll</c> or <c>.py</c>.
    /// </summary>
    public string? EntryFile { get; init; }

    /// <summary>Take the commit that the branch was last seen at on this machine, instead of asking the hub.</summary>
    public bool Cached { get; init; }
}
