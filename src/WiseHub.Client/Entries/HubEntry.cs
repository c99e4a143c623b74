namespace WiseHub.Client;

/// <summary>Permission for the code of a repo to run.</summary>
public enum EntryTrust
{
    /// <summary>No code of the repo is executed; an entry that needs it fails (WISE1047).</summary>
    None,
    /// <summary>The caller trusts the repo and lets its code run, with all permissions of the process that runs it.</summary>
    RunCode,
}

/// <summary>The kinds of entries.</summary>
public enum EntryKind
{
    /// <summary>Files listed in <c>hubconf.json</c>.</summary>
    Files,
    /// <summary>A public static method of the class <c>HubConf</c> in <c>hubconf.dll</c>.</summary>
    Code,
    /// <summary>A function in <c>hubconf.py</c>: it is listed but never executed.</summary>
    Python,
}

/// <summary>A parameter of an entry.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in C# syntax; empty for Python.</param>
/// <param name="IsOptional">True if it has a default.</param>
/// <param name="Default">The default as text, if known.</param>
/// <param name="Summary">Its description in the documentation.</param>
public sealed record EntryParameter(string Name, string Type, bool IsOptional, string? Default, string? Summary);

/// <summary>An entry point of a repo (docs/protocols/megengine-hub.md), read from static data without running code.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
public sealed record HubEntry(string Name, EntryKind Kind)
{
    /// <summary>Its purpose.</summary>
    public string? Summary { get; init; }

    /// <summary>Its return value.</summary>
    public string? Returns { get; init; }

    /// <summary>Its parameters in order.</summary>
    public IReadOnlyList<EntryParameter> Parameters { get; init; } = [];

    /// <summary>Patterns of the files it needs; empty = all files of the repo.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Names of the assemblies or Python modules it needs.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>URL of weights, for <see cref="Pretrained"/>.</summary>
    public string? PretrainedUrl { get; init; }

    /// <summary>
    /// The Python module of the repo that it is imported from; null if it is defined in <c>hubconf.py</c> itself.
    /// </summary>
    public string? Module { get; init; }
}

/// <summary>The entries of a repo at a commit.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Files">Paths of the files that describe them.</param>
/// <param name="Entries">The entries by name.</param>
public sealed record EntryList(string Commit, IReadOnlyList<string> Files, IReadOnlyList<HubEntry> Entries);

/// <summary>The downloaded and verified files of an entry, or of all entries. Nothing of the repo has run.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Directory">A folder with the files.</param>
/// <param name="Entries">The requested entry, or all entries by name.</param>
public sealed record FetchedEntries(string Commit, string Directory, IReadOnlyList<HubEntry> Entries)
{
    /// <summary>The code to run; null for an entry with files only.</summary>
    public FetchedCode? Code { get; init; }
}

/// <summary>The downloaded code of entries. Check its digest again right before loading it.</summary>
/// <param name="Path">The path of <c>hubconf.dll</c>, beside which it finds the files that it needs.</param>
/// <param name="Sha256">Its digest.</param>
/// <param name="Dependencies">
/// The assemblies that it needs and the repo does not have. The process that runs it must have them.
/// </param>
public sealed record FetchedCode(string Path, Digest Sha256, IReadOnlyList<string> Dependencies);

/// <summary>Identifies the repo with the entries.</summary>
public sealed record EntryRequest
{
    /// <summary>The repo, on any hub.</summary>
    public required RepoReference Reference { get; init; }

    /// <summary>
    /// A name other than <c>hubconf</c>: a path in the repo, with or without <c>.json</c>, <c>.dll</c> or <c>.py</c>.
    /// </summary>
    public string? EntryFile { get; init; }

    /// <summary>Uses the branch's last known commit on this machine, instead of asking the hub.</summary>
    public bool Cached { get; init; }
}
