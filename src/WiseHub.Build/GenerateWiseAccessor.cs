using System.Text;
using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Writes <c>WiseModels.g.cs</c> from the references and the lock file; no network and no content, so it also runs at design time.</summary>
[MSBuildMultiThreadableTask]
public sealed class GenerateWiseAccessor : ReferenceTask
{
    [Required]
    public string OutputFile { get; set; } = "";

    public string RootNamespace { get; set; } = "";

    /// <summary>The resolved models: a reference whose files only the cache holds needs its folder.</summary>
    public ITaskItem[] Models { get; set; } = [];

    /// <inheritdoc/>
    protected override void Run(IHubLog log, CancellationToken cancel)
    {
        using HubClient client = CreateClient(log);
        if (ReadReferences(client) is not List<ModelItem> models)
            return;
        LockFile? locked = ReadLock();
        Dictionary<string, string> folders = Models.Where(m => Path.IsPathRooted(m.GetMetadata(Names.Folder)))
            .ToDictionary(m => m.ItemSpec, m => m.GetMetadata(Names.Folder), StringComparer.OrdinalIgnoreCase);
        string code = AccessorCode.Write(RootNamespace, [.. models.Select(m => Describe(m, client, locked, folders))]);
        byte[] bytes = Encoding.UTF8.GetBytes(code);
        if (File.Exists(OutputFile) && File.ReadAllBytes(OutputFile).AsSpan().SequenceEqual(bytes))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(OutputFile)!);
        File.WriteAllBytes(OutputFile, bytes);
    }

    private AccessorModel Describe(ModelItem model, HubClient client, LockFile? locked, Dictionary<string, string> folders)
    {
        RepoReference reference = model.Reference;
        string hub = string.Join(';', reference.Hubs.Count > 0 ? reference.Hubs.Select(h => client.Config.Find(h).Name)
            : [client.Config.Find(Settings.DefaultHub is { Length: > 0 } set ? set : client.Config.DefaultHub).Name]);
        LockEntry? entry = locked?.Find(new LockKey(reference.RepoType, reference.RepoId, hub, reference.Revision, reference.Config));
        return new AccessorModel(model.Alias, $"{reference} from {hub}", model.TargetPath, folders.GetValueOrDefault(model.Alias), entry?.Commit ?? "",
            entry is null ? null : [.. entry.Files.Select(f => f.Path).Where(reference.Files.Matches)]);
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
