using WiseHub.Client.Files;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>Copies in folders of this machine, written by the other tool or placed by hand.</summary>
internal sealed class HgLocalStore(HgSettings settings)
{
    // Links may lead out of the copy.
    private static readonly EnumerationOptions NoLinks =
        new() { AttributesToSkip = FileAttributes.ReparsePoint, RecurseSubdirectories = true, IgnoreInaccessible = false };

    /// <summary>The folder of a copy, whether it exists or not; null without a local store.</summary>
    public string? FolderOf(HgCopyName name, bool isPublic) =>
        settings.LocalRoot(name.Type, isPublic) is string root ? Path.Combine(root, Native(name.Folder(settings.Layout))) : null;

    /// <summary>Finds a copy: the public one, then the private one.</summary>
    /// <returns>Null if neither has a marker.</returns>
    /// <exception cref="HubException">WISE2051, WISE3040, or an error of the file system.</exception>
    public async Task<HgCopy?> FindAsync(HgCopyName name, CancellationToken cancel) =>
        await FindAsync(name, isPublic: true, cancel).ConfigureAwait(false)
        ?? await FindAsync(name, isPublic: false, cancel).ConfigureAwait(false);

    public async Task<HgCopy?> FindAsync(HgCopyName name, bool isPublic, CancellationToken cancel)
    {
        if (FolderOf(name, isPublic) is not string folder || !Directory.Exists(folder))
            return null;
        try
        {
            // A file whose name is not UTF-8 is listed, and rejected if it is selected: the system does not find it by the text
            // that .NET gives for its name.
            List<HgFile> listing = [.. Content(folder).Select(
                f => new HgFile(Relative(folder, f), IsFindable(f.FullName) ? f.Length : 0, null, "")).DistinctBy(f => f.Path)];
            if (Read(folder, HgChecksums.FileName) is byte[] bytes)
            {
                HgChecksums checksums = HgChecksums.Parse(bytes, Path.Combine(folder, HgChecksums.FileName));
                return Copy(name, folder, isPublic, HgPresence.Whole, checksums.Complete(name, listing, folder), cancel) with
                {
                    MirroredCommit = checksums.Commit
                };
            }
            HgPresence presence = await HgMarkers.LookAsync(name.Type,
                listing.Select(f => f.Path).ToHashSet(StringComparer.Ordinal), folder,
                path => Task.FromResult(Read(folder, path))).ConfigureAwait(false);
            return presence == HgPresence.None ? null : Copy(name, folder, isPublic, presence, listing, cancel);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"The local copy {folder} cannot be read");
        }
    }

    /// <summary>
    /// All copies of one kind. Without our checksum file, the id is guessed from the folder, as the other tool does.
    /// </summary>
    public IReadOnlyList<HgCopyInfo> List(RepoType type)
    {
        var found = new List<HgCopyInfo>();
        try
        {
            foreach (bool isPublic in (ReadOnlySpan<bool>)[true, false])
            {
                if (settings.LocalRoot(type, isPublic) is not string root || !Directory.Exists(root))
                    continue;
                foreach (string id in Folders(root)
                    .Where(f => Path.GetFileName(f) is not ("by_bucket" or "public") && !IsModels(f)))
                {
                    foreach (string folder in type == RepoType.Dataset ? Folders(id).SelectMany(Folders) : Folders(id))
                    {
                        if (Describe(type, root, folder, isPublic) is HgCopyInfo copy)
                            found.Add(copy);
                    }
                }
            }
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"The local store of hg_localization cannot be listed");
        }
        return HgCopyInfo.Sorted(found);
    }

    private static byte[]? Read(string folder, string path)
    {
        var file = new FileInfo(Path.Combine(folder, Native(path)));
        return file.Exists && file.Length <= HgChecksums.MaxBytes ? ContendedFiles.OfSystem.Read(file.FullName) : null;
    }

    /// <summary>The content files of a folder.</summary>
    public static IEnumerable<FileInfo> Content(string folder) =>
        new DirectoryInfo(folder).EnumerateFiles("*", NoLinks)
            .Where(f => HgFile.IsContent(Relative(folder, f)) && !TemporaryNames.IsTemporary(f.Name));

    public static string Relative(string folder, FileInfo file) =>
        Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/');

    private HgCopy Copy(
        HgCopyName name, string folder, bool isPublic, HgPresence presence, IReadOnlyList<HgFile> files, CancellationToken cancel)
    {
        // Without our checksum file, the files are hashed, so that the same copy is the same commit on every machine.
        List<HgFile> known = [.. files.Select(f => f.Sha256 is null && IsFindable(f.Path)
            ? f with { Sha256 = BlobStore.HashFile(Path.Combine(folder, Native(f.Path)), cancel) } : f)];
        return new HgCopy(name, folder, presence, known, (file, _) => Task.FromResult(new BlobLocation
        {
            Hub = settings.Definition.Name,
            LocalPath = Path.Combine(folder, Native(file)),
        }))
        { Folder = folder, IsPublic = isPublic };
    }

    // With a 'path' in wisehub.json, models are below the datasets, as in a bucket.
    private bool IsModels(string folder) => folder == settings.ModelsStore;

    private HgCopyInfo? Describe(RepoType type, string root, string folder, bool isPublic)
    {
        string[] parts = Path.GetRelativePath(root, folder).Split(Path.DirectorySeparatorChar);
        string checksums = Path.Combine(folder, HgChecksums.FileName);
        if (File.Exists(checksums))
        {
            HgCopyName name = HgChecksums.Parse(ContendedFiles.OfSystem.Read(checksums), checksums).Name;
            return new HgCopyInfo(type, name.Id, name.Config, name.Revision, isPublic, IdIsGuessed: false);
        }
        bool exists = type == RepoType.Dataset
            ? File.Exists(Path.Combine(folder, HgMarkers.Info)) || File.Exists(Path.Combine(folder, HgMarkers.Dict))
            : File.Exists(Path.Combine(folder, HgMarkers.ModelConfig)) || File.Exists(Path.Combine(folder, HgMarkers.ModelCard));
        return exists ? HgCopyInfo.FromFolders(type, parts, settings.Layout, isPublic) : null;
    }

    private static IEnumerable<string> Folders(string folder) =>
        Directory.EnumerateDirectories(folder, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.ReparsePoint });

    private static bool IsFindable(string path) => !path.Contains(FileNameBytes.NotUtf8, StringComparison.Ordinal);

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);
}
