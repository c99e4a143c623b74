namespace WiseHub.Client;

/// <summary>What a comparison of a deployed program with its lock file permits.</summary>
public sealed record DeploymentOptions
{
    /// <summary>True if locked files and models may be missing, because the program uses only a part of the lock file.</summary>
    public bool MayLackFiles { get; init; }

    /// <summary>
    /// Patterns of files in folders of models that need not be locked, relative to the deployed folder: files that the program
    /// has itself.
    /// </summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];
}
