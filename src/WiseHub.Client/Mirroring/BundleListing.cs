using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client.Mirroring;

/// <summary>Lists the commits of a bundle.</summary>
internal static class BundleListing
{
    /// <exception cref="HubException">WISE3061 or WISE3062.</exception>
    public static MirrorListing Read(string bundle, CancellationToken cancel)
    {
        using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(bundle), FileAccess.Read);
        using var tar = new System.Formats.Tar.TarReader(file);
        BundleManifest manifest = BundleReader.ReadManifest(tar, bundle);
        var texts = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        string last = BundleManifest.Name;
        while (BundleReader.Next(tar, bundle, last) is { } entry)
        {
            cancel.ThrowIfCancellationRequested();
            if (StorePath.Parse(last = entry.Name) is not null
                && manifest.Files.Any(f => f.Path == entry.Name && f.Size == entry.Length))
                texts[entry.Name] = BundleReader.ReadAll(entry, bundle);
        }
        Dictionary<string, Digest> there = manifest.Files.Where(f => f.IsBlob).Select(f => f.Sha256)
            .ToDictionary(d => d.Hex, StringComparer.Ordinal);
        return StoreListing.Of(texts.Keys, path => texts[path], there, cancel);
    }
}
