namespace WiseHub.Client.Formats;

/// <summary>A file of a zip, as one of its headers states it (PKWARE APPNOTE 6.3).</summary>
/// <param name="Name">Its path.</param>
/// <param name="Flags">The general purpose bits.</param>
/// <param name="Method">0 stored, 8 deflate.</param>
/// <param name="Crc">The checksum of its content.</param>
/// <param name="Packed">The bytes in the zip.</param>
/// <param name="Size">The bytes of its content.</param>
/// <param name="Header">The offset of its local header.</param>
internal sealed record ZipMember(string Name, int Flags, int Method, uint Crc, long Packed, long Size, long Header)
{
    /// <summary>The method of what is not compressed.</summary>
    public const int Stored = 0;

    /// <summary>The only compression that is read.</summary>
    public const int Deflate = 8;

    /// <summary>The offset of its content, behind the local header.</summary>
    public long Content { get; init; }
}
