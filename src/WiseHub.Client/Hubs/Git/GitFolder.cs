using WiseHub.Client.Files;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A temporary folder with a bare repository, deleted by <see cref="Dispose"/>.</summary>
internal sealed class GitFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("wisehub-git-");

    public string Path => _folder.FullName;

    /// <summary>Creates the repository, without a template, which may have hooks.</summary>
    public Task InitAsync(GitTool git, bool isSha256, CancellationToken cancel) =>
        git.GitAsync(["-C", Path, "init", "--quiet", "--bare", "--template=",
            .. isSha256 ? ["--object-format=sha256"] : Array.Empty<string>()], cancel);

    // DeleteFolder also deletes read-only files, such as git's packs.
    public void Dispose() => ContendedFiles.OfSystem.DeleteFolder(Path);
}
