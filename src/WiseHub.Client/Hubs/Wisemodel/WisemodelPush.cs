using System.Collections.Concurrent;
using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Publishes by Wisemodel's gateway (docs/protocols/wisemodel.md#uploads): each file in pieces, put together on the server, and
/// then queued for a commit, one for each folder. The gateway knows no parent and no result of what it queued, so GitLab is asked
/// before and afterwards.
/// </summary>
internal sealed class WisemodelPush(HubDefinition definition, GitLabApi gitlab, GatewaySession session, PushRequest request,
    IHubLog log, TimeProvider time) : IPushTarget
{
    // The chunk size of the hub's own client.
    private const long UsualChunk = 5 << 20;

    // No honest upload has more: it would be one of 6 GB in pieces of 64 KiB.
    private const int MostPieces = 100_000;

    // What is remembered is written as often, and whenever pieces of a file are on their way.
    private static readonly TimeSpan MemoryInterval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1), LongestWait = TimeSpan.FromSeconds(10);

    private readonly RepoReference _reference =
        new() { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
    private readonly SemaphoreSlim _requests = new(request.Workers, request.Workers);
    private readonly ConcurrentDictionary<string, string> _staged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _stagedBefore = new(StringComparer.Ordinal);
    private readonly Lock _memoryGate = new();

    private long _remembered = time.GetTimestamp();
    private PushProgress? _progress;

    private GatewayUpload Upload => new(definition, session, _reference);

    private string Page => session.ProjectPath(_reference);

    private string Name => definition.Name;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        PushBase seen;
        try
        {
            seen = await ReadAsync(cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RepoNotFound)
        {
            throw new HubException(request.CreateRepo ? WiseCodes.MadeOnPageOnly : WiseCodes.PushRepoMissing,
                $"{_reference}: '{Name}' has no such repo. {gitlab.IfPrivate()} A new one is made on "
                + $"{Page[..Page.IndexOf('/', 8)]}: no API is known that does it.", e);
        }
        HashSet<string> named = [.. request.Files.Select(f => f.PathInRepo)];
        if (request.Prune
            && seen.Files.Where(f => !named.Contains(f.Path) && !IsReserved(f.Path)).ToList() is [TreeEntry first, ..] gone)
        {
            throw new HubException(WiseCodes.NoDeletions, $"{_reference}: this push would delete {Count(gone.Count)} of '{Name}' "
                + $"('{PathRules.Printable(first.Path)}'{(gone.Count > 1 ? ", …" : "")}), and its gateway cannot. "
                + $"Delete on {Page}, push by git (--use-git), or leave Prune (WisePushPrune) out.");
        }
        return seen;
    }

    // Before anything is sent: the session.
    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        await session.RequireAsync(_reference, cancel).ConfigureAwait(false);
        return seen;
    }

    public bool IsReserved(string path) => path == GitAttributes.FileName;

    public Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        _progress = progress;
        Dictionary<string, TreeEntry> there = parent.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        // The server knows contents by their MD5: of two paths with one content, one at a time.
        return Parallel.ForEachAsync(files.GroupBy(f => f.Sha256), Limits(cancel), async (same, token) =>
        {
            foreach (LocalFile file in same)
            {
                // Asked for by force. The hub states what it has; there is nothing to mend, and what would be sent would
                // never be committed.
                if (IsSame(file, there.GetValueOrDefault(file.PathInRepo), cancel))
                    progress.Done(file, file.Size);
                else
                    await SendAsync(file, progress, token).ConfigureAwait(false);
            }
        });
    }

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        string? before = await gitlab.BranchAsync(_reference, request.Revision, cancel).ConfigureAwait(false);
        if (before != parent.Commit)
            throw LostRace(parent.Commit, before, "Nothing was committed. Look at theirs and push again.");
        await QueueAsync(changes, cancel).ConfigureAwait(false);
        string commit = await WaitAsync(parent, changes, cancel).ConfigureAwait(false);
        return new PushedCommit(commit) { Url = new Uri(Page) };
    }

    public ValueTask DisposeAsync()
    {
        _requests.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<PushBase> ReadAsync(CancellationToken cancel)
    {
        if (await gitlab.BranchAsync(_reference, request.Revision, cancel).ConfigureAwait(false) is string commit)
            return new PushBase(commit, await TreeAsync(commit, cancel).ConfigureAwait(false));
        if ((await gitlab.ProjectAsync(_reference, cancel).ConfigureAwait(false)).DefaultBranch is not string branch)
            return PushBase.Empty;
        throw new HubException(WiseCodes.MadeOnPageOnly, $"{_reference}: '{Name}' has no branch '{request.Revision}' of it; "
            + $"its default branch is '{branch}'. Make the branch on {Page} (no API is known that does it), "
            + "push by git (--use-git), or name another with Revision (WisePushRevision).");
    }

    private Task<IReadOnlyList<TreeEntry>> TreeAsync(string commit, CancellationToken cancel) =>
        gitlab.TreeAsync(_reference, commit, _ => { }, cancel);

    private async Task SendAsync(LocalFile file, PushProgress progress, CancellationToken cancel)
    {
        // It was put together by an earlier push that came no further.
        if (!request.Force && file.Noted(PushMemory.Staged) is string noted
            && noted.StartsWith(Page + " ", StringComparison.Ordinal))
        {
            _staged[file.PathInRepo] = noted[(Page.Length + 1)..];
            _stagedBefore[file.PathInRepo] = true;
            progress.Done(file, file.Size);
            return;
        }
        string name = GatewayUpload.NameOf(file);
        string md5 = file.Fact(PushMemory.Md5, () => Md5Of(file.SourcePath, cancel));
        string path;
        if (file.Size == 0)
        {
            path = await MergeEmptyAsync(file, name, md5, cancel).ConfigureAwait(false);
            progress.Done(file);
        }
        else
        {
            path = await SendPiecesAsync(file, name, md5, progress, cancel).ConfigureAwait(false);
        }
        _staged[file.PathInRepo] = path;
        file.Note(PushMemory.Staged, $"{Page} {path}");
        Remember(now: file.Size > UsualChunk);
    }

    private async Task<string> MergeEmptyAsync(LocalFile file, string name, string md5, CancellationToken cancel)
    {
        try
        {
            return await Upload.MergeAsync(name, md5, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.GatewayRefused)
        {
            throw new HubException(WiseCodes.EmptyFileRefused, $"{e.Message} '{file.PathInRepo}' is empty, "
                + "and the gateway takes empty files in no other way. Leave it out, or push by git (--use-git).", e);
        }
    }

    private async Task<string> SendPiecesAsync(
        LocalFile file, string name, string md5, PushProgress progress, CancellationToken cancel)
    {
        (UploadLayout layout, bool isKnown) = LayoutOf(file);
        long missing = file.Size;
        for (bool isSecond = false; ; isSecond = true)
        {
            (layout, long sent) = await FillAsync(file, name, md5, layout, isKnown, progress, cancel).ConfigureAwait(false);
            missing = Math.Max(0, missing - sent);
            try
            {
                string path = await Upload.MergeAsync(name, md5, cancel).ConfigureAwait(false);
                progress.Done(file, missing);
                return path;
            }
            // Where no response came it may have been done, and the pieces used up; what was refused may have pieces
            // of another content.
            catch (HubException e) when (!isSecond && e.Code is WiseCodes.GatewayRefused or WiseCodes.HubUnreachable)
            {
                log.Detail($"{e.Message} '{PathRules.Printable(file.PathInRepo)}' is tried again.");
                isKnown = e.Code == WiseCodes.HubUnreachable;
            }
            catch (HubException e) when (e.Code == WiseCodes.GatewayRefused)
            {
                file.Forget(PushMemory.ChunkSize);
                throw new HubException(WiseCodes.MergeRefused,
                    $"{e.Message} All pieces of '{PathRules.Printable(file.PathInRepo)}' were sent twice. "
                    + "Push by git (--use-git), or tell the operator of the hub.", e);
            }
        }
    }

    /// <summary>Sends pieces until the server has exactly those of the layout.</summary>
    /// <returns>The layout that they have in the end, and the bytes that were sent.</returns>
    private async Task<(UploadLayout Layout, long Sent)> FillAsync(LocalFile file, string name, string md5, UploadLayout layout,
        bool isKnown, PushProgress progress, CancellationToken cancel)
    {
        long sent = 0;
        // A single piece is sent sooner than asked for; what else is there shows afterwards.
        HashSet<int> stored = isKnown || layout.Count > 1 ? await Upload.CheckAsync(name, md5, cancel).ConfigureAwait(false) : [];
        for (int round = 0; round < 2; round++)
        {
            if (stored.Count > 0 && stored.Max() is int last && last >= layout.Count)
            {
                if (last >= Math.Min(file.Size, MostPieces))
                    break;
                // Somebody's smaller pieces, which the server would put behind ours.
                (layout, isKnown) = (UploadLayout.InPieces(file.Size, last + 1), false);
            }
            int[] missing = [.. Enumerable.Range(0, layout.Count).Where(i => !isKnown || !stored.Contains(i))];
            file.Note(PushMemory.ChunkSize, $"{layout} {Page}");
            if (missing.Length > 0)
            {
                // Before the first piece: who goes on with this must know how it was cut.
                if (layout.Count > 1)
                    Remember(now: true);
                await Parallel.ForEachAsync(missing, Limits(cancel), async (piece, token) => await SendPieceAsync(file, md5,
                    piece, layout, progress, token).ConfigureAwait(false)).ConfigureAwait(false);
                sent += missing.Sum(i => layout[i].Length);
                // A piece that was cut from another content must not be put together under this one's name.
                file.RequireUnchanged();
                stored = await Upload.CheckAsync(name, md5, cancel).ConfigureAwait(false);
            }
            if (stored.Count == layout.Count && stored.Max() == layout.Count - 1)
                return (layout, sent);
            isKnown = true;
        }
        throw new HubException(WiseCodes.PiecesLost, $"{_reference}: '{Name}' says that it has {stored.Count} pieces of "
            + $"'{PathRules.Printable(file.PathInRepo)}'{(stored.Count > 0 ? $", the last of them number {stored.Max()}" : "")}, "
            + $"where this push made {layout.Count}. If somebody else pushes the same content now, wait for that; "
            + "otherwise push by git (--use-git).");
    }

    private async Task SendPieceAsync(
        LocalFile file, string md5, int piece, UploadLayout layout, PushProgress progress, CancellationToken cancel)
    {
        (long start, long length) = layout[piece];
        await _requests.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await Upload.SendAsync(file, md5, piece, start, length, progress.Sent, cancel).ConfigureAwait(false);
        }
        finally
        {
            _requests.Release();
        }
    }

    // What was begun with another size, or at a time that nobody remembers, cannot be gone on with.
    private (UploadLayout Layout, bool IsKnown) LayoutOf(LocalFile file)
    {
        long? wanted = request.ChunkSize ?? definition.Wisemodel().UploadChunkSize;
        UploadLayout? begun = request.Force || file.Noted(PushMemory.ChunkSize)?.Split(' ') is not [string text, string page]
            || page != Page ? null : UploadLayout.Parse(text, file.Size);
        if (begun is not null
            && (wanted is null || begun.ToString() == UploadLayout.InChunks(file.Size, wanted.Value).ToString()))
            return (begun, true);
        return (UploadLayout.InChunks(file.Size, wanted ?? UsualChunk), false);
    }

    private void Remember(bool now)
    {
        lock (_memoryGate)
        {
            if (!now && time.GetElapsedTime(_remembered) < MemoryInterval)
                return;
            _progress!.Remember();
            _remembered = time.GetTimestamp();
        }
    }

    // The root is last: it is where a model's card and configuration are.
    private async Task QueueAsync(PushChanges changes, CancellationToken cancel)
    {
        var folders = changes.Sent.GroupBy(FolderOf).OrderByDescending(f => f.Key, Utf8Ordinal.Instance).ToList();
        if (folders.Count > 1)
            log.Info($"{request.RepoId}: '{Name}' makes one commit for each of the {folders.Count} folders.");
        for (int i = 0; i < folders.Count; i++)
        {
            try
            {
                await QueueAsync(folders[i].Key, [.. folders[i]], cancel).ConfigureAwait(false);
            }
            catch (HubException e) when (i > 0)
            {
                throw new HubException(e.Code, $"{e.Message} Before that, "
                    + $"{string.Join(", ", folders[..i].Select(f => $"'{f.Key}'"))} had been queued, "
                    + "and will be committed. Push again.", e);
            }
        }
    }

    private async Task QueueAsync(string folder, List<LocalFile> files, CancellationToken cancel)
    {
        List<LocalFile> old = [.. files.Where(f => _stagedBefore.ContainsKey(f.PathInRepo))];
        // From here on the server uses it up.
        foreach (LocalFile file in files)
            file.Forget(PushMemory.Staged);
        Remember(now: true);
        try
        {
            await AddAsync(folder, files, cancel).ConfigureAwait(false);
        }
        // The server may have cleared away what an earlier push left there.
        catch (HubException e) when (old.Count > 0 && e.Code is WiseCodes.GatewayRefused or WiseCodes.RepoNotFound)
        {
            log.Detail($"{e.Message} What an earlier push had sent is sent again.");
            await Parallel.ForEachAsync(old, Limits(cancel),
                async (file, token) => await SendAsync(file, _progress!, token).ConfigureAwait(false)).ConfigureAwait(false);
            foreach (LocalFile file in old)
                file.Forget(PushMemory.Staged);
            await AddAsync(folder, files, cancel).ConfigureAwait(false);
        }
    }

    private Task AddAsync(string folder, List<LocalFile> files, CancellationToken cancel) =>
        Upload.AddFilesAsync(request.Revision, folder, files.Select(f => _staged[f.PathInRepo]), request.Message, cancel);

    private async Task<string> WaitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        Dictionary<string, TreeEntry> before = parent.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        List<LocalFile> waiting = [.. changes.Sent];
        string? head = parent.Commit;
        long moved = time.GetTimestamp();
        log.Info($"{request.RepoId}: '{Name}' has queued {Count(waiting.Count)}; waiting for the commit …");
        for (TimeSpan wait = FirstWait; ; wait = wait * 1.5 < LongestWait ? wait * 1.5 : LongestWait)
        {
            await Task.Delay(wait, time, cancel).ConfigureAwait(false);
            if (await gitlab.BranchAsync(_reference, request.Revision, cancel).ConfigureAwait(false) is string now && now != head)
            {
                (head, moved, wait) = (now, time.GetTimestamp(), FirstWait);
                Dictionary<string, TreeEntry> there = (await TreeAsync(now, cancel).ConfigureAwait(false))
                    .ToDictionary(f => f.Path, StringComparer.Ordinal);
                var still = new List<LocalFile>();
                foreach (LocalFile file in waiting)
                {
                    if (!await HasArrivedAsync(file, before.GetValueOrDefault(file.PathInRepo),
                        there.GetValueOrDefault(file.PathInRepo), now, cancel).ConfigureAwait(false))
                        still.Add(file);
                }
                waiting = still;
                if (waiting.Count == 0)
                    return RequireAlone(parent, changes, there, now);
            }
            if (time.GetElapsedTime(moved) >= definition.Wisemodel().CommitTimeout)
            {
                throw new HubException(WiseCodes.QueuedNotVisible,
                    $"{_reference}: '{Name}' has queued {Count(changes.Sent.Count)} and for "
                    + $"{definition.Wisemodel().CommitTimeout.TotalSeconds} s (\"commitTimeout\") made no commit with "
                    + $"{string.Join(", ", waiting.Take(5).Select(f => $"'{PathRules.Printable(f.PathInRepo)}'"))}"
                    + $"{(waiting.Count > 5 ? $" and {waiting.Count - 5} more" : "")}; '{request.Revision}' is at "
                    + $"{head ?? "no commit"}. It gives no reason. Look at {Page}; if they do not come, "
                    + "push again or by git (--use-git).");
            }
        }
    }

    private static bool IsSame(LocalFile file, TreeEntry? there, CancellationToken cancel) =>
        there?.Oid is string oid && (oid == file.PointerOid || oid == file.GitOid(cancel));

    private async Task<bool> HasArrivedAsync(
        LocalFile file, TreeEntry? before, TreeEntry? now, string commit, CancellationToken cancel)
    {
        if (now?.Oid is not string oid || oid == before?.Oid)
            return false;
        if (IsSame(file, now, cancel))
            return true;
        // A pointer may have more lines than ours.
        LfsPointer? pointer =
            LfsPointer.Parse(await gitlab.BlobAsync(_reference, oid, LfsPointer.MaxBytes, cancel).ConfigureAwait(false));
        if (pointer?.Sha256 == file.Sha256)
            return true;
        throw new HubException(WiseCodes.CommittedWrong, $"{_reference}: '{PathRules.Printable(file.PathInRepo)}' is on '{Name}' "
            + $"at {commit}, but not as it was sent (sha256 {file.Sha256}, git id {file.GitOid(cancel)}): "
            + $"it is there with {(pointer is null ? "" : $"sha256 {pointer.Sha256} and ")}git id {oid}. "
            + $"Either the hub stored it wrong, or somebody else pushed. Look at {Page}, and push again with Force (--force).");
    }

    // The gateway takes no parent: whether somebody pushed in between shows in what this push did not send.
    private string RequireAlone(PushBase parent, PushChanges changes, Dictionary<string, TreeEntry> there, string commit)
    {
        Dictionary<string, string?> expected = changes.Kept.ToDictionary(f => f.Path, f => f.Oid, StringComparer.Ordinal);
        HashSet<string> sent = [.. changes.Sent.Select(f => f.PathInRepo)];
        string? other = expected.Keys.FirstOrDefault(p => !IsReserved(p) && there.GetValueOrDefault(p)?.Oid != expected[p])
            ?? there.Keys.FirstOrDefault(p => !IsReserved(p) && !sent.Contains(p) && !expected.ContainsKey(p));
        return other is null ? commit
            : throw LostRace(parent.Commit, commit, $"'{PathRules.Printable(other)}' is other than it was, and not by this push, "
                + $"whose files are all there. Look at {Page}.");
    }

    private HubException LostRace(string? began, string? now, string then) => new(WiseCodes.LostRace,
        $"{request.RepoId}: somebody {(now is null ? "deleted" : $"pushed {now} to")} '{request.Revision}' on '{Name}' during "
        + $"this push, which began at {began ?? "no commit"}. {then}");

    private static string Count(int files) => files == 1 ? "1 file" : $"{files} files";

    private static string FolderOf(LocalFile file) =>
        file.PathInRepo.LastIndexOf('/') is >= 0 and int slash ? file.PathInRepo[..slash] : "";

    private ParallelOptions Limits(CancellationToken cancel) =>
        new() { MaxDegreeOfParallelism = request.Workers, CancellationToken = cancel };

    // CA5351: the protocol names contents by their MD5.
#pragma warning disable CA5351
    private static string Md5Of(string path, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        FileBytes.ReadAll(path, bytes => hash.AppendData(bytes.Span), cancel);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
