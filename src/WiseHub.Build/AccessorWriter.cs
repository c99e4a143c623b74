using System.Text;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>Writes the file <c>WiseModels.g.cs</c>.</summary>
/// <param name="path">Absolute path of the file.</param>
/// <param name="rootNamespace">The namespace of the class.</param>
/// <param name="isGlobal">True to add a global using of the namespace.</param>
/// <param name="assemblyName">The name of the assembly.</param>
internal sealed class AccessorWriter(string path, string rootNamespace, bool isGlobal, string assemblyName)
{
    /// <summary>Writes the file only if its text differs, so that the compiler stays up to date.</summary>
    /// <param name="models">The references.</param>
    /// <param name="client">A client with their hubs.</param>
    /// <param name="locked">The lock file; null before the first lock.</param>
    /// <param name="manifests">The manifest of each model, <see cref="ProgramFiles.ManifestsOf"/>.</param>
    public void Write(
        IReadOnlyList<ModelItem> models, HubClient client, LockFile? locked, IReadOnlyList<RunTimeManifest?> manifests)
    {
        string code = AccessorCode.Write(rootNamespace, isGlobal,
            [.. models.Zip(manifests, (model, manifest) => Describe(model, client, locked, manifest))],
            ProgramFiles.CacheFileName(assemblyName));
        GeneratedText.Write(path, Encoding.UTF8.GetBytes(code));
    }

    /// <summary>The files with code that references waive, for a program without the file.</summary>
    public static IEnumerable<string> WaiversOf(IEnumerable<ModelItem> models, HubClient client, LockFile? locked) =>
        models.SelectMany(m => Describe(m, client, locked, manifest: null).Waivers).Distinct();

    private static AccessorModel Describe(ModelItem model, HubClient client, LockFile? locked, RunTimeManifest? manifest)
    {
        RepoReference reference = model.Reference;
        LockKey key = KeyOf(reference, client);
        var described = new AccessorModel(model.Alias, reference.ToString(), key.Hub, model.TargetPath)
        {
            Place = model.Place,
            Revision = reference.Revision ?? "",
            Page = PageOf(reference, client, key.Hub.Split(';')[0]),
        };
        return locked?.Find(key) is not LockEntry entry ? described : described with
        {
            Commit = entry.Commit,
            License = entry.License,
            Files = [.. entry.Files.Where(f => reference.Files.Matches(f.Path))],
            ManifestSha256 = manifest?.Sha256.Hex ?? "",
        };
    }

    // The symbols have a digest of the source, and the assembly one of the symbols. So the text has no place that differs between
    // machines: one of the environment, or of the user's own configuration.
    private static Uri? PageOf(RepoReference reference, HubClient client, string hub) =>
        client.Config.IsBuiltIn(hub) || client.Config.SourceOf(hub) == client.Config.File
            ? client.Repos.GetPageUrl(reference) : null;

    /// <summary>The key of a reference in the lock file.</summary>
    public static LockKey KeyOf(RepoReference reference, HubClient client)
    {
        IEnumerable<string> names = reference.Hubs.Count > 0 ? reference.Hubs : [client.DefaultHub];
        string hub = string.Join(';', names.Select(h => client.Config.Find(h).Name));
        return new LockKey(reference.RepoType, reference.RepoId, hub, reference.Revision, reference.Config);
    }
}
