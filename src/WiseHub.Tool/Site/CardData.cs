using WiseHub.Client;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace WiseHub.Tool.Site;

/// <summary>A key at the top of a card, with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Texts">The value, if it is a text or a list of texts.</param>
/// <param name="Source">The YAML of any other value; else null.</param>
internal sealed record CardKey(string Key, IReadOnlyList<string> Texts, string? Source);

/// <summary>The YAML between two lines of <c>---</c> at the top of a card.</summary>
/// <param name="Source">The YAML; empty without any.</param>
/// <param name="Keys">What it says; null if it cannot be read as keys and values.</param>
internal sealed record CardData(string Source, IReadOnlyList<CardKey>? Keys)
{
    /// <summary>The texts of a key; empty if it is not there.</summary>
    public IReadOnlyList<string> this[string key] => Keys?.FirstOrDefault(k => k.Key == key)?.Texts ?? [];

    /// <summary>Splits a card.</summary>
    /// <returns>The data, and the Markdown below it.</returns>
    public static (CardData Data, string Markdown) Split(string card)
    {
        string text = card.TrimStart('\uFEFF').ReplaceLineEndings("\n");
        int start = 0;
        for (; start < text.Length && LineAt(text, start).Trim().Length == 0; start = NextLine(text, start))
        {
        }
        if (start >= text.Length || LineAt(text, start).TrimEnd() is not "---")
            return (new CardData("", []), text);
        int first = NextLine(text, start), end = first;
        for (; end < text.Length && LineAt(text, end).TrimEnd() is not "---"; end = NextLine(text, end))
        {
        }
        // Without a second line of ---, the first one is a rule of the text.
        if (end >= text.Length)
            return (new CardData("", []), text);
        string source = text[first..end];
        return (new CardData(source, Parse(source)), text[NextLine(text, end)..]);
    }

    // Events, not a tree: aliases are not followed, and nesting needs no stack.
    private static List<CardKey>? Parse(string source)
    {
        var keys = new List<CardKey>();
        try
        {
            var parser = new Parser(new StringReader(source));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
                return keys;
            parser.Consume<DocumentStart>();
            parser.Consume<MappingStart>();
            while (!parser.TryConsume<MappingEnd>(out _))
                keys.Add(new CardKey(parser.Consume<Scalar>().Value, Value(parser, source, out string? other), other));
            parser.Consume<DocumentEnd>();
            parser.Consume<StreamEnd>();
            return keys;
        }
        catch (Exception e) when (CardYaml.IsMalformed(e))
        {
            // The page shows the source instead.
            return null;
        }
    }

    private static List<string> Value(Parser parser, string source, out string? other)
    {
        var texts = new List<string>();
        other = null;
        ParsingEvent first = parser.Consume<ParsingEvent>(), last = first;
        bool isPlain = first is Scalar or SequenceStart;
        if (first is Scalar only)
            texts.Add(only.Value);
        for (int depth = first.NestingIncrease; depth > 0; depth += last.NestingIncrease)
        {
            last = parser.Consume<ParsingEvent>();
            if (last is Scalar text)
                texts.Add(text.Value);
            else
                isPlain &= depth == 1 && last is SequenceEnd;
        }
        if (isPlain)
            return texts;
        int start = (int)first.Start.Index, end = (int)last.End.Index;
        // The indentation of the first line, so that the others stand below it.
        other = new string(' ', Math.Max(0, (int)first.Start.Column - 1))
            + source[start..Math.Clamp(end, start, source.Length)].TrimEnd();
        return [];
    }

    private static ReadOnlySpan<char> LineAt(string text, int at) =>
        text.AsSpan(at, (text.IndexOf('\n', at) is >= 0 and int end ? end : text.Length) - at);

    private static int NextLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and int end ? end + 1 : text.Length;
}
