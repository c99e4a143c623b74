using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Formats;

/// <summary>
/// The index of weights in several files, such as <c>model.safetensors.index.json</c>: its <c>weight_map</c> says for each tensor
/// in which file it is. The files are in the folder of the index.
/// </summary>
internal sealed class WeightIndexWalk : JsonWalk
{
    private enum State { Start, Key, MapStart, MapKey, MapValue, Other, End }

    // The largest models have a few hundred.
    private const int MostFiles = 10_000;

    private readonly HashSet<UInt128> _keys = [], _tensors = [], _files = [];
    private State _state;

    /// <summary>The files, in the order in which they are named first.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The index has a <c>weight_map</c>.</summary>
    public bool HasMap { get; private set; }

    protected override bool IsAtEnd => _state == State.End;

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
                ReadOnlySpan<byte> key = TextOf(ref json);
                Once(_keys, key);
                _state = key.SequenceEqual("weight_map"u8) ? State.MapStart : State.Other;
                break;
            case State.MapStart:
                if (json.TokenType != JsonTokenType.StartObject)
                    throw new FalseHeaderException(HeaderMessages.NoWeightMap);
                HasMap = true;
                _state = State.MapKey;
                break;
            case State.MapKey when json.TokenType == JsonTokenType.EndObject:
                _state = State.Key;
                break;
            case State.MapKey:
                Once(_tensors, TextOf(ref json));
                _state = State.MapValue;
                break;
            case State.MapValue:
                if (json.TokenType != JsonTokenType.String)
                    throw new FalseHeaderException(HeaderMessages.NoWeightMap);
                AddFile(TextOf(ref json));
                _state = State.MapKey;
                break;
            case State.Other:
                if (Skip(ref json))
                    _state = State.Key;
                break;
        }
    }

    private void AddFile(ReadOnlySpan<byte> utf8)
    {
        // Many tensors are in one file.
        if (!_files.Add(System.IO.Hashing.XxHash128.HashToUInt128(utf8)))
            return;
        if (Files.Count == MostFiles)
            throw new FalseHeaderException(HeaderMessages.TooManyFiles(MostFiles));
        // A usable name has at most 255 bytes.
        string file = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 2048)]);
        if ((PathRules.Reject(file) ?? PathRules.RejectSegment(file)) is Text reason)
            throw new FalseHeaderException(HeaderMessages.Shard(PathRules.Printable(file), reason));
        Files.Add(file);
    }
}
