using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>A repo of a git host, as a push sees it.</summary>
/// <param name="Hub">The hub.</param>
/// <param name="Url">What git gets as its address; without secrets.</param>
/// <param name="Credential">What git gets to show; null for none, or over ssh, where a key says who asks.</param>
internal sealed record GitRemote(HubDefinition Hub, string Url, Credential? Credential)
{
    /// <summary>Finds the LFS server that takes uploads.</summary>
    public required Func<CancellationToken, Task<LfsServer>> Lfs { get; init; }

    /// <summary>Turns what git says into an error with a code.</summary>
    public required Func<GitFailure, HubException> ReadGitError { get; init; }

    /// <summary>Turns what the LFS server answers into one.</summary>
    public required Func<HubResponse, CancellationToken, Task<HubException>> ReadResponseError { get; init; }

    /// <summary>Makes the repo.</summary>
    public required Func<CancellationToken, Task> CreateAsync { get; init; }

    /// <summary>The page of a commit.</summary>
    public required Func<string, Uri?> PageOf { get; init; }

    /// <summary>What to do about a token that may not write.</summary>
    public required string Remedy { get; init; }
}

/// <summary>
/// Publishes to a git repository with the local git: the commit is put together in a temporary repository that has the
/// file list of the branch and not its contents, what LFS keeps goes to the LFS server, and one push, which is
/// compare-and-swap, makes it visible.
/// </summary>
internal sealed class GitPush : IPushTarget
{
    // What the host's hooks do with a push takes as long as it takes; a host that is gone closes no connection.
    private static readonly TimeSpan PatienceOfPush = TimeSpan.FromMinutes(5);

    private const string NoName = "WiseHub", NoEmail = "wisehub@users.noreply.invalid";

    private const int LongestShown = 600;

    private readonly GitRemote _place;
    private readonly GitTool _git;
    private readonly IHubContext _context;
    private readonly PushRequest _request;
    private readonly string _branch;
    private readonly GitStage _stage;
    private readonly Dictionary<string, GitEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GitEntry> _put = new(StringComparer.Ordinal);
    private string? _start;
    private bool _isMissing;

    /// <exception cref="HubException">WISE5004: git hosts cannot do what the request asks for.</exception>
    public GitPush(GitRemote place, GitTool git, IHubContext context, PushRequest request)
    {
        (_place, _git, _context, _request) = (place, git, context, request);
        string revision = request.Revision.StartsWith("refs/heads/", StringComparison.Ordinal)
            ? request.Revision["refs/heads/".Length..] : request.Revision;
        if (CommitId.IsCommit(revision) || revision.StartsWith("refs/", StringComparison.Ordinal) || revision == "HEAD")
            throw new HubException(WiseCodes.InvalidPush, $"{request.RepoId}: '{request.Revision}' is no branch, "
                + $"and only a branch of '{place.Hub.Name}' can be pushed to. Name one with Revision (WisePushRevision).");
        if (request.CreatePullRequest)
        {
            throw new HubException(WiseCodes.InvalidPush,
                $"{request.RepoId}: '{place.Hub.Name}' is a git host, where a pull request is opened on its pages. "
                + "Push to a branch of its own (WisePushRevision), and open it from there.");
        }
        if (request.Files.FirstOrDefault(f => new FileInfo(f.SourcePath).LinkTarget is not null) is PushFile link)
        {
            throw new HubException(WiseCodes.InvalidPush, $"{link.SourcePath} is a symbolic link, "
                + "and a commit would have the link instead of what it leads to. Push the file itself, or leave it out.");
        }
        _branch = "refs/heads/" + revision;
        _stage = new GitStage(git, place.Url, place.Credential, place.Hub.StallTimeout ?? new HttpSettings().StallTimeout);
    }

    private string Name => _place.Hub.Name;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        await _git.CheckAsync(cancel, $"a push to '{Name}'", "").ConfigureAwait(false);
        try
        {
            if (await _stage.FetchAsync(_branch, cancel).ConfigureAwait(false) is string tip)
                return new PushBase(_start = tip, await ListAsync(cancel).ConfigureAwait(false));
            // A branch that is not there begins where the host's own one is, as on the host's pages.
            _start = await _stage.FetchAsync("HEAD", cancel).ConfigureAwait(false);
            return _start is null ? PushBase.Empty : new PushBase(null, await ListAsync(cancel).ConfigureAwait(false));
        }
        catch (GitFailure e)
        {
            HubException failure = _place.ReadGitError(e);
            if (failure.Code != WiseCodes.RepoNotFound)
                throw failure;
            _isMissing = true;
            return _request.CreateRepo ? PushBase.Empty : throw new HubException(WiseCodes.PushRepoMissing,
                $"{failure.Message} To make it with the push, set CreateRepo (WisePushCreateRepo).", e);
        }
    }

    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        if (_isMissing)
            await _place.CreateAsync(cancel).ConfigureAwait(false);
        else if (seen.Commit is null && _start is not null)
            _context.Log.Info($"{_request.RepoId}: '{_branch}' is new on '{Name}', and begins at {_start}, "
                + "where its own branch is.");
        return seen;
    }

    public bool IsReserved(string path) => AreAttributes(path)
        || (_entries.TryGetValue(path, out GitEntry? entry) && entry.Mode == GitEntry.Submodule)
        || (path == ".gitmodules" && _entries.Values.Any(e => e.Mode == GitEntry.Submodule));

    public async Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        foreach (LocalFile file in files)
            GitLfsRules.RequireContent(file);
        try
        {
            Dictionary<string, string> attributes = await AttributesAsync(files, cancel).ConfigureAwait(false);
            var rules = new GitLfsRules(attributes);
            ILookup<bool, (LocalFile File, bool NeedsRule)> kinds = files.Select(f => (File: f, Judged: rules.Decide(f)))
                .ToLookup(f => f.Judged.IsLfs, f => (f.File, f.Judged.NeedsRule));
            List<LocalFile> large = [.. kinds[true].Select(f => f.File)];
            if (large.Count > 0)
            {
                var lfs = new LfsUpload($"{_request.RepoId} on '{Name}'", _context.Http(Name), _context.Time, _context.Log,
                    _place.Lfs, _branch, _place.ReadResponseError);
                await UploadAsync(lfs, large, progress, cancel).ConfigureAwait(false);
            }
            List<string> named = [.. kinds[true].Where(f => f.NeedsRule).Select(f => f.File.PathInRepo)];
            // Attributes of the set that replace those of the branch know nothing of what an earlier push gave to LFS.
            if (files.Any(f => AreAttributes(f.PathInRepo)))
                named = [.. named.Concat(StayingInLfs(parent, files).Where(rules.Forgets)).Order(Utf8Ordinal.Instance)];
            await AddAsync(large, [.. kinds[false].Select(f => f.File)], named.Count == 0 ? null : GitLfsRules.Extend(
                attributes.GetValueOrDefault(GitAttributes.FileName), named), progress, cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw _place.ReadGitError(e);
        }
    }

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        try
        {
            (string tree, bool isSame) = await _stage.WriteTreeAsync(_start, _put.Values,
                changes.Deleted.Select(f => f.Path), cancel).ConfigureAwait(false);
            if (isSame && parent.Commit is string same)
                return new PushedCommit(same);
            string commit = isSame ? _start!
                : await _stage.CommitAsync(tree, _start, _request.Message, _context.Time.GetUtcNow(),
                    await IdentitiesAsync(cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
            await PushAsync(parent, commit, cancel).ConfigureAwait(false);
            return new PushedCommit(commit) { Url = _place.PageOf(commit) };
        }
        catch (GitFailure e)
        {
            throw _place.ReadGitError(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _stage.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
    {
        foreach (GitEntry entry in await _stage.ListAsync(cancel).ConfigureAwait(false))
            _entries[entry.Path] = entry;
        static bool IsFile(GitEntry entry) => entry.Mode is not (GitEntry.Link or GitEntry.Submodule);
        Dictionary<string, long> sizes = await _stage.SizesAsync(_entries.Values.Where(IsFile)
            .Select(e => e.Oid), cancel).ConfigureAwait(false);
        Dictionary<string, byte[]> small =
            await _stage.ReadAsync(sizes.Where(s => s.Value is >= 100 and < LfsPointer.MaxBytes), cancel).ConfigureAwait(false);
        return [.. _entries.Values.Select(e =>
            // Neither a link nor a submodule is what any file of a push is.
            !IsFile(e) ? new TreeEntry(e.Path, null, null, null)
            : small.TryGetValue(e.Oid, out byte[]? content) && LfsPointer.Parse(content) is LfsPointer pointer
                ? new TreeEntry(e.Path, pointer.Size, null, pointer.Sha256)
            : new TreeEntry(e.Path, sizes.TryGetValue(e.Oid, out long size) ? size : null,
                CommitId.IsGitId(e.Oid) ? e.Oid : null, null))];
    }

    private static bool AreAttributes(string path) =>
        path == GitAttributes.FileName || path.EndsWith("/" + GitAttributes.FileName, StringComparison.Ordinal);

    private IEnumerable<string> StayingInLfs(PushBase parent, IReadOnlyList<LocalFile> sent)
    {
        HashSet<string> replaced = [.. sent.Select(f => f.PathInRepo)], named = [.. _request.Files.Select(f => f.PathInRepo)];
        return parent.Files.Where(f => f.Sha256 is not null && !replaced.Contains(f.Path)
            && (!_request.Prune || named.Contains(f.Path))).Select(f => f.Path);
    }

    private async Task UploadAsync(LfsUpload lfs, List<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        try
        {
            await lfs.UploadAsync(files, progress, _request.Workers, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.Forbidden)
        {
            throw new HubException(WiseCodes.MayNotWrite, $"{e.Message} {_place.Remedy}", e);
        }
        catch (HubException e) when (e.Code == WiseCodes.LfsUnusable)
        {
            throw new HubException(e.Code,
                $"{e.Message} To keep a file in git itself, give it '-filter' in {GitAttributes.FileName}.", e);
        }
    }

    /// <summary>The attributes that the commit will have, as far as they are about the files of the push.</summary>
    private async Task<Dictionary<string, string>> AttributesAsync(IReadOnlyList<LocalFile> files, CancellationToken cancel)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        bool replaces = files.Any(f => AreAttributes(f.PathInRepo));
        foreach (LocalFile file in files.Where(f => AreAttributes(f.PathInRepo) && f.Size <= GitAttributes.MaxBytes))
            texts[file.PathInRepo] = ContendedFiles.OfSystem.ReadText(file.SourcePath);
        List<GitEntry> theirs = [.. _entries.Values.Where(e => AreAttributes(e.Path) && !texts.ContainsKey(e.Path) && (replaces
            || files.Any(f => f.PathInRepo.StartsWith(e.Path[..^GitAttributes.FileName.Length], StringComparison.Ordinal))))];
        if (theirs.Count == 0)
            return texts;
        Dictionary<string, long> sizes = await _stage.SizesAsync(theirs.Select(e => e.Oid), cancel).ConfigureAwait(false);
        string[] missing = [.. theirs.Select(e => e.Oid).Where(o => !sizes.ContainsKey(o)).Distinct()];
        if (missing.Length > 0)
        {
            await _stage.FetchContentsAsync(missing, cancel).ConfigureAwait(false);
            sizes = await _stage.SizesAsync(theirs.Select(e => e.Oid), cancel).ConfigureAwait(false);
        }
        Dictionary<string, byte[]> contents =
            await _stage.ReadAsync(sizes.Where(s => s.Value <= GitAttributes.MaxBytes), cancel).ConfigureAwait(false);
        foreach (GitEntry entry in theirs)
        {
            if (contents.TryGetValue(entry.Oid, out byte[]? content))
                texts[entry.Path] = Encoding.UTF8.GetString(content);
        }
        return texts;
    }

    private async Task AddAsync(
        List<LocalFile> large, List<LocalFile> plain, string? attributes, PushProgress progress, CancellationToken cancel)
    {
        List<(string Path, string Source, LocalFile? File, bool IsContent)> wanted =
            [.. plain.Select(f => (f.PathInRepo, Path.GetFullPath(f.SourcePath), (LocalFile?)f, true))];
        foreach (LocalFile file in large)
            wanted.Add((file.PathInRepo,
                await _stage.WriteAsync(new LfsPointer(file.Sha256, file.Size).Text, cancel).ConfigureAwait(false), file, false));
        if (attributes is not null)
        {
            wanted.RemoveAll(w => w.Path == GitAttributes.FileName);
            wanted.Add((GitAttributes.FileName, await _stage.WriteAsync(attributes, cancel).ConfigureAwait(false), null, false));
        }
        IReadOnlyList<string> oids = await _stage.AddAsync([.. wanted.Select(w => w.Source)], cancel).ConfigureAwait(false);
        for (int i = 0; i < oids.Count; i++)
        {
            (string path, _, LocalFile? file, bool isContent) = wanted[i];
            if (isContent && CommitId.IsGitId(oids[i]) && oids[i] != file!.GitOid(cancel))
                throw LocalFile.Changed(file.SourcePath);
            _put[path] = new GitEntry(ModeOf(path, file), oids[i], path);
        }
        foreach (LocalFile file in plain)
        {
            progress.Sent(file.Size);
            progress.Done(file);
        }
    }

    // What a file of the branch is, it stays; a new one is what it is here, where the system knows.
    private string ModeOf(string path, LocalFile? file) =>
        _entries.TryGetValue(path, out GitEntry? before) && before.Mode is GitEntry.File or GitEntry.Executable ? before.Mode
            : file is not null && !OperatingSystem.IsWindows()
                && File.GetUnixFileMode(file.SourcePath).HasFlag(UnixFileMode.UserExecute) ? GitEntry.Executable
            : GitEntry.File;

    // As git does, and where git would refuse, a name that is nobody's.
    private async Task<IReadOnlyList<GitIdentity>> IdentitiesAsync(CancellationToken cancel)
    {
        Dictionary<string, string> settings = await _stage.SettingsAsync(cancel).ConfigureAwait(false);
        string? Of(string variables, string key) => ((string?[])[_context.ProcessEnvironment($"GIT_{variables}_{key}"),
            settings.GetValueOrDefault($"{variables}.{key}"), settings.GetValueOrDefault($"user.{key}")])
            .FirstOrDefault(v => !string.IsNullOrWhiteSpace(v));
        if (Of("AUTHOR", "EMAIL") is null)
            _context.Log.Info($"{_request.RepoId}: git has no user.email, so that the author of the commit "
                + $"is {NoName} <{NoEmail}>.");
        return [.. ((string[])["AUTHOR", "COMMITTER"]).Select(v => Of(v, "EMAIL") is string email
            ? new GitIdentity(v, Of(v, "NAME") ?? email.Split('@')[0], email) : new GitIdentity(v, NoName, NoEmail))];
    }

    private async Task PushAsync(PushBase parent, string commit, CancellationToken cancel)
    {
        try
        {
            await _stage.PushAsync(commit, _branch, parent.Commit, PatienceOfPush, cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            string? theirs;
            try
            {
                theirs = await _stage.TipAsync(_branch, cancel).ConfigureAwait(false);
            }
            catch (GitFailure)
            {
                // The first failure says what is wrong.
                throw Explain(e);
            }
            // The host did it, and its response was lost.
            if (theirs == commit)
                return;
            if (theirs != parent.Commit)
            {
                throw new HubException(WiseCodes.LostRace, $"{_request.RepoId}: somebody "
                    + $"{(theirs is not null ? $"pushed {theirs} to" : "deleted")} '{_request.Revision}' on '{Name}' while this "
                    + $"push, which began at {parent.Commit ?? "no commit"}, made {commit}. Look at theirs and push again.", e);
            }
            throw Explain(e);
        }
    }

    // What a host's hooks say comes as lines that begin with "remote:"; why it refused, in the line of the branch.
    private HubException Explain(GitFailure failure)
    {
        string said = string.Join(' ', failure.Lines.Where(l => l.StartsWith("remote:", StringComparison.Ordinal))
            .Select(l => l["remote:".Length..].Trim()).Where(l => l.Length > 0));
        string? refused = failure.Lines.FirstOrDefault(l => l.StartsWith("! [remote rejected]", StringComparison.Ordinal));
        string words = $"{said}{(refused is null ? "" : $" ({refused[(refused.LastIndexOf('(') + 1)..].TrimEnd(')')})")}".Trim();
        words = words.Length > LongestShown ? words[..LongestShown] + "…" : words.TrimEnd('.');
        string where = $"{_request.RepoId} on '{Name}' ({_place.Url})";
        if (refused is not null)
        {
            return new HubException(WiseCodes.GitPushRefused, $"{where}: the host refused the push to '{_request.Revision}': "
                + $"{words}. Push to a branch that is not protected (WisePushRevision), or ask the owner of the "
                + "repo what its rules want.", failure);
        }
        HubException other = _place.ReadGitError(failure);
        return other.Code is WiseCodes.Forbidden || MayNotWrite(failure)
            ? new HubException(WiseCodes.MayNotWrite, $"{where}: you may read the repo but not write to "
                + $"it{(words.Length > 0 ? $": {words}" : "")}. {_place.Remedy}", failure)
            : other;
    }

    // The words of GitHub, GitLab, Gitea and Bitbucket over ssh, where there is no status.
    private static bool MayNotWrite(GitFailure failure) => ((string[])["denied to", "not allowed to push", "marked as read only",
        "does not have write", "Write access", "not permitted to push", "no write permission"])
        .Any(w => failure.Lines.Any(l => l.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
