using System.Text.RegularExpressions;
using WiseHub.Client.Files;

namespace WiseHub.Client.Mirroring;

/// <summary>The contents that the destination has: those of earlier bundles, or every sha256 in a text.</summary>
internal static partial class HaveList
{
    // Lines of a list are short; longer ones are ignored.
    private const int MaxLine = 1 << 20;

    /// <exception cref="HubException">
    /// WISE3013, WISE3007: it cannot be read; WISE3061: a malformed bundle, or a text without a digest; WISE3062: a damaged
    /// bundle.
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
                throw IoFailures.ToHubException(e, MirroringMessages.HaveListUnreadable(path));
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
        // Most likely the wrong file: with it, the bundle would get everything.
        if (have.Count == before && new FileInfo(path).Length > 0)
            throw MirroringMessages.NotAHaveList(path);
    }

    [GeneratedRegex("(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])")]
    private static partial Regex Sha256();
}
