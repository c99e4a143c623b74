using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Hashes the cached files and their copies in the output again, and compares them with the digests in the lock file.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class VerifyWiseModels : WiseTask
{
    /// <summary>The resolved files.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Absolute path of the output.</summary>
    public string OutputDirectory { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        var toCheck = new Dictionary<string, (string Name, Digest Sha256)>(StringComparer.Ordinal);
        foreach (ITaskItem file in Files)
        {
            (string Name, Digest) expected = ($"{file.GetMetadata(Names.Alias)}: {file.GetMetadata(Names.PathInRepo)}",
                Digest.Parse(file.GetMetadata(Names.Sha256)));
            toCheck[file.GetMetadata("FullPath")] = expected;
            string placed = Path.Combine(OutputDirectory, file.GetMetadata(Names.Link));
            // Before the first build there is no output, which is fine.
            if (file.GetMetadata(Names.CopyToOutputDirectory) != "Never" && File.Exists(placed))
                toCheck[placed] = expected;
        }
        IReadOnlyList<string> damaged = FilePlacer.FindDamagedAsync(toCheck.Select(c => (c.Key, c.Value.Sha256)), cancel)
            .GetAwaiter().GetResult();
        foreach (string path in damaged)
            LogError(BuildMessages.Damaged(toCheck[path].Name, path, toCheck[path].Sha256));
        if (damaged.Count == 0)
            log.Info(BuildMessages.Verified(toCheck.Count));
    }
}
