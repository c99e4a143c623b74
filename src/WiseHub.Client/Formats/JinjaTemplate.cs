using System.Buffers;

namespace WiseHub.Client.Formats;

/// <summary>
/// Looks for what chat templates do not need and escapes from a sandbox use, inside the tags of a Jinja template. It is a hint:
/// names can be hidden from it, for example by joining texts.
/// </summary>
internal static class JinjaTemplate
{
    private static readonly SearchValues<char> Identifier =
        SearchValues.Create("_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    /// <summary>The suspicious names, in the order of the template; one may come several times.</summary>
    public static List<string> Suspicious(string template)
    {
        var found = new List<string>();
        ReadOnlySpan<char> rest = template;
        while (true)
        {
            int open = rest.IndexOf('{');
            if (open < 0 || open + 1 >= rest.Length)
                return found;
            char kind = rest[open + 1];
            rest = rest[(open + 1)..];
            if (kind == '#')
            {
                int end = rest.IndexOf("#}");
                rest = end < 0 ? [] : rest[(end + 2)..];
            }
            else if (kind is '{' or '%')
            {
                rest = ReadTag(rest[1..], kind, found);
            }
        }
    }

    private static ReadOnlySpan<char> ReadTag(ReadOnlySpan<char> rest, char kind, List<string> found)
    {
        bool isFirst = true;
        char before = ' ';
        while (rest.Length > 0)
        {
            char c = rest[0];
            if ((c == '%' && kind == '%' || c == '}' && kind == '{') && rest.Length > 1 && rest[1] == '}')
                return rest[2..];
            if (c is '\'' or '"')
            {
                rest = ReadText(rest, found);
                before = c;
            }
            else if (Identifier.Contains(c))
            {
                int length = rest.IndexOfAnyExcept(Identifier);
                string word = rest[..(length < 0 ? rest.Length : length)].ToString();
                rest = rest[word.Length..];
                if (IsSuspicious(word, before, isFirst && kind == '%', rest.TrimStart()))
                    found.Add(word);
                isFirst = false;
                before = c;
            }
            else
            {
                if (!char.IsWhiteSpace(c))
                    before = c;
                rest = rest[1..];
            }
        }
        return rest;
    }

    private static bool IsSuspicious(string word, char before, bool isStatement, ReadOnlySpan<char> after) =>
        word.Contains("__", StringComparison.Ordinal)
        || (isStatement && word is "import" or "include" or "from" or "extends")
        || (word is "attr" && (before == '|' || after.StartsWith("(")))
        || (before == '.' && word is "mro" or "subclasses" or "globals" or "builtins" or "func_globals" or "gi_frame"
            or "f_globals" or "popen" or "system")
        || word is "getattr" or "setattr" or "eval" or "exec" or "subprocess" or "builtins" or "lipsum" or "cycler" or "joiner";

    // A subscript can be a text: a name with underscores, or one that is written in escapes.
    private static ReadOnlySpan<char> ReadText(ReadOnlySpan<char> rest, List<string> found)
    {
        char quote = rest[0];
        int end = 1;
        bool hasEscape = false;
        for (; end < rest.Length && rest[end] != quote; end++)
        {
            if (rest[end] == '\\' && end + 1 < rest.Length)
                hasEscape |= rest[++end] is 'x' or 'u' or 'U' or 'N' or (>= '0' and <= '7');
        }
        ReadOnlySpan<char> text = rest[1..Math.Min(end, rest.Length)];
        bool isName = text.Length > 4 && text.StartsWith("__") && text.EndsWith("__") && !text.ContainsAnyExcept(Identifier);
        if (isName || (hasEscape && IsEscapedName(text)))
            found.Add(text.ToString());
        return end < rest.Length ? rest[(end + 1)..] : [];
    }

    // "\x5f" and its relatives are underscores, which nobody needs to escape.
    private static bool IsEscapedName(ReadOnlySpan<char> text) => text.Contains("\\x5f", StringComparison.OrdinalIgnoreCase)
        || text.Contains("\\u005f", StringComparison.OrdinalIgnoreCase)
        || text.Contains("\\U0000005f", StringComparison.OrdinalIgnoreCase)
        || text.Contains("\\137", StringComparison.Ordinal) || text.Contains("LOW LINE", StringComparison.OrdinalIgnoreCase);
}
