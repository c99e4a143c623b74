using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Hashes the store's contents and their copies in the output again, and compares them with the lock file's digests.
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
            // Before the first build there is no output, which is nothing wrong.
            if (file.GetMetadata(Names.CopyToOutputDirectory) != "Never" && File.Exists(placed))
                toCheck[placed] = expected;
        }
        IReadOnlyList<string> damaged = FilePlacer.FindDamagedAsync(toCheck.Select(c => (c.Key, c.Value.Sha256)), cancel)
            .GetAwaiter().GetResult();
        foreach (string path in damaged)
        {
            LogError(new HubException(WiseCodes.VerificationFailed,
                $"{toCheck[path].Name}: {path} does not have the sha256 {toCheck[path].Sha256} of the lock file. "
                + "Build again with -p:WiseForce=true to fetch it anew."));
        }
        if (damaged.Count == 0)
            log.Info($"Verified {toCheck.Count} files against the lock file.");
    }
}
