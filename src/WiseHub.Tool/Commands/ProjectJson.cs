using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>What the JSON objects of several commands have in common.</summary>
internal static class ProjectJson
{
    /// <summary>The key of a lock entry, with its commit if there is one.</summary>
    public static void WriteKey(Utf8JsonWriter json, LockKey key, string? commit)
    {
        json.WriteString("repoType", key.RepoType.ToText());
        json.WriteString("repoId", key.RepoId);
        json.WriteString("hub", key.Hub);
        if (key.Revision is not null)
            json.WriteString("revision", key.Revision);
        if (key.Config is not null)
            json.WriteString("config", key.Config);
        if (commit is not null)
            json.WriteString("commit", commit);
    }
}
