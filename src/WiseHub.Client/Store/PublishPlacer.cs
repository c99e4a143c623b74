using System.Text;
using System.Text.Json;
using WiseHub.Client.Files;
using WiseHub.Client.Store;

namespace WiseHub.Client;

/// <summary>
/// Places files of the store in a publish folder. Deployment tools often copy only newer files (<c>rsync -u</c>, <c>cp -u</c>,
/// <c>aws s3 sync</c>, <c>robocopy /XO</c>), but a blob's mtime is computed from its content. So a file whose content changed
/// gets the current time, and never an earlier time than the previous file had. A record in the build's intermediate folder keeps
/// the content and time of each file, so that one look is enough to leave an unchanged file alone.
/// </summary>
public sealed class PublishPlacer
{
    private static readonly string[] Keys = ["version", "files"], FileKeys = ["path", "size", "time", "inode", "sha256"];

    // The coarsest clock of a file system in use: FAT.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);

    private readonly record struct Placed(FileStamp Stamp, Digest Sha256);

    private readonly IHubLog _log;
    private readonly TimeProvider _time;
    private readonly string _record;
    private readonly Linker _linker;
    private readonly Dictionary<string, Placed> _known;
    private readonly List<string> _foreign = [];
    private int _count;
    private bool _changed, _isRecordLost;

    /// <summary>Reads the record of earlier publishes.</summary>
    /// <param name="record">Absolute path of the record of placed files.</param>
    /// <param name="log">Receives a report of placed files; null = no report.</param>
    /// <param name="time">The clock; null = the system's.</param>
    public PublishPlacer(string record, IHubLog? log = null, TimeProvider? time = null)
    {
        (_log, _time, _record) = (log ?? SilentLog.Instance, time ?? TimeProvider.System, record);
        _linker = new Linker(_log);
        _known = Read();
    }

    /// <summary>
    /// Absolute paths of files that were left unchanged: they have other content, and no earlier publish of this project placed
    /// them.
    /// </summary>
    public IReadOnlyList<string> Foreign => _foreign;

    /// <summary>
    /// Places one file by clone or copy. Does nothing when it is already there, or when another program has placed a different
    /// file there (<see cref="Foreign"/>).
    /// </summary>
    /// <param name="blob">A file of the store.</param>
    /// <param name="destination">Absolute path in the publish folder.</param>
    /// <param name="always">Places the file again even if it is unchanged, with a new time.</param>
    /// <exception cref="HubException">WISE3007, WISE3008 or WISE3011.</exception>
    public void Place(string blob, string destination, bool always = false)
    {
        Digest sha256 = Digest.Parse(Path.GetFileName(Path.GetDirectoryName(blob)!) + Path.GetFileName(blob));
        try
        {
            FileStamp? there = FileStamp.Of(destination);
            bool isKnown = _known.TryGetValue(destination, out Placed known);
            if (!always && there is FileStamp stamp && isKnown && known == new Placed(stamp, sha256))
                return;
            if (there is not null && !isKnown && !_isRecordLost && !FilePlacer.IsOwn(blob, new FileInfo(destination)))
            {
                _foreign.Add(destination);
                return;
            }
            // The file may have a blob's mtime: another program copied it, or the last publish was killed before it set the time.
            if (_linker.Place(blob, destination, LinkMode.Clone))
                _count++;
            DateTime before = new(Math.Max(there?.Modified ?? 0, isKnown ? known.Stamp.Modified : 0), DateTimeKind.Utc);
            DateTime now = _time.GetUtcNow().UtcDateTime;
            File.SetLastWriteTimeUtc(destination, now > before ? now : before + Tick);
            _known[destination] = new Placed(FileStamp.Of(destination)!.Value, sha256);
            _changed = true;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw FilePlacer.Explain(e, blob, destination);
        }
    }

    /// <summary>Writes the record of placed files. A failure is a warning: the next publish places these files again.</summary>
    public void Save()
    {
        if (!_changed)
            return;
        try
        {
            AtomicFile.Write(_record, ToBytes());
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            _log.Warning(WiseCodes.PublishRecordNotWritten, StoreMessages.PublishRecordNotWritten(_record, e));
        }
        if (_count > 0)
        {
            _log.Detail(Text.Of($"Placed {FileCount.Show(_count)} in the publish folder: cloned "
                + $"{ByteSize.Show(_linker.BytesShared)}, copied {ByteSize.Show(_linker.BytesCopied)}."));
        }
    }

    // Files that no longer exist are dropped from the record.
    private byte[] ToBytes()
    {
        var text = new StringBuilder("{\"version\":1,\"files\":[");
        string separator = "\n";
        foreach ((string path, Placed placed) in _known.Where(k => File.Exists(k.Key)).OrderBy(k => k.Key, Utf8Ordinal.Instance))
        {
            StampedFile.Append(text.Append(separator), path, placed.Stamp, placed.Sha256);
            text.Append('}');
            separator = ",\n";
        }
        return Encoding.UTF8.GetBytes(text.Append("]}\n").ToString());
    }

    private Dictionary<string, Placed> Read()
    {
        var known = new Dictionary<string, Placed>(StringComparer.Ordinal);
        if (!File.Exists(_record))
            return known;
        try
        {
            byte[] bytes = File.ReadAllBytes(_record);
            using var json = new StrictJson(bytes, _record, WiseCodes.PublishRecordNotWritten,
                StoreMessages.PublishRecordRewritten);
            if (json.Integer(json.Root, "version") != 1)
                throw json.Wrong(ModelMessages.VersionMissing, json.Root);
            json.OnlyKeys(json.Root, Keys);
            foreach (JsonElement item in json.Array(json.Root, "files"))
            {
                json.OnlyKeys(item, FileKeys);
                (FileStamp stamp, Digest sha256) = StampedFile.Read(json, item);
                known[json.RequiredString(item, "path")] = new Placed(stamp, sha256);
            }
            return known;
        }
        catch (Exception e) when (e is HubException || IoFailures.IsFileSystem(e))
        {
            // Without the record, the owner of the files is unknown. An earlier publish of this project is the likeliest one.
            _isRecordLost = true;
            _log.Detail((Text)$"{e.Message} All models in the publish folder are copied again.");
            return new Dictionary<string, Placed>(StringComparer.Ordinal);
        }
    }
}
