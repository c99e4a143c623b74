using System.Globalization;
using System.Text;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>The author or committer of a commit.</summary>
internal sealed record GitIdentity(string Variables, string Name, string Email);

/// <summary>
/// The temporary bare repository in which a commit is made. It has the branch's last commit with its file list, but only small
/// files, and no working copy, so no filter or hook runs.
/// </summary>
internal sealed class GitStage : IDisposable
{
    // Includes every LFS pointer and most .gitattributes files. Larger files are not fetched.
    private const string Small = "--filter=blob:limit=4k";

    private const string Base = "refs/wisehub/base";

    private readonly GitTool _git;
    private GitFolder _folder = new();
    private readonly string _url;
    private readonly Credential? _credential;
    private readonly string[] _connection;
    private byte[] _config = [];
    private int _written;

    /// <param name="git">The local git.</param>
    /// <param name="url">URL of the repo; without secrets.</param>
    /// <param name="credential">Null for none, or for that of a credential helper.</param>
    /// <param name="stall">Timeout of a fetch without bytes.</param>
    public GitStage(GitTool git, string url, Credential? credential, TimeSpan stall)
    {
        (_git, _url, _credential) = (git, url, credential);
        // A redirect could send the token, which has write access, to another host.
        _connection = ["-c", "http.followRedirects=false", "-c", "http.lowSpeedLimit=1",
            "-c", $"http.lowSpeedTime={((int)stall.TotalSeconds).ToString(CultureInfo.InvariantCulture)}"];
    }

    private GitRun Remote => new() { Url = _url, Credential = _credential };

    private string[] Here => ["-C", _folder.Path];

    /// <summary>Fetches the commit of a ref.</summary>
    /// <returns>Null if the ref does not exist.</returns>
    /// <exception cref="GitFailure">git failed.</exception>
    public async Task<string?> FetchAsync(string name, CancellationToken cancel)
    {
        try
        {
            await FetchAsync(["--depth=1"], [$"+{name}:{Base}"], cancel).ConfigureAwait(false);
        }
        catch (GitFailure e) when (e.Message.Contains("couldn't find remote ref", StringComparison.Ordinal))
        {
            return null;
        }
        catch (GitFailure e) when (e.Message.Contains("mismatched algorithms", StringComparison.Ordinal))
        {
            _folder.Dispose();
            _folder = new GitFolder();
            await InitAsync(isSha256: true, cancel).ConfigureAwait(false);
            await FetchAsync(["--depth=1"], [$"+{name}:{Base}"], cancel).ConfigureAwait(false);
        }
        return (await _git.GitAsync([.. Here, "rev-parse", Base + "^{commit}"], cancel).ConfigureAwait(false)).Trim();
    }

    /// <summary>The file list of the fetched commit.</summary>
    public async Task<IReadOnlyList<GitEntry>> ListAsync(CancellationToken cancel) =>
        GitTree.ParseListing(await _git.GitBytesAsync(
            [.. Here, "ls-tree", "-r", "-z", "--full-tree", Base], new GitRun(), cancel).ConfigureAwait(false));

    /// <summary>The sizes of those blobs that were fetched.</summary>
    public async Task<Dictionary<string, long>> SizesAsync(IEnumerable<string> oids, CancellationToken cancel)
    {
        string said = await _git.GitAsync([.. Here, "cat-file", "--batch-check"],
            new GitRun { Input = Lines(oids.Distinct()) }, cancel).ConfigureAwait(false);
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in said.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is [var oid, "blob", var size])
                sizes[oid] = long.Parse(size, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        return sizes;
    }

    /// <summary>Reads fetched blobs.</summary>
    /// <param name="wanted">Id and size of each.</param>
    /// <param name="cancel">Cancels the reading.</param>
    public async Task<Dictionary<string, byte[]>> ReadAsync(
        IEnumerable<KeyValuePair<string, long>> wanted, CancellationToken cancel)
    {
        var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var reader = new GitBlobReader(_git.Start([.. Here, "cat-file", "--batch"]));
        foreach ((string oid, long size) in wanted)
        {
            await reader.SendAsync(oid, size, cancel).ConfigureAwait(false);
            byte[] content = new byte[size];
            await reader.Output.ReadExactlyAsync(content, cancel).ConfigureAwait(false);
            contents[oid] = content;
        }
        return contents;
    }

    /// <summary>Fetches blobs that the filter left out.</summary>
    public Task FetchContentsAsync(IReadOnlyCollection<string> oids, CancellationToken cancel) => FetchAsync([], oids, cancel);

    /// <summary>Adds files as blobs, unfiltered.</summary>
    /// <returns>The id of each.</returns>
    public async Task<IReadOnlyList<string>> AddAsync(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        if (paths.Count == 0)
            return [];
        await InitAsync(isSha256: false, cancel).ConfigureAwait(false);
        string said = await _git.GitAsync([.. Here, "-c", "core.fsync=none", "hash-object", "-w", "--no-filters",
            "--stdin-paths"], new GitRun { Input = Lines(paths.Select(Quoted)) }, cancel).ConfigureAwait(false);
        string[] oids = said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return oids.Length == paths.Count ? oids
            : throw new GitFailure((Text)$"git hash-object got {paths.Count} files and printed {oids.Length} ids");
    }

    /// <summary>Writes a text to a temporary file, for <see cref="AddAsync"/>.</summary>
    public async Task<string> WriteAsync(string content, CancellationToken cancel)
    {
        string path = Path.Combine(_folder.Path, "wisehub-" + (++_written).ToString(CultureInfo.InvariantCulture));
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(content), cancel).ConfigureAwait(false);
        return path;
    }

    /// <summary>Makes a changed tree of a commit.</summary>
    /// <param name="commit">The fetched commit, or null for none.</param>
    /// <param name="put">New or changed files.</param>
    /// <param name="gone">Deleted paths.</param>
    /// <param name="cancel">Cancels the work.</param>
    /// <returns>The id of the tree; IsSame is true if the commit already has this tree.</returns>
    public async Task<(string Tree, bool IsSame)> WriteTreeAsync(
        string? commit, IEnumerable<GitEntry> put, IEnumerable<string> gone, CancellationToken cancel)
    {
        await InitAsync(isSha256: false, cancel).ConfigureAwait(false);
        var index = new GitRun { Environment = [KeyValuePair.Create("GIT_INDEX_FILE", Path.Combine(_folder.Path, "index"))] };
        string? before = null;
        if (commit is not null)
        {
            before = (await _git.GitAsync([.. Here, "rev-parse", commit + "^{tree}"], cancel).ConfigureAwait(false)).Trim();
            await _git.GitAsync([.. Here, "read-tree", before], index, cancel).ConfigureAwait(false);
        }
        var text = new StringBuilder();
        // Deletions first, because a folder may become a file.
        foreach (string path in gone)
            text.Append("0 ").Append('0', commit?.Length ?? 40).Append('\t').Append(path).Append('\0');
        foreach (GitEntry entry in put)
            text.Append(entry.Mode).Append(' ').Append(entry.Oid).Append('\t').Append(entry.Path).Append('\0');
        await _git.GitAsync([.. Here, "update-index", "-z", "--index-info"],
            index with { Input = Encoding.UTF8.GetBytes(text.ToString()) }, cancel).ConfigureAwait(false);
        // Unchanged files were not fetched.
        string tree = (await _git.GitAsync([.. Here, "write-tree", "--missing-ok"], index, cancel).ConfigureAwait(false)).Trim();
        return (tree, tree == before);
    }

    /// <summary>Makes a commit.</summary>
    public async Task<string> CommitAsync(string tree, string? parent, string message, DateTimeOffset time,
        IReadOnlyList<GitIdentity> identities, CancellationToken cancel)
    {
        string date = $"@{time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)} +0000";
        var run = new GitRun
        {
            Input = Encoding.UTF8.GetBytes(message),
            Environment = [.. identities.SelectMany(
                i => (KeyValuePair<string, string>[])[KeyValuePair.Create($"GIT_{i.Variables}_NAME", i.Name),
                    KeyValuePair.Create($"GIT_{i.Variables}_EMAIL", i.Email),
                    KeyValuePair.Create($"GIT_{i.Variables}_DATE", date)])],
        };
        return (await _git.GitAsync([.. Here, "-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree,
            .. parent is null ? Array.Empty<string>() : ["-p", parent], "-F", "-"], run, cancel).ConfigureAwait(false)).Trim();
    }

    /// <summary>Moves a branch, if it is unchanged.</summary>
    /// <param name="commit">The new commit.</param>
    /// <param name="branch">The full name of the branch.</param>
    /// <param name="expected">The current commit; null for a new branch.</param>
    /// <param name="patience">How long the host may be silent while its hooks check the push.</param>
    /// <param name="cancel">Cancels the push.</param>
    /// <exception cref="GitFailure">git, or the host, refused the push.</exception>
    public Task PushAsync(string commit, string branch, string? expected, TimeSpan patience, CancellationToken cancel) =>
        // The lease makes it compare-and-swap: without it, a branch that was reset meanwhile would move forward again. The new
        // commit's parent is the expected one, so the push forces nothing. No thin pack, because its bases were not fetched; and
        // no sparse walk, which would skip paths.
        _git.GitAsync(
            [.. Here, .. _connection, "-c", $"http.lowSpeedTime={((int)patience.TotalSeconds)
                .ToString(CultureInfo.InvariantCulture)}",
                "-c", "pack.useSparse=false",
                "push", "--quiet", "--no-verify", "--no-thin", "--no-signed", "--no-follow-tags", "--no-recurse-submodules",
                $"--force-with-lease={branch}:{expected}", "--", _url, $"{commit}:{branch}"], Remote, cancel);

    /// <summary>The current commit of a branch on the host.</summary>
    public async Task<string?> TipAsync(string branch, CancellationToken cancel) =>
        GitRefs.ParseListing(await _git.GitAsync(
            [.. Here, .. _connection, "ls-remote", "--quiet", "--", _url, branch], Remote, cancel).ConfigureAwait(false))
                .Find(branch);

    /// <summary>The settings of the user, by key; the last of several values wins.</summary>
    public async Task<Dictionary<string, string>> SettingsAsync(CancellationToken cancel)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in (await _git.GitAsync([.. Here, "config", "--null", "--list"], cancel).ConfigureAwait(false))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('\n', 2) is [var key, var value])
                settings[key] = value;
        }
        return settings;
    }

    public void Dispose() => _folder.Dispose();

    private async Task InitAsync(bool isSha256, CancellationToken cancel)
    {
        if (_config.Length > 0 && !isSha256)
            return;
        await _folder.InitAsync(_git, isSha256, cancel).ConfigureAwait(false);
        _config = await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "config"), cancel).ConfigureAwait(false);
    }

    private async Task FetchAsync(string[] how, IEnumerable<string> what, CancellationToken cancel)
    {
        await InitAsync(isSha256: false, cancel).ConfigureAwait(false);
        try
        {
            await _git.GitAsync([.. Here, .. _connection, "fetch", "--quiet", "--no-tags", "--no-recurse-submodules",
                "--no-write-fetch-head", "--no-auto-gc", .. how, Small, "--", _url, .. what],
                Remote, cancel).ConfigureAwait(false);
        }
        finally
        {
            // A fetch with a filter stores the remote in the configuration, and git would then fetch each missing blob from it.
            await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "config"), _config,
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Quoted as in C, because a name may contain a line feed.
    private static string Quoted(string path) => "\"" + path.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
}
