namespace WiseHub.Client.Formats;

/// <summary>
/// Formats that are protocol buffers have no magic: they are told by the numbers and kinds of their fields
/// (https://protobuf.dev/programming-guides/encoding).
/// </summary>
internal static class ProtobufShape
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    // Vocabularies have a field a word: these are enough to tell.
    private const int MostFields = 1000;

    // onnx.proto, ModelProto: ir_version, model_version are numbers; the rest are messages and texts. 7 is the graph.
    private const int OnnxGraph = 7, LastIrVersion = 30;

    // CoreML's Model.proto: the kinds of models begin at 200.
    private const int FirstCoreMlModel = 200, LastCoreMlModel = 3000;

    /// <summary>The format; null if none is known.</summary>
    public static FileFormat? Of(FormatSubject subject)
    {
        using var reader = new ForwardReader(subject.Bytes);
        FileFormat? format = Of(subject, reader);
        subject.Work.Take(reader.BytesRead);
        return format;
    }

    private static FileFormat? Of(FormatSubject subject, ForwardReader reader)
    {
        Span<byte> first = stackalloc byte[64];
        Fields fields = default;
        for (int i = 0; i < MostFields; i++)
        {
            if (reader.Position >= subject.Bytes.Length)
                break;
            if (!Number(reader, out ulong tag) || tag >> 3 is 0 or > int.MaxValue)
                return null;
            var (field, kind) = ((int)(tag >> 3), (int)(tag & 7));
            ulong value = 0;
            if (kind is Varint or Bytes && !Number(reader, out value))
                return null;
            ulong length = kind switch { Varint => 0, Fixed64 => 8, Bytes => value, Fixed32 => 4, _ => ulong.MaxValue };
            if (length > (ulong)(subject.Size - reader.Position))
                return null;
            if (fields.Count == 0 && kind == Bytes)
            {
                int known = (int)Math.Min(length, (ulong)first.Length);
                long at = reader.Position;
                first = first[..(reader.TryRead(first[..known]) ? known : 0)];
                reader.MoveTo(at);
            }
            fields.Add(field, kind, value);
            if (!reader.Skip(length))
                break;
        }
        return fields.Count == 0 ? null
            : fields.IsOnnx ? FileFormats.Onnx
            : fields.IsCoreMl ? FileFormats.CoreMl
            : fields.IsSavedModel || (fields.First == 1 && fields.OnlyGraph && IsNode(first)) ? FileFormats.SavedModel
            : fields.First == 1 && IsPiece(first) ? FileFormats.SentencePiece : null;
    }

    // sentencepiece_model.proto: 1 piece, 2 score as float, 3 type.
    private static bool IsPiece(ReadOnlySpan<byte> message) => message.Length > 2 && message[0] == 0x0A
        && message[1] + 2 + 5 <= message.Length && message[message[1] + 2] == 0x15;

    // TensorFlow's node_def.proto: 1 name, 2 op.
    private static bool IsNode(ReadOnlySpan<byte> message) => message.Length > 2 && message[0] == 0x0A
        && message[1] + 2 < message.Length && message[message[1] + 2] == 0x12;

    private static bool Number(ForwardReader reader, out ulong number)
    {
        number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = reader.ReadByte();
            if (next < 0)
                return false;
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }

    /// <summary>What is known about the fields.</summary>
    private struct Fields
    {
        private bool _isNotOnnx, _isNotCoreMl, _isNotSavedModel, _isNotGraph, _hasGraph, _hasModel, _hasMeta;
        private ulong _version;

        public int Count { get; private set; }

        public int First { get; private set; }

        public readonly bool IsOnnx => !_isNotOnnx && _hasGraph && _version is > 0 and <= LastIrVersion;

        public readonly bool IsCoreMl => !_isNotCoreMl && _hasModel && _version > 0;

        public readonly bool IsSavedModel => !_isNotSavedModel && _hasMeta && _version == 1;

        public readonly bool OnlyGraph => !_isNotGraph;

        public void Add(int field, int kind, ulong value)
        {
            if (Count++ == 0)
                First = field;
            if (field == 1 && kind == Varint)
                _version = value;
            _hasGraph |= field == OnnxGraph;
            _hasModel |= field is >= FirstCoreMlModel and <= LastCoreMlModel;
            _hasMeta |= field == 2;
            _isNotOnnx |= kind != (field is 1 or 5 ? Varint : Bytes) || field is not (<= 8 or 14 or 20 or 25 or 26);
            _isNotCoreMl |= field == 1 ? kind != Varint : field == 10 ? kind != Varint : kind != Bytes
                || !(field == 2 || field is >= FirstCoreMlModel and <= LastCoreMlModel);
            _isNotSavedModel |= field switch { 1 => kind != Varint, 2 => kind != Bytes, _ => true };
            // GraphDef: nodes, a library, versions.
            _isNotGraph |= field switch { 1 or 2 or 4 => kind != Bytes, 3 => kind != Varint, _ => true };
        }
    }
}
