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

    /// <summary>Writes the entries that a project uses to a new file in a folder.</summary>
    public static void Write(string folder, string project, string lockFile, IEnumerable<LockKey> keys)
    {
        using FileStream file = new(Path.Combine(folder, $"{Guid.NewGuid():N}.json"), FileMode.CreateNew);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteString("project", project);
        json.WriteString("lockFile", lockFile);
        json.WriteStartArray("keys");
        foreach (LockKey key in keys)
        {
            json.WriteStartArray();
            json.WriteStringValue(key.RepoType.ToText());
            json.WriteStringValue(key.RepoId);
            json.WriteStringValue(key.Hub);
            json.WriteStringValue(key.Revision);
            json.WriteStringValue(key.Config);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Removes the entries that no project uses, by the files in a folder.</summary>
    /// <exception cref="HubException">
    /// WISE4010: others may use the lock file; WISE4001, WISE4002, WISE4011 or a code of the file system.
    /// </exception>
    public static async Task RemoveUnusedAsync(ClientContext context, string folder, CancellationToken cancel)
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
                List<LockEntry> unused = [.. file.Entries.Where(e => !users.Keys.Contains(e.Key))];
                if (unused.Count == 0)
                    continue;
                AtomicFile.Write(path, file.Keep(users.Keys).ToBytes());
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
            using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(path));
            string lockFile = json.RootElement.GetProperty("lockFile").GetString()!;
            if (!all.TryGetValue(lockFile, out Users? users))
                all[lockFile] = users = new Users([], []);
            users.Projects.Add(json.RootElement.GetProperty("project").GetString()!);
            foreach (JsonElement key in json.RootElement.GetProperty("keys").EnumerateArray())
            {
                string?[] parts = [.. key.EnumerateArray().Select(p => p.GetString())];
                if (!RepoTypes.TryParse(parts[0]!, out RepoType type))
                    throw new FormatException($"{path}: '{parts[0]}' is not a type of repo.");
                users.Keys.Add(new LockKey(type, parts[1]!, parts[2]!, parts[3], parts[4]));
            }
        }
        return all;
    }
}
