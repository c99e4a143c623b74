namespace WiseHub.Client.Archives;

/// <summary>
/// A <c>.zip</c>, <c>.tar</c> or <c>.tar.gz</c> on this machine, whose list was judged before any content is read: links,
/// devices, doubles, encrypted contents and size bombs are errors. Nothing is ever unpacked by name: contents are streams, which
/// check their own length. Names are judged where files are selected, so that patterns can leave
/// out what cannot be used. Reading is safe for several threads.
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

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>What it is, for messages: a URL without its query, for example.</summary>
    public string What { get; }

    /// <summary>Its files, in its own order.</summary>
    public IReadOnlyList<ArchiveEntry> Entries => _entries;

    /// <summary>What <see cref="ArchiveRules.SkipLinks"/> left out.</summary>
    public IReadOnlyList<ArchiveEntry> Skipped => _skipped;

    /// <summary>Its comment; <c>git archive</c> writes the commit there.</summary>
    public string? Comment { get; private protected set; }

    /// <summary>Opens an archive, whose kind its first bytes tell.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="rules">What it may be.</param>
    /// <param name="scratch">
    /// A folder for the unpacked form of a <c>.tar.gz</c>, which can only be read in one go; gone when this is disposed.
    /// </param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="HubException">WISE3003, WISE3004, WISE3030, WISE3031 or WISE3032.</exception>
    /// <exception cref="IOException">The file cannot be read, or the scratch folder cannot be written.</exception>
    public static ArchiveFile Open(
        string path, string what, ArchiveRules rules, string scratch, CancellationToken cancel = default)
    {
        Span<byte> start = stackalloc byte[512];
        using (FileStream file = OpenFile(path))
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        // An empty zip begins with its end.
        if (start.StartsWith("PK\x3\x4"u8) || start.StartsWith("PK\x5\x6"u8))
            return Listed(new ZipArchiveFile(path, what, rules), cancel);
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            return Listed(TarArchiveFile.Unpack(path, what, rules, scratch, cancel), cancel);
        // The magic of ustar, pax and GNU; an empty tar is zeros.
        if (start.Length == 512 && (start[257..262].SequenceEqual("ustar"u8) || start.IndexOfAnyExcept((byte)0) < 0))
            return Listed(new TarArchiveFile(path, what, rules), cancel);
        string looks = start.TrimStart(" \t\r\n"u8).StartsWith("<"u8) ? "it is a page for people" : start.Length == 0
            ? "it is empty" : "it begins like no .zip, .tar or .tar.gz";
        throw Unreadable(what, looks, null);
    }

    /// <summary>The file of that path, or null.</summary>
    public ArchiveEntry? Find(string path) => _byPath.GetValueOrDefault(path);

    /// <summary>
    /// Opens the content of a file. The stream throws when it is not as long as the list says, or its checksum is wrong.
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

    /// <summary>What the platform's readers say of bytes that make no sense.</summary>
    internal static bool IsDamage(Exception e) =>
        e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or NotSupportedException;

    internal HubException Unreadable(string reason, Exception? cause) => Unreadable(What, reason, cause);

    private protected static HubException Unreadable(string what, string reason, Exception? cause) =>
        new(WiseCodes.ArchiveUnreadable,
            $"{what} is not a whole archive that can be read: {reason.TrimEnd('.')}. Nothing of it was kept. Try again; "
            + "if it stays so, tell whoever made it, or take the files from another hub.", cause);

    private protected void CheckCount(long entries)
    {
        if (entries > _rules.MostEntries)
            throw Bomb($"it has more than {_rules.MostEntries} entries");
    }

    private protected void CheckUnpacked(long bytes)
    {
        if (bytes < 0 || bytes > _rules.MostBytes)
            throw Bomb($"it unpacks to more than {ByteSize.Show(_rules.MostBytes)}");
        if (bytes > _rules.RatioFrom && bytes / _rules.MostRatio > _packed)
            throw Bomb($"its {ByteSize.Show(_packed)} unpack to more than {_rules.MostRatio} times as much");
    }

    /// <summary>Judges an entry and takes it into the list.</summary>
    private protected void Add(string name, long size, ArchiveEntryKind kind, int index)
    {
        string path = name;
        // What "tar -c ." writes.
        while (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        var entry = new ArchiveEntry(path, size, kind, index);
        if (kind != ArchiveEntryKind.File)
        {
            if (!_rules.SkipLinks)
            {
                string kindName = kind == ArchiveEntryKind.Other ? "a device, a pipe or a sparse file" : "a link";
                throw new HubException(WiseCodes.ArchiveEntryRefused, $"{What}: the entry '{Printable(path)}' is {kindName}, "
                    + "which is never unpacked. Ask whoever made the archive for one with files only.");
            }
            _skipped.Add(entry);
            return;
        }
        // Names that were several before their bytes were made into text are refused where they are selected, and are
        // left out together.
        bool isKnown = !_byPath.TryAdd(path, entry);
        if (isKnown && path.Contains(FileNameBytes.NotUtf8, StringComparison.Ordinal))
            return;
        if (isKnown)
            throw new HubException(WiseCodes.CollidingFileNames, $"{What} has two entries '{Printable(path)}', "
                + "and nothing says which one is meant. Ask whoever made the archive for a clean one.");
        if (size < 0)
            throw Bomb("it states impossible sizes");
        // Neither can overflow: each is below 2^40 by the check of the one before.
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

    private HubException Bomb(string reason) => new(WiseCodes.ArchiveTooLarge,
        $"{What}: {reason}, so it is taken for a bomb, and nothing of it was kept. If it is none, "
        + "unpack it by hand and push the files into a store.");

    // A name in a message must not be able to forge lines of a log.
    private static string Printable(string name) =>
        string.Concat(name.Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
}
