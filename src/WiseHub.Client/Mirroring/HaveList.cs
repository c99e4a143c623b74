using System.Text.RegularExpressions;
using WiseHub.Client.Files;

namespace WiseHub.Client.Mirroring;

/// <summary>What the other side has: the contents of earlier bundles, or every sha256 in a text.</summary>
internal static partial class HaveList
{
    // A line of a list is short; a longer one is no list.
    private const int MaxLine = 1 << 20;

    /// <exception cref="HubException">
    /// WISE3013, WISE3007: it cannot be read; WISE3061, WISE3062: a bundle that is none; WISE1051: a text without a digest.
    /// </exception>
    public static HashSet<string> Read(IEnumerable<string> paths)
    {
        var have = new HashSet<string>(StringComparer.Ordinal);
        foreach (string path in paths)
        {
            try
            {
                if (BundleReader.IsBundle(path))
                    have.UnionWith(BundleReader.ReadManifest(path).Files.Where(f => f.IsBlob).Select(f => f.Sha256.Hex));
                else
                    ReadText(path, have);
            }
            catch (Exception e) when (IoFailures.IsFileSystem(e))
            {
                throw IoFailures.ToHubException(e, $"{path}, which says what the other side has, cannot be read");
            }
        }
        return have;
    }

    private static void ReadText(string path, HashSet<string> have)
    {
        int before = have.Count;
        foreach (string line in ContendedFiles.OfSystem.ReadText(path).Split('\n').Where(l => l.Length <= MaxLine))
        {
            foreach (Match digest in Sha256().Matches(line))
                have.Add(digest.Value);
        }
        // Most likely the wrong file; everything would be put into the bundle.
        if (have.Count == before && new FileInfo(path).Length > 0)
            throw new HubException(WiseCodes.NotABundle,
                $"{path} is neither a bundle nor a text with sha256 digests. Make it with wisehub mirror ls --digests.");
    }

    [GeneratedRegex("(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])")]
    private static partial Regex Sha256();
}
