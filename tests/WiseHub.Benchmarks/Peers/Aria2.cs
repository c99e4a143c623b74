using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Peers;

/// <summary>
/// aria2c: several ranges of a large file, or several files at a time. It verifies nothing unless checksums are listed.
/// </summary>
internal sealed class Aria2(bool verifies = false) : IPeer
{
    public string Name => verifies ? "aria2c with checksums" : "aria2c";

    public bool? Verifies => verifies;

    public Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel) =>
        Task.FromResult(Programs.Exists("aria2c") ? null : "aria2c is not installed");

    public Command Fetch(Job job)
    {
        string list = Path.Combine(job.Folder, "list.aria2");
        File.WriteAllLines(list, job.Repo.Files.SelectMany(f => (string[])
        [
            new Uri(job.Endpoint, $"{job.Repo.Id}/resolve/main/{f.Path}").AbsoluteUri, $"  out={f.Path}",
            .. verifies ? (string[])[$"  checksum=sha-256={f.Blob.Sha256}"] : [],
        ]));
        return new Command("aria2c", "-q", "-x8", "-s8", "-j", $"{job.Connections}", "--file-allocation=falloc",
            "-d", job.Folder, "-i", list);
    }
}
