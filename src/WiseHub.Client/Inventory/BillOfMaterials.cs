using System.Security.Cryptography;
using WiseHub.Client.Files;
using WiseHub.Client.Inventory;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// The list of the models, datasets and code in a program, as CycloneDX 1.6 JSON (ECMA-424,
/// https://cyclonedx.org/docs/1.6/json/), and the provenance of the program as an in-toto statement with the predicate of SLSA
/// (https://slsa.dev/spec/v1.2/build-provenance). The same lock file gives the same bytes on every system. Made by
/// <see cref="HubClient.DescribeMaterials"/>.
/// </summary>
public sealed class BillOfMaterials
{
    // Lists of large programs, such as a Linux distribution, have some 100 MB.
    private const int LargestMerge = 512 << 20;

    internal BillOfMaterials(IEnumerable<BillEntry> entries, BillProgram? program, DateTimeOffset? time)
    {
        (Program, Time) = (program, time);
        // One component for one reference, whatever the caller passed.
        Entries =
        [
            .. entries.GroupBy(e => e.Reference, StringComparer.Ordinal)
                .Select(same => same.Aggregate((first, other) => first.With(other)))
                .Select(e => e with
                {
                    Files = [.. e.Files.DistinctBy(f => PackageUrl.EscapePath(f.Path), StringComparer.Ordinal)],
                })
                .OrderBy(e => e.Reference, Utf8Ordinal.Instance),
        ];
    }

    internal IReadOnlyList<BillEntry> Entries { get; }

    internal BillProgram? Program { get; }

    /// <summary>The time in the list; null for none.</summary>
    internal DateTimeOffset? Time { get; }

    /// <summary>The entries of a lock file that some references use, with the files that they select.</summary>
    /// <param name="locked">The lock file; null if it does not exist.</param>
    /// <param name="used">The keys of the references, and their selections. A key may occur several times.</param>
    /// <exception cref="HubException">WISE6040: the lock file lacks an entry.</exception>
    public static IReadOnlyList<LockEntry> EntriesOf(LockFile? locked, IEnumerable<(LockKey Key, FileSelection Files)> used)
    {
        var entries = new List<LockEntry>();
        foreach (IGrouping<LockKey, (LockKey Key, FileSelection Files)> same in used.GroupBy(u => u.Key))
        {
            LockEntry entry = locked?.Find(same.Key) ?? throw InventoryMessages.NotLocked(same.Key);
            FileSelection[] selections = [.. same.Select(s => s.Files).Distinct()];
            entries.Add(entry with
            {
                Selections = selections,
                Files = [.. entry.Files.Where(f => selections.Any(s => s.Matches(f.Path)))],
            });
        }
        return entries;
    }

    /// <summary>One list of several, for projects with different configurations.</summary>
    /// <param name="lists">The lists.</param>
    /// <param name="program">The program; null for none.</param>
    public static BillOfMaterials Combine(IReadOnlyList<BillOfMaterials> lists, BillProgram? program = null) =>
        new(lists.SelectMany(l => l.Entries), program, lists.Select(l => l.Time).FirstOrDefault(t => t is not null));

    /// <summary>Writes the list: UTF-8, LF, indented, in a stable order.</summary>
    /// <param name="output">Receives the list as it is made.</param>
    public void Write(Stream output) => new CycloneDxWriter(output).Write(this, SerialNumber());

    /// <summary>Writes the list to a file, which appears whole or not at all.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="HubException">WISE6040: it cannot be written.</exception>
    public void WriteFile(string file) => WriteFile(file, Write);

    /// <summary>
    /// Adds the list to one that another tool made: CycloneDX JSON 1.4 to 1.6. All that is there stays, and the version becomes
    /// 1.6. Adding the same list again changes nothing.
    /// </summary>
    /// <param name="existing">The file of the other tool, which is only read.</param>
    /// <param name="output">Receives the result.</param>
    /// <exception cref="HubException">WISE6041: nothing can be added to the file.</exception>
    public void Merge(string existing, Stream output)
    {
        using CycloneDxMerge merge = OpenMerge(existing);
        merge.Write(this, output);
    }

    /// <summary>The same into a file, which may be the one that is read.</summary>
    /// <inheritdoc cref="Merge"/>
    /// <param name="existing">The file of the other tool.</param>
    /// <param name="file">The file to write.</param>
    /// <exception cref="HubException">WISE6040: it cannot be written. WISE6041: nothing can be added to the file.</exception>
    public void MergeFile(string existing, string file)
    {
        using CycloneDxMerge merge = OpenMerge(existing);
        WriteFile(file, output => merge.Write(this, output));
    }

    /// <summary>
    /// Writes the provenance of the program: an in-toto statement of one line, which is not signed. It names the files, and the
    /// commits and files of this list that they were built from.
    /// </summary>
    /// <param name="files">The files of the program.</param>
    /// <param name="output">Receives the statement.</param>
    public void WriteProvenance(IEnumerable<ProgramFile> files, Stream output) =>
        new ProvenanceWriter(output).Write(this, files);

    /// <summary>
    /// Writes the provenance of the files in a folder to a file, which is not one of them itself.
    /// </summary>
    /// <param name="folder">The folder with the published program.</param>
    /// <param name="file">The file to write.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HubException">WISE6040: the folder cannot be read, or the file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void WriteProvenanceFile(string folder, string file, CancellationToken cancel = default)
    {
        IReadOnlyList<ProgramFile> files = ProgramFolder.Read(folder, file, cancel);
        WriteFile(file, output => WriteProvenance(files, output));
    }

    // A change of the content changes the number, and nothing else does. Version 8 of RFC 9562 is for such numbers.
    internal string SerialNumber()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var content = new HashStream(hash))
            new CycloneDxWriter(content).Write(this, serialNumber: null);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return $"urn:uuid:{new Guid(bytes[..16], bigEndian: true)}";
    }

    private static CycloneDxMerge OpenMerge(string existing)
    {
        byte[] bytes;
        try
        {
            long length = new FileInfo(existing).Length;
            bytes = length <= LargestMerge ? ContendedFiles.OfSystem.Read(existing)
                : throw InventoryMessages.MergeTooLarge(existing, length, LargestMerge);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw InventoryMessages.MergeUnreadable(existing, e);
        }
        return new CycloneDxMerge(bytes, existing);
    }

    private static void WriteFile(string file, Action<Stream> write)
    {
        if (Directory.Exists(file))
            throw InventoryMessages.IsFolder(file);
        try
        {
            AtomicFile.Write(Path.GetFullPath(file), write);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw InventoryMessages.NotWritten(file, e);
        }
    }
}
