using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Formats;

/// <summary>The JSON of a safetensors header, against the size of its file if that is known.</summary>
/// <param name="dataSize">The bytes behind the header; null if they are unknown.</param>
internal sealed class SafetensorsWalk(long? dataSize) : JsonWalk
{
    private enum State
    {
        Start, Key, MetadataStart, MetadataKey, MetadataValue, TensorStart, TensorKey, Type, ShapeStart, Shape, OffsetsStart,
        Offsets, Other, End,
    }

    // The first 64 texts of at most 256 bytes are kept, and 16 bytes hold every name of a type.
    private const int MostMetadata = 64, LongestText = 256, LongestType = 16, LongestName = 200;

    private readonly HashSet<UInt128> _keys = [], _metadataKeys = [], _otherKeys = [];
    private readonly List<(long Begin, long End)> _ranges = [];
    private readonly byte[] _name = new byte[LongestName];
    private int _nameLength;
    private State _state;
    private bool _isOrdered = true;
    private string? _metadataKey;

    // The current tensor.
    private string? _type;
    private int _bits;
    private UInt128 _elements;
    private bool _hasShape;
    private long _begin, _end;
    private int _offsets;

    public TensorCounts Counts { get; } = new();

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The kinds of numbers that are not known.</summary>
    public SortedSet<string> UnknownTypes { get; } = new(StringComparer.Ordinal);

    protected override bool IsAtEnd => _state == State.End;

    private string Name => HeaderMessages.Name(_name.AsSpan(0, _nameLength));

    /// <summary>Checks that the tensors are all of the data: no hole, no overlap, and nothing behind them.</summary>
    public void CheckPlaces()
    {
        // The order of the offsets; writers differ in the order of the JSON.
        if (!_isOrdered)
            _ranges.Sort();
        long end = 0;
        foreach ((long begin, long next) in _ranges)
        {
            if (begin > end)
                throw new FalseHeaderException(HeaderMessages.Hole(end, begin));
            if (begin < end)
                throw new FalseHeaderException(HeaderMessages.Overlap(begin));
            end = next;
        }
        // Each tensor was compared with the end of the file already.
        if (dataSize is long size && end < size)
            throw new FalseHeaderException(HeaderMessages.Tail(size - end));
    }

    protected override void Take(ref Utf8JsonReader json)
    {
        switch (_state)
        {
            case State.Start:
                Expect(ref json, JsonTokenType.StartObject);
                _state = State.Key;
                break;
            case State.Key when json.TokenType == JsonTokenType.EndObject:
                _state = State.End;
                break;
            case State.Key:
                BeginEntry(TextOf(ref json));
                break;
            case State.MetadataStart:
                ExpectMetadata(ref json, JsonTokenType.StartObject);
                _state = State.MetadataKey;
                break;
            case State.MetadataKey when json.TokenType == JsonTokenType.EndObject:
                _state = State.Key;
                break;
            case State.MetadataKey:
                ReadOnlySpan<byte> key = TextOf(ref json);
                Once(_metadataKeys, key);
                _metadataKey = key.Length <= LongestText && Metadata.Count < MostMetadata ? Encoding.UTF8.GetString(key) : null;
                _state = State.MetadataValue;
                break;
            case State.MetadataValue:
                ExpectMetadata(ref json, JsonTokenType.String);
                ReadOnlySpan<byte> value = TextOf(ref json);
                if (_metadataKey is not null && value.Length <= LongestText)
                    Metadata[_metadataKey] = Encoding.UTF8.GetString(value);
                _state = State.MetadataKey;
                break;
            default:
                TakeTensor(ref json);
                break;
        }
    }

    private void BeginEntry(ReadOnlySpan<byte> key)
    {
        Once(_keys, key);
        if (key.SequenceEqual("__metadata__"u8))
        {
            _state = State.MetadataStart;
            return;
        }
        _nameLength = Math.Min(key.Length, LongestName);
        key[.._nameLength].CopyTo(_name);
        _type = null;
        _hasShape = false;
        _offsets = 0;
        _otherKeys.Clear();
        _state = State.TensorStart;
    }

    private void TakeTensor(ref Utf8JsonReader json)
    {
        switch (_state)
        {
            case State.TensorStart:
                ExpectOf(ref json, JsonTokenType.StartObject);
                _state = State.TensorKey;
                break;
            case State.TensorKey when json.TokenType == JsonTokenType.EndObject:
                EndTensor();
                _state = State.Key;
                break;
            case State.TensorKey:
                TakeKey(TextOf(ref json));
                break;
            case State.Type:
                ExpectOf(ref json, JsonTokenType.String);
                TakeType(TextOf(ref json));
                _state = State.TensorKey;
                break;
            case State.ShapeStart:
                ExpectOf(ref json, JsonTokenType.StartArray);
                _elements = 1;
                _hasShape = true;
                _state = State.Shape;
                break;
            case State.OffsetsStart:
                ExpectOf(ref json, JsonTokenType.StartArray);
                _state = State.Offsets;
                break;
            case State.Shape or State.Offsets when json.TokenType == JsonTokenType.EndArray:
                _state = State.TensorKey;
                break;
            case State.Shape:
                _elements *= (ulong)IntegerOf(ref json);
                // Both factors have at most 64 bits, so the product is right.
                if (_elements > long.MaxValue)
                    throw new FalseHeaderException(HeaderMessages.TensorTooLarge(Name));
                break;
            case State.Offsets:
                if (_offsets == 2)
                    throw Malformed();
                _begin = _end;
                _end = IntegerOf(ref json);
                _offsets++;
                break;
            case State.Other:
                if (Skip(ref json))
                    _state = State.TensorKey;
                break;
        }
    }

    private void TakeKey(ReadOnlySpan<byte> key)
    {
        // Nearly all tensors have these three keys, which need no set.
        State next = key.SequenceEqual("dtype"u8) ? State.Type : key.SequenceEqual("shape"u8) ? State.ShapeStart
            : key.SequenceEqual("data_offsets"u8) ? State.OffsetsStart : State.Other;
        bool isTwice = next switch
        {
            State.Type => _type is not null,
            State.ShapeStart => _hasShape,
            State.OffsetsStart => _offsets > 0,
            _ => false,
        };
        if (isTwice)
            throw new FalseHeaderException(HeaderMessages.KeyTwice(HeaderMessages.Name(key)));
        if (next == State.Other)
            Once(_otherKeys, key);
        _state = next;
    }

    private void TakeType(ReadOnlySpan<byte> name)
    {
        SafetensorsType? known = SafetensorsType.Find(name);
        if (known is null && name.Length is 0 or > LongestType)
            throw Malformed();
        _type = known?.Name ?? Encoding.UTF8.GetString(name);
        _bits = known?.Bits ?? 0;
    }

    private void EndTensor()
    {
        if (_type is null || !_hasShape || _offsets != 2 || _begin > _end)
            throw Malformed();
        if (!Counts.Add(_type, (long)_elements))
            throw new FalseHeaderException(HeaderMessages.TooMany);
        if (_bits == 0)
        {
            UnknownTypes.Add(_type);
        }
        else
        {
            UInt128 bits = _elements * (uint)_bits;
            if (bits != (UInt128)(_end - _begin) * 8)
                throw new FalseHeaderException(HeaderMessages.TensorSize(Name, _end - _begin, _type));
        }
        if (dataSize is long size && _end > size)
            throw new FalseHeaderException(HeaderMessages.TensorPastEnd(Name, (ulong)(_end - size)));
        _isOrdered &= _ranges.Count == 0 || (_begin, _end).CompareTo(_ranges[^1]) >= 0;
        _ranges.Add((_begin, _end));
    }

    private long IntegerOf(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long number) && number >= 0 ? number : throw Malformed();

    private void ExpectOf(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (json.TokenType != type)
            throw Malformed();
    }

    private static void ExpectMetadata(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (json.TokenType != type)
            throw new FalseHeaderException(HeaderMessages.MetadataNotText);
    }

    private FalseHeaderException Malformed() => new(HeaderMessages.TensorMalformed(Name));
}
