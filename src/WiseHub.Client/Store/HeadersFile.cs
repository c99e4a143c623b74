using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client.Store;

/// <summary>
/// The facts of the headers of a commit, as stored in <c>trees/&lt;commit&gt;.headers</c> of a cache (docs/store-layout.md).
/// </summary>
internal static class HeadersFile
{
    /// <summary>The end of the name; that of a tree is <c>.json</c>, and whoever lists trees looks for it.</summary>
    public const string Extension = ".headers";

    private static readonly string[] Keys = ["version", "files"], TypeKeys = ["type", "tensors", "parameters"],
        OpsetKeys = ["domain", "version"], ExternalKeys = ["location", "tensors", "end"];

    private static readonly string[] FileKeys = ["path", "format", "tensors", "parameters", "types", "unknownTypes",
        "architecture", "quantisation", "license", "producer", "irVersion", "opsets", "customDomains", "externalFiles",
        "metadata"];

    // A file a line, as people read it; only the required escapes.
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <returns>The facts by path.</returns>
    /// <exception cref="HubException">WISE3006: the file is damaged, or of another version.</exception>
    public static Dictionary<string, HeaderFacts> Parse(byte[] bytes, string file)
    {
        using var json = new StrictJson(bytes, file, WiseCodes.DamagedStore, StoreMessages.ReadsHeadersAgain);
        if (json.Integer(json.Root, "version") != 1)
            throw json.Wrong(ModelMessages.VersionMissing, json.Root);
        json.OnlyKeys(json.Root, Keys);
        var files = new Dictionary<string, HeaderFacts>(StringComparer.Ordinal);
        foreach (JsonElement entry in json.Array(json.Root, "files"))
        {
            json.OnlyKeys(entry, FileKeys);
            if (!files.TryAdd(json.RequiredString(entry, "path"), Parse(json, entry)))
                throw json.Wrong(StoreMessages.PathTwice, entry.GetProperty("path"));
        }
        return files;
    }

    private static HeaderFacts Parse(StrictJson json, JsonElement entry) => new()
    {
        Format = json.RequiredString(entry, "format"),
        Tensors = json.Integer(entry, "tensors"),
        Parameters = json.Integer(entry, "parameters"),
        Types = List(json, entry, "types", TypeKeys, type => new TensorTypeCount(json.RequiredString(type, "type"),
            Required(json, type, "tensors"), Required(json, type, "parameters"))),
        UnknownTypes = [.. json.Strings(entry, "unknownTypes")],
        Architecture = json.String(entry, "architecture"),
        Quantisation = json.String(entry, "quantisation"),
        License = json.String(entry, "license"),
        Producer = json.String(entry, "producer"),
        IrVersion = json.Integer(entry, "irVersion"),
        Opsets = List(json, entry, "opsets", OpsetKeys,
            opset => new OnnxOpset(json.RequiredString(opset, "domain"), Required(json, opset, "version"))),
        CustomDomains = [.. json.Strings(entry, "customDomains")],
        ExternalFiles = List(json, entry, "externalFiles", ExternalKeys, file => new OnnxExternalFile(
            json.RequiredString(file, "location"), Required(json, file, "tensors"), Required(json, file, "end"))),
        Metadata = json.Texts(entry, "metadata"),
    };

    private static List<T> List<T>(StrictJson json, JsonElement entry, string key, string[] keys, Func<JsonElement, T> read)
    {
        var list = new List<T>();
        foreach (JsonElement item in json.Array(entry, key))
        {
            json.OnlyKeys(item, keys);
            list.Add(read(item));
        }
        return list;
    }

    private static long Required(StrictJson json, JsonElement element, string key) =>
        json.Integer(element, key) ?? throw json.Wrong(ModelMessages.Missing(key), element);

    /// <summary>The JSON text: a line for each file, sorted by path. Equal facts give equal bytes.</summary>
    public static byte[] ToBytes(IEnumerable<KeyValuePair<string, HeaderFacts>> files)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write("{\"version\":1,\"files\":["u8);
        using var json = new Utf8JsonWriter(text, OneLine);
        bool isFirst = true;
        foreach ((string path, HeaderFacts facts) in files.OrderBy(f => f.Key, Utf8Ordinal.Instance))
        {
            text.Write(isFirst ? "\n"u8 : ",\n"u8);
            Write(json, path, facts);
            json.Flush();
            json.Reset();
            isFirst = false;
        }
        text.Write("]}\n"u8);
        return text.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string path, HeaderFacts facts)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteString("format", facts.Format);
        WriteNumber(json, "tensors", facts.Tensors);
        WriteNumber(json, "parameters", facts.Parameters);
        WriteList(json, "types", facts.Types, type =>
        {
            json.WriteStartObject();
            json.WriteString("type", type.Type);
            json.WriteNumber("tensors", type.Tensors);
            json.WriteNumber("parameters", type.Parameters);
            json.WriteEndObject();
        });
        WriteList(json, "unknownTypes", facts.UnknownTypes, json.WriteStringValue);
        WriteText(json, "architecture", facts.Architecture);
        WriteText(json, "quantisation", facts.Quantisation);
        WriteText(json, "license", facts.License);
        WriteText(json, "producer", facts.Producer);
        WriteNumber(json, "irVersion", facts.IrVersion);
        WriteList(json, "opsets", facts.Opsets, opset =>
        {
            json.WriteStartObject();
            json.WriteString("domain", opset.Domain);
            json.WriteNumber("version", opset.Version);
            json.WriteEndObject();
        });
        WriteList(json, "customDomains", facts.CustomDomains, json.WriteStringValue);
        WriteList(json, "externalFiles", facts.ExternalFiles, file =>
        {
            json.WriteStartObject();
            json.WriteString("location", file.Location);
            json.WriteNumber("tensors", file.Tensors);
            json.WriteNumber("end", file.End);
            json.WriteEndObject();
        });
        if (facts.Metadata.Count > 0)
        {
            json.WriteStartObject("metadata");
            foreach ((string key, string value) in facts.Metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

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

    private static void WriteList<T>(Utf8JsonWriter json, string key, IReadOnlyList<T> items, Action<T> write)
    {
        if (items.Count == 0)
            return;
        json.WriteStartArray(key);
        foreach (T item in items)
            write(item);
        json.WriteEndArray();
    }
}
