using WiseHub.Client.Files;

namespace WiseHub.Client.Pushing;

/// <summary>Writes contents that are not files yet to a temporary folder, until the push ends.</summary>
internal sealed class GivenContents : IDisposable
{
    private DirectoryInfo? _folder;

    private GivenContents()
    {
    }

    /// <summary>The files of the push, all with a local path.</summary>
    public IReadOnlyList<PushFile> Files { get; private set; } = [];

    /// <exception cref="HubException">
    /// WISE5004: two files have the same path in the repo, or a stream cannot be read again. Or a code of the file system.
    /// </exception>
    public static async Task<GivenContents> WriteAsync(IReadOnlyList<PushFile> files, CancellationToken cancel)
    {
        var contents = new GivenContents();
        try
        {
            var all = new List<PushFile>();
            foreach (PushFile file in PushSet.Combine(files))
                all.Add(file.WriteAsync is null ? file
                    : await contents.WriteAsync(file, all.Count, cancel).ConfigureAwait(false));
            contents.Files = all;
            return contents;
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_folder is not null)
            ContendedFiles.OfSystem.DeleteFolder(_folder.FullName);
    }

    private async Task<PushFile> WriteAsync(PushFile file, int number, CancellationToken cancel)
    {
        _folder ??= Directory.CreateTempSubdirectory("wisehub-push-");
        string path = Path.Combine(_folder.FullName, $"{number}");
        try
        {
            FileStream to = File.Create(path);
            await using (to.ConfigureAwait(false))
                await file.WriteAsync!(to, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PushMessages.NotCopied(file.PathInRepo, path));
        }
        return new PushFile(path, file.PathInRepo) { IsTemporary = true };
    }
}
