using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client.Formats;

/// <summary>Facts for people, kept beside the tree of a commit and shown by <c>wisehub info</c> and in BOMs.</summary>
/// <param name="Format">safetensors, GGUF or ONNX.</param>
/// <param name="Tensors">The number of tensors; null if it is not known.</param>
/// <param name="Parameters">The number of their elements; null if it is not known.</param>
/// <param name="Architecture">The architecture, if it is stated.</param>
/// <param name="Quantisation">The quantisation, if it is stated.</param>
/// <param name="License">The license, if it is stated.</param>
/// <param name="Types">The tensors by kind of number, the most parameters first.</param>
/// <param name="UnknownTypes">The kinds that are not known; the sizes of their tensors were not checked.</param>
/// <param name="Producer">The program that wrote an ONNX model, and its version, if it is stated.</param>
/// <param name="IrVersion">The version of the format of an ONNX model.</param>
/// <param name="Opsets">The sets of operators that an ONNX model imports.</param>
/// <param name="CustomDomains">The domains of operators of an ONNX model outside the standard.</param>
internal sealed record HeaderFacts(string Format, long? Tensors, long? Parameters, string? Architecture, string? Quantisation,
    string? License, IReadOnlyList<TensorTypeCount> Types, IReadOnlyList<string> UnknownTypes, string? Producer, long? IrVersion,
    IReadOnlyList<OnnxOpset> Opsets, IReadOnlyList<string> CustomDomains)
{
    // One line, as people read it; only the required escapes.
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>That types are not known, which is no fault, or null.</summary>
    public Text? Note => UnknownTypes.Count > 0 ? HeaderMessages.UnknownTypes(UnknownTypes) : null;

    /// <summary>Reads the facts of a file.</summary>
    /// <param name="path">The path of the file in its repo.</param>
    /// <param name="file">The file, complete and seekable.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <returns>Null if it has no header of a model, or a false one.</returns>
    public static HeaderFacts? Read(string path, Stream file, long size) => ModelHeaderCheck.Inspect(path, file, size).Facts;

    // The names of https://github.com/Stability-AI/ModelSpec, which writers of safetensors use.
    internal static HeaderFacts Of(SafetensorsHeader header) => new("safetensors", header.Tensors, header.Parameters,
        header.Metadata.GetValueOrDefault("modelspec.architecture"), null, header.Metadata.GetValueOrDefault("modelspec.license"),
        header.Types, [.. header.UnknownTypes], null, null, [], []);

    internal static HeaderFacts Of(GgufHeader header) => new("GGUF", header.Tensors, header.Parameters, header.Architecture,
        header.Quantisation, header.Metadata.GetValueOrDefault("general.license"), header.Types, [.. header.UnknownTypes], null,
        null, [], []);

    internal static HeaderFacts Of(OnnxHeader header) => new("ONNX", header.Tensors, header.Parameters, null, null, null,
        header.Types, [.. header.UnknownTypes], header.Producer, header.IrVersion, header.Opsets, [.. header.CustomDomains]);

    /// <summary>The facts as JSON of one line.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, OneLine))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            WriteNumber(json, "tensors", Tensors);
            WriteNumber(json, "parameters", Parameters);
            WriteText(json, "architecture", Architecture);
            WriteText(json, "quantisation", Quantisation);
            WriteText(json, "license", License);
            json.WriteStartArray("types");
            foreach (TensorTypeCount type in Types)
            {
                json.WriteStartObject();
                json.WriteString("type", type.Type);
                json.WriteNumber("tensors", type.Tensors);
                json.WriteNumber("parameters", type.Parameters);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteTexts(json, "unknownTypes", UnknownTypes);
            WriteText(json, "producer", Producer);
            WriteNumber(json, "irVersion", IrVersion);
            json.WriteStartArray("opsets");
            foreach (OnnxOpset opset in Opsets)
            {
                json.WriteStartObject();
                json.WriteString("domain", opset.Domain);
                json.WriteNumber("version", opset.Version);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            WriteTexts(json, "customDomains", CustomDomains);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The line.</param>
    /// <param name="file">The file that has it, for messages.</param>
    /// <param name="code">The code of an error.</param>
    /// <param name="remedy">The last sentence of an error.</param>
    /// <exception cref="HubException">With <paramref name="code"/>: it is something else.</exception>
    public static HeaderFacts Parse(byte[] json, string file, string code, string remedy)
    {
        using var strict = new StrictJson(json, file, code, remedy);
        JsonElement root = strict.Root;
        strict.OnlyKeys(root, ["format", "tensors", "parameters", "architecture", "quantisation", "license", "types",
            "unknownTypes", "producer", "irVersion", "opsets", "customDomains"]);
        var types = new List<TensorTypeCount>();
        foreach (JsonElement type in strict.Array(root, "types"))
        {
            strict.OnlyKeys(type, ["type", "tensors", "parameters"]);
            types.Add(new TensorTypeCount(strict.RequiredString(type, "type"), Required(strict, type, "tensors"),
                Required(strict, type, "parameters")));
        }
        var opsets = new List<OnnxOpset>();
        foreach (JsonElement opset in strict.Array(root, "opsets"))
        {
            strict.OnlyKeys(opset, ["domain", "version"]);
            opsets.Add(new OnnxOpset(strict.RequiredString(opset, "domain"), Required(strict, opset, "version")));
        }
        return new HeaderFacts(strict.RequiredString(root, "format"), strict.Integer(root, "tensors"),
            strict.Integer(root, "parameters"), strict.String(root, "architecture"), strict.String(root, "quantisation"),
            strict.String(root, "license"), types, [.. strict.Strings(root, "unknownTypes")], strict.String(root, "producer"),
            strict.Integer(root, "irVersion"), opsets, [.. strict.Strings(root, "customDomains")]);
    }

    private static long Required(StrictJson strict, JsonElement element, string key) =>
        strict.Integer(element, key) ?? throw strict.Wrong(ModelMessages.Missing(key), element);

    private static void WriteNumber(Utf8JsonWriter json, string key, long? value)
    {
        if (value is long number)
            json.WriteNumber(key, number);
    }

    private static void WriteText(Utf8JsonWriter json, string key, string? value)
    {
        if (value is not null)
            json.WriteString(key, value);
    }

    private static void WriteTexts(Utf8JsonWriter json, string key, IReadOnlyList<string> values)
    {
        json.WriteStartArray(key);
        foreach (string value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
