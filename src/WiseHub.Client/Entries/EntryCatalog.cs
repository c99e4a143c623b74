using System.Text;
using WiseHub.Client.Files;

namespace WiseHub.Client.Entries;

/// <summary>Combines the entries of a commit from all files that describe them.</summary>
internal static class EntryCatalog
{
    /// <param name="folder">The folder with the files of the repo.</param>
    /// <param name="name">The names of the files that describe entries.</param>
    /// <param name="present">The ones that the repo has.</param>
    /// <param name="paths">All paths of the repo.</param>
    /// <param name="what">The repo, for messages.</param>
    /// <exception cref="HubException">WISE1045.</exception>
    public static List<HubEntry> Read(
        string folder, EntryFileName name, IReadOnlyCollection<string> present, IReadOnlyCollection<string> paths, string what)
    {
        string At(string path) => Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
        byte[]? Bytes(string path) => present.Contains(path) ? ContendedFiles.OfSystem.Read(At(path)) : null;

        var entries = new Dictionary<string, HubEntry>(StringComparer.Ordinal);
        if (Bytes(name.Script) is byte[] script)
            HubConfScript.Read(Encoding.UTF8.GetString(script), module => IsOfRepo(module, name.Folder, paths))
                .ForEach(e => entries[e.Name] = e);
        if (Bytes(name.Json) is byte[] json)
        {
            foreach (HubEntry declared in HubConfJson.Read(json, $"{what}/{name.Json}"))
                entries[declared.Name] = entries.TryGetValue(declared.Name, out HubEntry? scanned) ? Join(scanned, declared)
                    : declared;
        }
        if (present.Contains(name.Assembly))
        {
            XmlDocs? docs = Bytes(name.Docs) is byte[] xml ? XmlDocs.Read(xml, $"{what}/{name.Docs}") : null;
            List<string> needed = Bytes(name.Dependencies) is byte[] deps
                ? HubConfAssembly.ReadDependencies(deps, name.Stem, $"{what}/{name.Dependencies}") : [];
            foreach (HubEntry code in HubConfAssembly.Read(At(name.Assembly), docs, needed, $"{what}/{name.Assembly}"))
                entries[code.Name] = entries.TryGetValue(code.Name, out HubEntry? declared) && declared.Kind == EntryKind.Files
                    ? Join(code, declared) : code;
        }
        return [.. entries.Values.OrderBy(e => e.Name, StringComparer.Ordinal)];
    }

    /// <exception cref="HubException">WISE1043.</exception>
    public static HubEntry Find(IReadOnlyList<HubEntry> entries, string name, string what) =>
        entries.FirstOrDefault(e => e.Name == name) ?? throw EntryMessages.UnknownEntry(what, name, entries);

    /// <summary>Checks the names of arguments before any code is loaded.</summary>
    /// <exception cref="HubException">WISE1042.</exception>
    public static void CheckArguments(HubEntry entry, IReadOnlyCollection<string> names, string what)
    {
        if (names.FirstOrDefault(a => entry.Parameters.All(p => p.Name != a)) is string unknown)
            throw EntryMessages.UnknownParameter(what, entry, unknown);
        if (entry.Parameters.FirstOrDefault(p => !p.IsOptional && p.Type != nameof(CancellationToken)
            && !names.Contains(p.Name)) is EntryParameter missing)
            throw EntryMessages.MissingArgument(what, entry, missing.Name);
    }

    // The owner's explicit description takes precedence over the code, except for facts that only the code has.
    private static HubEntry Join(HubEntry found, HubEntry declared) => found with
    {
        Summary = declared.Summary ?? found.Summary,
        Files = declared.Files,
        Dependencies = [.. found.Dependencies.Concat(declared.Dependencies).Distinct(StringComparer.Ordinal)],
        PretrainedUrl = declared.PretrainedUrl ?? found.PretrainedUrl,
    };

    // .x belongs to the repo; so does x.y if x is a folder or file beside hubconf.py.
    private static bool IsOfRepo(string module, string folder, IReadOnlyCollection<string> paths)
    {
        if (module.StartsWith('.'))
            return true;
        string root = folder + module.Split('.')[0];
        return paths.Any(p => p == root + ".py" || p.StartsWith(root + "/", StringComparison.Ordinal));
    }
}
