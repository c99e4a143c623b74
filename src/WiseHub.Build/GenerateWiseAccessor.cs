using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Writes <c>WiseModels.g.cs</c> from the references and the lock file, where no restore has written it: at design time, and when
/// references were added after the restore. It needs no network and reads no content.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class GenerateWiseAccessor : ReferenceTask
{
    /// <summary>Absolute path of the source file.</summary>
    [Required]
    public string OutputFile { get; set; } = "";

    /// <summary>The project's root namespace.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>The resolved models: a reference whose files only the cache holds needs its folder.</summary>
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

    // An unreadable lock file is the restore's error to report; the editor still gets its types.
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
