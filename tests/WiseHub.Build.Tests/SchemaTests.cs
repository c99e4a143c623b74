using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Json.Schema;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>What editors know: the schemas of our files, and the properties of a reference.</summary>
public sealed class SchemaTests
{
    private static readonly JsonNode Config = JsonNode.Parse(Text("wisehub"))!;

    private static string Text(string name) => File.ReadAllText(RepoFiles.At($"docs/schemas/{name}.schema.json"));

    // The library registers a schema by its id, once in a process.
    private static readonly JsonSchema ConfigSchema = JsonSchema.FromText(Text("wisehub"));

    private static readonly JsonSchema LockSchema = JsonSchema.FromText(Text("wise.lock"));

    private static bool IsValid(JsonSchema schema, string json)
    {
        using JsonDocument document =
            JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
        return schema.Evaluate(document.RootElement).IsValid;
    }

    [Theory]
    [InlineData("""{ "$schema": "x", "defaultHub": "a", "hubs": { "a": { "protocol": "store", "path": "hub" } } }""", true)]
    [InlineData("""{ "hubs": { "a": { "protocol": "store", "bucket": "b" } } }""", false)]
    [InlineData("""{ "hubs": { "a": { "protocol": "svn" } } }""", false)]
    [InlineData("""{ "hubs": { "a": { "protocol": "s3", "bucket": "b", "conditionalWrites": "auto" } } }""", true)]
    [InlineData("""{ "hubs": { "a": { "protocol": "s3", "bucket": "b", "retries": 101 } } }""", false)]
    [InlineData("""{ "mirrors": [ { "hub": "a", "write": true } ], "mirrorsOnly": true }""", true)]
    [InlineData("""{ "mirror": [] }""", false)]
    public void The_schema_of_the_configuration_accepts_what_the_code_accepts(string json, bool isValid) =>
        Assert.Equal(isValid, IsValid(ConfigSchema, json));

    [Fact]
    public void The_schemas_accept_the_files_of_the_samples()
    {
        Assert.True(IsValid(ConfigSchema, File.ReadAllText(RepoFiles.At("samples/wisehub.json"))));
        foreach (string file in Directory.EnumerateFiles(RepoFiles.At("samples"), "wise.lock.json", SearchOption.AllDirectories))
            Assert.True(IsValid(LockSchema, File.ReadAllText(file)), file);
    }

    [Fact]
    public void Each_protocol_of_the_schema_has_the_keys_that_the_code_has()
    {
        JsonArray protocols = Config["properties"]!["hubs"]!["additionalProperties"]!["oneOf"]!.AsArray();
        string[] all = [.. protocols.SelectMany(p => p!["properties"]!.AsObject().Select(k => k.Key)).Distinct()];
        foreach (JsonNode? protocol in protocols)
        {
            string name = (string)protocol!["properties"]!["protocol"]!["const"]!;
            string[] keys = [.. protocol["properties"]!.AsObject().Select(k => k.Key)];
            // A key of another protocol is named in the error with all keys of this one.
            string other = all.FirstOrDefault(k => !keys.Contains(k)) ?? "nosuch";
            Assert.Equal((name, string.Join(", ", Known(name, other).Order(StringComparer.Ordinal))),
                (name, string.Join(", ", keys.Order(StringComparer.Ordinal))));
        }
    }

    [Fact]
    public void Every_key_is_explained() => Assert.Equal([], Keys(Config).Concat(Keys(JsonNode.Parse(Text("wise.lock"))!))
        .Where(k => k.Value?["description"] is null).Select(k => k.Key));

    [Fact]
    public void The_editor_shows_each_metadata_of_a_reference_with_a_description()
    {
        XElement rule = XElement.Load(RepoFiles.At("build/WiseModelReference.xaml")).Elements()
            .Single(e => e.Name.LocalName == "Rule");
        XElement[] properties = [.. rule.Elements().Where(e => e.Name.LocalName.EndsWith("Property", StringComparison.Ordinal))];
        Assert.Equal(Names.ReferenceMetadata.Order(StringComparer.Ordinal),
            properties.Select(p => p.Attribute("Name")!.Value).Order(StringComparer.Ordinal));
        Assert.All(properties, p => Assert.NotEmpty(p.Attribute("Description")!.Value));
    }

    private static string[] Known(string protocol, string key)
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["wisehub.json"], $$"""{ "hubs": { "x": { "protocol": "{{protocol}}", "{{key}}": 1 } } }""");
        HubException e = Assert.Throws<HubException>(() => HubConfig.Load(temp["wisehub.json"], TestEnvironment.Empty));
        const string Before = "The keys are ";
        int start = e.Message.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return e.Message[start..e.Message.IndexOf('.', start)].Split(", ");
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Keys(JsonNode? node) => node switch
    {
        JsonObject o => (o["properties"] is JsonObject own ? own : []).Concat(o.SelectMany(p => Keys(p.Value))),
        JsonArray a => a.SelectMany(Keys),
        _ => [],
    };
}
