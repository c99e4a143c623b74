using System.Formats.Tar;
using WiseHub.Client.Files;

namespace WiseHub.Client.Mirroring;

/// <summary>Reads a bundle: a tar of plain files, of which the first says which others follow.</summary>
internal static class BundleReader
{
    /// <summary>By the name of its first entry, which stands at the start of a tar.</summary>
    public static bool IsBundle(string path)
    {
        using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(path), FileAccess.Read);
        Span<byte> start = stackalloc byte[BundleManifest.Name.Length + 1];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start[..^1].SequenceEqual(System.Text.Encoding.ASCII.GetBytes(BundleManifest.Name)) && start[^1] == 0;
    }

    /// <exception cref="HubException">WISE3061 or WISE3062.</exception>
    public static BundleManifest ReadManifest(string path)
    {
        using var file = new FileStream(ContendedFiles.OfSystem.OpenRead(path), FileAccess.Read);
        using var tar = new TarReader(file);
        return ReadManifest(tar, path);
    }

    public static BundleManifest ReadManifest(TarReader tar, string path)
    {
        // Before the reader of tars judges it: what is something else altogether is not damaged.
        if (!IsBundle(path)
            || Next(tar, path, "its beginning") is not { EntryType: TarEntryType.RegularFile, Name: BundleManifest.Name } first
            || first.Length > BundleManifest.MaxBytes)
            throw new HubException(WiseCodes.NotABundle, $"{path} is not a bundle: it does not begin with {BundleManifest.Name}. "
                + $"Make one with wisehub mirror pull --to {Path.GetFileName(path)}.");
        return BundleManifest.Parse(ReadAll(first, path), path);
    }

    /// <summary>The next entry, without its content; null at the end.</summary>
    /// <exception cref="HubException">WISE3062.</exception>
    public static TarEntry? Next(TarReader tar, string path, string last)
    {
        try
        {
            return tar.GetNextEntry();
        }
        // The reader says of fields that make no sense that they do not parse.
        catch (Exception e)
            when (e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw Damaged(path, $"behind {last} it cannot be read: {e.Message}", e);
        }
    }

    /// <exception cref="HubException">WISE3062.</exception>
    public static byte[] ReadAll(TarEntry entry, string path)
    {
        byte[] bytes = new byte[entry.Length];
        try
        {
            entry.DataStream?.ReadExactly(bytes);
            return bytes;
        }
        catch (EndOfStreamException e)
        {
            throw Damaged(path, $"it ends within {entry.Name}", e);
        }
    }

    public static HubException Damaged(string path, string problem, Exception? cause = null) => new(WiseCodes.BundleDamaged,
        $"The bundle {path} is damaged: {problem}. No commit of it was taken over. Copy it again from where it "
        + "was made, or make it again.", cause);
}
