using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Tests.Inventory;

public sealed class CycloneDxMergeTests : IDisposable
{
    // As a tool for packages writes it, with keys that nobody knows at places that are only copied.
    private const string Other = """
        {
          "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
          "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 3,
          "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
          "metadata": {
            "timestamp": "2026-01-02T03:04:05Z",
            "tools": [ { "vendor": "CycloneDX", "name": "module for .NET", "version": "6.3.1" } ],
            "component": { "type": "application", "bom-ref": "App@1.0", "name": "App", "version": "1.0" },
            "properties": [ { "name": "number", "value": "1e400" } ]
          },
          "components": [
            { "type": "library", "bom-ref": "pkg:nuget/A@1.0", "name": "A", "version": "1.0", "purl": "pkg:nuget/A@1.0" },
            { "type": "library", "name": "without a reference", "description": "é \u0001 < &" }
          ],
          "dependencies": [
            { "ref": "App@1.0", "dependsOn": [ "pkg:nuget/A@1.0" ] },
            { "ref": "pkg:nuget/A@1.0" }
          ],
          "compositions": [ { "aggregate": "incomplete", "assemblies": [ "App@1.0" ] } ]
        }
        """;

    private const string Remedy = " Make it again with the tool that wrote it, as CycloneDX JSON 1.4, 1.5 or 1.6.";

    private static readonly string Model = $"wisehub:model/huggingface/acme/tiny@{BillBench.Commit}";

    private readonly BillBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private BillOfMaterials Bill(params string[] files) => _bench.Describe(BillBench.Entry("acme/tiny", paths: files));

    private HubException Failure(string text)
    {
        HubException e = Assert.Throws<HubException>(() => _bench.Merge(text, Bill("a")));
        Assert.Equal((WiseCodes.BomNotMerged, _bench.Temp["other.cdx.json"]), (e.Code, e.File));
        return e;
    }

    private string Problem(string text) => Failure(text).Message
        .Replace(_bench.Temp["other.cdx.json"], "FILE", StringComparison.Ordinal)
        .Replace(Remedy, " MAKE", StringComparison.Ordinal);

    [Fact]
    public void Components_and_dependencies_are_added_and_all_else_stays()
    {
        JsonNode merged = BillBench.Valid(_bench.Merge(Other, Bill("a"))), before = JsonNode.Parse(Other)!;
        foreach (string key in new[] { "bomFormat", "version", "serialNumber", "compositions" })
            Assert.True(JsonNode.DeepEquals(before[key], merged[key]), key);
        foreach (string key in new[] { "timestamp", "component", "properties" })
            Assert.True(JsonNode.DeepEquals(before["metadata"]![key], merged["metadata"]![key]), key);
        Assert.Equal(("1.6", "http://cyclonedx.org/schema/bom-1.6.schema.json"),
            (merged["specVersion"]!.GetValue<string>(), merged["$schema"]!.GetValue<string>()));
        Assert.Equal(before.AsObject().Select(p => p.Key), merged.AsObject().Select(p => p.Key));
        for (int i = 0; i < 2; i++)
            Assert.True(JsonNode.DeepEquals(before["components"]![i], merged["components"]![i]));
        Assert.Equal(Model, merged["components"]![2]!["bom-ref"]!.GetValue<string>());
        Assert.Equal(["pkg:nuget/A@1.0", Model],
            merged["dependencies"]![0]!["dependsOn"]!.AsArray().Select(d => d!.GetValue<string>()));
        Assert.Equal(["module for .NET", "WiseHub"],
            merged["metadata"]!["tools"]!.AsArray().Select(t => t!["name"]!.GetValue<string>()));
    }

    [Fact]
    public void Unknown_keys_and_numbers_stay_as_they_are()
    {
        string merged = _bench.Merge("""
            { "bomFormat": "CycloneDX", "specVersion": "1.6", "x-own": { "n": 1.50e400, "": [null, true, "\ud83d\ude00"] } }
            """, Bill());
        Assert.Contains("\"n\": 1.50e400", merged, StringComparison.Ordinal);
        Assert.Equal(["", "n"], JsonNode.Parse(merged)!["x-own"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("1.4")]
    [InlineData("1.5")]
    [InlineData("1.6")]
    public void A_document_without_the_optional_parts_gets_them(string version)
    {
        JsonNode merged = BillBench.Valid(
            _bench.Merge($$"""{ "bomFormat": "CycloneDX", "specVersion": "{{version}}", "version": 1 }""", Bill("a")));
        Assert.Equal("App", merged["metadata"]!["component"]!["name"]!.GetValue<string>());
        Assert.Equal(["wisehub:program/App", Model],
            merged["dependencies"]!.AsArray().Select(d => d!["ref"]!.GetValue<string>()));
    }

    [Fact]
    public void A_program_without_a_reference_gets_one()
    {
        JsonNode merged = BillBench.Valid(_bench.Merge("""
            { "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": { "tools": { "components": [] },
              "component": { "type": "application", "name": "Their name" } } }
            """, Bill("a")));
        Assert.Equal("""{"type":"application","name":"Their name","bom-ref":"wisehub:program/App"}""",
            merged["metadata"]!["component"]!.ToJsonString());
        Assert.Equal(Model, merged["dependencies"]![0]!["dependsOn"]![0]!.GetValue<string>());
    }

    [Fact]
    public void Merging_again_changes_nothing()
    {
        string once = _bench.Merge(Other, Bill("a"));
        Assert.Equal(once, _bench.Merge(once, Bill("a")));
    }

    [Fact]
    public void Another_selection_of_the_same_commit_replaces_the_earlier_one()
    {
        JsonNode merged = BillBench.Valid(_bench.Merge(_bench.Merge(Other, Bill("a")), Bill("b")));
        Assert.Equal(["b"], merged["components"]![2]!["components"]!.AsArray().Select(f => f!["name"]!.GetValue<string>()));
        Assert.Equal(3, merged["components"]!.AsArray().Count);
    }

    [Fact]
    public void Two_lists_can_be_merged_one_after_the_other()
    {
        BillOfMaterials other = _bench.Describe(BillBench.Entry("acme/other", paths: ["a"]));
        JsonNode merged = BillBench.Valid(_bench.Merge(_bench.Merge(Other, Bill("a")), other));
        Assert.Equal(4, merged["components"]!.AsArray().Count);
        Assert.Equal(3, merged["dependencies"]![0]!["dependsOn"]!.AsArray().Count);
    }

    [Fact]
    public void The_file_itself_can_be_written()
    {
        string file = _bench.Temp.Write("app.cdx.json", "\uFEFF" + Other);
        Bill("a").MergeFile(file, file);
        Assert.Equal(_bench.Merge(Other, Bill("a")), File.ReadAllText(file));
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><bom/>", "it is XML")]
    [InlineData("\uFEFF\n <bom/>", "it is XML")]
    [InlineData("""{ "spdxVersion": "SPDX-2.3" }""", "it is an SPDX document")]
    [InlineData("""{ "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [] }""", "it is an SPDX document")]
    [InlineData("{}", "its \"bomFormat\" is not \"CycloneDX\"")]
    [InlineData("""{ "bomFormat": 1 }""", "its \"bomFormat\" is not \"CycloneDX\"")]
    [InlineData("""{ "bomFormat": "CycloneDX" }""", "it has no \"specVersion\"")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.7" }""", "it has version 1.7 of CycloneDX")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.3" }""", "it has version 1.3 of CycloneDX")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": {} }""",
        "\"components\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [1] }""",
        "\"components\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{ "bom-ref": 1 }] }""",
        "\"bom-ref\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": [{}] }""",
        "\"dependencies\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "dependencies": [{ "ref": "a", "dependsOn": [1] }] }""",
        "\"dependsOn\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": [] }""",
        "\"metadata\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": { "tools": 1 } }""",
        "\"tools\" has another form than CycloneDX gives it")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "x": "\ud800" }""", "a text in it is not valid Unicode")]
    [InlineData("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "\ud800": 1 }""", "a text in it is not valid Unicode")]
    public void Other_documents_are_refused(string text, string problem) =>
        Assert.Equal($"Nothing can be added to FILE: {problem}. MAKE", Problem(text));

    [Theory]
    [InlineData("", "FILE(1,1) ")]
    [InlineData("{ \"bomFormat\": ", "FILE(1,")]
    [InlineData("""{ "bomFormat": "CycloneDX", "bomFormat": "CycloneDX" }""", "FILE(1,")]
    [InlineData("[]", "FILE(1,1)")]
    public void Malformed_JSON_is_refused_with_its_place(string text, string start)
    {
        string problem = Problem(text);
        Assert.StartsWith(start.TrimEnd(), problem, StringComparison.Ordinal);
        Assert.EndsWith(" MAKE", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signed_document_is_not_changed() => Assert.Equal("Nothing can be added to FILE: it is signed, and a change "
        + "would break its signature. Merge into the file before it is signed.",
        Problem("""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "signature": {} }"""));

    [Fact]
    public void A_reference_that_another_part_has_is_an_error()
    {
        string taken = $$"""
            { "bomFormat": "CycloneDX", "specVersion": "1.6", "services": [{ "name": "s", "bom-ref": "{{Model}}#a" }] }
            """;
        Assert.Equal($"Nothing can be added to FILE: another part of it already has the bom-ref '{Model}#a'. Make it again with "
            + "the tool that wrote it.", Problem(taken));
        Failure($$"""
            { "bomFormat": "CycloneDX", "specVersion": "1.6",
              "components": [{ "bom-ref": "{{Model}}" }, { "bom-ref": "{{Model}}" }] }
            """);
    }

    [Fact]
    public void A_missing_file_is_an_error()
    {
        string file = _bench.Temp["missing.json"];
        HubException e = Assert.Throws<HubException>(() => Bill().Merge(file, Stream.Null));
        Assert.Equal((WiseCodes.BomNotMerged, file), (e.Code, e.File));
        Assert.StartsWith($"{file} cannot be read, so nothing was added to it: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Failure($$"""{ "bomFormat": "CycloneDX", "specVersion": "1.6", "x": {{new string('[', 100_000)}}""");

    [Fact]
    public void Damaged_documents_give_a_document_or_an_error_with_a_code()
    {
        byte[] seed = Encoding.UTF8.GetBytes(_bench.Merge(Other, Bill("a")));
        BillOfMaterials bill = Bill("a");
        var random = new Random(6041);
        int inputs = int.Parse(
            Environment.GetEnvironmentVariable("WISEHUB_FUZZ_INPUTS") ?? "20000", CultureInfo.InvariantCulture);
        int merged = 0;
        for (int i = 0; i < inputs; i++)
        {
            byte[] bytes = [.. seed];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] =
                    random.Next(3) == 0 ? (byte)random.Next(256) : "{}[]\",:0\\u"u8[random.Next(10)];
            }
            if (random.Next(10) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                using var document = new WiseHub.Client.Inventory.CycloneDxMerge(bytes, "f");
                document.Write(bill, Stream.Null);
                merged++;
            }
            catch (HubException e)
            {
                Assert.Equal(WiseCodes.BomNotMerged, e.Code);
            }
        }
        Assert.InRange(merged, 1, inputs - 1);
    }
}
