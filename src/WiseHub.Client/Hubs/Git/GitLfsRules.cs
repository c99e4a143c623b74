using System.Text;
using WiseHub.Client.Contents;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// Which files of a push go to LFS: those that <c>.gitattributes</c> names, and of those that it says nothing of, what git is not
/// made for (docs/publishing.md).
/// </summary>
internal sealed class GitLfsRules
{
    // git keeps every version of a file in every clone. 10 MB is Hugging Face's limit, too
    // (docs/protocols/huggingface.md#which-files-lfs-keeps); hosts refuse 50 to 100 MB.
    private const long MostInGit = 10_000_000;

    private const long MostBinaryInGit = 1 << 20;

    // By which git itself tells binary files from texts (buffer_is_binary in xdiff-interface.c).
    private const int Beginning = 8000;

    private readonly GitAttributes _attributes = new();

    /// <param name="attributes">Path and text of each <c>.gitattributes</c> of the commit.</param>
    public GitLfsRules(IEnumerable<KeyValuePair<string, string>> attributes)
    {
        foreach ((string path, string text) in attributes.OrderBy(a => a.Key.Count(c => c == '/')))
            _attributes.Add(path, text);
    }

    /// <summary>Whether a file that LFS keeps would no longer be said to be one.</summary>
    public bool Forgets(string path) => _attributes.IsLfs(path) is null;

    /// <returns>Whether it goes to LFS, and whether a rule is needed that says so.</returns>
    public (bool IsLfs, bool NeedsRule) Decide(LocalFile file)
    {
        // An empty file is its own pointer (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md); what git itself
        // reads must be in git.
        if (file.Size == 0
            || file.PathInRepo[(file.PathInRepo.LastIndexOf('/') + 1)..].StartsWith(".git", StringComparison.Ordinal))
            return (false, false);
        if (_attributes.IsLfs(file.PathInRepo) is bool told)
            return (told, false);
        bool isLfs = file.Size > MostInGit
            || (file.Size >= MostBinaryInGit && ReadBeginning(file, Beginning).AsSpan().Contains((byte)0));
        return (isLfs, isLfs);
    }

    /// <summary>Attributes that give more files to LFS.</summary>
    /// <param name="text">The <c>.gitattributes</c> at the top as it is; null where there is none.</param>
    /// <param name="paths">One rule each, and no pattern: other files of the same kind stay what they are.</param>
    public static string Extend(string? text, IEnumerable<string> paths)
    {
        var all = new StringBuilder(text);
        if (all.Length > 0 && all[^1] != '\n')
            all.Append('\n');
        foreach (string path in paths)
            all.Append(Pattern(path)).Append(" filter=lfs diff=lfs merge=lfs -text\n");
        return all.ToString();
    }

    /// <exception cref="HubException">WISE5004: it is what stands for a content, and the content is not here.</exception>
    public static void RequireContent(LocalFile file)
    {
        // The shortest has a line of 30 bytes, one of 76, and a size.
        if (file.Size is >= 100 and < LfsPointer.MaxBytes
            && LfsPointer.Parse(ReadBeginning(file, LfsPointer.MaxBytes)) is LfsPointer pointer)
        {
            throw new HubException(WiseCodes.InvalidPush,
                $"{file.SourcePath} is the LFS pointer to a content of {pointer.Size} bytes, and not that content. "
                + "Get the content first (git lfs pull), or leave the file out.");
        }
    }

    private static byte[] ReadBeginning(LocalFile file, int most)
    {
        byte[] bytes = new byte[Math.Min(file.Size, most)];
        using var handle = File.OpenHandle(file.SourcePath, FileMode.Open, FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete);
        return bytes[..RandomAccess.Read(handle, bytes, 0)];
    }

    // As https://git-scm.com/docs/gitattributes has it: from the top, with '\' before what a pattern means otherwise; in quotes,
    // as in C, where white space or a quote is in it.
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
