using System.Globalization;
using System.Text;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>Who makes a commit, and when.</summary>
internal sealed record GitIdentity(string Variables, string Name, string Email);

/// <summary>
/// Where a commit is put together: a temporary bare repository that has the branch's last commit with its file list, and of the
/// contents only the smallest. No working copy, so that no filter and no hook has anything to do.
/// </summary>
internal sealed class GitStage : IDisposable
{
    // Every pointer of LFS, and most files with attributes. Larger contents stay where they are.
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
    /// <param name="url">Of the repo; without secrets.</param>
    /// <param name="credential">Null for none, or for that of a credential helper.</param>
    /// <param name="stall">After how long without bytes a fetch is given up.</param>
    public GitStage(GitTool git, string url, Credential? credential, TimeSpan stall)
    {
        (_git, _url, _credential) = (git, url, credential);
        // A redirect could lead the token, which may write, to another host.
        _connection = ["-c", "http.followRedirects=false", "-c", "http.lowSpeedLimit=1",
            "-c", $"http.lowSpeedTime={((int)stall.TotalSeconds).ToString(CultureInfo.InvariantCulture)}"];
    }

    private GitRun Remote => new() { Url = _url, Credential = _credential };

    private string[] Here => ["-C", _folder.Path];

    /// <summary>Fetches the commit that a ref points at.</summary>
    /// <returns>Null when there is no such ref.</returns>
    /// <exception cref="GitFailure">git says no.</exception>
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

    /// <summary>What the fetched commit has.</summary>
    public async Task<IReadOnlyList<GitEntry>> ListAsync(CancellationToken cancel) =>
        GitTree.ParseListing(await _git.GitBytesAsync(
            [.. Here, "ls-tree", "-r", "-z", "--full-tree", Base], new GitRun(), cancel).ConfigureAwait(false));

    /// <summary>The sizes of those contents that are here.</summary>
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

    /// <summary>Reads contents that are here.</summary>
    /// <param name="wanted">Id and size of each.</param>
    /// <param name="cancel">Ends it.</param>
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

    /// <summary>Fetches contents that the filter left out.</summary>
    public Task FetchContentsAsync(IReadOnlyCollection<string> oids, CancellationToken cancel) => FetchAsync([], oids, cancel);

    /// <summary>Takes files as contents, exactly as they are.</summary>
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
            : throw new GitFailure($"git hash-object was given {paths.Count} files and named {oids.Length} contents");
    }

    /// <summary>A content as a file that <see cref="AddAsync"/> takes.</summary>
    public async Task<string> WriteAsync(string content, CancellationToken cancel)
    {
        string path = Path.Combine(_folder.Path, "wisehub-" + (++_written).ToString(CultureInfo.InvariantCulture));
        await File.WriteAllBytesAsync(path, Encoding.UTF8.GetBytes(content), cancel).ConfigureAwait(false);
        return path;
    }

    /// <summary>Makes a tree of that of a commit.</summary>
    /// <param name="commit">The fetched one, or null for none.</param>
    /// <param name="put">New or other files.</param>
    /// <param name="gone">Paths that go.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Its id, and whether that is what the commit has already.</returns>
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
        // What goes first: a folder may become a file.
        foreach (string path in gone)
            text.Append("0 ").Append('0', commit?.Length ?? 40).Append('\t').Append(path).Append('\0');
        foreach (GitEntry entry in put)
            text.Append(entry.Mode).Append(' ').Append(entry.Oid).Append('\t').Append(entry.Path).Append('\0');
        await _git.GitAsync([.. Here, "update-index", "-z", "--index-info"],
            index with { Input = Encoding.UTF8.GetBytes(text.ToString()) }, cancel).ConfigureAwait(false);
        // The contents of what stays are not here.
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

    /// <summary>Moves a branch, if it still is where it was.</summary>
    /// <param name="commit">Where to.</param>
    /// <param name="branch">Its full name.</param>
    /// <param name="expected">Where it was; null: it was not there.</param>
    /// <param name="patience">How long the host may be silent, because its hooks look at what came.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="GitFailure">git, or the host, says no.</exception>
    public Task PushAsync(string commit, string branch, string? expected, TimeSpan patience, CancellationToken cancel) =>
        // The lease is what makes it compare-and-swap: without it a branch that somebody took back would move forward again. The
        // new commit stands on the expected one, so that nothing is forced. Not thin, because what it would build on is not here;
        // and no path is skipped when it looks for what is there.
        _git.GitAsync(
            [.. Here, .. _connection, "-c", $"http.lowSpeedTime={((int)patience.TotalSeconds)
                .ToString(CultureInfo.InvariantCulture)}",
                "-c", "pack.useSparse=false",
                "push", "--quiet", "--no-verify", "--no-thin", "--no-signed", "--no-follow-tags", "--no-recurse-submodules",
                $"--force-with-lease={branch}:{expected}", "--", _url, $"{commit}:{branch}"], Remote, cancel);

    /// <summary>Where a branch of the host is.</summary>
    public async Task<string?> TipAsync(string branch, CancellationToken cancel) =>
        GitRefs.ParseListing(await _git.GitAsync(
            [.. Here, .. _connection, "ls-remote", "--quiet", "--", _url, branch], Remote, cancel).ConfigureAwait(false))
                .Find(branch);

    /// <summary>A setting of the user's, by key; the last of several counts.</summary>
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
            // A fetch with a filter writes down where the rest can be had, and git then goes there for each
            // content that it misses.
            await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "config"), _config,
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    // In quotes as in C, because a name may have a line feed.
    private static string Quoted(string path) => "\"" + path.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
}
