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

    /// <summary>The namespace of the class.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>True to add a global using of the namespace.</summary>
    public bool GlobalUsing { get; set; }

    /// <summary>The name of the assembly.</summary>
    public string AssemblyName { get; set; } = "";

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is not List<ModelItem> models)
            return;
        LockFile? locked = ReadLock();
        new AccessorWriter(OutputFile, RootNamespace, GlobalUsing, AssemblyName)
            .Write(models, client, locked, ProgramFiles.ManifestsOf(models, client, locked));
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
