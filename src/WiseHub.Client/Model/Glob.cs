using System.Text;

namespace WiseHub.Client;

/// <summary>
/// An fnmatch pattern, matched by code points as in Python. A regular expression would differ: there a reversed range such as
/// <c>[z-a]</c> is an error (here it matches nothing), and <c>?</c> matches half a character above U+FFFF.
/// </summary>
internal sealed class Glob
{
    private readonly List<Token> _tokens = [];

    public Glob(string pattern)
    {
        Rune[] p = [.. pattern.EnumerateRunes()];
        for (int i = 0; i < p.Length; i++)
        {
            if (p[i].Value == '[' && ClassEnd(p, i) is int end and > 0)
            {
                bool negated = p[i + 1].Value == '!';
                _tokens.Add(new Token(Kind.OneOf, negated, Ranges(p.AsSpan((i + (negated ? 2 : 1))..end))));
                i = end;
            }
            else
            {
                _tokens.Add(p[i].Value switch
                {
                    '*' => new Token(Kind.Any, false, []),
                    '?' => new Token(Kind.OneOf, true, []),
                    int c => new Token(Kind.OneOf, false, [(c, c)]),
                });
            }
        }
    }

    private enum Kind
    {
        OneOf,
        Any,
    }

    private readonly record struct Token(Kind Kind, bool Negated, (int From, int To)[] Ranges)
    {
        public bool Matches(Rune rune) => Array.Exists(Ranges, r => rune.Value >= r.From && rune.Value <= r.To) != Negated;
    }

    /// <summary>
    /// Matches a text. Only the last star is retried, so the time is at most the product of both lengths, even for a hostile
    /// name.
    /// </summary>
    public bool Matches(ReadOnlySpan<Rune> text)
    {
        int token = 0, at = 0, star = -1, starAt = 0;
        while (at < text.Length)
        {
            if (token < _tokens.Count && _tokens[token].Kind == Kind.Any)
                (star, starAt) = (token++, at);
            else if (token < _tokens.Count && _tokens[token].Matches(text[at]))
                (token, at) = (token + 1, at + 1);
            else if (star >= 0)
                (token, at) = (star + 1, ++starAt);
            else
                return false;
        }
        while (token < _tokens.Count && _tokens[token].Kind == Kind.Any)
            token++;
        return token == _tokens.Count;
    }

    // As in Python: "]" directly after "[" or "[!" is a member; "[" without a closing bracket is a literal.
    private static int ClassEnd(ReadOnlySpan<Rune> pattern, int open)
    {
        int from = open + 1;
        if (from < pattern.Length && pattern[from].Value == '!')
            from++;
        if (from < pattern.Length && pattern[from].Value == ']')
            from++;
        int length = from < pattern.Length ? pattern[from..].IndexOf(new Rune(']')) : -1;
        return length < 0 ? -1 : from + length;
    }

    private static (int From, int To)[] Ranges(ReadOnlySpan<Rune> members)
    {
        var ranges = new List<(int, int)>();
        for (int i = 0; i < members.Length; i++)
        {
            bool isRange = i + 2 < members.Length && members[i + 1].Value == '-';
            ranges.Add((members[i].Value, members[isRange ? i + 2 : i].Value));
            i += isRange ? 2 : 0;
        }
        return [.. ranges];
    }
}
