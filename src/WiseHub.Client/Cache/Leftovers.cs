using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Cache;

/// <summary>
/// Leftovers of ended runs in a cache: interrupted downloads, temporary files, empty snapshot folders, and remembered pushes of
/// files that no longer exist.
/// </summary>
internal static class Leftovers
{
    // A download interrupted yesterday may continue today; a temporary file lives for seconds.
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);

    private static readonly EnumerationOptions Flat =
        new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
    private static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    public static long PartialSize(SnapshotStore store)
    {
        var partial = new DirectoryInfo(store.PartialFolder);
        return partial.Exists ? partial.EnumerateFiles("*", Flat).Where(f => IsPartial(f.Name)).Sum(f => f.Length) : 0;
    }

    // The sha256 of a blob, or git- and its git id, with any suffix; or the random name of a content that is not kept.
    private static bool IsPartial(string name)
    {
        string stem = name.Split('.')[0];
        return CommitId.IsCommit(stem) || (stem.StartsWith("git-", StringComparison.Ordinal) && CommitId.IsGitId(stem[4..]))
            || Guid.TryParseExact(stem, "N", out _);
    }

    /// <summary>Files older than a day that no process holds.</summary>
    public static List<FileInfo> FindFiles(SnapshotStore store, DateTime now)
    {
        var found = new List<FileInfo>();
        void Look(string folder, bool deep, Func<FileInfo, bool> isOne)
        {
            if (Directory.Exists(folder))
                found.AddRange(new DirectoryInfo(folder).EnumerateFiles("*", deep ? Everything : Flat)
                    .Where(f => isOne(f) && IsOld(FileFacts.Of(f.FullName), now)));
        }
        Look(store.PartialFolder, deep: false, f => IsPartial(f.Name));
        foreach (string folder in (string[])[store.Root, Path.Combine(store.Root, "blobs"), store.Uses.Folder])
            Look(folder, deep: false, f => TemporaryNames.IsTemporary(f.Name));
        Look(store.Gates.Folder, deep: false, f => CommitId.IsCommit(f.Name));
        Look(store.HubsFolder, deep: true, f => TemporaryNames.IsTemporary(f.Name));
        Look(store.PushesFolder, deep: false, f => TemporaryNames.IsTemporary(f.Name) || PushMemory.HasNoFiles(f));
        found.RemoveAll(IsHeld);
        return found;
    }

    /// <summary>Temporary files left by pushes to a repo of a published store, older than a day and held by no process.</summary>
    public static List<FileInfo> FindTemporary(string root, string repoFolder, DateTime now)
    {
        IEnumerable<FileInfo> Look(string folder, EnumerationOptions how) =>
            Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles(".*", how) : [];
        return [.. Look(root, Flat).Concat(Look(Path.Combine(root, "blobs"), Flat)).Concat(Look(repoFolder, Everything))
            .Where(f => TemporaryNames.IsTemporary(f.Name) && IsLeftover(f.Name, FileFacts.Of(f.FullName), now)
                && !IsHeld(f))];
    }

    // A file with the mtime of a blob looks old, but is about to get its name.
    private static bool IsLeftover(string name, FileFacts file, DateTime now) =>
        IsOld(file, now) && (TemporaryNames.IsAside(name) || !BlobStore.IsMtimeOfBlob(file.Modified));

    /// <summary>
    /// True for a file that is older than a day. A push deletes a temporary file and makes it again. In between, its name may be
    /// listed, but has no time, which .NET shows as the year 1601.
    /// </summary>
    internal static bool IsOld(FileFacts file, DateTime now) => file.Kind == FileKind.File && now - file.Modified > Age;

    /// <summary>Snapshot folders without files.</summary>
    public static List<string> FindEmptySnapshots(IEnumerable<StoredCommit> commits, DateTime now) =>
        [.. commits.SelectMany(c => c.Snapshots)
            .Where(s => now - Directory.GetLastWriteTimeUtc(s) > Age
                && !new DirectoryInfo(s).EnumerateFiles("*", SearchOption.AllDirectories).Any())];

    private static bool IsHeld(FileInfo file)
    {
        try
        {
            using var held = new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            return false;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            return true;
        }
    }
}
