using System.Globalization;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Tests;

/// <summary>Changes single values of a JSON text. A path has dots between keys and numbers of items.</summary>
internal static class JsonLeaves
{
    /// <summary>The paths of all strings, numbers and so on.</summary>
    public static IEnumerable<string> Of(JsonNode? node, string path = "") => node switch
    {
        JsonObject o => o.SelectMany(p => Of(p.Value, Join(path, p.Key))),
        JsonArray a => a.SelectMany((item, i) => Of(item, Join(path, i.ToString(CultureInfo.InvariantCulture)))),
        _ => [path],
    };

    public static JsonNode? At(JsonNode node, string path) =>
        path.Split('.').Aggregate((JsonNode?)node,
            (n, key) => n is JsonArray a ? a[int.Parse(key, CultureInfo.InvariantCulture)] : n![key]);

    public static void Set(JsonNode node, string path, JsonNode value)
    {
        (JsonNode parent, string key) = Parent(node, path);
        if (parent is JsonArray array)
            array[int.Parse(key, CultureInfo.InvariantCulture)] = value;
        else
            parent[key] = value;
    }

    public static void Remove(JsonNode node, string path)
    {
        (JsonNode parent, string key) = Parent(node, path);
        parent.AsObject().Remove(key);
    }

    /// <summary>Changes a character in the middle of a string, or another value.</summary>
    public static void Change(JsonNode node, string path)
    {
        JsonValue value = At(node, path)!.AsValue();
        if (!value.TryGetValue(out string? text))
        {
            Set(node, path, value.TryGetValue(out bool flag) ? !flag : 7);
            return;
        }
        char[] characters = text.Length == 0 ? ['x'] : text.ToCharArray();
        int middle = characters.Length / 2;
        characters[middle] = characters[middle] == '1' ? '2' : '1';
        Set(node, path, new string(characters));
    }

    private static (JsonNode Parent, string Key) Parent(JsonNode node, string path)
    {
        int dot = path.LastIndexOf('.');
        return dot < 0 ? (node, path) : (At(node, path[..dot])!, path[(dot + 1)..]);
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
