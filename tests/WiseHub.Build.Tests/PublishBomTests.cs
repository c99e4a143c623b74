using System.Security.Cryptography;
using System.Text.Json.Nodes;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>The list of models and the provenance that a publish of the real SDK writes.</summary>
public sealed class PublishBomTests(SdkFixture sdk)
{
    private const string Folder = "src/App/bin/Release/net10.0/publish";

    [Fact]
    public async Task A_publish_lists_its_models_in_the_list_of_another_tool_and_says_where_its_files_come_from()
    {
        using SdkWorkspace w = await sdk.WorkspaceAsync();
        w.Write("App", ProjectBuilder.App().Property("WiseBom", "true").Property("WiseProvenance", "true")
            .Property("WiseBomMerge", "packages.json").Model("acme/tiny", ("AllowPatterns", "config.json")));
        w.Write("src/App/Program.cs", "return;\n");
        w.Write("src/App/packages.json", """
            { "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [ { "type": "library", "name": "A" } ] }
            """);
        (await w.DotnetAsync("App", "publish")).Succeeded();

        string text = w.Read($"{Folder}/App.models.cdx.json"), statement = w.Read($"{Folder}/App.intoto.jsonl");
        JsonArray components = JsonNode.Parse(text)!["components"]!.AsArray();
        Assert.Equal(["A", "tiny"], components.Select(c => c!["name"]!.GetValue<string>()));
        Assert.Equal(["config.json"], components[1]!["components"]!.AsArray().Select(c => c!["name"]!.GetValue<string>()));
        Assert.Equal("wisehub:program/App", JsonNode.Parse(text)!["dependencies"]![0]!["ref"]!.GetValue<string>());

        Dictionary<string, string> subjects = JsonNode.Parse(statement)!["subject"]!.AsArray()
            .ToDictionary(s => s!["name"]!.GetValue<string>(), s => s!["digest"]!["sha256"]!.GetValue<string>());
        Assert.Equal(w.Tree(Folder).Where(f => f != "App.intoto.jsonl").Order(StringComparer.Ordinal),
            subjects.Keys.Order(StringComparer.Ordinal));
        Assert.All(subjects, s => Assert.Equal(s.Value,
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(w.PathOf($"{Folder}/{s.Key}"))))));

        (await w.DotnetAsync("App", "publish --no-restore")).Succeeded();
        Assert.Equal((text, statement), (w.Read($"{Folder}/App.models.cdx.json"), w.Read($"{Folder}/App.intoto.jsonl")));
    }
}
