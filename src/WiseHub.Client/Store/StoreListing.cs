using System.Text;

namespace WiseHub.Client.Store;

/// <summary>Lists the commits in the layout of a store (docs/store-layout.md), wherever its files are.</summary>
internal static class StoreListing
{
    /// <param name="paths">The paths of files, relative to the root.</param>
    /// <param name="read">Reads the file list or ref at a path.</param>
    /// <param name="there">The contents that are there, by their sha256.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE3006: a file list is damaged.</exception>
    public static MirrorListing Of(
        IEnumerable<string> paths, Func<string, byte[]> read, Dictionary<string, Digest> there, CancellationToken cancel)
    {
        List<StorePath> found = [.. paths.Select(StorePath.Parse).OfType<StorePath>()];
        ILookup<(RepoType, string, string), string> names = found.Where(p => !p.IsTree)
            .ToLookup(p => (p.RepoType, p.RepoId, Encoding.ASCII.GetString(read(p.ToString())).Trim()), p => p.Name);
        var commits = new List<MirrorCommit>();
        foreach (StorePath path in found.Where(p => p.IsTree).OrderBy(p => p.ToString(), StringComparer.Ordinal))
        {
            cancel.ThrowIfCancellationRequested();
            TreeFile tree = TreeFile.Parse(read(path.ToString()), path.ToString());
            IReadOnlyList<TreeEntry> files = tree.Files;
            commits.Add(new MirrorCommit(path.RepoType, path.RepoId, path.Name,
                [.. names[(path.RepoType, path.RepoId, path.Name)].Order(StringComparer.Ordinal)],
                files.Count, files.Sum(f => f.Size ?? 0),
                files.Count(f => f.Sha256 is not Digest digest || !there.ContainsKey(digest.Hex)))
            {
                Message = tree.Message,
                Time = tree.Time,
                Entries = files,
            });
        }
        return new MirrorListing { Commits = commits, Digests = [.. there.Values.OrderBy(d => d.Hex, StringComparer.Ordinal)] };
    }
}
