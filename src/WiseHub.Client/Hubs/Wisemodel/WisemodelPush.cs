using System.Collections.Concurrent;
using System.Security.Cryptography;
using WiseHub.Client.Contents;
using WiseHub.Client.Hubs.Git;
using WiseHub.Client.Store;

namespace WiseHub.Client.Hubs.Wisemodel;

/// <summary>
/// Pushes through Wisemodel's gateway (docs/protocols/wisemodel.md#uploads): each file is sent in chunks, merged on the server,
/// and queued for a commit, one for each folder. The gateway knows no parent commit and reports no result, so GitLab's API is
/// queried before and after.
/// </summary>
internal sealed class WisemodelPush(HubDefinition definition, GitLabApi gitlab, GatewaySession session, PushRequest request,
    IHubLog log, TimeProvider time) : IPushTarget
{
    // The chunk size of the hub's own client.
    private const long UsualChunk = 5 << 20;

    // 6 GB in chunks of 64 KiB; no real upload has more.
    private const int MostPieces = 100_000;

    // The push memory is written at this interval, and before a file of several chunks is sent.
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
            throw WisemodelMessages.RepoToPushToMissing(request.CreateRepo, _reference, Name, gitlab.IfPrivate(), Page, e);
        }
        HashSet<string> named = [.. request.Files.Select(f => f.PathInRepo)];
        if (request.Prune
            && seen.Files.Where(f => !named.Contains(f.Path) && !IsReserved(f.Path)).ToList() is [TreeEntry first, ..] gone)
            throw WisemodelMessages.NoDeletions(_reference, Name, gone.Count, first.Path, Page);
        return seen;
    }

    // The session is checked before any file is sent.
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
        // The server identifies files by their MD5, so two paths with the same content are sent one after the other.
        return Parallel.ForEachAsync(files.GroupBy(f => f.Sha256), Limits(cancel), async (same, token) =>
        {
            foreach (LocalFile file in same)
            {
                // Force sends unchanged files, too. Here that is useless: the hub lists the right content, and would not commit
                // it again.
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
            throw WisemodelMessages.LostRaceBefore(request.RepoId, request.Revision, Name, parent.Commit, before);
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
        throw WisemodelMessages.BranchMissing(_reference, Name, request.Revision, branch, Page);
    }

    private Task<IReadOnlyList<TreeEntry>> TreeAsync(string commit, CancellationToken cancel) =>
        gitlab.TreeAsync(_reference, commit, _ => { }, cancel);

    private async Task SendAsync(LocalFile file, PushProgress progress, CancellationToken cancel)
    {
        // An interrupted push has already uploaded and merged it.
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
            throw WisemodelMessages.EmptyFileRefused(file.PathInRepo, e);
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
            // After a lost response the merge may be done and the chunks consumed; after a refusal the server may have chunks of
            // another file.
            catch (HubException e) when (!isSecond && e.Code is WiseCodes.GatewayRefused or WiseCodes.HubUnreachable)
            {
                log.Detail((Text)$"{e.Message} Trying '{PathRules.Printable(file.PathInRepo)}' again.");
                isKnown = e.Code == WiseCodes.HubUnreachable;
            }
            catch (HubException e) when (e.Code == WiseCodes.GatewayRefused)
            {
                file.Forget(PushMemory.ChunkSize);
                throw WisemodelMessages.MergeRefused(file.PathInRepo, e);
            }
        }
    }

    /// <summary>Sends chunks until the server has exactly those of the layout.</summary>
    /// <returns>The final layout, and the bytes sent.</returns>
    private async Task<(UploadLayout Layout, long Sent)> FillAsync(LocalFile file, string name, string md5, UploadLayout layout,
        bool isKnown, PushProgress progress, CancellationToken cancel)
    {
        long sent = 0;
        // For a single chunk, sending costs no more than asking. Other chunks on the server are found by the check after it.
        HashSet<int> stored = isKnown || layout.Count > 1 ? await Upload.CheckAsync(name, md5, cancel).ConfigureAwait(false) : [];
        for (int round = 0; round < 2; round++)
        {
            if (stored.Count > 0 && stored.Max() is int last && last >= layout.Count)
            {
                if (last >= Math.Min(file.Size, MostPieces))
                    break;
                // Smaller chunks of an earlier upload, which the server would append to ours.
                (layout, isKnown) = (UploadLayout.OfChunkCount(file.Size, last + 1), false);
            }
            int[] missing = [.. Enumerable.Range(0, layout.Count).Where(i => !isKnown || !stored.Contains(i))];
            file.Note(PushMemory.ChunkSize, $"{layout} {Page}");
            if (missing.Length > 0)
            {
                // Written before the first chunk is sent, because a resumed upload needs the layout.
                if (layout.Count > 1)
                    Remember(now: true);
                await Parallel.ForEachAsync(missing, Limits(cancel), async (piece, token) => await SendPieceAsync(file, md5,
                    piece, layout, progress, token).ConfigureAwait(false)).ConfigureAwait(false);
                sent += missing.Sum(i => layout[i].Length);
                // Chunks of a changed file must not be merged.
                file.RequireUnchanged();
                stored = await Upload.CheckAsync(name, md5, cancel).ConfigureAwait(false);
            }
            if (stored.Count == layout.Count && stored.Max() == layout.Count - 1)
                return (layout, sent);
            isKnown = true;
        }
        throw WisemodelMessages.ChunksLost(_reference, Name, file.PathInRepo, stored, layout.Count);
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

    // An upload begun with another chunk size, or with an unknown one, cannot be resumed.
    private (UploadLayout Layout, bool IsKnown) LayoutOf(LocalFile file)
    {
        long? wanted = request.ChunkSize ?? definition.Wisemodel().UploadChunkSize;
        UploadLayout? begun = request.Force || file.Noted(PushMemory.ChunkSize)?.Split(' ') is not [string text, string page]
            || page != Page ? null : UploadLayout.Parse(text, file.Size);
        if (begun is not null
            && (wanted is null || begun.ToString() == UploadLayout.OfChunkSize(file.Size, wanted.Value).ToString()))
            return (begun, true);
        return (UploadLayout.OfChunkSize(file.Size, wanted ?? UsualChunk), false);
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

    // The root folder is last, because it has the model's card and configuration.
    private async Task QueueAsync(PushChanges changes, CancellationToken cancel)
    {
        var folders = changes.Sent.GroupBy(FolderOf).OrderByDescending(f => f.Key, Utf8Ordinal.Instance).ToList();
        if (folders.Count > 1)
            log.Info(WisemodelMessages.CommitPerFolder(request.RepoId, Name, folders.Count));
        for (int i = 0; i < folders.Count; i++)
        {
            try
            {
                await QueueAsync(folders[i].Key, [.. folders[i]], cancel).ConfigureAwait(false);
            }
            catch (HubException e) when (i > 0)
            {
                throw WisemodelMessages.QueuedPartly(e, folders[..i].Select(f => f.Key));
            }
        }
    }

    private async Task QueueAsync(string folder, List<LocalFile> files, CancellationToken cancel)
    {
        List<LocalFile> old = [.. files.Where(f => _stagedBefore.ContainsKey(f.PathInRepo))];
        // The server consumes the uploaded files from here on.
        foreach (LocalFile file in files)
            file.Forget(PushMemory.Staged);
        Remember(now: true);
        try
        {
            await AddAsync(folder, files, cancel).ConfigureAwait(false);
        }
        // The server may have removed the files that an earlier push uploaded.
        catch (HubException e) when (old.Count > 0 && e.Code is WiseCodes.GatewayRefused or WiseCodes.RepoNotFound)
        {
            log.Detail((Text)$"{e.Message} Sending the files of an earlier push again.");
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
        log.Info(WisemodelMessages.Queued(request.RepoId, Name, waiting.Count));
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
                throw WisemodelMessages.QueuedNotVisible(_reference, Name, changes.Sent.Count,
                    definition.Wisemodel().CommitTimeout, [.. waiting.Select(f => f.PathInRepo)], request.Revision, head, Page);
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
        // The hub's pointer may have more lines than ours, and so another git id.
        LfsPointer? pointer =
            LfsPointer.Parse(await gitlab.BlobAsync(_reference, oid, LfsPointer.MaxBytes, cancel).ConfigureAwait(false));
        if (pointer?.Sha256 == file.Sha256)
            return true;
        throw WisemodelMessages.CommittedWrong(_reference, file.PathInRepo, Name, commit,
            (file.Sha256, file.GitOid(cancel)), (pointer?.Sha256, oid), Page);
    }

    // The gateway accepts no parent commit, so a push in between is detected by files that this push did not send.
    private string RequireAlone(PushBase parent, PushChanges changes, Dictionary<string, TreeEntry> there, string commit)
    {
        Dictionary<string, string?> expected = changes.Kept.ToDictionary(f => f.Path, f => f.Oid, StringComparer.Ordinal);
        HashSet<string> sent = [.. changes.Sent.Select(f => f.PathInRepo)];
        string? other = expected.Keys.FirstOrDefault(p => !IsReserved(p) && there.GetValueOrDefault(p)?.Oid != expected[p])
            ?? there.Keys.FirstOrDefault(p => !IsReserved(p) && !sent.Contains(p) && !expected.ContainsKey(p));
        return other is null ? commit
            : throw WisemodelMessages.LostRaceAfter(request.RepoId, request.Revision, Name, parent.Commit, commit, other, Page);
    }

    private static string FolderOf(LocalFile file) =>
        file.PathInRepo.LastIndexOf('/') is >= 0 and int slash ? file.PathInRepo[..slash] : "";

    private ParallelOptions Limits(CancellationToken cancel) =>
        new() { MaxDegreeOfParallelism = request.Workers, CancellationToken = cancel };

    // CA5351: the protocol identifies files by their MD5.
#pragma warning disable CA5351
    private static string Md5Of(string path, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        FileBytes.ReadAll(path, bytes => hash.AppendData(bytes.Span), cancel);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
