using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Peers;

/// <summary>
/// curl with a list of all files, several at a time; one file the plain way. It verifies nothing, unless openssl hashes
/// everything afterwards.
/// </summary>
internal sealed class Curl(bool thenHashes = false) : IPeer
{
    private const string HashAll = """curl "$@" && find . -type f ! -name list.curl -print0 | xargs -0 openssl dgst -sha256""";

    public string Name => thenHashes ? "curl, then openssl dgst" : "curl";

    // It hashes, and compares with nothing; that costs nothing more.
    public bool? Verifies => thenHashes;

    public Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel) =>
        Task.FromResult(!Programs.Exists("curl") ? "curl is not installed" : thenHashes && !Programs.Exists("openssl")
            ? "openssl is not installed" : null);

    public Command Fetch(Job job)
    {
        string list = Path.Combine(job.Folder, "list.curl");
        File.WriteAllLines(list, job.Repo.Files.SelectMany(f =>
            new[] { $"url = \"{new Uri(job.Endpoint, $"{job.Repo.Id}/resolve/main/{f.Path}")}\"", $"output = \"{f.Path}\"" }));
        string[] arguments = ["-sSf", "--create-dirs",
            .. job.Repo.Files.Count == 1 ? (string[])[] : ["--parallel", "--parallel-max", $"{job.Connections}"], "-K", list];
        return new Command(thenHashes ? "sh" : "curl", thenHashes ? ["-c", HashAll, "sh", .. arguments] : arguments)
        { Folder = job.Folder };
    }
}
