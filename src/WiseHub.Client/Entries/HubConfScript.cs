using System.Text;

namespace WiseHub.Client.Entries;

/// <summary>
/// Finds the entries of a <c>hubconf.py</c> by reading it, without running it (docs/protocols/megengine-hub.md#entries):
/// functions at top level, names imported from the repo's own modules, <c>dependencies = […]</c>, and <c>@pretrained("url")</c>.
/// </summary>
internal static class HubConfScript
{
    private enum Kind { Word, Text, Sign }

    private readonly record struct Token(Kind Kind, string Value);

    /// <summary>A logical line of Python, which may continue across brackets and backslashes.</summary>
    private sealed record Line(int Indent, List<Token> Tokens);

    /// <param name="source">The text.</param>
    /// <param name="isOfRepo">True for a module name that belongs to the repo.</param>
    public static List<HubEntry> Read(string source, Func<string, bool> isOfRepo)
    {
        List<Line> lines = Split(source);
        var dependencies = new List<string>();
        var entries = new Dictionary<string, HubEntry>(StringComparer.Ordinal);
        string? url = null;
        for (int i = 0; i < lines.Count; i++)
        {
            List<Token> tokens = lines[i].Tokens;
            if (lines[i].Indent > 0 || tokens.Count == 0)
                continue;
            if (tokens[0].Value == "@" && tokens[0].Kind == Kind.Sign)
            {
                url = PretrainedUrl(tokens) ?? url;
                continue;
            }
            int at = tokens[0] is { Kind: Kind.Word, Value: "async" } ? 1 : 0;
            if (IsWord(tokens, at, "def") && tokens.Count > at + 1)
                Add(new HubEntry(tokens[at + 1].Value, EntryKind.Python)
                { Parameters = Parameters(tokens, at + 2), Summary = DocString(lines, i), PretrainedUrl = url });
            else if (IsWord(tokens, 0, "from"))
                Imported(tokens, isOfRepo).ForEach(Add);
            else if (IsWord(tokens, 0, "dependencies") && tokens.Count > 1 && tokens[1].Value == "=")
                dependencies.AddRange(tokens.Where(t => t.Kind == Kind.Text).Select(t => t.Value));
            url = null;
        }
        return [.. entries.Values.Select(e => e with { Dependencies = [.. dependencies] })];

        void Add(HubEntry entry)
        {
            if (!entry.Name.StartsWith('_'))
                entries[entry.Name] = entry;
        }
    }

    private static bool IsWord(List<Token> tokens, int index, string word) =>
        index < tokens.Count && tokens[index] is { Kind: Kind.Word } token && token.Value == word;

    // @pretrained("…") or @hub.pretrained("…"): a call with one string literal.
    private static string? PretrainedUrl(List<Token> tokens)
    {
        int name = tokens.FindIndex(t => t is { Kind: Kind.Word, Value: "pretrained" });
        return name > 0 && name + 2 < tokens.Count && tokens[name + 1].Value == "(" && tokens[name + 2].Kind == Kind.Text
            ? tokens[name + 2].Value : null;
    }

    private static List<EntryParameter> Parameters(List<Token> tokens, int open)
    {
        var parameters = new List<EntryParameter>();
        int depth = 0;
        for (int i = open; i < tokens.Count; i++)
        {
            string sign = tokens[i].Kind == Kind.Sign ? tokens[i].Value : "";
            if (sign is "(" or "[" or "{")
                depth++;
            if (sign is ")" or "]" or "}" && --depth == 0)
                break;
            if (depth != 1 || !(sign is "(" or "," or "*"))
                continue;
            // A name after a bracket, comma or star. A default makes it optional, and so does a star.
            if (i + 1 >= tokens.Count || tokens[i + 1].Kind != Kind.Word)
                continue;
            int end = i + 2, inner = 0;
            bool hasDefault = sign == "*" && !(i > 0 && tokens[i - 1].Value is "(" or ",");
            for (; end < tokens.Count; end++)
            {
                string s = tokens[end].Kind == Kind.Sign ? tokens[end].Value : "";
                if (inner == 0 && s is "," or ")")
                    break;
                inner += s is "(" or "[" or "{" ? 1 : s is ")" or "]" or "}" ? -1 : 0;
                hasDefault |= inner == 0 && s == "=";
            }
            parameters.Add(new EntryParameter(tokens[i + 1].Value, "", hasDefault || sign == "*", null, null));
        }
        return parameters;
    }

    private static string? DocString(List<Line> lines, int def) =>
        def + 1 < lines.Count && lines[def + 1] is { Indent: > 0, Tokens: [{ Kind: Kind.Text } text, ..] }
            ? text.Value.Trim().Split("\n\n")[0] is { Length: > 0 } first
                ? string.Join(' ', first.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : null
            : null;

    // Library functions are imported for use, the repo's own functions to be offered.
    private static List<HubEntry> Imported(List<Token> tokens, Func<string, bool> isOfRepo)
    {
        int import = tokens.FindIndex(t => t is { Kind: Kind.Word, Value: "import" });
        if (import < 0)
            return [];
        string module = string.Concat(tokens.Skip(1).Take(import - 1).Select(t => t.Value));
        if (!isOfRepo(module))
            return [];
        var entries = new List<HubEntry>();
        string? name = null;
        for (int i = import + 1; i <= tokens.Count; i++)
        {
            Token token = i < tokens.Count ? tokens[i] : new Token(Kind.Sign, ",");
            if (token.Kind == Kind.Word && token.Value != "as")
                name = token.Value;
            else if (token is { Kind: Kind.Sign, Value: "," } && name is not null)
            {
                entries.Add(new HubEntry(name, EntryKind.Python) { Module = module });
                name = null;
            }
        }
        return entries;
    }

    private static List<Line> Split(string source)
    {
        var lines = new List<Line>();
        var tokens = new List<Token>();
        int indent = 0, depth = 0, i = 0;
        bool atStart = true;
        while (i < source.Length)
        {
            char c = source[i];
            if (atStart && depth == 0 && c is ' ' or '\t')
            {
                indent++;
                i++;
            }
            else if (c == '\n')
            {
                if (depth == 0)
                {
                    if (tokens.Count > 0)
                        lines.Add(new Line(indent, tokens));
                    (tokens, indent, atStart) = ([], 0, true);
                }
                i++;
            }
            else if (c == '\\' && i + 1 < source.Length && source[i + 1] is '\n' or '\r')
            {
                i += source[i + 1] == '\r' ? 3 : 2;
            }
            else if (char.IsWhiteSpace(c) || c == '\uFEFF')
            {
                i++;
            }
            else if (c == '#')
            {
                while (i < source.Length && source[i] != '\n')
                    i++;
            }
            else
            {
                atStart = false;
                Token token = Next(source, ref i);
                if (token.Kind == Kind.Sign)
                    depth += token.Value is "(" or "[" or "{" ? 1 : token.Value is ")" or "]" or "}" && depth > 0 ? -1 : 0;
                tokens.Add(token);
            }
        }
        if (tokens.Count > 0)
            lines.Add(new Line(indent, tokens));
        return lines;
    }

    private static Token Next(string source, ref int i)
    {
        int start = i;
        if (char.IsLetterOrDigit(source[i]) || source[i] == '_')
        {
            while (i < source.Length && (char.IsLetterOrDigit(source[i]) || source[i] == '_'))
                i++;
            // r"…", b'…', f"…": the letters before the quote are part of the literal.
            bool isPrefix = i < source.Length && source[i] is '"' or '\'' && i - start <= 2
                && source[start..i].All("rRbBuUfF".Contains);
            if (!isPrefix)
                return new Token(Kind.Word, source[start..i]);
        }
        return source[i] is '"' or '\'' ? new Token(Kind.Text, ReadText(source, ref i))
            : new Token(Kind.Sign, source[i++].ToString());
    }

    private static string ReadText(string source, ref int i)
    {
        char quote = source[i];
        string end = source.AsSpan(i).StartsWith(new string(quote, 3)) ? new string(quote, 3) : quote.ToString();
        i += end.Length;
        var text = new StringBuilder();
        while (i < source.Length && !source.AsSpan(i).StartsWith(end))
        {
            // The end of the line ends an unclosed literal.
            if (end.Length == 1 && source[i] == '\n')
                return text.ToString();
            if (source[i] == '\\' && i + 1 < source.Length)
            {
                i++;
                text.Append(source[i] switch { 'n' => '\n', 't' => '\t', '\n' => ' ', char other => other });
                i++;
                continue;
            }
            text.Append(source[i++]);
        }
        i = Math.Min(source.Length, i + end.Length);
        return text.ToString();
    }
}
