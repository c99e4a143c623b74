using System.Text;
using System.Text.RegularExpressions;

namespace WiseHub.Testing;

/// <summary>
/// A pattern of a <c>.gitignore</c> or <c>.gitattributes</c> file (https://git-scm.com/docs/gitignore#_pattern_format).
/// </summary>
internal sealed class GitPattern
{
    private readonly Regex _regex;

    public GitPattern(string pattern)
    {
        FoldersOnly = pattern.EndsWith('/');
        string body = FoldersOnly ? pattern[..^1] : pattern;
        // With a slash at the start or inside, a pattern is relative to the root; else it matches a name at any level.
        bool isRooted = body.Contains('/', StringComparison.Ordinal);
        _regex = new Regex($"^{(isRooted ? "" : "(?:.*/)?")}{Translate(body.TrimStart('/'))}$",
            RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public bool FoldersOnly { get; }

    public bool Matches(string path) => _regex.IsMatch(path);

    private static string Translate(string glob)
    {
        var regex = new StringBuilder();
        for (int i = 0; i < glob.Length; i++)
        {
            char c = glob[i];
            bool isStart = i == 0 || glob[i - 1] == '/';
            if (isStart && string.CompareOrdinal(glob, i, "**/", 0, 3) == 0)
            {
                regex.Append("(?:.*/)?");
                i += 2;
            }
            else if (isStart && i + 2 == glob.Length && glob.EndsWith("**", StringComparison.Ordinal))
            {
                regex.Append(".+");
                i++;
            }
            else if (c == '*')
                regex.Append("[^/]*");
            else if (c == '?')
                regex.Append("[^/]");
            else if (c == '[' && EndOfClass(glob, i) is int end and > 0)
            {
                regex.Append(Class(glob[(i + 1)..end]));
                i = end;
            }
            else if (c == '\\' && i + 1 < glob.Length)
                regex.Append(Regex.Escape(glob[++i].ToString()));
            else
                regex.Append(Regex.Escape(c.ToString()));
        }
        return regex.ToString();
    }

    // A ] that comes first is a member of the class, and so is one that ends a [:name:].
    private static int EndOfClass(string glob, int start)
    {
        int i = start + 1;
        if (i < glob.Length && glob[i] is '!' or '^')
            i++;
        for (i++; i < glob.Length; i++)
        {
            if (glob[i - 1] == '[' && glob[i] == ':' && glob.IndexOf(":]", i, StringComparison.Ordinal) is int close and > 0)
                i = close + 1;
            else if (glob[i] == ']')
                return i;
        }
        return -1;
    }

    private static string Class(string members)
    {
        bool negated = members[0] is '!' or '^';
        string set = (negated ? members[1..] : members).Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("[:space:]", "\\s", StringComparison.Ordinal).Replace("[:digit:]", "0-9", StringComparison.Ordinal)
            .Replace("[:alpha:]", "a-zA-Z", StringComparison.Ordinal).Replace("[:alnum:]", "a-zA-Z0-9", StringComparison.Ordinal)
            .Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
        return $"(?!/)[{(negated ? "^" : "")}{set}]";
    }
}

/// <summary>A <c>.gitignore</c> file at the root of a repo.</summary>
internal sealed class GitIgnore
{
    private readonly List<(bool Ignores, GitPattern Pattern)> _rules = [];

    public GitIgnore(string text)
    {
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n').Select(TrimEnd))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            bool keeps = line[0] == '!';
            _rules.Add((!keeps, new GitPattern(keeps ? line[1..] : line)));
        }
    }

    /// <summary>A file in an ignored folder is ignored, whatever a later rule says of the file.</summary>
    public bool Ignores(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (Verdict(path[..slash], isFolder: true))
                return true;
        }
        return Verdict(path, isFolder: false);
    }

    private bool Verdict(string path, bool isFolder) =>
        _rules.FindLast(r => (isFolder || !r.Pattern.FoldersOnly) && r.Pattern.Matches(path)).Ignores;

    // Spaces at the end do not count, unless a backslash is before them.
    private static string TrimEnd(string line)
    {
        string trimmed = line.TrimEnd(' ');
        return trimmed.EndsWith('\\') && trimmed.Length < line.Length ? trimmed + " " : trimmed;
    }
}

/// <summary>
/// What a <c>.gitattributes</c> file at the root of a repo says about LFS (https://git-scm.com/docs/gitattributes).
/// </summary>
internal sealed class GitAttributes
{
    public const string FileName = ".gitattributes";

    // What a new repo of the hub starts with, as every model and dataset there shows.
    private static readonly string[] Defaults =
    [
        "*.7z", "*.arrow", "*.bin", "*.bz2", "*.ckpt", "*.ftz", "*.gz", "*.h5", "*.joblib", "*.lfs.*", "*.mlmodel", "*.model",
        "*.msgpack", "*.npy", "*.npz", "*.onnx", "*.ot", "*.parquet", "*.pb", "*.pickle", "*.pkl", "*.pt", "*.pth", "*.rar",
        "*.safetensors", "saved_model/**/*", "*.tar.*", "*.tar", "*.tflite", "*.tgz", "*.wasm", "*.xz", "*.zip",
        "*.zst", "*tfevents*",
    ];

    private static readonly string[] DatasetDefaults =
    [
        "*.lz4", "*.pcm", "*.sam", "*.raw", "*.aac", "*.flac", "*.mp3", "*.ogg", "*.wav", "*.bmp", "*.gif", "*.png", "*.tiff",
        "*.jpg", "*.jpeg", "*.webp", "*.mp4", "*.webm",
    ];

    private readonly List<(GitPattern Pattern, bool IsLfs)> _rules = [];

    public GitAttributes(string text)
    {
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim(' ', '\t')))
        {
            if (line.Length == 0 || line[0] is '#')
                continue;
            int end = line[0] == '"' ? line.IndexOf('"', 1) : line.IndexOfAny([' ', '\t']);
            if (end < 0)
                continue;
            string pattern = line[0] == '"' ? line[1..end] : line[..end];
            if (pattern.EndsWith('/'))
                continue;
            foreach (string attribute in line[(end + 1)..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (attribute.StartsWith("filter", StringComparison.Ordinal) || attribute is "-filter" or "!filter")
                    _rules.Add((new GitPattern(pattern), attribute == "filter=lfs"));
            }
        }
    }

    /// <summary>The file that a new repo starts with.</summary>
    public static string Initial(string repoType) => For(repoType == "dataset" ? [.. Defaults, .. DatasetDefaults] : Defaults);

    /// <summary>A file that marks patterns as LFS.</summary>
    public static string For(IEnumerable<string> patterns) => string.Concat(patterns.Select(Line));

    /// <summary>The line by which the hub marks one file: a space would end the pattern.</summary>
    public static string LineFor(string path) => Line(string.Concat(path.Select(c => c switch
    {
        ' ' => "[[:space:]]",
        '*' or '?' or '[' or '\\' => "\\" + c,
        '#' or '"' or '!' => $"[{c}]",
        _ => c.ToString(),
    })));

    /// <summary>The last rule that matches decides.</summary>
    public bool IsLfs(string path) => _rules.FindLast(r => r.Pattern.Matches(path)).IsLfs;

    private static string Line(string pattern) => pattern + " filter=lfs diff=lfs merge=lfs -text\n";
}
