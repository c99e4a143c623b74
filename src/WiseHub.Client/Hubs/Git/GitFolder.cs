using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A temporary folder with a bare repository; gone when it is disposed.</summary>
internal sealed class GitFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wisehub-git-");

    public string Path => _folder.FullName;

    /// <summary>Makes the repository. No template: it may have hooks.</summary>
    public Task InitAsync(GitTool git, bool isSha256, CancellationToken cancel) =>
        git.GitAsync(["-C", Path, "init", "--quiet", "--bare", "--template=",
            .. isSha256 ? ["--object-format=sha256"] : Array.Empty<string>()], cancel);

    // git makes its packs read-only.
    public void Dispose() => ContendedFiles.OfSystem.DeleteFolder(Path);
}
