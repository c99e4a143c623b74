using System.Text.Json;
using System.Text.Unicode;

namespace WiseHub.Client.Inventory;

/// <summary>
/// Adds a list to a CycloneDX JSON document of another tool. Unknown keys, order and values of the document stay. A component
/// that an earlier merge added is replaced by the same one, so repeating a merge changes nothing.
/// </summary>
internal sealed class CycloneDxMerge : IDisposable
{
    // 1.5 has the types for models and data, and 1.6 the rest of what is added. Later versions may restrict it.
    private static readonly string[] Versions = ["1.4", "1.5", CycloneDxWriter.SpecVersion];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonDocument _document;
    private readonly string _file;

    /// <param name="bytes">The bytes of the document.</param>
    /// <param name="file">Its path, for messages.</param>
    /// <exception cref="HubException">WISE6041: it is not CycloneDX JSON of a known version, or is signed.</exception>
    public CycloneDxMerge(byte[] bytes, string file)
    {
        _file = file;
        var text = new JsonText(bytes, file, WiseCodes.BomNotMerged, InventoryMessages.MakeItAgain);
        if (text.Utf8.Span.TrimStart(" \t\r\n"u8) is [(byte)'<', ..])
            throw InventoryMessages.IsXml(file);
        if (!Utf8.IsValid(text.Utf8.Span))
            throw InventoryMessages.NotUnicode(file);
        try
        {
            _document = JsonDocument.Parse(text.Utf8, Strict);
        }
        catch (JsonException e)
        {
            throw text.NotJson(e);
        }
        catch (InvalidOperationException)
        {
            // The check for duplicates unescapes the names.
            throw InventoryMessages.NotUnicode(file);
        }
        try
        {
            if (Root.ValueKind != JsonValueKind.Object)
                throw text.NotAnObject();
            CheckKind();
            CheckShape();
        }
        catch
        {
            _document.Dispose();
            throw;
        }
    }

    private JsonElement Root => _document.RootElement;

    /// <summary>Writes the document with the list.</summary>
    /// <exception cref="HubException">WISE6041: another part of the document has a reference of the list.</exception>
    public void Write(BillOfMaterials bill, Stream output)
    {
        Dictionary<string, BillEntry> ours = bill.Entries.ToDictionary(e => e.Reference, StringComparer.Ordinal);
        string? program = ProgramReference(bill);
        CheckReferences(bill, ours);
        var writer = new CycloneDxWriter(output);
        using Utf8JsonWriter json = writer.Open();
        json.WriteStartObject();
        foreach (JsonProperty property in Root.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            switch (property.Name)
            {
                case "$schema" when IsSchemaOf(property.Value):
                    json.WriteStringValue(CycloneDxWriter.Schema);
                    break;
                case "specVersion":
                    json.WriteStringValue(CycloneDxWriter.SpecVersion);
                    break;
                case "metadata":
                    WriteMetadata(json, property.Value, bill);
                    break;
                case "components":
                    WriteComponents(json, property.Value, bill, ours);
                    break;
                case "dependencies":
                    WriteDependencies(json, property.Value, bill, program);
                    break;
                default:
                    property.Value.WriteTo(json);
                    break;
            }
            CycloneDxWriter.FlushIfLarge(json);
        }
        WriteMissing(json, bill, ours, program);
        json.WriteEndObject();
        writer.Finish(json);
    }

    public void Dispose() => _document.Dispose();

    private void CheckKind()
    {
        if (!Root.TryGetProperty("bomFormat", out JsonElement format))
        {
            throw Root.TryGetProperty("spdxVersion", out _) || Root.TryGetProperty("@graph", out _)
                ? InventoryMessages.IsSpdx(_file) : InventoryMessages.NotCycloneDx(_file);
        }
        if (format.ValueKind != JsonValueKind.String || !format.ValueEquals("CycloneDX"))
            throw InventoryMessages.NotCycloneDx(_file);
        string? version = StrictJson.Text(Root, "specVersion");
        if (!Versions.Contains(version))
            throw InventoryMessages.OtherVersion(_file, version);
        if (Root.TryGetProperty("signature", out _))
            throw InventoryMessages.IsSigned(_file);
    }

    // Whatever is changed must have its form; the rest is only copied. A copy of a text that is not Unicode would fail.
    private void CheckShape()
    {
        if (!IsUnicode(Root))
            throw InventoryMessages.NotUnicode(_file);
        if (Find(Root, "metadata", JsonValueKind.Object) is JsonElement metadata)
        {
            if (Find(metadata, "component", JsonValueKind.Object) is JsonElement component)
                CheckReference(component);
            if (metadata.TryGetProperty("tools", out JsonElement tools))
                CheckTools(tools);
        }
        foreach (JsonElement component in Objects(Root, "components"))
            CheckReference(component);
        foreach (JsonElement dependency in Objects(Root, "dependencies"))
        {
            if (StrictJson.Text(dependency, "ref") is null)
                throw InventoryMessages.WrongShape(_file, "dependencies");
            if (Find(dependency, "dependsOn", JsonValueKind.Array) is JsonElement on
                && on.EnumerateArray().Any(o => o.ValueKind != JsonValueKind.String))
                throw InventoryMessages.WrongShape(_file, "dependsOn");
        }
    }

    // Until 1.4 a list, since 1.5 an object with components.
    private void CheckTools(JsonElement tools)
    {
        if (tools.ValueKind == JsonValueKind.Object)
            Find(tools, "components", JsonValueKind.Array);
        else if (tools.ValueKind != JsonValueKind.Array)
            throw InventoryMessages.WrongShape(_file, "tools");
    }

    private void CheckReference(JsonElement component)
    {
        if (component.TryGetProperty("bom-ref", out JsonElement reference) && reference.ValueKind != JsonValueKind.String)
            throw InventoryMessages.WrongShape(_file, "bom-ref");
    }

    private JsonElement? Find(JsonElement element, string key, JsonValueKind kind) =>
        !element.TryGetProperty(key, out JsonElement value) ? null
        : value.ValueKind == kind ? value : throw InventoryMessages.WrongShape(_file, key);

    private IEnumerable<JsonElement> Objects(JsonElement element, string key)
    {
        if (Find(element, key, JsonValueKind.Array) is not JsonElement list)
            yield break;
        foreach (JsonElement item in list.EnumerateArray())
            yield return item.ValueKind == JsonValueKind.Object ? item : throw InventoryMessages.WrongShape(_file, key);
    }

    // The parser limits the depth.
    private static bool IsUnicode(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => StrictJson.Text(element) is not null,
        JsonValueKind.Array => element.EnumerateArray().All(IsUnicode),
        JsonValueKind.Object => element.EnumerateObject().All(p => StrictJson.Name(p) is not null && IsUnicode(p.Value)),
        _ => true,
    };

    private string? ProgramReference(BillOfMaterials bill) =>
        Component is JsonElement component && StrictJson.Text(component, "bom-ref") is string existing ? existing
        : Component is not null || bill.Program is not null ? CycloneDxWriter.ReferenceOf(ProgramOf(bill)) : null;

    // The program of the document may have no reference yet.
    private static BillProgram ProgramOf(BillOfMaterials bill) => bill.Program ?? new BillProgram("program");

    private JsonElement? Component =>
        Root.TryGetProperty("metadata", out JsonElement metadata)
        && metadata.TryGetProperty("component", out JsonElement component) ? component : null;

    private void CheckReferences(BillOfMaterials bill, Dictionary<string, BillEntry> ours)
    {
        HashSet<string> names = [.. ours.Keys, .. bill.Entries.SelectMany(e => e.Files.Select(e.ReferenceOf))];
        if (ProgramReference(bill) is string program && (Component is not JsonElement existing
            || StrictJson.Text(existing, "bom-ref") is null))
            names.Add(program);
        var replaced = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in Root.EnumerateObject())
        {
            if (property.NameEquals("components"))
            {
                // The first one of ours is replaced as a whole; a second one is an error.
                foreach (JsonElement component in property.Value.EnumerateArray())
                {
                    if (StrictJson.Text(component, "bom-ref") is not string own || !ours.ContainsKey(own) || !replaced.Add(own))
                        RefuseTaken(component, names);
                }
            }
            else
            {
                RefuseTaken(property.Value, names);
            }
        }
    }

    private void RefuseTaken(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                RefuseTaken(item, names);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            if (StrictJson.Text(element, "bom-ref") is string taken && names.Contains(taken))
                throw InventoryMessages.ReferenceTaken(_file, taken);
            foreach (JsonProperty property in element.EnumerateObject())
                RefuseTaken(property.Value, names);
        }
    }

    private static bool IsSchemaOf(JsonElement schema) => schema.ValueKind == JsonValueKind.String
        && Versions.Any(v => schema.ValueEquals($"http://cyclonedx.org/schema/bom-{v}.schema.json"));

    private void WriteMissing(Utf8JsonWriter json, BillOfMaterials bill, Dictionary<string, BillEntry> ours, string? program)
    {
        using JsonDocument none = JsonDocument.Parse("{\"list\":[],\"object\":{}}");
        if (!Root.TryGetProperty("metadata", out _))
        {
            json.WritePropertyName("metadata");
            WriteMetadata(json, none.RootElement.GetProperty("object"), bill);
        }
        if (!Root.TryGetProperty("components", out _))
        {
            json.WritePropertyName("components");
            WriteComponents(json, none.RootElement.GetProperty("list"), bill, ours);
        }
        if (!Root.TryGetProperty("dependencies", out _))
        {
            json.WritePropertyName("dependencies");
            WriteDependencies(json, none.RootElement.GetProperty("list"), bill, program);
        }
    }

    private static void WriteMetadata(Utf8JsonWriter json, JsonElement metadata, BillOfMaterials bill)
    {
        json.WriteStartObject();
        foreach (JsonProperty property in metadata.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            switch (property.Name)
            {
                case "tools":
                    WriteTools(json, property.Value);
                    break;
                case "component":
                    WriteProgram(json, property.Value, bill);
                    break;
                default:
                    property.Value.WriteTo(json);
                    break;
            }
        }
        if (!metadata.TryGetProperty("tools", out _))
            CycloneDxWriter.WriteTools(json);
        if (!metadata.TryGetProperty("component", out _) && bill.Program is BillProgram program)
        {
            json.WritePropertyName("component");
            CycloneDxWriter.WriteProgram(json, program);
        }
        json.WriteEndObject();
    }

    private static void WriteTools(Utf8JsonWriter json, JsonElement tools)
    {
        if (tools.ValueKind == JsonValueKind.Array)
        {
            WriteToolList(json, tools, static json =>
            {
                json.WriteStartObject();
                json.WriteString("name", CycloneDxWriter.ToolName);
                json.WriteString("version", CycloneDxWriter.ToolVersion);
                json.WriteEndObject();
            });
            return;
        }
        json.WriteStartObject();
        bool isListed = false;
        foreach (JsonProperty property in tools.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (property.NameEquals("components"))
                WriteToolList(json, property.Value, CycloneDxWriter.WriteTool);
            else
                property.Value.WriteTo(json);
            isListed |= property.NameEquals("components");
        }
        if (!isListed)
        {
            json.WriteStartArray("components");
            CycloneDxWriter.WriteTool(json);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteToolList(Utf8JsonWriter json, JsonElement tools, Action<Utf8JsonWriter> write)
    {
        json.WriteStartArray();
        bool isThere = false;
        foreach (JsonElement tool in tools.EnumerateArray())
        {
            tool.WriteTo(json);
            isThere |= StrictJson.Text(tool, "name") == CycloneDxWriter.ToolName
                && StrictJson.Text(tool, "version") == CycloneDxWriter.ToolVersion;
        }
        if (!isThere)
            write(json);
        json.WriteEndArray();
    }

    private static void WriteProgram(Utf8JsonWriter json, JsonElement component, BillOfMaterials bill)
    {
        if (component.TryGetProperty("bom-ref", out _))
        {
            component.WriteTo(json);
            return;
        }
        json.WriteStartObject();
        foreach (JsonProperty property in component.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            property.Value.WriteTo(json);
        }
        json.WriteString("bom-ref", CycloneDxWriter.ReferenceOf(ProgramOf(bill)));
        json.WriteEndObject();
    }

    private static void WriteComponents(
        Utf8JsonWriter json, JsonElement components, BillOfMaterials bill, Dictionary<string, BillEntry> ours)
    {
        json.WriteStartArray();
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement component in components.EnumerateArray())
        {
            if (StrictJson.Text(component, "bom-ref") is string reference && ours.TryGetValue(reference, out BillEntry? entry)
                && written.Add(reference))
                CycloneDxWriter.WriteComponent(json, entry);
            else
                component.WriteTo(json);
            CycloneDxWriter.FlushIfLarge(json);
        }
        foreach (BillEntry entry in bill.Entries.Where(e => written.Add(e.Reference)))
            CycloneDxWriter.WriteComponent(json, entry);
        json.WriteEndArray();
    }

    private static void WriteDependencies(Utf8JsonWriter json, JsonElement dependencies, BillOfMaterials bill, string? program)
    {
        json.WriteStartArray();
        var written = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement dependency in dependencies.EnumerateArray())
        {
            string reference = StrictJson.Text(dependency, "ref")!;
            if (written.Add(reference) && reference == program)
                WriteProgramDependency(json, dependency, bill);
            else
                dependency.WriteTo(json);
            CycloneDxWriter.FlushIfLarge(json);
        }
        if (program is not null && written.Add(program))
            CycloneDxWriter.WriteDependency(json, program, bill.Entries);
        foreach (BillEntry entry in bill.Entries.Where(e => written.Add(e.Reference)))
            CycloneDxWriter.WriteDependency(json, entry.Reference, []);
        json.WriteEndArray();
    }

    private static void WriteProgramDependency(Utf8JsonWriter json, JsonElement dependency, BillOfMaterials bill)
    {
        json.WriteStartObject();
        var there = new HashSet<string>(StringComparer.Ordinal);
        bool isListed = false;
        foreach (JsonProperty property in dependency.EnumerateObject())
        {
            json.WritePropertyName(property.Name);
            if (!property.NameEquals("dependsOn"))
            {
                property.Value.WriteTo(json);
                continue;
            }
            isListed = true;
            json.WriteStartArray();
            foreach (JsonElement on in property.Value.EnumerateArray())
            {
                on.WriteTo(json);
                there.Add(on.GetString()!);
            }
            WriteReferences(json, bill, there);
            json.WriteEndArray();
        }
        if (!isListed && bill.Entries.Count > 0)
        {
            json.WriteStartArray("dependsOn");
            WriteReferences(json, bill, there);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteReferences(Utf8JsonWriter json, BillOfMaterials bill, HashSet<string> there)
    {
        foreach (BillEntry entry in bill.Entries.Where(e => there.Add(e.Reference)))
            json.WriteStringValue(entry.Reference);
    }
}
