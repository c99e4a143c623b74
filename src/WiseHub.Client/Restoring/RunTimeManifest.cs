using System.Security.Cryptography;
using WiseHub.Client.Configuration;
using WiseHub.Client.Files;
using WiseHub.Client.Restoring;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// What a program ships to fetch a model at run time: the model's lock entry, and the hubs that it needs. The program knows the
/// sha256 of the manifest, and the manifest that of each file, so that the program gets the files it was built for or none. The
/// bytes have no time, no path of the build machine and no secret; they are the same on every machine.
/// </summary>
public sealed class RunTimeManifest
{
    /// <summary>The end of the name of a manifest.</summary>
    internal const string Extension = ".wise.json";

    // More than 300,000 files.
    private const long MostBytes = 64 << 20;

    private readonly byte[] _bytes;

    private readonly IReadOnlyList<string> _waive;

    private RunTimeManifest(
        byte[] bytes, LockFile @lock, IReadOnlyList<string> hubsNotShipped, IReadOnlyList<string> waive) =>
        (_bytes, Lock, Entry, Sha256, HubsNotShipped, _waive) =
            (bytes, @lock, @lock.Entries[0], Digest.FromBytes(SHA256.HashData(bytes)), hubsNotShipped, waive);

    /// <summary>The reference, its commit, the selection and the selected files.</summary>
    public LockEntry Entry { get; }

    /// <summary>The digest of the bytes, for the program.</summary>
    public Digest Sha256 { get; }

    /// <summary>
    /// Hubs and mirrors that are folders or were declared by environment variables. The manifest does not say where they are; the
    /// program needs a <c>wisehub.json</c> for them.
    /// </summary>
    public IReadOnlyList<string> HubsNotShipped { get; }

    internal LockFile Lock { get; }

    /// <summary>The bytes of the manifest: UTF-8, LF, one file of the model in each line.</summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <summary>Makes the manifest of a restored reference.</summary>
    /// <param name="config">The configuration of the build, <see cref="HubClient.Config"/>.</param>
    /// <param name="snapshot">The reference with its files.</param>
    /// <exception cref="HubException">WISE1002: a hub is not configured. WISE1015: there is no file.</exception>
    public static RunTimeManifest Create(HubConfig config, Snapshot snapshot)
    {
        RepoReference reference = snapshot.Reference;
        if (snapshot.Commit is not string commit)
            throw RestoreMessages.NothingSelected(reference, "", []);
        return Create(config, new LockEntry(
            new LockKey(reference.RepoType, reference.RepoId, snapshot.Hub, reference.Revision, reference.Config), commit,
            [reference.Files], [.. snapshot.Files.Select(f => new LockedFile(f.Path, f.Size, f.Sha256))]), reference.Files,
            reference.Waive);
    }

    /// <summary>Makes the manifest of a locked reference.</summary>
    /// <param name="config">The configuration of the build, <see cref="HubClient.Config"/>.</param>
    /// <param name="entry">The lock entry, with the files of all its selections.</param>
    /// <param name="selection">The selection of this reference.</param>
    /// <param name="waive">The waivers of this reference, <see cref="RepoReference.Waive"/>; null for none.</param>
    /// <exception cref="HubException">WISE1002: a hub is not configured. WISE1015: no file is selected.</exception>
    public static RunTimeManifest Create(
        HubConfig config, LockEntry entry, FileSelection selection, IReadOnlyList<string>? waive = null)
    {
        waive ??= [];
        LockedFile[] files = [.. entry.Files.Where(f => selection.Matches(f.Path)).OrderBy(f => f.Path, Utf8Ordinal.Instance)];
        if (files.Length == 0)
            throw RestoreMessages.NothingSelected(
                ReferenceOf(entry.Key, selection), entry.Commit, [.. entry.Files.Select(f => f.Path)]);
        LockFile own = LockFile.Empty.With([entry with { Selections = [selection], Files = files }]);
        (string json, IReadOnlyList<string> notShipped) = ShippedHubs.Of(config, entry.Key.Hub.Split(';'), waive);
        return new RunTimeManifest(own.ToBytes(json), own, notShipped, waive);
    }

    /// <summary>Reads the manifest of a program.</summary>
    /// <param name="alias">The model, for messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="expected">The digest in the program.</param>
    /// <exception cref="HubException">WISE1105 or WISE1106.</exception>
    internal static RunTimeManifest Read(string alias, string path, Digest expected)
    {
        byte[] bytes;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                throw RestoreMessages.ManifestMissing(alias, path, null);
            // Before the digest is known, any file may be there.
            if (file.Length > MostBytes)
                throw RestoreMessages.ManifestTooLarge(alias, path, file.Length, MostBytes);
            bytes = ContendedFiles.OfSystem.Read(path);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw RestoreMessages.ManifestMissing(alias, path, e);
        }
        var found = Digest.FromBytes(SHA256.HashData(bytes));
        if (found != expected)
            throw RestoreMessages.ManifestEdited(alias, path, expected, found);
        (LockFile own, JsonText text) = Parse(bytes, path);
        return new RunTimeManifest(
            bytes, own, [], new StrictJsonReader(text).FindStrings(ShippedHubs.Key, ShippedHubs.WaiveKey));
    }

    /// <summary>The model of a manifest whose digest is not known.</summary>
    /// <exception cref="HubException">WISE1105 or WISE1106.</exception>
    internal static LockEntry EntryOf(byte[] bytes, string path) => Parse(bytes, path).Own.Entries[0];

    private static (LockFile Own, JsonText Text) Parse(byte[] bytes, string path)
    {
        var text = new JsonText(bytes, path, WiseCodes.ManifestUnusable, ConfigurationMessages.BuildAgain);
        LockFile own = LockFile.ParseManifest(
            text, (version, known) => RestoreMessages.ManifestTooNew(path, version, known));
        return own.Entries.Count == 1 ? (own, text) : throw RestoreMessages.ManifestNotOneReference(path, own.Entries.Count);
    }

    /// <summary>The environment variable that names a folder to use instead of a model.</summary>
    public static string FolderVariable(string alias) => "WISEHUB_MODEL_" + HubNames.ForEnvironment(alias);

    /// <summary>The reference to restore.</summary>
    internal RepoReference Reference =>
        ReferenceOf(Entry.Key, Entry.Selections.Count > 0 ? Entry.Selections[0] : FileSelection.All) with { Waive = _waive };

    /// <summary>The part of a cache that has the folder of this model.</summary>
    internal RepoStore PlaceIn(SnapshotStore store) => store.ForPrograms(Entry.Key.Hub.Split(';')[0]);

    /// <summary>The folder of this model in a cache.</summary>
    internal string FolderIn(SnapshotStore store) =>
        SnapshotStore.ProgramFolder(PlaceIn(store), Entry.Key, Entry.Commit, Sha256);

    /// <summary>The path of a file of the model.</summary>
    internal static string PathOf(string folder, LockedFile file) =>
        Path.Join(folder, Path.DirectorySeparatorChar == '/' ? file.Path : file.Path.Replace('/', Path.DirectorySeparatorChar));

    private static RepoReference ReferenceOf(LockKey key, FileSelection selection) => new()
    {
        RepoId = key.RepoId,
        RepoType = key.RepoType,
        Hubs = key.Hub.Split(';'),
        Revision = key.Revision,
        Config = key.Config,
        Files = selection,
    };
}
