using System.Text;
using WiseHub.Client.Contents;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The files of a push that go to LFS: those that <c>.gitattributes</c> assigns to it, and large files for which it has no rule
/// (docs/publishing.md).
/// </summary>
internal sealed class GitLfsRules
{
    // git keeps every version of a file in every clone. 10 MB is Hugging Face's limit, too
    // (docs/protocols/huggingface.md#which-files-lfs-keeps); hosts refuse 50 to 100 MB.
    private const long MostInGit = 10_000_000;

    private const long MostBinaryInGit = 1 << 20;

    // git itself looks for a zero byte in so many bytes to detect binary files (buffer_is_binary in xdiff-interface.c).
    private const int Beginning = 8000;

    private readonly GitAttributes _attributes = new();

    /// <param name="attributes">Path and text of each <c>.gitattributes</c> of the commit.</param>
    public GitLfsRules(IEnumerable<KeyValuePair<string, string>> attributes)
    {
        foreach ((string path, string text) in attributes.OrderBy(a => a.Key.Count(c => c == '/')))
            _attributes.Add(path, text);
    }

    /// <summary>True if no rule covers a file that is in LFS.</summary>
    public bool Forgets(string path) => _attributes.IsLfs(path) is null;

    /// <returns>IsLfs: the file goes to LFS. NeedsRule: <c>.gitattributes</c> needs a new rule for it.</returns>
    public (bool IsLfs, bool NeedsRule) Decide(LocalFile file)
    {
        // An empty file is its own pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md); files that git itself
        // reads (.gitattributes, .gitignore) must be in git.
        if (file.Size == 0
            || file.PathInRepo[(file.PathInRepo.LastIndexOf('/') + 1)..].StartsWith(".git", StringComparison.Ordinal))
            return (false, false);
        if (_attributes.IsLfs(file.PathInRepo) is bool ruled)
            return (ruled, false);
        bool isLfs = file.Size > MostInGit
            || (file.Size >= MostBinaryInGit && ReadBeginning(file, Beginning).AsSpan().Contains((byte)0));
        return (isLfs, isLfs);
    }

    /// <summary>Adds rules that assign files to LFS.</summary>
    /// <param name="text">The current <c>.gitattributes</c> of the root folder; null for none.</param>
    /// <param name="paths">Each gets a rule of its own instead of a pattern, so that no other file is affected.</param>
    public static string Extend(string? text, IEnumerable<string> paths)
    {
        var all = new StringBuilder(text);
        if (all.Length > 0 && all[^1] != '\n')
            all.Append('\n');
        foreach (string path in paths)
            all.Append(Pattern(path)).Append(" filter=lfs diff=lfs merge=lfs -text\n");
        return all.ToString();
    }

    /// <exception cref="HubException">WISE5004: the file is an LFS pointer, without the content.</exception>
    public static void RequireContent(LocalFile file)
    {
        // The shortest pointer has a line of 30 bytes, one of 76, and a size.
        if (file.Size is >= 100 and < LfsPointer.MaxBytes
            && LfsPointer.Parse(ReadBeginning(file, LfsPointer.MaxBytes)) is LfsPointer pointer)
            throw GitMessages.PointerInsteadOfContent(file.SourcePath, pointer.Size);
    }

    private static byte[] ReadBeginning(LocalFile file, int most)
    {
        byte[] bytes = new byte[Math.Min(file.Size, most)];
        using var handle = File.OpenHandle(file.SourcePath, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);
        return bytes[..RandomAccess.Read(handle, bytes, 0)];
    }

    // By https://git-scm.com/docs/gitattributes: anchored at the root, with '\' before special characters, and in quotes as in C
    // if it contains white space or a quote.
    private static string Pattern(string path)
    {
        var pattern = new StringBuilder("/");
        foreach (char c in path)
            pattern.Append(c is '*' or '?' or '[' or '\\' ? "\\" : "").Append(c);
        string text = pattern.ToString();
        return text.Any(c => char.IsWhiteSpace(c) || c == '"')
            ? $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : text;
    }
}
