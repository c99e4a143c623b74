using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Writes to a file which entries of the lock file this evaluation of the project uses.</summary>
[MSBuildMultiThreadableTask]
public sealed class ListWiseReferences : ReferenceTask
{
    /// <summary>Absolute path of the folder for these files.</summary>
    [Required]
    public string Folder { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is List<ModelItem> models)
            client.NoteLockUse(Folder, Settings.ProjectFile, Settings.LockFilePath, [.. models.Select(m => m.Reference)],
                [.. models.Select(m => m.Alias)]);
    }
}
