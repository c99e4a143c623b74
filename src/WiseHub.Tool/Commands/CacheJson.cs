using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool.Commands;

/// <summary>Writes the results of <c>wisehub cache</c> as JSON.</summary>
internal static class CacheJson
{
    public static void Write(Utf8JsonWriter json, CacheReport report)
    {
        json.WriteString("path", report.Root);
        JsonOutput.WriteList(json, "repos", report.Repos, repo =>
        {
            json.WriteString("hub", repo.Hub);
            json.WriteString("repoType", repo.RepoType.ToText());
            json.WriteString("repoId", repo.RepoId);
            json.WriteNumber("files", repo.Files);
            json.WriteNumber("size", repo.Size);
            json.WriteString("lastUsed", repo.LastUsed);
            JsonOutput.WriteList(json, "commits", repo.Commits, commit =>
            {
                json.WriteString("commit", commit.Commit);
                JsonOutput.WriteStrings(json, "revisions", commit.Revisions);
                JsonOutput.WriteStrings(json, "lockFiles", commit.LockFiles);
                json.WriteNumber("files", commit.Files);
                json.WriteNumber("size", commit.Size);
                json.WriteString("lastUsed", commit.LastUsed);
            });
        });
        json.WriteNumber("files", report.Files);
        json.WriteNumber("size", report.Size);
        json.WriteNumber("unusedFiles", report.UnusedFiles);
        json.WriteNumber("unusedSize", report.UnusedSize);
        json.WriteNumber("partialSize", report.PartialSize);
    }

    public static void Write(Utf8JsonWriter json, CacheVerification verification)
    {
        json.WriteString("path", verification.Root);
        json.WriteNumber("files", verification.Files);
        json.WriteNumber("size", verification.Size);
        JsonOutput.WriteList(json, "problems", verification.Problems, problem =>
        {
            json.WriteString("code", WiseCodes.CacheDamaged);
            json.WriteString("path", problem.Path);
            json.WriteString("message", problem.Message);
        });
    }

    public static void Write(Utf8JsonWriter json, CacheRemoval removal)
    {
        json.WriteString("path", removal.Root);
        json.WriteBoolean("dryRun", removal.DryRun);
        JsonOutput.WriteList(json, "commits", removal.Commits, commit =>
        {
            json.WriteString("hub", commit.Hub);
            json.WriteString("repoType", commit.RepoType.ToText());
            json.WriteString("repoId", commit.RepoId);
            json.WriteString("commit", commit.Commit);
            json.WriteString("lastUsed", commit.LastUsed);
        });
        JsonOutput.WriteList(json, "lockFiles", removal.LockFiles, lockFile =>
        {
            json.WriteString("path", lockFile.Path);
            json.WriteBoolean("exists", lockFile.Exists);
            json.WriteString("lastUsed", lockFile.LastUsed);
        });
        JsonOutput.WriteStrings(json, "keptBy", removal.KeptBy);
        json.WriteNumber("files", removal.Files);
        json.WriteNumber("size", removal.Size);
        json.WriteNumber("leftovers", removal.Leftovers);
        json.WriteNumber("leftoverSize", removal.LeftoverSize);
        json.WriteNumber("sizeLeft", removal.SizeLeft);
    }
}
