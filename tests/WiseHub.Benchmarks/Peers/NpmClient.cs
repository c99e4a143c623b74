using WiseHub.Benchmarks.Hub;
using WiseHub.Benchmarks.Reporting;
using WiseHub.Testing;

namespace WiseHub.Benchmarks.Peers;

/// <summary>
/// snapshotDownload of npm's @huggingface/hub, in the version that tests/hf-js pins; installed once a run, in a
/// folder of its own.
/// </summary>
internal sealed class NpmClient(string folder) : IPeer
{
    private Task<string?>? _installed;

    public string Name => "npm @huggingface/hub";

    public bool? Verifies => false;

    public Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel) =>
        _installed ??= InstallAsync(cancel);

    public Command Fetch(Job job) => Fetch(job, "main");

    public Command Fetch(Job job, string revision) =>
        new("node", Path.Combine(folder, "snapshot.mjs"), job.Repo.Id, revision, job.Folder,
            job.Endpoint.GetLeftPart(UriPartial.Authority));

    private async Task<string?> InstallAsync(CancellationToken cancel)
    {
        if (!Programs.Exists("node") || !Programs.Exists("npm"))
            return "Node.js or npm is not installed";
        Directory.CreateDirectory(folder);
        foreach (string file in (string[])["package.json", "package-lock.json"])
            File.Copy(RepoFiles.At("tests", "hf-js", file), Path.Combine(folder, file));
        File.Copy(RepoFiles.At("tests", "WiseHub.Benchmarks", "Peers", "snapshot.mjs"), Path.Combine(folder, "snapshot.mjs"));
        try
        {
            await Programs.RunAsync(new Command("npm", "ci", "--silent", "--no-audit", "--no-fund") { Folder = folder }, cancel);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return Row.Failure(e);
        }
    }
}
