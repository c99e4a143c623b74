using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// One commit in a temporary repository of the local git, without history and working copy. Files are read exactly as stored.
/// </summary>
internal sealed class GitRepository : IGitContents
{
    private readonly GitTool _git;
    private readonly GitFolder _folder = new();
    private readonly ConcurrentBag<GitBlobReader> _idle = [];
    private readonly string _what;

    private GitRepository(GitTool git, string what) => (_git, _what) = (git, what);

    public IReadOnlyList<GitEntry> Files { get; private set; } = [];

    public IReadOnlyList<string> Links { get; private set; } = [];

    public IReadOnlyList<string> Submodules { get; private set; } = [];

    public bool IsThere => true;

    public bool WereFetched => false;

    public long? SizeOf(GitEntry file) => file.Size;

    public Task PrepareAsync(IReadOnlyCollection<GitEntry> wanted, CancellationToken cancel) => Task.CompletedTask;

    public string PlaceOf(GitEntry file) => $"'{file.Path}' in {_what}";

    /// <summary>Path of the repository, until it is disposed.</summary>
    public string Folder => _folder.Path;

    /// <summary>Fetches a commit.</summary>
    /// <param name="git">The local git.</param>
    /// <param name="url">URL of the repo; without secrets.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="credential">Null for none, or for that of a credential helper.</param>
    /// <param name="stall">Timeout without bytes.</param>
    /// <param name="cancel">Cancels the fetch.</param>
    /// <exception cref="GitFailure">git failed.</exception>
    public static async Task<GitRepository> FetchAsync(
        GitTool git, string url, string commit, Credential? credential, TimeSpan stall, CancellationToken cancel)
    {
        var repository = new GitRepository(git, (Text)$"the git repository {url}");
        try
        {
            await repository.FetchAsync(url, commit, credential, stall, cancel).ConfigureAwait(false);
            await repository.ListAsync(commit, cancel).ConfigureAwait(false);
            return repository;
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }

    public async Task<Stream> OpenAsync(GitEntry file, CancellationToken cancel)
    {
        long size = file.Size!.Value;
        if (!_idle.TryTake(out GitBlobReader? reader))
            reader = new GitBlobReader(_git.Start(["-C", Folder, "cat-file", "--batch"]));
        try
        {
            await reader.SendAsync(file.Oid, size, cancel).ConfigureAwait(false);
            return new Loan(reader, size, _idle);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out GitBlobReader? reader))
            reader.Dispose();
        _folder.Dispose();
    }

    private async Task FetchAsync(string url, string commit, Credential? credential, TimeSpan stall, CancellationToken cancel)
    {
        string[] here = ["-C", Folder];
        var remote = new GitRun { Url = url, Credential = credential };
        string seconds = ((int)stall.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await _folder.InitAsync(_git, commit.Length == 64, cancel).ConfigureAwait(false);
        string[] fetch = [.. here, "-c", "http.lowSpeedLimit=1", "-c", $"http.lowSpeedTime={seconds}", "fetch", "--quiet",
            "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-gc"];
        try
        {
            await _git.GitAsync([.. fetch, "--depth=1", "--", url, commit], remote, cancel).ConfigureAwait(false);
        }
        catch (GitFailure e) when (e.Message.Contains("not our ref", StringComparison.Ordinal)
            || e.Message.Contains("unadvertised object", StringComparison.Ordinal))
        {
            // The server gives only the tips of branches and tags (uploadpack.allowReachableSHA1InWant is off). The commit is in
            // the history of one of them.
            await _git.GitAsync([.. fetch, "--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], remote,
                cancel).ConfigureAwait(false);
        }
    }

    private async Task ListAsync(string commit, CancellationToken cancel)
    {
        List<GitEntry> entries = GitTree.ParseListing(
            await _git.GitBytesAsync(["-C", Folder, "ls-tree", "-r", "-l", "-z", "--full-tree", commit + "^{commit}"],
                new GitRun(), cancel).ConfigureAwait(false));
        Files = entries.FindAll(e => e.Mode is not (GitEntry.Link or GitEntry.Submodule));
        Links = [.. entries.Where(e => e.Mode == GitEntry.Link).Select(e => e.Path)];
        Submodules = [.. entries.Where(e => e.Mode == GitEntry.Submodule).Select(e => e.Path)];
    }

    /// <summary>The content of a blob. Its git process is reused for the next one if the content was read to its end.</summary>
    private sealed class Loan(GitBlobReader reader, long length, ConcurrentBag<GitBlobReader> idle) : ReadOnlyStream
    {
        private long _read;
        private bool _returned;

        public override long Length => length;

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read = _read == length ? 0 : reader.Output.Read(buffer[..(int)Math.Min(buffer.Length, length - _read)]);
            _read += read;
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int read = _read == length ? 0 : await reader.Output.ReadAsync(
                buffer[..(int)Math.Min(buffer.Length, length - _read)], cancellationToken).ConfigureAwait(false);
            _read += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_returned)
            {
                _returned = true;
                if (_read == length)
                    idle.Add(reader);
                else
                    reader.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}

/// <summary>
/// A process <c>git cat-file --batch</c>: for each id it prints a line with the size, and the content
/// (https://git-scm.com/docs/git-cat-file).
/// </summary>
internal sealed class GitBlobReader(Process process) : IDisposable
{
    private bool _isFirst = true;

    public BufferedStream Output { get; } = new(process.StandardOutput.BaseStream, 1 << 16);

    /// <exception cref="IOException">git does not have the object.</exception>
    public async Task SendAsync(string oid, long size, CancellationToken cancel)
    {
        await process.StandardInput.BaseStream.WriteAsync(Encoding.ASCII.GetBytes(oid + "\n"), cancel).ConfigureAwait(false);
        await process.StandardInput.BaseStream.FlushAsync(cancel).ConfigureAwait(false);
        // The line feed after the previous content.
        if (!_isFirst)
            Output.ReadByte();
        _isFirst = false;
        var line = new StringBuilder();
        for (int c; (c = Output.ReadByte()) is not (-1 or '\n');)
            line.Append((char)c);
        if (line.ToString() != $"{oid} blob {size}")
            throw new IOException((Text)$"git cat-file printed '{line}' for {oid}");
    }

    public void Dispose()
    {
        // Closing its input would not end a process that is still writing a content.
        process.Kill();
        process.Dispose();
    }
}
