using System.Globalization;
using System.Text;

namespace WiseHub.Client.Formats;

/// <summary>
/// Walks the protobuf messages of an ONNX model (onnx.proto). Methods return false if the bytes end, which is only possible for
/// the beginning of a file.
/// </summary>
internal sealed class OnnxWalk
{
    // The limit of parsers of protobuf in all languages.
    private const int Deepest = 100;

    private const int LongestText = 256, MostKept = 64;

    // More than the 1,024 bytes of a path in a repo, so that a longer one is refused, although its end is cut off.
    private const int LongestLocation = 2048;

    /// <summary>The files that one model may need; the largest in use need a few hundred.</summary>
    public const int MostFiles = 10_000;

    /// <summary>A message that may contain tensors, or facts.</summary>
    private enum Kind
    {
        Model, Opset, Property, Graph, Node, Attribute, Sparse, Training, Function,
    }

    private enum Wire
    {
        Number = 0, Eight = 1, Bytes = 2, Four = 5,
    }

    private readonly Dictionary<string, OnnxExternalFile> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _domains = new(StringComparer.Ordinal);
    private readonly byte[] _name = new byte[200];
    private int _nameLength;
    private bool _hasGraph;
    private string? _producerName, _producerVersion;

    // The fields of the current opset or property.
    private string? _first, _second;
    private long _version;

    public long? IrVersion { get; private set; }

    public string? Producer => string.Join(' ', new[] { _producerName, _producerVersion }.Where(p => !string.IsNullOrEmpty(p)))
        is { Length: > 0 } producer ? producer : null;

    public List<OnnxOpset> Opsets { get; } = [];

    public IReadOnlyCollection<string> CustomDomains => _domains;

    public IReadOnlyCollection<OnnxExternalFile> ExternalFiles => _files.Values;

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public TensorCounts Counts { get; } = new();

    public SortedSet<string> UnknownTypes { get; } = new(StringComparer.Ordinal);

    private string TensorName => HeaderMessages.Name(_name.AsSpan(0, _nameLength));

    /// <returns>False if the bytes end before the model.</returns>
    public bool ReadModel(ref HeaderReader reader)
    {
        if (!Message(ref reader, reader.Size ?? long.MaxValue, Kind.Model, 0))
            return false;
        // An empty file is a valid message of protobuf.
        if (!_hasGraph || IrVersion is null or 0)
            throw new FalseHeaderException(HeaderMessages.NoGraph);
        return true;
    }

    private bool Message(ref HeaderReader reader, long end, Kind kind, int depth)
    {
        if (depth > Deepest)
            throw new FalseHeaderException(HeaderMessages.TooDeep(Deepest));
        while (reader.Position < end)
        {
            if (!Tag(ref reader, end, out ulong field, out Wire wire))
                return false;
            bool isThere = wire == Wire.Bytes
                ? Length(ref reader, end, out long length) && Bytes(ref reader, length, kind, field, depth)
                : Number(ref reader, end, wire, out ulong number) && TakeNumber(reader.Position, kind, field, wire, number);
            if (!isThere)
                return false;
        }
        return true;
    }

    private bool TakeNumber(long position, Kind kind, ulong field, Wire wire, ulong number)
    {
        bool isVersion = (kind, field) is (Kind.Model, 1) or (Kind.Opset, 2);
        if (!isVersion)
            return true;
        if (wire != Wire.Number || number > int.MaxValue)
            throw new FalseHeaderException(HeaderMessages.NotProtobuf(position));
        if (kind == Kind.Model)
            IrVersion = (long)number;
        else
            _version = (long)number;
        return true;
    }

    private bool Bytes(ref HeaderReader reader, long length, Kind kind, ulong field, int depth)
    {
        long end = reader.Position + length;
        switch (kind, field)
        {
            case (Kind.Model, 2):
                return Text(ref reader, length, out _producerName);
            case (Kind.Model, 3):
                return Text(ref reader, length, out _producerVersion);
            case (Kind.Model, 7):
                _hasGraph = true;
                return Message(ref reader, end, Kind.Graph, depth + 1);
            case (Kind.Model, 8) or (Kind.Function, 9):
                return Opset(ref reader, end, isOfModel: kind == Kind.Model, depth);
            case (Kind.Model, 14):
                return Property(ref reader, end, depth);
            case (Kind.Model, 20):
                return Message(ref reader, end, Kind.Training, depth + 1);
            case (Kind.Model, 25):
                return Message(ref reader, end, Kind.Function, depth + 1);
            case (Kind.Training, 1 or 2) or (Kind.Attribute, 6 or 11):
                return Message(ref reader, end, Kind.Graph, depth + 1);
            case (Kind.Graph, 1) or (Kind.Function, 7):
                return Message(ref reader, end, Kind.Node, depth + 1);
            case (Kind.Node, 5) or (Kind.Function, 11):
                return Message(ref reader, end, Kind.Attribute, depth + 1);
            case (Kind.Graph, 15) or (Kind.Attribute, 22 or 23):
                return Message(ref reader, end, Kind.Sparse, depth + 1);
            case (Kind.Graph, 5):
                return Tensor(ref reader, end, isCounted: true, depth + 1);
            case (Kind.Attribute, 5 or 10) or (Kind.Sparse, 1 or 2):
                return Tensor(ref reader, end, isCounted: false, depth + 1);
            case (Kind.Node, 7):
                if (!Text(ref reader, length, out string? domain))
                    return false;
                AddDomain(domain);
                return true;
            case (Kind.Opset or Kind.Property, 1):
                return Text(ref reader, length, out _first);
            case (Kind.Property, 2):
                return Text(ref reader, length, out _second);
            default:
                return reader.Skip(length);
        }
    }

    private bool Opset(ref HeaderReader reader, long end, bool isOfModel, int depth)
    {
        (_first, _version) = (null, 0);
        if (!Message(ref reader, end, Kind.Opset, depth + 1))
            return false;
        AddDomain(_first);
        if (isOfModel && Opsets.Count < MostKept)
            Opsets.Add(new OnnxOpset(string.IsNullOrEmpty(_first) ? "ai.onnx" : _first, _version));
        return true;
    }

    private bool Property(ref HeaderReader reader, long end, int depth)
    {
        (_first, _second) = (null, null);
        if (!Message(ref reader, end, Kind.Property, depth + 1))
            return false;
        if (_first is not null && _second is not null && Metadata.Count < MostKept)
            Metadata[_first] = _second;
        return true;
    }

    // The domains of the standard: ai.onnx, ai.onnx.ml, ai.onnx.training, ai.onnx.preview.training.
    private void AddDomain(string? domain)
    {
        if (string.IsNullOrEmpty(domain) || domain == "ai.onnx" || domain.StartsWith("ai.onnx.", StringComparison.Ordinal))
            return;
        if (_domains.Add(domain) && _domains.Count > MostKept)
            throw new FalseHeaderException(HeaderMessages.TooMany);
    }

    private bool Tensor(ref HeaderReader reader, long end, bool isCounted, int depth)
    {
        if (depth > Deepest)
            throw new FalseHeaderException(HeaderMessages.TooDeep(Deepest));
        _nameLength = 0;
        long elements = 1;
        uint type = 0;
        bool isExternal = false;
        ExternalPlace? place = null;
        while (reader.Position < end)
        {
            if (!Tag(ref reader, end, out ulong field, out Wire wire))
                return false;
            if (wire != Wire.Bytes)
            {
                if (!Number(ref reader, end, wire, out ulong number))
                    return false;
                // Parsers take the lower half of a number that is too large for an enum.
                if (wire == Wire.Number && field == 1)
                    elements = Times(elements, number);
                else if (wire == Wire.Number && field == 2)
                    type = (uint)number;
                else if (wire == Wire.Number && field == 14)
                    isExternal = (uint)number == 1;
                continue;
            }
            if (!Length(ref reader, end, out long length))
                return false;
            bool isThere = field switch
            {
                1 => PackedShape(ref reader, reader.Position + length, ref elements),
                8 => Name(ref reader, length),
                13 => External(ref reader, reader.Position + length, place ??= new ExternalPlace(), depth),
                _ => reader.Skip(length),
            };
            if (!isThere)
                return false;
        }
        if (!OnnxType.IsKnown(type))
            UnknownTypes.Add(OnnxType.NameOf(type));
        // One more than those that are counted, so that types of other tensors take no more memory.
        if (UnknownTypes.Count > MostKept || isCounted && !Counts.Add(OnnxType.NameOf(type), elements))
            throw new FalseHeaderException(HeaderMessages.TooMany);
        if (isExternal || place is not null)
            AddFile(place, type, OnnxType.BytesOf(type, elements));
        return true;
    }

    private long Times(long elements, ulong dimension) =>
        (UInt128)(ulong)elements * dimension is UInt128 product && dimension <= long.MaxValue && product <= long.MaxValue
            ? (long)product : throw new FalseHeaderException(HeaderMessages.TensorTooLarge(TensorName));

    private bool PackedShape(ref HeaderReader reader, long end, ref long elements)
    {
        while (reader.Position < end)
        {
            if (!Varint(ref reader, end, out ulong dimension))
                return false;
            elements = Times(elements, dimension);
        }
        return true;
    }

    private bool Name(ref HeaderReader reader, long length)
    {
        if (!reader.Text((ulong)length, _name.Length, out ReadOnlySpan<byte> name))
            return false;
        name.CopyTo(_name);
        _nameLength = name.Length;
        return true;
    }

    /// <summary>The place of the data of a tensor, as its entries state it.</summary>
    private sealed class ExternalPlace
    {
        public string? Location { get; set; }

        public string? Offset { get; set; }

        public string? Length { get; set; }
    }

    private bool External(ref HeaderReader reader, long end, ExternalPlace place, int depth)
    {
        if (depth >= Deepest)
            throw new FalseHeaderException(HeaderMessages.TooDeep(Deepest));
        string? key = null, value = null;
        while (reader.Position < end)
        {
            if (!Tag(ref reader, end, out ulong field, out Wire wire))
                return false;
            if (wire != Wire.Bytes)
            {
                if (!Number(ref reader, end, wire, out _))
                    return false;
                continue;
            }
            if (!Length(ref reader, end, out long length)
                || !reader.Text((ulong)length, LongestLocation, out ReadOnlySpan<byte> text))
                return false;
            if (field == 1)
                key = text.Length <= 16 ? Encoding.UTF8.GetString(text) : null;
            if (field == 2)
                value = Encoding.UTF8.GetString(text);
        }
        bool isTwice = key switch
        {
            "location" => place.Location is not null,
            "offset" => place.Offset is not null,
            "length" => place.Length is not null,
            _ => false,
        };
        if (isTwice)
            throw new FalseHeaderException(HeaderMessages.ExternalTwice(TensorName));
        value ??= "";
        switch (key)
        {
            case "location":
                place.Location = value;
                break;
            case "offset":
                place.Offset = value;
                break;
            case "length":
                place.Length = value;
                break;
        }
        return true;
    }

    private void AddFile(ExternalPlace? place, uint type, long? bytes)
    {
        if (string.IsNullOrEmpty(place?.Location))
            throw new FalseHeaderException(HeaderMessages.NoLocation(TensorName));
        // ONNX Runtime reads "./a" as "a".
        string location = place.Location.StartsWith("./", StringComparison.Ordinal) ? place.Location[2..] : place.Location;
        if (!_files.TryGetValue(location, out OnnxExternalFile? file))
        {
            if (Refuse(location) is Text reason)
                throw new FalseHeaderException(HeaderMessages.Location(TensorName, PathRules.Printable(location), reason));
            if (_files.Count == MostFiles)
                throw new FalseHeaderException(HeaderMessages.TooManyFiles(MostFiles));
            file = new OnnxExternalFile(location, 0, 0);
        }
        long offset = NumberOf(place.Offset), length = NumberOf(place.Length);
        // ONNX Runtime takes a length of 0 as not stated, and refuses one that is not that of the shape.
        if (length > 0 && bytes is long size && length != size)
            throw new FalseHeaderException(HeaderMessages.TensorSize(TensorName, length, OnnxType.NameOf(type)));
        length = length > 0 ? length : bytes ?? 0;
        if (length > long.MaxValue - offset)
            throw new FalseHeaderException(HeaderMessages.ExternalRange(TensorName));
        _files[location] = file with { Tensors = file.Tensors + 1, End = Math.Max(file.End, offset + length) };
    }

    // ORT_MEM_ADDR is a marker of ONNX Runtime for tensors in memory; in a file it would be a pointer that the author chose.
    private static Text? Refuse(string location) => location.Contains("_ORT_MEM_ADDR_", StringComparison.Ordinal)
        ? HeaderMessages.InMemory : PathRules.Reject(location);

    private long NumberOf(string? text) => text is null ? 0
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
        : throw new FalseHeaderException(HeaderMessages.ExternalRange(TensorName));

    private static bool Text(ref HeaderReader reader, long length, out string? text)
    {
        bool isThere = reader.Text((ulong)length, LongestText, out ReadOnlySpan<byte> bytes);
        text = isThere ? Encoding.UTF8.GetString(bytes) : null;
        return isThere;
    }

    private static bool Tag(ref HeaderReader reader, long end, out ulong field, out Wire wire)
    {
        bool isThere = Varint(ref reader, end, out ulong tag);
        (field, wire) = (tag >> 3, (Wire)(tag & 7));
        // Groups ended with version 2 of protobuf, and ONNX has none. A number of a field has 29 bits.
        if (isThere && (wire is not (Wire.Number or Wire.Eight or Wire.Bytes or Wire.Four) || field is 0 or >= 1 << 29))
            throw new FalseHeaderException(HeaderMessages.NotProtobuf(reader.Position));
        return isThere;
    }

    private static bool Number(ref HeaderReader reader, long end, Wire wire, out ulong number)
    {
        if (wire == Wire.Number)
            return Varint(ref reader, end, out number);
        int size = wire == Wire.Eight ? 8 : 4;
        number = 0;
        return size <= end - reader.Position ? reader.Number(size, out number)
            : throw new FalseHeaderException(HeaderMessages.NotProtobuf(reader.Position));
    }

    private static bool Length(ref HeaderReader reader, long end, out long length)
    {
        length = 0;
        if (!Varint(ref reader, end, out ulong stated))
            return false;
        if (stated > (ulong)(end - reader.Position))
            throw new FalseHeaderException(HeaderMessages.NotProtobuf(reader.Position));
        length = (long)stated;
        return true;
    }

    private static bool Varint(ref HeaderReader reader, long end, out ulong number)
    {
        number = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (reader.Position == end)
                break;
            if (!reader.Byte(out byte part))
                return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }
        throw new FalseHeaderException(HeaderMessages.NotProtobuf(reader.Position));
    }
}
