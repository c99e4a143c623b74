using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WiseHub.Client.Inventory;

/// <summary>
/// Writes CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/). A repo is one component, with its files in it:
/// a model is a <c>machine-learning-model</c>, a dataset and code are <c>data</c> of that type, because code of a repo is read
/// and not linked, and a space is an <c>application</c>.
/// </summary>
internal sealed class CycloneDxWriter(Stream output)
{
    /// <summary>The version of CycloneDX.</summary>
    public const string SpecVersion = "1.6";

    /// <summary>The schema of that version.</summary>
    public const string Schema = "http://cyclonedx.org/schema/bom-1.6.schema.json";

    /// <summary>The name of the tool in the metadata.</summary>
    public const string ToolName = "WiseHub";

    // The writer keeps all in memory until it is flushed.
    private const int FlushSize = 1 << 16;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        // Only the required escapes: the file is read by people, and is no part of a web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The version of this library.</summary>
    public static string ToolVersion { get; } = typeof(CycloneDxWriter).Assembly.GetName().Version!.ToString(3);

    /// <summary>Writes a whole document.</summary>
    /// <param name="bill">The list.</param>
    /// <param name="serialNumber">The serial number; null to leave it out.</param>
    public void Write(BillOfMaterials bill, string? serialNumber)
    {
        using Utf8JsonWriter json = Open();
        json.WriteStartObject();
        json.WriteString("$schema", Schema);
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", SpecVersion);
        if (serialNumber is not null)
            json.WriteString("serialNumber", serialNumber);
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        if (bill.Time is DateTimeOffset time)
            json.WriteString("timestamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        WriteLifecycles(json);
        WriteTools(json);
        if (bill.Program is BillProgram program)
        {
            json.WritePropertyName("component");
            WriteProgram(json, program);
        }
        json.WriteEndObject();
        json.WriteStartArray("components");
        foreach (BillEntry entry in bill.Entries)
            WriteComponent(json, entry);
        json.WriteEndArray();
        json.WriteStartArray("dependencies");
        if (bill.Program is BillProgram user)
            WriteDependency(json, ReferenceOf(user), bill.Entries);
        foreach (BillEntry entry in bill.Entries)
            WriteDependency(json, entry.Reference, []);
        json.WriteEndArray();
        json.WriteEndObject();
        Finish(json);
    }

    /// <summary>A writer of the same form.</summary>
    public Utf8JsonWriter Open() => new(output, Options);

    /// <summary>Ends the last line.</summary>
    public void Finish(Utf8JsonWriter json)
    {
        json.Flush();
        output.Write("\n"u8);
    }

    /// <summary>Sends what is written if it is much.</summary>
    public static void FlushIfLarge(Utf8JsonWriter json)
    {
        if (json.BytesPending >= FlushSize)
            json.Flush();
    }

    /// <summary>The reference of the program.</summary>
    public static string ReferenceOf(BillProgram program) => "wisehub:program/" + PackageUrl.Escape(program.Name);

    /// <summary>The tools of the metadata.</summary>
    public static void WriteTools(Utf8JsonWriter json)
    {
        json.WriteStartObject("tools");
        json.WriteStartArray("components");
        WriteTool(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>This library as a tool.</summary>
    public static void WriteTool(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "application");
        json.WriteString("name", ToolName);
        json.WriteString("version", ToolVersion);
        json.WriteEndObject();
    }

    /// <summary>The program as the subject of the list.</summary>
    public static void WriteProgram(Utf8JsonWriter json, BillProgram program)
    {
        json.WriteStartObject();
        json.WriteString("type", "application");
        json.WriteString("bom-ref", ReferenceOf(program));
        Text(json, "name", program.Name);
        if (program.Version is { Length: > 0 } version)
            Text(json, "version", version);
        json.WriteEndObject();
    }

    /// <summary>One dependency of the list.</summary>
    public static void WriteDependency(Utf8JsonWriter json, string reference, IReadOnlyList<BillEntry> on)
    {
        json.WriteStartObject();
        json.WriteString("ref", reference);
        if (on.Count > 0)
        {
            json.WriteStartArray("dependsOn");
            foreach (BillEntry entry in on)
                json.WriteStringValue(entry.Reference);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        FlushIfLarge(json);
    }

    /// <summary>The component of a repo.</summary>
    public static void WriteComponent(Utf8JsonWriter json, BillEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("type", entry.Key.RepoType switch
        {
            RepoType.Model => "machine-learning-model",
            RepoType.Space => "application",
            _ => "data",
        });
        json.WriteString("bom-ref", entry.Reference);
        if (entry.Group is string group)
            Text(json, "group", group);
        Text(json, "name", entry.Name);
        json.WriteString("version", entry.Commit);
        WriteLicenses(json, entry.License);
        json.WriteString("purl", entry.Purl);
        WriteAncestors(json, entry.Facts.BaseModels);
        WriteExternalReferences(json, entry);
        WriteStrings(json, "tags", entry.Facts.Tags);
        WriteProperties(json, Properties(entry));
        WriteFiles(json, entry);
        WriteModelCard(json, entry);
        WriteData(json, entry);
        json.WriteEndObject();
        FlushIfLarge(json);
    }

    private static void WriteLifecycles(Utf8JsonWriter json)
    {
        json.WriteStartArray("lifecycles");
        json.WriteStartObject();
        json.WriteString("phase", "build");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteLicenses(Utf8JsonWriter json, IReadOnlyList<string> stated)
    {
        if (stated.Count == 0)
            return;
        json.WriteStartArray("licenses");
        foreach (string license in stated)
        {
            json.WriteStartObject();
            json.WriteStartObject("license");
            if (SpdxLicenses.IdOf(license) is string id)
                json.WriteString("id", id);
            else
                Text(json, "name", license);
            json.WriteString("acknowledgement", "declared");
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteAncestors(Utf8JsonWriter json, IReadOnlyList<string> bases)
    {
        string[] names = Distinct(bases);
        if (names.Length == 0)
            return;
        json.WriteStartObject("pedigree");
        json.WriteStartArray("ancestors");
        foreach (string name in names)
        {
            json.WriteStartObject();
            json.WriteString("type", "machine-learning-model");
            json.WriteString("name", name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExternalReferences(Utf8JsonWriter json, BillEntry entry)
    {
        List<(string Type, Uri Url)> references = [];
        if (entry.Address.Page is Uri page)
        {
            references.Add(("distribution", page));
            if (entry.Address.IsGit)
                references.Add(("vcs", page));
        }
        if (entry.CardFile is BillFile card && entry.Address.FileUrl(card.Path) is Uri url)
            references.Add((entry.Key.RepoType == RepoType.Model ? "model-card" : "documentation", url));
        WriteExternalReferences(json, references);
    }

    private static void WriteExternalReferences(Utf8JsonWriter json, List<(string Type, Uri Url)> references)
    {
        if (references.Count == 0)
            return;
        json.WriteStartArray("externalReferences");
        foreach ((string type, Uri url) in references)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("url", url.AbsoluteUri);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static IEnumerable<(string Name, string? Value)> Properties(BillEntry entry) =>
    [
        ("hub", entry.Key.Hub), ("revision", entry.Key.Revision), ("config", entry.Key.Config), ("gate", entry.Gate),
        ("signer", entry.Signature?.Signer), ("signature-sha256", entry.Signature?.Sha256.Hex),
        .. entry.Files.Select(f => f.Waived).OfType<string>().Distinct(StringComparer.Ordinal).Order(Utf8Ordinal.Instance)
            .Select(w => ("waived", (string?)w)),
        .. entry.Selections.Order(Utf8Ordinal.Instance).Select(s => ("selection", (string?)s)),
    ];

    private static void WriteProperties(Utf8JsonWriter json, IEnumerable<(string Name, string? Value)> properties)
    {
        bool isOpen = false;
        foreach ((string name, string? value) in properties)
        {
            if (value is null)
                continue;
            if (!isOpen)
                json.WriteStartArray("properties");
            isOpen = true;
            json.WriteStartObject();
            json.WriteString("name", "wisehub:" + name);
            Text(json, "value", value);
            json.WriteEndObject();
        }
        if (isOpen)
            json.WriteEndArray();
    }

    private static void WriteFiles(Utf8JsonWriter json, BillEntry entry)
    {
        if (entry.Files.Count == 0)
            return;
        json.WriteStartArray("components");
        foreach (BillFile file in entry.Files)
        {
            json.WriteStartObject();
            json.WriteString("type", "file");
            json.WriteString("bom-ref", entry.ReferenceOf(file));
            Text(json, "name", file.Path);
            if (file.Sha256 is Digest digest)
            {
                json.WriteStartArray("hashes");
                json.WriteStartObject();
                json.WriteString("alg", "SHA-256");
                json.WriteString("content", digest.Hex);
                json.WriteEndObject();
                json.WriteEndArray();
            }
            if (entry.Address.FileUrl(file.Path) is Uri url)
                WriteExternalReferences(json, [("distribution", url)]);
            WriteProperties(json, [("size", file.Size?.ToString(CultureInfo.InvariantCulture)), ("waived", file.Waived)]);
            json.WriteEndObject();
            FlushIfLarge(json);
        }
        json.WriteEndArray();
    }

    private static void WriteModelCard(Utf8JsonWriter json, BillEntry entry)
    {
        string[] datasets = Distinct(entry.Facts.Datasets);
        if (entry.Key.RepoType != RepoType.Model || (entry.Facts.Task is null && datasets.Length == 0))
            return;
        json.WriteStartObject("modelCard");
        json.WriteStartObject("modelParameters");
        if (entry.Facts.Task is string task)
            Text(json, "task", task);
        if (datasets.Length > 0)
        {
            json.WriteStartArray("datasets");
            foreach (string name in datasets)
            {
                json.WriteStartObject();
                json.WriteString("type", "dataset");
                json.WriteString("name", name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, BillEntry entry)
    {
        if (entry.Key.RepoType is not (RepoType.Dataset or RepoType.Code))
            return;
        json.WriteStartArray("data");
        json.WriteStartObject();
        json.WriteString("type", entry.Key.RepoType == RepoType.Dataset ? "dataset" : "source-code");
        Text(json, "name", entry.Key.RepoId);
        if (entry.Address.Page is Uri page)
        {
            json.WriteStartObject("contents");
            json.WriteString("url", page.AbsoluteUri);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        string[] distinct = Distinct(texts);
        if (distinct.Length == 0)
            return;
        json.WriteStartArray(name);
        foreach (string text in distinct)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string[] Distinct(IEnumerable<string> texts) =>
        [.. texts.Select(Unicode.Repair).Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)];

    private static void Text(Utf8JsonWriter json, string name, string value) => json.WriteString(name, Unicode.Repair(value));
}
