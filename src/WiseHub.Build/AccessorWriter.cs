using System.Text;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Writes the file <c>WiseModels.g.cs</c>.</summary>
internal sealed class AccessorWriter(string path, string rootNamespace)
{
    /// <summary>Writes the file only if its text differs, so that the compiler stays up to date.</summary>
    /// <param name="models">The references.</param>
    /// <param name="client">A client with their hubs.</param>
    /// <param name="locked">The lock file; null if there is none.</param>
    /// <param name="folders">For each model, the absolute folder of its files; null if they are in the output.</param>
    public void Write(IReadOnlyList<ModelItem> models, HubClient client, LockFile? locked, IReadOnlyList<string?> folders)
    {
        var described = new List<AccessorModel>();
        for (int i = 0; i < models.Count; i++)
            described.Add(Describe(models[i], client, locked, folders[i]));
        string code = AccessorCode.Write(rootNamespace, described);
        byte[] bytes = Encoding.UTF8.GetBytes(code);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
    }

    private static AccessorModel Describe(ModelItem model, HubClient client, LockFile? locked, string? folder)
    {
        RepoReference reference = model.Reference;
        IEnumerable<string> names = reference.Hubs.Count > 0 ? reference.Hubs : [client.DefaultHub];
        string hub = string.Join(';', names.Select(h => client.Config.Find(h).Name));
        LockEntry? entry =
            locked?.Find(new LockKey(reference.RepoType, reference.RepoId, hub, reference.Revision, reference.Config));
        return new AccessorModel(model.Alias, $"{reference} from {hub}", model.TargetPath, folder, entry?.Commit ?? "",
            entry is null ? null : [.. entry.Files.Select(f => f.Path).Where(reference.Files.Matches)]);
    }
}
