using System.Text.Encodings.Web;
using System.Text.Json;
using WiseHub.Client;

namespace WiseHub.Tool;

/// <summary>Writes the one JSON object that <c>--json</c> requests on standard output.</summary>
internal static class JsonOutput
{
    public static void Write(Action<Utf8JsonWriter> write)
    {
        // JSON is UTF-8, whatever the console's code page or the locale.
        using var output = new MemoryStream();
        using (var json = new Utf8JsonWriter(output,
            new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        output.Write("\n"u8);
        ConsoleText.WriteUtf8(output.GetBuffer().AsSpan(0, (int)output.Length));
    }

    public static void WriteFailures(Utf8JsonWriter json, string name, IEnumerable<Failure> failures) =>
        WriteList(json, name, failures, failure =>
        {
            json.WriteString("code", failure.Code);
            json.WriteString("message", failure.Message);
        });

    /// <summary>Writes a list of objects.</summary>
    public static void WriteList<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Writes path, size and digest of a file into its object, as far as they are known.</summary>
    public static void WriteFile(Utf8JsonWriter json, string path, long? size, Digest? sha256 = null)
    {
        json.WriteString("path", path);
        WriteContent(json, size, sha256);
    }

    /// <summary>Writes size and digest of a file into its object, as far as they are known.</summary>
    public static void WriteContent(Utf8JsonWriter json, long? size, Digest? sha256)
    {
        if (size is long bytes)
            json.WriteNumber("size", bytes);
        if (sha256 is Digest digest)
            json.WriteString("sha256", digest.Hex);
    }

    /// <summary>Writes a list of strings.</summary>
    public static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
