using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>
/// Writes the files that tell a program where its models are, if they are not beside it: the manifest of a model that is fetched
/// at run time, and the folders of models that are only in the cache. The assembly has no path of the machine that builds it.
/// </summary>
internal sealed class ProgramFiles(string folder, string assemblyName)
{
    /// <summary>The name of the file with the folders in the cache. It is never published.</summary>
    public static string CacheFileName(string assemblyName) => assemblyName + ".wise.dev.txt";

    /// <summary>The manifests of the models that are fetched at run time; null for others, and before the first lock.</summary>
    public static RunTimeManifest?[] ManifestsOf(IEnumerable<ModelItem> models, HubClient client, LockFile? locked) =>
    [
        .. models.Select(m => m.Place == ModelPlace.RunTime
            && locked?.Find(AccessorWriter.KeyOf(m.Reference, client)) is LockEntry entry
            ? RunTimeManifest.Create(client.Config, entry, m.Reference.Files, m.Reference.Waive) : null),
    ];

    /// <summary>Writes the files, and returns an item for each with the metadata for the SDK's copy.</summary>
    public ITaskItem[] Write(
        IReadOnlyList<ModelItem> models, RunTimeManifest?[] manifests, IReadOnlyList<Snapshot> snapshots)
    {
        var items = new List<ITaskItem>();
        var inCache = new StringBuilder();
        for (int i = 0; i < models.Count; i++)
        {
            ModelItem model = models[i];
            if (model.Place == ModelPlace.Cache && snapshots[i].Directory is string directory)
                inCache.Append(model.Alias).Append('\t').Append(directory).Append('\n');
            if (manifests[i] is not RunTimeManifest manifest)
                continue;
            string link = AccessorCode.ManifestPath(model.Alias);
            items.Add(Write(Path.GetFileName(link), manifest.ToBytes(), link, "IfDifferent"));
        }
        if (inCache.Length > 0)
        {
            string name = CacheFileName(assemblyName);
            items.Add(Write(name, Encoding.UTF8.GetBytes(inCache.ToString()), name, "Never"));
        }
        return [.. items];
    }

    private TaskItem Write(string name, byte[] content, string link, string copyToPublish)
    {
        string path = Path.Combine(folder, name);
        GeneratedText.Write(path, content);
        return new TaskItem(ModelItem.Escape(path), new Dictionary<string, string>
        {
            [Names.Link] = ModelItem.Escape(link),
            [Names.CopyToOutputDirectory] = "IfDifferent",
            [Names.CopyToPublishDirectory] = copyToPublish,
        });
    }
}
