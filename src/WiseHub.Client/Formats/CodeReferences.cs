using System.Buffers;
using System.Text;
using System.Text.Json;

namespace WiseHub.Client.Formats;

/// <summary>
/// The ways from configuration files of transformers to code: <c>auto_map</c> and <c>custom_pipelines</c>, which name classes,
/// and chat templates, which are programs in Jinja.
/// </summary>
internal static class CodeReferences
{
    /// <summary>The most findings of a file.</summary>
    public const int MostFindings = 50;

    private const int LongestDetail = 200;

    // Deeper than Python reads; depth costs the reader a bit.
    private const int Deepest = 100_000;

    /// <summary>
    /// Says whether a file can have findings, by its path. Vocabularies and indexes are large, and name no code.
    /// </summary>
    public static bool MayHave(string path)
    {
        string name = FormatNames.FileName(path);
        return IsTemplate(name) || (name.EndsWith(".json", StringComparison.Ordinal) && !ModelHeaderCheck.IsIndex(name)
            && name is not ("tokenizer.json" or "vocab.json"));
    }

    private static bool IsTemplate(string name) => Path.GetExtension(name) is ".jinja" or ".jinja2" or ".j2";

    /// <summary>The findings in a file: distinct, in the order of the file.</summary>
    /// <param name="path">Its path: <c>.json</c> and Jinja files are read.</param>
    /// <param name="content">All of its bytes.</param>
    /// <returns>Empty for other files, and for malformed JSON.</returns>
    public static IReadOnlyList<CodeReference> Of(string path, ReadOnlySpan<byte> content)
    {
        var found = new List<CodeReference>();
        string name = FormatNames.FileName(path);
        if (name.EndsWith(".json", StringComparison.Ordinal))
            ReadJson(content, found);
        else if (IsTemplate(name))
            AddTemplate(Encoding.UTF8.GetString(content), found);
        return found;
    }

    private static void ReadJson(ReadOnlySpan<byte> content, List<CodeReference> found)
    {
        byte[]? copy = WithoutNaN(content);
        try
        {
            var json = new Utf8JsonReader(copy is null ? content : copy.AsSpan(0, content.Length),
                new JsonReaderOptions { MaxDepth = Deepest });
            ReadJson(ref json, found);
        }
        catch (JsonException)
        {
            // Python does not load it either.
            found.Clear();
        }
        finally
        {
            if (copy is not null)
                ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static void ReadJson(ref Utf8JsonReader json, List<CodeReference> found)
    {
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
                continue;
            if (Is(ref json, "auto_map"u8))
                ReadStrings(ref json, found, AddClass, only: default);
            else if (Is(ref json, "custom_pipelines"u8))
                ReadStrings(ref json, found, AddClass, only: "impl"u8);
            else if (Is(ref json, "chat_template"u8))
                ReadStrings(ref json, found, AddTemplate, only: default);
        }
    }

    // All texts of the value: transformers takes a text, a list of texts, an object of them, a list of objects.
    private static void ReadStrings(
        ref Utf8JsonReader json, List<CodeReference> found, Action<string, List<CodeReference>> add, ReadOnlySpan<byte> only)
    {
        if (!json.Read())
            return;
        int depth = json.CurrentDepth;
        bool isWanted = only.IsEmpty;
        while (true)
        {
            if (json.TokenType == JsonTokenType.PropertyName)
                isWanted = only.IsEmpty || Is(ref json, only);
            else if (json.TokenType == JsonTokenType.String && isWanted)
                add(Text(ref json), found);
            bool isInside = json.CurrentDepth > depth || json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            if (!isInside || !json.Read())
                return;
        }
    }

    private static bool Is(ref Utf8JsonReader json, ReadOnlySpan<byte> key)
    {
        try
        {
            return json.ValueTextEquals(key);
        }
        // Half a surrogate pair, which Python's json takes.
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Text(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(json.ValueSpan);
        }
    }

    // transformers, dynamic_module_utils.get_class_from_dynamic_module: "repo--file.Class", and the file may be in folders.
    private static void AddClass(string reference, List<CodeReference> found)
    {
        int dashes = reference.IndexOf("--", StringComparison.Ordinal);
        string repo = dashes < 0 ? "" : reference[..(dashes + 2)];
        string type = dashes < 0 ? reference : reference[(dashes + 2)..];
        int dot = type.LastIndexOf('.');
        if (dot > 0)
        {
            Add(found, dashes < 0 ? CodeReferenceKind.OwnCode : CodeReferenceKind.OtherRepo,
                repo + type[..dot].TrimStart('.').Replace('.', '/') + ".py");
        }
        else if (dashes >= 0)
        {
            Add(found, CodeReferenceKind.OtherRepo, reference);
        }
    }

    private static void AddTemplate(string template, List<CodeReference> found)
    {
        foreach (string part in JinjaTemplate.Suspicious(template))
            Add(found, CodeReferenceKind.Template, part);
    }

    private static void Add(List<CodeReference> found, CodeReferenceKind kind, string detail)
    {
        detail = string.Concat(detail.Take(LongestDetail).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
        var reference = new CodeReference(kind, detail);
        if (found.Count < MostFindings && !found.Contains(reference))
            found.Add(reference);
    }

    /// <summary>A copy with numbers for what only Python takes as numbers; null if there is none.</summary>
    private static byte[]? WithoutNaN(ReadOnlySpan<byte> content)
    {
        if (content.IndexOf("NaN"u8) < 0 && content.IndexOf("Infinity"u8) < 0)
            return null;
        byte[] copy = ArrayPool<byte>.Shared.Rent(content.Length);
        content.CopyTo(copy);
        bool isText = false;
        for (int i = 0; i < content.Length; i++)
        {
            if (content[i] == '"')
                isText = !isText;
            else if (content[i] == '\\' && isText)
                i++;
            else if (!isText && (content[i..].StartsWith("NaN"u8) || content[i..].StartsWith("Infinity"u8)))
                Blank(copy.AsSpan(i, content[i] == 'N' ? 3 : 8));
        }
        return copy;

        static void Blank(Span<byte> word)
        {
            word.Fill((byte)' ');
            word[0] = (byte)'1';
        }
    }
}
