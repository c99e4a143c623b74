using WiseHub.Benchmarks.Hub;

namespace WiseHub.Benchmarks.Peers;

/// <summary>Hashing the contents where they are: no verified download can be faster on one core.</summary>
internal sealed class OpenSslDigest : IPeer
{
    public string Name => "openssl dgst -sha256";

    public bool? Verifies => null;

    public Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel) =>
        Task.FromResult(Programs.Exists("openssl") ? null : "openssl is not installed");

    public Command Fetch(Job job) => new("openssl", ["dgst", "-sha256", .. job.Repo.Files.Select(f => f.Blob.File)]);
}

/// <summary>Copying the contents on one disk.</summary>
internal sealed class CopyFiles : IPeer
{
    public string Name => "cp";

    public bool? Verifies => null;

    public Task<string?> PrepareAsync(HubRepo repo, Uri endpoint, CancellationToken cancel) =>
        Task.FromResult(Programs.Exists("cp") ? null : "cp is not installed");

    public Command Fetch(Job job) => new("cp", ["--reflink=never", .. job.Repo.Files.Select(f => f.Blob.File), job.Folder]);
}
