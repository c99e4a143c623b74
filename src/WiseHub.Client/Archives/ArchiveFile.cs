namespace WiseHub.Client.Archives;

/// <summary>
/// A local <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c>, whose file list is checked before any content is read: links, devices,
/// duplicates, encrypted contents and decompression bombs are errors. Entries are never unpacked by name: contents are streams,
/// which check their own length. Names are checked when files are selected, so that patterns can exclude unusable names.
/// Reading is thread-safe.
/// </summary>
internal abstract class ArchiveFile : IDisposable
{
    private readonly Dictionary<string, ArchiveEntry> _byPath = new(StringComparer.Ordinal);
    private readonly List<ArchiveEntry> _entries = [], _skipped = [];
    private readonly ArchiveRules _rules;
    private readonly long _packed;
    private long _unpacked;

    private protected ArchiveFile(string path, string what, ArchiveRules rules) =>
        (Path, What, _rules, _packed) = (path, what, rules, new FileInfo(path).Length);

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>A description for messages, for example a URL without its query.</summary>
    public string What { get; }

    /// <summary>The files in the archive's order.</summary>
    public IReadOnlyList<ArchiveEntry> Entries => _entries;

    /// <summary>Entries skipped by <see cref="ArchiveRules.SkipLinks"/>.</summary>
    public IReadOnlyList<ArchiveEntry> Skipped => _skipped;

    /// <summary>The archive's comment; <c>git archive</c> stores the commit in it.</summary>
    public string? Comment { get; private protected set; }

    /// <summary>Opens an archive and detects its format by its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">A description for messages.</param>
    /// <param name="rules">Limits of an acceptable archive.</param>
    /// <param name="scratch">
    /// A folder for the unpacked tar of a <c>.tar.gz</c>, which only allows sequential reading; removed on disposal.
    /// </param>
    /// <param name="cancel">Stops reading.</param>
    /// <exception cref="HubException">WISE3003, WISE3004, WISE3030, WISE3031 or WISE3032.</exception>
    /// <exception cref="IOException">The file is unreadable, or the scratch folder is not writable.</exception>
    public static ArchiveFile Open(
        string path, string what, ArchiveRules rules, string scratch, CancellationToken cancel = default)
    {
        Span<byte> start = stackalloc byte[512];
        using (FileStream file = OpenFile(path))
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        // An empty zip starts with its end record.
        if (start.StartsWith("PK\x3\x4"u8) || start.StartsWith("PK\x5\x6"u8))
            return Listed(new ZipArchiveFile(path, what, rules), cancel);
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return Listed(TarArchiveFile.Unpack(path, what, rules, scratch, cancel), cancel);
        // The magic of ustar, pax and GNU; an empty tar is all zeros.
        if (start.Length == 512 && (start[257..262].SequenceEqual("ustar"u8) || start.IndexOfAnyExcept((byte)0) < 0))
            return Listed(new TarArchiveFile(path, what, rules), cancel);
        string reason = start.TrimStart(" \t\r\n"u8).StartsWith("<"u8) ? ArchiveMessages.WebPage
            : start.Length == 0 ? ArchiveMessages.Empty : ArchiveMessages.UnknownFormat;
        throw ArchiveMessages.Unreadable(what, reason, null);
    }

    /// <summary>The file at a path, or null.</summary>
    public ArchiveEntry? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>
    /// Opens the content of a file. The stream throws if the content has another length or checksum than the file list says.
    /// </summary>
    /// <exception cref="HubException">WISE3030.</exception>
    public Stream OpenEntry(ArchiveEntry entry)
    {
        try
        {
            (Stream content, uint? crc) = OpenContent(entry);
            return new ArchiveEntryStream(content, this, entry, crc);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Unreadable($"'{entry.Path}': {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected abstract void Dispose(bool disposing);

    /// <summary>Calls <see cref="Add"/> for each entry.</summary>
    private protected abstract void ReadList(CancellationToken cancel);

    private protected abstract (Stream Content, uint? Crc32) OpenContent(ArchiveEntry entry);

    private protected static FileStream OpenFile(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16);

    /// <summary>True for the exceptions of .NET's readers about malformed data.</summary>
    internal static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or NotSupportedException;

    internal HubException Unreadable(string reason, Exception? cause) => ArchiveMessages.Unreadable(What, reason, cause);

    private protected void CheckCount(long entries)
    {
        if (entries > _rules.MostEntries)
            throw ArchiveMessages.Bomb(What, ArchiveMessages.TooManyEntries(_rules.MostEntries));
    }

    private protected void CheckUnpacked(long bytes)
    {
        if (bytes < 0 || bytes > _rules.MostBytes)
            throw ArchiveMessages.Bomb(What, ArchiveMessages.TooManyBytes(_rules.MostBytes));
        if (bytes > _rules.RatioFrom && bytes / _rules.MostRatio > _packed)
            throw ArchiveMessages.Bomb(What, ArchiveMessages.RatioTooHigh(_packed, _rules.MostRatio));
    }

    /// <summary>Checks an entry and adds it to the list.</summary>
    private protected void Add(string name, long size, ArchiveEntryKind kind, int index)
    {
        string path = name;
        // Written by "tar -c .".
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        var entry = new ArchiveEntry(path, size, kind, index);
        if (kind != ArchiveEntryKind.File)
        {
            if (!_rules.SkipLinks)
                throw ArchiveMessages.EntryRefused(What, Printable(path), isLink: kind != ArchiveEntryKind.Other);
            _skipped.Add(entry);
            return;
        }
        // Different names can become equal when their bytes are decoded. They are refused or excluded together, on selection.
        bool isKnown = !_byPath.TryAdd(path, entry);
        if (isKnown && path.Contains(FileNameBytes.NotUtf8, StringComparison.Ordinal))
            return;
        if (isKnown)
            throw ArchiveMessages.TwoEntries(What, Printable(path));
        if (size < 0)
            throw ArchiveMessages.Bomb(What, ArchiveMessages.ImpossibleSizes);
        // Neither overflows: the previous check keeps each below 2^40.
        CheckUnpacked(size);
        CheckUnpacked(_unpacked += size);
        _entries.Add(entry);
    }

    private static ArchiveFile Listed(ArchiveFile archive, CancellationToken cancel)
    {
        try
        {
            archive.ReadList(cancel);
            return archive;
        }
        catch (Exception e) when (IsDamage(e))
        {
            archive.Dispose();
            throw archive.Unreadable(e.Message, e);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }


    // A name in a message must not be able to forge log lines.
    private static string Printable(string name) =>
        string.Concat(name.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
