using System.Buffers.Text;
using System.Text;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// The refs of a repo on a git host: names and commits, and the default branch
/// (https://git-scm.com/docs/gitprotocol-pack, https://git-scm.com/docs/gitprotocol-v2).
/// </summary>
internal sealed class GitRefs
{
    private const string Peeled = "^{}", HeadTarget = "symref=HEAD:", Heads = "refs/heads/", Tags = "refs/tags/";

    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private string? _head;

    /// <summary>True for a repo without commits.</summary>
    public bool IsEmpty => _ids.Count == 0;

    /// <summary>The branches and tags, without <c>refs/heads/</c> and <c>refs/tags/</c>.</summary>
    public IEnumerable<string> Names => _ids.Keys.Where(k => !k.EndsWith(Peeled, StringComparison.Ordinal)
        && (k.StartsWith(Heads, StringComparison.Ordinal)
            || k.StartsWith(Tags, StringComparison.Ordinal))).Select(k => k[(k.IndexOf('/', 5) + 1)..]);

    /// <summary>Reads the response to <c>info/refs?service=git-upload-pack</c>.</summary>
    /// <exception cref="FormatException">It is no such response; the message gives the reason.</exception>
    public static GitRefs ParseAdvertisement(ReadOnlySpan<byte> body)
    {
        var refs = new GitRefs();
        bool isFirst = true, isAnnounced = false;
        while (Next(ref body) is string line)
        {
            // The announcement of the service and the end of that section.
            isAnnounced |= line.StartsWith("# service=", StringComparison.Ordinal);
            if (line.StartsWith('#') || line.Length == 0 || line == "version 1")
                continue;
            if (line == "version 2")
                throw new FormatException((Text)$"it supports only version 2 of git's protocol");
            refs.Add(line, isFirst);
            isFirst = false;
        }
        // An empty repo has an announcement and no refs.
        return !isFirst || isAnnounced ? refs : throw new FormatException((Text)$"it names no refs");
    }

    /// <summary>Reads the output of <c>git ls-remote --symref</c>.</summary>
    /// <exception cref="FormatException">It is no such output.</exception>
    public static GitRefs ParseListing(string output)
    {
        var refs = new GitRefs();
        foreach (string line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split('\t');
            if (parts.Length != 2)
                throw new FormatException((Text)$"git printed a line without a name");
            if (parts[0].StartsWith("ref: ", StringComparison.Ordinal))
                refs._head = parts[1] == "HEAD" ? parts[0][5..] : refs._head;
            else
                refs.AddRef(parts[0], parts[1]);
        }
        return refs;
    }

    /// <summary>
    /// The commit of a branch, a tag, or the default branch, in this order; null if the name does not exist.
    /// </summary>
    public string? Find(string? revision)
    {
        if (revision is null)
            return Commit("HEAD") ?? (_head is null ? null : Commit(_head)) ?? Commit(Heads + "main") ?? Commit(Heads + "master");
        return Commit(Heads + revision) ?? Commit(Tags + revision)
            ?? (revision == "HEAD" ? Find(null) : revision.StartsWith("refs/", StringComparison.Ordinal) ? Commit(revision)
                : null);
    }

    /// <summary>True if a branch and a tag have this name and different commits.</summary>
    public bool IsAmbiguous(string revision) =>
        Commit(Heads + revision) is string branch && Commit(Tags + revision) is string tag && branch != tag;

    // An annotated tag is an object of its own; the list also has the commit it points to, with ^{}.
    private string? Commit(string name) => _ids.GetValueOrDefault(name + Peeled) ?? _ids.GetValueOrDefault(name);

    private void Add(string line, bool isFirst)
    {
        int end = line.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0 && isFirst)
        {
            foreach (string capability in line[(end + 1)..].Split(' '))
            {
                if (capability.StartsWith(HeadTarget, StringComparison.Ordinal))
                    _head = capability[HeadTarget.Length..];
            }
        }
        string text = end >= 0 ? line[..end] : line;
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
            throw new FormatException((Text)$"it has a line without a name");
        if (text[..space] != "shallow")
            AddRef(text[..space], text[(space + 1)..]);
    }

    private void AddRef(string id, string name)
    {
        if (!CommitId.IsCommit(id))
            throw new FormatException((Text)$"it names an invalid commit id");
        // The line of an empty repo.
        if (name != "capabilities" + Peeled)
            _ids[name] = id;
    }

    /// <summary>
    /// Reads one pkt-line: four hexadecimal digits of length, which include themselves; 0000 ends a section, here an empty line.
    /// </summary>
    private static string? Next(ref ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        if (body.Length < 4 || !Utf8Parser.TryParse(body[..4], out int length, out int used, 'X') || used != 4
            || length is 1 or 2 or 3 || length > body.Length)
            throw new FormatException((Text)$"it is not a response of a git server");
        string line = length == 0 ? "" : Encoding.UTF8.GetString(body[4..length]).TrimEnd('\n');
        body = body[Math.Max(4, length)..];
        return line.StartsWith("ERR ", StringComparison.Ordinal)
            ? throw new FormatException((Text)$"it says: {line[4..]}") : line;
    }
}
