using System.Text;

namespace WiseHub.Client.Formats;

/// <summary>
/// The messages about headers of models. A fault is one clause, whose subject is the file; the message around it names the file.
/// </summary>
internal static class HeaderMessages
{
    public static HubException HeaderCutOff(string format) =>
        Header((Text)$"it ends before its {format} header does. Download it, and verify it.");

    public static HubException HeaderLength(string format, ulong length, int most) => Header(
        Text.Of($"its first bytes state a {format} header of {length} bytes; at most {ByteSize.Show(most)} are read. It may be "
            + $"another kind of file."));

    public static HubException HeaderMalformed(string format, Exception? e) =>
        Header((Text)$"it has no valid {format} header. It may be another kind of file, or damaged.", e);

    /// <summary>The fault itself says enough.</summary>
    public static HubException HeaderNotShown(FalseHeaderException e) => Header(e.Fault.What + ".", e);

    private static HubException Header(string problem, Exception? e = null) =>
        new(WiseCodes.HeaderUnreadable, $"The header of the file cannot be shown: {problem}", e);

    /// <summary>A name of a file, for a message: short, and on one line.</summary>
    public static string Name(ReadOnlySpan<byte> name) =>
        PathRules.Printable(Encoding.UTF8.GetString(name[..Math.Min(name.Length, 200)]));

    public static Text NotOfFormat(string format) => $"its name is that of a {format} file, and its bytes are not";

    public static Text CutOff => $"it ends before its header does";

    public static Text Claim(ulong length, long position, long size) =>
        $"its header states {length} bytes at byte {position}, and the file has {size} bytes";

    public static Text KeyTwice(string key) => $"its header has the key '{key}' twice";

    public static Text TooMany => $"its header states more types or numbers than any model has";

    public static Text TensorTooLarge(string tensor) => $"the shape of its tensor '{tensor}' is larger than any file";

    public static Text TensorPastEnd(string tensor, UInt128 bytes) =>
        $"its tensor '{tensor}' ends {bytes} bytes behind the end of the file";

    public static Text TooShort(UInt128 bytes) => $"it is {bytes} bytes shorter than its tensors";

    public static Text SafetensorsLength(ulong length, int most) =>
        $"its first bytes state a header of {length} bytes; safetensors allows 2 to {most}";

    public static Text NoBrace => $"its header does not begin with an opening brace";

    public static Text NoPadding => $"its header has other bytes than spaces behind its JSON";

    public static Text NotJson => $"its header is not valid JSON";

    public static Text MetadataNotText => $"its '__metadata__' is not an object of strings";

    public static Text TensorMalformed(string tensor) => $"its tensor '{tensor}' has no valid type, shape and offsets";

    public static Text TensorSize(string tensor, long bytes, string type) =>
        $"its tensor '{tensor}' has {bytes} bytes, which is not the size of its shape in {type}";

    public static Text Hole(long from, long to) => $"its data have bytes of no tensor, from {from} to {to}";

    public static Text Overlap(long at) => $"its tensors overlap at byte {at} of the data";

    public static Text Tail(long bytes) => $"it has {bytes} bytes behind its last tensor";

    public static Text GgufVersion(ulong version) => $"it has version {version} of GGUF; versions 2 and 3 are read";

    public static Text KeyLength(ulong length) => $"it has a key of {length} bytes; GGUF allows 1 to 65535";

    public static Text LongValue(string key, ulong length) =>
        $"the value of its key '{key}' has a length of {length}; GGUF allows 2^30";

    public static Text ListOfLists(string key) => $"its key '{key}' has a list of lists";

    public static Text ValueType(string key, ulong type) => $"its key '{key}' has a value of the unknown type {type}";

    public static Text Alignment(string value) => $"its alignment '{value}' is not a power of two";

    public static Text NameLength(ulong length) => $"it has a tensor with a name of {length} bytes; GGUF allows 63";

    public static Text TensorTwice(string tensor) => $"it has the tensor '{tensor}' twice";

    public static Text Dimensions(string tensor, ulong dimensions) =>
        $"its tensor '{tensor}' has {dimensions} dimensions; GGUF allows 4";

    public static Text TensorOffset(string tensor, ulong offset, ulong expected) =>
        $"its tensor '{tensor}' begins at byte {offset} of the data instead of {expected}";

    public static Text Block(string tensor, int block, string type) =>
        $"the first dimension of its tensor '{tensor}' is no multiple of {block}, the block of {type}";

    public static Text NotProtobuf(long position) => $"its bytes at {position} are not those of an ONNX model";

    public static Text TooDeep(int levels) => $"its messages are nested deeper than {levels} levels";

    public static Text NoGraph => $"it has no version and graph of an ONNX model";

    public static Text Location(string tensor, string location, Text reason) =>
        $"the data of its tensor '{tensor}' are in the file '{location}', a name that is not usable: {reason}";

    public static Text InMemory => $"it is an address in memory";

    public static Text NoLocation(string tensor) => $"the data of its tensor '{tensor}' are in a file that it does not name";

    public static Text ExternalTwice(string tensor) => $"it states the place of the data of its tensor '{tensor}' twice";

    public static Text ExternalRange(string tensor) => $"the offset or length of the data of its tensor '{tensor}' is not valid";

    public static Text TooManyFiles(int most) => $"it needs more than {most} other files";

    public static Text NoWeightMap => $"it has no 'weight_map' from tensors to files";

    public static Text Shard(string file, Text reason) =>
        $"its 'weight_map' has the file '{file}', a name that is not usable: {reason}";
}
