using System.Text.Json;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Restoring;

/// <summary>
/// Records which entries of a lock file are used, and by which projects. Projects, configurations and target frameworks may
/// share a lock file, and no evaluation sees all of them. So each writes the entries that it uses to a file of its own, and
/// entries that none of them uses can be removed.
/// </summary>
internal static class LockUse
{
    /// <summary>The users of a lock file.</summary>
    /// <param name="Projects">Absolute paths.</param>
    /// <param name="Keys">The entries that one of them uses.</param>
    private sealed record Users(HashSet<string> Projects, HashSet<LockKey> Keys);

    /// <summary>Writes what a project uses to a new file in a folder.</summary>
    public static void Write(string folder, string project, string lockFile, IReadOnlyList<UsedReference> references)
    {
        using FileStream file = new(Path.Combine(folder, $"{Guid.NewGuid():N}.json"), FileMode.CreateNew);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteString("project", project);
        json.WriteString("lockFile", lockFile);
        json.WriteStartArray("references");
        foreach (UsedReference used in references)
        {
            json.WriteStartObject();
            json.WriteString("alias", used.Alias);
            json.WriteString("configFile", used.ConfigFile);
            json.WriteString("repoType", used.Key.RepoType.ToText());
            json.WriteString("repoId", used.Key.RepoId);
            json.WriteString("hub", used.Key.Hub);
            json.WriteString("revision", used.Key.Revision);
            json.WriteString("config", used.Key.Config);
            WriteList(json, "allow", used.Reference.Files.Allow);
            WriteList(json, "ignore", used.Reference.Files.Ignore);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The references in the files of a folder, sorted and without duplicates.</summary>
    public static IReadOnlyList<UsedReference> ReadReferences(string folder)
    {
        List<UsedReference> all = [.. Directory.EnumerateFiles(folder, "*.json").SelectMany(f => ReadFile(f).References)
            .DistinctBy(u => (u.Project, u.LockFile, u.Alias, u.Key, u.Reference.Files))];
        Utf8Ordinal.Sort(all, u => string.Join('\0', u.Project, u.Alias, u.Key, u.Reference.Files));
        return all;
    }

    /// <summary>Removes the entries that no project uses, by the files in a folder.</summary>
    /// <exception cref="HubException">
    /// WISE4010: others may use the lock file; WISE4001, WISE4002, WISE4011 or a code of the file system.
    /// </exception>
    public static async Task RemoveUnusedAsync(
        ClientContext context, string folder, Func<LockKey, bool> which, CancellationToken cancel)
    {
        foreach ((string path, Users users) in Read(folder).OrderBy(u => u.Key, StringComparer.Ordinal))
        {
            try
            {
                RequireAll(path, users);
                string name = context.Store.LockPath("lock file " + path);
                using FileLock held = await FileLock.AcquireAsync(name, path,
                    context.Log, context.Time, cancel).ConfigureAwait(false);
                LockFile file = LockFile.Read(path) ?? LockFile.Empty;
                List<LockEntry> unused = [.. file.Entries.Where(e => !users.Keys.Contains(e.Key) && which(e.Key))];
                if (unused.Count == 0)
                    continue;
                AtomicFile.Write(path, file.Keep(file.Entries.Except(unused).Select(e => e.Key).ToHashSet()).ToBytes());
                LockFile.LogRemoved(context.Log, path, unused);
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                throw IoFailures.ToHubException(e, RestoreMessages.LockFileNotWritten(path));
            }
        }
    }

    // A lock file belongs to the projects in its folder. One in another folder is shared with unknown projects; if the caller
    // names several of them, these are assumed to be all.
    private static void RequireAll(string lockFile, Users users)
    {
        string folder = Path.GetDirectoryName(lockFile)!;
        string[] beside = [.. Directory.EnumerateFiles(folder, "*.*proj").Order(StringComparer.Ordinal)];
        if (beside.FirstOrDefault(p => !users.Projects.Contains(p)) is string other)
            throw RestoreMessages.ProjectNotChecked(lockFile, other);
        if (users.Projects.Count == 1 && beside.Length == 0)
            throw RestoreMessages.SharedElsewhere(lockFile, users.Projects.Single());
    }

    private static Dictionary<string, Users> Read(string folder)
    {
        var all = new Dictionary<string, Users>(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(folder, "*.json"))
        {
            (string project, string lockFile, List<UsedReference> references) = ReadFile(path);
            if (!all.TryGetValue(lockFile, out Users? users))
                all[lockFile] = users = new Users([], []);
            users.Projects.Add(project);
            users.Keys.UnionWith(references.Select(r => r.Key));
        }
        return all;
    }

    private static (string Project, string LockFile, List<UsedReference> References) ReadFile(string path)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
        string project = json.RootElement.GetProperty("project").GetString()!,
            lockFile = json.RootElement.GetProperty("lockFile").GetString()!;
        var references = new List<UsedReference>();
        foreach (JsonElement item in json.RootElement.GetProperty("references").EnumerateArray())
        {
            string? Text(string name) => item.GetProperty(name).GetString();
            string[] List(string name) => [.. item.GetProperty(name).EnumerateArray().Select(p => p.GetString()!)];
            if (!RepoTypes.TryParse(Text("repoType")!, out RepoType type))
                throw new FormatException((Text)$"{path}: '{Text("repoType")}' is not a type of repo.");
            var key = new LockKey(type, Text("repoId")!, Text("hub")!, Text("revision"), Text("config"));
            references.Add(new UsedReference(project, lockFile, Text("configFile"), Text("alias")!, key, new RepoReference
            {
                RepoId = key.RepoId,
                RepoType = type,
                Hubs = key.Hub.Split(';'),
                Revision = key.Revision,
                Config = key.Config,
                Files = new FileSelection(List("allow"), List("ignore")),
            }));
        }
        return (project, lockFile, references);
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
