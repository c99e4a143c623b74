using System.Text;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;

namespace WiseHub.Client.Hubs.Git;

/// <summary>The repo of a git host, for a push.</summary>
/// <param name="Hub">The hub.</param>
/// <param name="Url">The URL for git; without secrets.</param>
/// <param name="Credential">The credential for git; null for none, and over ssh, which uses a key.</param>
internal sealed record GitRemote(HubDefinition Hub, string Url, Credential? Credential)
{
    /// <summary>Finds the LFS server for uploads.</summary>
    public required Func<CancellationToken, Task<LfsServer>> Lfs { get; init; }

    /// <summary>Turns a failure of git into an error with a code.</summary>
    public required Func<GitFailure, HubException> ReadGitError { get; init; }

    /// <summary>Turns an error response of the LFS server into an error with a code.</summary>
    public required Func<HubResponse, CancellationToken, Task<HubException>> ReadResponseError { get; init; }

    /// <summary>Creates the repo.</summary>
    public required Func<CancellationToken, Task> CreateAsync { get; init; }

    /// <summary>The page of a commit.</summary>
    public required Func<string, Uri?> PageOf { get; init; }

    /// <summary>The advice for a token without write access.</summary>
    public required string Remedy { get; init; }
}

/// <summary>
/// Pushes to a git repository with the local git. The commit is made in a temporary repository that has the file list of the
/// branch, but not its contents; LFS files go to the LFS server; one push, by compare-and-swap, makes the commit visible.
/// </summary>
internal sealed class GitPush : IPushTarget
{
    // The host's hooks may take long to check a push; a host that has died does not close the connection.
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

    /// <exception cref="HubException">WISE5004: git hosts do not support the request.</exception>
    public GitPush(GitRemote place, GitTool git, IHubContext context, PushRequest request)
    {
        (_place, _git, _context, _request) = (place, git, context, request);
        string revision = request.Revision.StartsWith("refs/heads/", StringComparison.Ordinal)
            ? request.Revision["refs/heads/".Length..] : request.Revision;
        if (CommitId.IsCommit(revision) || revision.StartsWith("refs/", StringComparison.Ordinal) || revision == "HEAD")
            throw GitMessages.NotABranch(request.RepoId, request.Revision, place.Hub.Name);
        if (request.CreatePullRequest)
            throw GitMessages.NoPullRequests(request.RepoId, place.Hub.Name);
        if (request.Files.FirstOrDefault(f => new FileInfo(f.SourcePath).LinkTarget is not null) is PushFile link)
            throw GitMessages.LinkNotPushed(link.SourcePath);
        _branch = "refs/heads/" + revision;
        _stage = new GitStage(git, place.Url, place.Credential, place.Hub.StallTimeout ?? new HttpSettings().StallTimeout);
    }

    private string Name => _place.Hub.Name;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        await _git.CheckAsync(cancel, (Text)$"a push to '{Name}'", "").ConfigureAwait(false);
        try
        {
            if (await _stage.FetchAsync(_branch, cancel).ConfigureAwait(false) is string tip)
                return new PushBase(_start = tip, await ListAsync(cancel).ConfigureAwait(false));
            // A new branch begins at the commit of the default branch, as on the host's pages.
            _start = await _stage.FetchAsync("HEAD", cancel).ConfigureAwait(false);
            return _start is null ? PushBase.Empty : new PushBase(null, await ListAsync(cancel).ConfigureAwait(false));
        }
        catch (GitFailure e)
        {
            HubException failure = _place.ReadGitError(e);
            if (failure.Code != WiseCodes.RepoNotFound)
                throw failure;
            _isMissing = true;
            return _request.CreateRepo ? PushBase.Empty : throw GitMessages.RepoToPushToMissing(failure, e);
        }
    }

    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        if (_isMissing)
            await _place.CreateAsync(cancel).ConfigureAwait(false);
        else if (seen.Commit is null && _start is not null)
            _context.Log.Info(GitMessages.BranchIsNew(_request.RepoId, _branch, Name, _start));
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
            // New attributes in the push may lack the rules of files that an earlier push put into LFS.
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
            // A link or a submodule never equals a file of the push.
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
            throw GitMessages.LfsWriteRefused(e, _place.Remedy);
        }
        catch (HubException e) when (e.Code == WiseCodes.LfsUnusable)
        {
            throw GitMessages.LfsUnusableForPush(e);
        }
    }

    /// <summary>The attributes of the new commit that concern the files of the push.</summary>
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

    // A file of the branch keeps its mode; a new one gets that of the local file, if the system has modes.
    private string ModeOf(string path, LocalFile? file) =>
        _entries.TryGetValue(path, out GitEntry? before) && before.Mode is GitEntry.File or GitEntry.Executable ? before.Mode
            : file is not null && !OperatingSystem.IsWindows()
                && File.GetUnixFileMode(file.SourcePath).HasFlag(UnixFileMode.UserExecute) ? GitEntry.Executable
            : GitEntry.File;

    // The identities that git would use; a placeholder if git would refuse.
    private async Task<IReadOnlyList<GitIdentity>> IdentitiesAsync(CancellationToken cancel)
    {
        Dictionary<string, string> settings = await _stage.SettingsAsync(cancel).ConfigureAwait(false);
        string? Of(string variables, string key) => ((string?[])[_context.ProcessEnvironment($"GIT_{variables}_{key}"),
            settings.GetValueOrDefault($"{variables}.{key}"), settings.GetValueOrDefault($"user.{key}")])
            .FirstOrDefault(v => !string.IsNullOrWhiteSpace(v));
        if (Of("AUTHOR", "EMAIL") is null)
            _context.Log.Info(GitMessages.AuthorIsPlaceholder(_request.RepoId, NoName, NoEmail));
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
                // The first failure is the one to report.
                throw Explain(e);
            }
            // The push succeeded, but its response was lost.
            if (theirs == commit)
                return;
            if (theirs != parent.Commit)
                throw GitMessages.LostRace(_request.RepoId, _request.Revision, Name, parent.Commit, theirs, commit, e);
            throw Explain(e);
        }
    }

    // Messages of the host's hooks are lines that begin with "remote:"; the line of the branch has the reason of a refusal.
    private HubException Explain(GitFailure failure)
    {
        string said = string.Join(' ', failure.Lines.Where(l => l.StartsWith("remote:", StringComparison.Ordinal))
            .Select(l => l["remote:".Length..].Trim()).Where(l => l.Length > 0));
        string? refused = failure.Lines.FirstOrDefault(l => l.StartsWith("! [remote rejected]", StringComparison.Ordinal));
        string words = $"{said}{(refused is null ? "" : $" ({refused[(refused.LastIndexOf('(') + 1)..].TrimEnd(')')})")}".Trim();
        words = words.Length > LongestShown ? words[..LongestShown] + "…" : words.TrimEnd('.');
        string what = GitMessages.RepoAt(_request.RepoId, Name, _place.Url);
        if (refused is not null)
            return GitMessages.PushRefused(what, _request.Revision, words, failure);
        HubException other = _place.ReadGitError(failure);
        return other.Code is WiseCodes.Forbidden || MayNotWrite(failure)
            ? GitMessages.NoWriteAccess(what, words, _place.Remedy, failure) : other;
    }

    // The messages of GitHub, GitLab, Gitea and Bitbucket over ssh, where there is no status.
    private static bool MayNotWrite(GitFailure failure) => ((string[])["denied to", "not allowed to push", "marked as read only",
        "does not have write", "Write access", "not permitted to push", "no write permission"])
        .Any(w => failure.Lines.Any(l => l.Contains(w, StringComparison.OrdinalIgnoreCase)));
}
