using System.Text.Json.Nodes;
using WiseHub.Client;
using YamlDotNet.RepresentationModel;

namespace WiseHub.Testing;

/// <summary>The front matter of a README.md as JSON, as the info of a repo has it.</summary>
internal static class CardData
{
    /// <returns>Null without a front matter that is a valid YAML mapping.</returns>
    public static JsonObject? Read(string readme)
    {
        string[] parts = readme.ReplaceLineEndings("\n").Split("---\n", 3);
        if (parts is not ["", string yaml, _])
            return null;
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (Exception e) when (CardYaml.IsMalformed(e))
        {
            return null;
        }
        return stream.Documents is [{ RootNode: YamlMappingNode root }] ? (JsonObject)Of(root) : null;
    }

    private static JsonNode Of(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(
            map.Children.Select(c => KeyValuePair.Create(c.Key.ToString(), (JsonNode?)Of(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Of)]),
        _ => ((YamlScalarNode)node).Value ?? "",
    };
}
