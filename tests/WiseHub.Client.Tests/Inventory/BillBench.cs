using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using WiseHub.Testing;

namespace WiseHub.Client.Tests.Inventory;

/// <summary>A project folder with a client, and checks of CycloneDX documents against the official schema.</summary>
internal sealed class BillBench : IDisposable
{
    public const string Hubs = """
        {"defaultHub":"huggingface","hubs":{"team":{"protocol":"huggingface","endpoint":"https://hub.example/base"},
         "folder":{"protocol":"store","path":"hub"}}}
        """;

    public static readonly string Commit = new('a', 40);

    private static readonly Lazy<JsonSchema> Schema = new(ReadSchema);

    private readonly TestEnvironment _environment;

    public BillBench(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        _environment = new TestEnvironment(Temp["home"], variables);
        Temp.Write("project/wisehub.json", Hubs);
    }

    public TempFolder Temp { get; } = new();

    private HubClientOptions Options => new()
    {
        ConfigFile = Temp["project/wisehub.json"],
        CacheDirectory = Temp["cache"],
        Environment = _environment.Read,
    };

    public HubClient NewClient() => new(Options);

    /// <summary>An entry with a file for each path, whose digest is that of the path.</summary>
    public static LockEntry Entry(string id, string hub = "huggingface", RepoType type = RepoType.Model,
        string? revision = null, params string[] paths) => new(new LockKey(type, id, hub, revision, null), Commit,
            [FileSelection.All], [.. paths.Select(p => new LockedFile(p, p.Length, DigestOf(p)))]);

    public static Digest DigestOf(string text) => DigestOf(Encoding.UTF8.GetBytes(text));

    public static Digest DigestOf(byte[] bytes) => Digest.FromBytes(System.Security.Cryptography.SHA256.HashData(bytes));

    /// <summary>Puts a content into the cache, and returns its file.</summary>
    public LockedFile Cached(string path, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Digest digest = DigestOf(bytes);
        string file = Temp[$"cache/blobs/{digest.Hex[..2]}/{digest.Hex[2..]}"];
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        return new LockedFile(path, bytes.Length, digest);
    }

    public BillOfMaterials Describe(params LockEntry[] entries)
    {
        using HubClient client = NewClient();
        return client.DescribeMaterials(entries, new BillProgram("App", "1.2.3"));
    }

    public string Write(params LockEntry[] entries) => TextOf(Describe(entries));

    public static string TextOf(BillOfMaterials bill)
    {
        using var output = new MemoryStream();
        bill.Write(output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    public string Merge(string existing, BillOfMaterials bill)
    {
        using var output = new MemoryStream();
        bill.Merge(Temp.Write("other.cdx.json", existing), output);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>Checks the schema, and what it cannot see: references that are there twice or not at all.</summary>
    public static JsonNode Valid(string text)
    {
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        using JsonDocument document = JsonDocument.Parse(text);
        EvaluationResults results = Schema.Value.Evaluate(
            document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        Assert.True(results.IsValid, string.Join('\n', (results.Details ?? []).Where(d => d.Errors is not null)
            .Select(d => $"{d.InstanceLocation}: {string.Join(", ", d.Errors!.Values)}").Take(20)));
        JsonNode root = JsonNode.Parse(text)!;
        List<string> names = [.. Values(root, "bom-ref")];
        Assert.Equal([], names.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key));
        Assert.Equal([], Values(root, "ref").Concat(Values(root, "dependsOn")).Except(names));
        return root;
    }

    /// <summary>The texts of a key at any depth.</summary>
    public static IEnumerable<string> Values(JsonNode? node, string key) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == key && p.Value is JsonArray list ? list.Select(i => i!.GetValue<string>())
            : p.Key == key && p.Value is JsonValue value ? [value.GetValue<string>()] : Values(p.Value, key)),
        JsonArray a => a.SelectMany(i => Values(i, key)),
        _ => [],
    };

    public void Dispose() => Temp.Dispose();

    private static JsonSchema ReadSchema()
    {
        static string Text(string name) =>
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Inventory", "Schemas", name + ".schema.json"));
        JsonSchema.FromText(Text("spdx"));
        JsonSchema.FromText(Text("jsf-0.82"));
        return JsonSchema.FromText(Text("bom-1.6"));
    }
}
