using System.Formats.Tar;
using WiseHub.Client.Files;

namespace WiseHub.Client.Mirroring;

/// <summary>Reads a bundle: a tar of plain files, the first of which lists the others.</summary>
internal static class BundleReader
{
    /// <summary>Recognizes a bundle by the name of its first entry, at the start of the tar.</summary>
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
        // Checked before the tar reader fails: a file of another kind is not a damaged bundle.
        if (!IsBundle(path)
            || Next(tar, path, MirroringMessages.Beginning)
                is not { EntryType: TarEntryType.RegularFile, Name: BundleManifest.Name } first
            || first.Length > BundleManifest.MaxBytes)
            throw MirroringMessages.NotABundle(path);
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
        // TarReader throws format, overflow and argument exceptions for nonsensical header fields.
        catch (Exception e)
            when (e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw MirroringMessages.Unreadable(path, last, e);
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
            throw MirroringMessages.EndsWithin(path, entry.Name, e);
        }
    }
}
