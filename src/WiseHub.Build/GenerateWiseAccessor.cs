using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Writes <c>WiseModels.g.cs</c> from the references and the lock file if no restore has written it: at design time, and if
/// references were added after the restore. It uses no network and reads no model files.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class GenerateWiseAccessor : ReferenceTask
{
    /// <summary>Absolute path of the source file.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <summary>The project's root namespace.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>The resolved models. They have the folders of models that are only in the cache.</summary>
    public ITaskItem[] Models { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is not List<ModelItem> models)
            return;
        Dictionary<string, string> folders = Models.Where(m => Path.IsPathRooted(m.GetMetadata(Names.Folder)))
            .ToDictionary(m => m.ItemSpec, m => m.GetMetadata(Names.Folder), StringComparer.OrdinalIgnoreCase);
        new AccessorWriter(OutputFile, RootNamespace)
            .Write(models, client, ReadLock(), [.. models.Select(m => folders.GetValueOrDefault(m.Alias))]);
    }

    // The restore reports an unreadable lock file; the editor still gets its types.
    private LockFile? ReadLock()
    {
        try
        {
            return LockFile.Read(Settings.LockFilePath);
        }
        catch (HubException e) when (e.Code is WiseCodes.LockUnreadable or WiseCodes.LockTooNew)
        {
            Log.LogMessage(MessageImportance.Low, "{0}", e.Message);
            return null;
        }
    }
}
