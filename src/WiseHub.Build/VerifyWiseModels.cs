using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Hashes the cached files and their copies in the output and in the publish folder again, and compares them with the digests in
/// the lock file. Compares a deployed program with the lock file if its folder is named.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class VerifyWiseModels : ReferenceTask
{
    /// <summary>The resolved files.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>Absolute path of the output.</summary>
    public string OutputDirectory { get; set; } = "";

    /// <summary>Absolute path of the publish folder.</summary>
    public string PublishDirectory { get; set; } = "";

    /// <summary>The folder of a deployed program, such as a layer of a container; empty for none.</summary>
    public string DeployedDirectory { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        // First, because references are not read after an error.
        DeploymentReport? deployed = DeployedDirectory.Length > 0 ? VerifyDeployed(log, cancel) : null;
        var toCheck = new Dictionary<string, (string Name, Digest Sha256)>(StringComparer.Ordinal);
        foreach (ITaskItem file in Files)
        {
            (string Name, Digest) expected = ($"{file.GetMetadata(Names.Alias)}: {file.GetMetadata(Names.PathInRepo)}",
                Digest.Parse(file.GetMetadata(Names.Sha256)));
            toCheck[file.GetMetadata("FullPath")] = expected;
            AddCopy(OutputDirectory, Names.CopyToOutputDirectory);
            AddCopy(PublishDirectory, Names.CopyToPublishDirectory);

            void AddCopy(string folder, string condition)
            {
                string placed = Path.Combine(folder, file.GetMetadata(Names.Link));
                // Before the first build or publish there is no folder, which is fine.
                if (file.GetMetadata(condition) != "Never" && File.Exists(placed))
                    toCheck[placed] = expected;
            }
        }
        IReadOnlyList<string> damaged = FilePlacer.FindDamagedAsync(toCheck.Select(c => (c.Key, c.Value.Sha256)), cancel)
            .GetAwaiter().GetResult();
        foreach (string path in damaged)
            LogError(BuildMessages.Damaged(toCheck[path].Name, path, toCheck[path].Sha256));
        if (damaged.Count == 0)
            log.Info(BuildMessages.Verified(toCheck.Count));
        foreach (HubException problem in deployed?.Problems ?? [])
            LogError(problem);
        if (deployed?.Problems.Count == 0)
            log.Info(BuildMessages.DeploymentVerified(deployed.Models.Count, deployed.Folder));
    }

    private DeploymentReport? VerifyDeployed(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is not List<ModelItem> models)
            return null;
        // Other models are inside the assembly, or are not deployed.
        IEnumerable<ModelItem> deployed = models.Where(m => m.Place == ModelPlace.RunTime
            || (m.Place is ModelPlace.Output or ModelPlace.Cache && m.CopyToPublishDirectory != "Never"));
        return Deployment.Verify(Absolute(DeployedDirectory), LockedEntries(deployed, client), cancel: cancel);
    }
}
