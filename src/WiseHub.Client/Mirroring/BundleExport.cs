using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;
using WiseHub.Client.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>Writes commits into a bundle. The same commits and have-lists give the same bytes.</summary>
internal sealed class BundleExport(ClientContext context, CancellationToken cancel)
{
    public async Task<MirrorResult> RunAsync(ExportBundleRequest request)
    {
        HashSet<string> have = HaveList.Read(request.HavePaths);
        List<MirroredCommit> commits = await new MirrorSource(context, cancel)
            .ReadAsync(request, target: null).ConfigureAwait(false);
        List<MirroredContent> contents = [.. commits.SelectMany(c => c.Contents).DistinctBy(c => c.Sha256.Hex)
            .OrderBy(c => c.Sha256.Hex, StringComparer.Ordinal)];
        List<MirroredContent> blobs = [.. contents.Where(c => !have.Contains(c.Sha256.Hex))];
        SortedDictionary<string, byte[]> texts = Texts(commits);
        var manifest = new BundleManifest(
            [.. blobs.Select(b => new BundleFile(BlobStore.RelativePath(b.Sha256), b.Size, b.Sha256)),
                .. texts.Select(t => new BundleFile(t.Key, t.Value.Length, Digest.FromBytes(SHA256.HashData(t.Value))))],
            [.. contents.Where(c => have.Contains(c.Sha256.Hex)).Select(c => c.Sha256)]);
        string path = Path.GetFullPath(request.BundlePath), temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    Write(file, manifest, blobs, texts);
                    NativeFile.Sync(file);
                }
                ContendedFiles.OfSystem.Replace(temporary, path);
            }
            finally
            {
                ContendedFiles.OfSystem.Discard(temporary);
            }
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, MirroringMessages.NotWritten(path));
        }
        return new MirrorResult
        {
            Commits = [.. commits.Select(c => c.Show())],
            FilesWritten = blobs.Count,
            BytesWritten = blobs.Sum(b => b.Size),
            FilesLeftOut = manifest.Needs.Count,
        };
    }

    // A commit has one file list, even if several selections and revisions of it are exported.
    private static SortedDictionary<string, byte[]> Texts(List<MirroredCommit> commits)
    {
        var texts = new SortedDictionary<string, byte[]>(StringComparer.Ordinal)
        { [RepoStore.MarkerName] = Encoding.UTF8.GetBytes(StoreMarker.Published) };
        foreach (var group in commits.Where(c => c.HasName)
            .GroupBy(c => new StorePath(c.RepoType, c.RepoId, IsTree: true, c.Commit).ToString(), StringComparer.Ordinal))
        {
            List<TreeEntry> files = [.. group.SelectMany(c => c.Files).GroupBy(f => f.Path, StringComparer.Ordinal)
                .Select(same => same.FirstOrDefault(f => f.Sha256 is not null) ?? same.First())];
            texts[group.Key] = new TreeFile(group.First().Commit, null, group.First().Message, null, files).ToBytes();
            foreach (MirroredCommit commit in group.Where(c => c.Revision is not null && !CommitId.IsCommit(c.Revision)))
                texts[new StorePath(commit.RepoType, commit.RepoId, IsTree: false, commit.Revision!).ToString()] =
                    Encoding.ASCII.GetBytes(commit.Commit);
        }
        return texts;
    }

    private void Write(
        FileStream file, BundleManifest manifest, List<MirroredContent> blobs, SortedDictionary<string, byte[]> texts)
    {
        // GNU, because the PAX headers of .NET contain the process id.
        using var tar = new TarWriter(file, TarEntryFormat.Gnu, leaveOpen: true);
        Write(tar, BundleManifest.Name, new MemoryStream(manifest.ToBytes()));
        foreach (MirroredContent blob in blobs)
        {
            cancel.ThrowIfCancellationRequested();
            using var content = new FileStream(ContendedFiles.OfSystem.OpenRead(blob.Path), FileAccess.Read);
            if (content.Length != blob.Size)
                throw MirroringMessages.BlobChanged(blob.Path);
            Write(tar, BlobStore.RelativePath(blob.Sha256), content);
        }
        foreach ((string path, byte[] text) in texts)
            Write(tar, path, new MemoryStream(text));
    }

    private static void Write(TarWriter tar, string name, Stream content) =>
        tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = content,
            ModificationTime = DateTimeOffset.UnixEpoch,
            // The other two times stay unset: GNU puts them where POSIX has the start of the name, and BusyBox, 7-Zip and Python
            // read them as such.
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
}
