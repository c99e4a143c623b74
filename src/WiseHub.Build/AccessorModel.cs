using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Where a program finds the files of a model.</summary>
internal enum ModelPlace
{
    /// <summary>In a folder beside the program.</summary>
    Output,

    /// <summary>In the cache of the build machine, until a published program has them beside it.</summary>
    Cache,

    /// <summary>Inside the assembly, as resources.</summary>
    Assembly,

    /// <summary>In the cache of the machine that runs the program, which fetches them.</summary>
    RunTime,
}

/// <summary>One model in the accessor.</summary>
/// <param name="Alias">The alias, from which the names of the folder and the class derive.</param>
/// <param name="RepoId">The repo, or the URL.</param>
/// <param name="Hub">The hub, or several separated by <c>;</c>.</param>
/// <param name="TargetPath">The folder below the output, with <c>/</c>.</param>
internal sealed record AccessorModel(string Alias, string RepoId, string Hub, string TargetPath)
{
    /// <summary>Where the files are.</summary>
    public ModelPlace Place { get; init; }

    /// <summary>The revision that the project names; empty for the hub's default.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The locked commit; empty before the first lock.</summary>
    public string Commit { get; init; } = "";

    /// <summary>The licences that the lock file has of the commit.</summary>
    public IReadOnlyList<string> License { get; init; } = [];

    /// <summary>The page of the repo; null if the hub has none, or only this machine knows where the hub is.</summary>
    public Uri? Page { get; init; }

    /// <summary>The files in ordinal UTF-8 order; null before the first lock.</summary>
    public IReadOnlyList<LockedFile>? Files { get; init; }

    /// <summary>The sha256 of the manifest of a model that is fetched at run time.</summary>
    public string ManifestSha256 { get; init; } = "";

    /// <summary>The key of the assembly's metadata that names a file with code.</summary>
    public const string WaiverKey = "WiseHub.Waived";

    /// <summary>The files with code that the reference waives, each with its kind, commit and digest.</summary>
    public IEnumerable<string> Waivers => (Files ?? []).Where(f => f.Waived is not null)
        .Select(f => $"{f.Waived}: {RepoId}@{Commit}/{f.Path} sha256:{f.Sha256.Hex}");
}
