using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Writes JSON like Python's <c>json.dumps(value, indent=2)</c>, so that files written by both tools differ only in their values.
/// </summary>
internal static class PythonJson
{
    public static byte[] Write(JsonObject root)
    {
        var text = new StringBuilder();
        Write(text, root, 0);
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject { Count: > 0 } members:
                WriteAll(text, '{', '}', depth, members, member =>
                {
                    Quote(text, member.Key);
                    text.Append(": ");
                    Write(text, member.Value, depth + 1);
                });
                break;
            case JsonArray { Count: > 0 } items:
                WriteAll(text, '[', ']', depth, items, item => Write(text, item, depth + 1));
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Quote(text, value.GetValue<string>());
                break;
            default:
                // Numbers as they were written, true, false, and empty objects and arrays.
                text.Append(node.ToJsonString());
                break;
        }
    }

    private static void WriteAll<T>(StringBuilder text, char open, char close, int depth, IEnumerable<T> items, Action<T> write)
    {
        char separator = open;
        foreach (T item in items)
        {
            text.Append(separator).Append('\n').Append(' ', 2 * (depth + 1));
            write(item);
            separator = ',';
        }
        text.Append('\n').Append(' ', 2 * depth).Append(close);
    }

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                < ' ' or > '~' and not '\x7f' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }
}
