using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Peers;

/// <summary>git clone of a repo on the same disk; LFS files come from the hub. Git verifies everything.</summary>
internal sealed class GitClone(string folder, HubContent content) : IPeer
{
    // Nothing of the user's own git may matter, and git-lfs need not be set up for the user.
    private static readonly Dictionary<string, string?> Environment = new()
    {
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_AUTHOR_NAME"] = "bench",
        ["GIT_AUTHOR_EMAIL"] = "bench@localhost",
        ["GIT_COMMITTER_NAME"] = "bench",
        ["GIT_COMMITTER_EMAIL"] = "bench@localhost",
    };

    public string Name => "git clone";

    public bool? Verifies => true;

    public async Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel)
    {
        if (!Programs.Exists("git"))
            return "git is not installed";
        if (repo.Files.Any(f => f.Blob.IsLfs))
        {
            if (!Programs.Exists("git-lfs"))
                return "git-lfs is not installed";
            content.WriteLfs(repo, endpoint);
        }
        if (!Directory.Exists(Remote(repo)))
        {
            await GitAsync(folder, cancel, "init", "-q", "-b", "main", Remote(repo));
            await CommitAsync(repo, cancel);
        }
        return null;
    }

    public Command Fetch(Job job)
    {
        string[] lfs = !job.Repo.Files.Any(f => f.Blob.IsLfs) ? []
            : ["-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true",
                "-c", $"lfs.url={new Uri(job.Endpoint, $"lfs/{job.Repo.Id}")}"];
        return Git(job.Folder, ["clone", "-q", "--single-branch", "-b", "main", .. lfs, $"file://{Remote(job.Repo)}", "clone"]);
    }

    /// <summary>Brings the clone that <see cref="Fetch"/> made up to a revision.</summary>
    public static Command Pull(Job job, string revision) =>
        Git(Path.Combine(job.Folder, "clone"), "pull", "-q", "origin", revision);

    /// <summary>
    /// Adds a revision to a prepared repo, one commit after the one that is cloned; does nothing when it is there.
    /// </summary>
    public async Task AddRevisionAsync(HubRepo repo, string revision, CancellationToken cancel)
    {
        string remote = Remote(repo);
        if (File.Exists(Path.Combine(remote, ".git", "refs", "heads", revision)))
            return;
        await GitAsync(remote, cancel, "checkout", "-q", "-b", revision);
        await CommitAsync(repo, cancel);
        await GitAsync(remote, cancel, "checkout", "-q", "main");
    }

    private async Task CommitAsync(HubRepo repo, CancellationToken cancel)
    {
        string remote = Remote(repo);
        foreach ((string path, Blob blob) in repo.Files)
        {
            string file = Path.Combine(remote, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (blob.IsLfs)
                await File.WriteAllTextAsync(file, blob.Pointer, cancel);
            else
                File.Copy(blob.File, file, overwrite: true);
        }
        if (repo.Files.Any(f => f.Blob.IsLfs))
            await File.WriteAllTextAsync(Path.Combine(remote, ".gitattributes"),
                "*.bin filter=lfs diff=lfs merge=lfs -text\n", cancel);
        await GitAsync(remote, cancel, "add", "-A");
        await GitAsync(remote, cancel, "commit", "-q", "-m", repo.Commit);
    }

    private string Remote(HubRepo repo) => Path.Combine(folder, repo.Id.Replace('/', '-'));

    private static Command Git(string folder, params IReadOnlyList<string> arguments) =>
        new("git", arguments) { Folder = folder, Environment = Environment };

    private static Task<string> GitAsync(string folder, CancellationToken cancel, params string[] arguments) =>
        Programs.RunAsync(Git(folder, arguments), cancel);
}
