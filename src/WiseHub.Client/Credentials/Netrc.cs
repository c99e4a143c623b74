using System.Text;

namespace WiseHub.Client.Credentials;

/// <summary>
/// Reads the entries of a netrc file as curl does: words between white space, quotation marks with backslashes, comments from
/// <c>#</c> to the end of the line, and macros up to the next empty line.
/// </summary>
internal static class Netrc
{
    /// <summary>The user and password of the first entry with a password for a host, or null.</summary>
    /// <param name="text">The content of the file.</param>
    /// <param name="host">The host. A <c>default</c> entry is not used: its author did not mean a model hub.</param>
    public static (string? User, string Password)? Find(string text, string host)
    {
        string? machine = null, user = null, password = null;
        var words = new Words(text);
        while (words.Next() is string word)
        {
            switch (word)
            {
                case "machine" or "default":
                    if (Found() is { } entry)
                        return entry;
                    (machine, user, password) = (word == "machine" ? words.Next() : null, null, null);
                    break;
                case "login":
                    user = words.Next();
                    break;
                case "password":
                    password = words.Next();
                    break;
                case "account":
                    words.Next();
                    break;
                case "macdef":
                    words.SkipMacro();
                    break;
                default:
                    // The file belongs to other programs, so unknown words are allowed.
                    break;
            }
        }
        return Found();

        (string? User, string Password)? Found() =>
            password is { Length: > 0 } && host.Equals(machine, StringComparison.OrdinalIgnoreCase) ? (user, password) : null;
    }

    private sealed class Words(string text)
    {
        private int _at;

        public string? Next()
        {
            while (_at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] == '#'))
                _at = text[_at] == '#' ? EndOfLine() : _at + 1;
            if (_at == text.Length)
                return null;
            return text[_at] == '"' ? Quoted() : Plain();
        }

        /// <summary>A macro ends at an empty line.</summary>
        public void SkipMacro()
        {
            do
                _at = Math.Min(text.Length, EndOfLine() + 1);
            while (_at < text.Length && text.AsSpan(_at, EndOfLine() - _at).Trim().Length > 0);
        }

        private string Plain()
        {
            int start = _at;
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]))
                _at++;
            return text[start.._at];
        }

        private string Quoted()
        {
            var word = new StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                    _at++;
                word.Append(text[_at]);
            }
            _at = Math.Min(text.Length, _at + 1);
            return word.ToString();
        }

        private int EndOfLine() => text.IndexOf('\n', _at) is >= 0 and int end ? end : text.Length;
    }
}
