using System.Globalization;
using WiseHub.Client.Contents;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;

namespace WiseHub.Client.Pushing;

/// <summary>
/// One push, top to bottom: hash what changed since the last one, compare with the branch, send what the hub lacks, commit last.
/// Nothing changed: no commit. Somebody pushed in between: an error, and nothing is visible.
/// </summary>
internal sealed class PushRun(ClientContext context, PushRequest request, CancellationToken cancel)
{
    private readonly RepoReference _reference =
        new() { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
    private readonly string _hub = request.Hub ?? context.DefaultHub;

    public async Task<PushResult> RunAsync()
    {
        IPushHub hub = Check();
        try
        {
            using GivenContents contents = await GivenContents.WriteAsync(request.Files, cancel).ConfigureAwait(false);
            using CardFile card = CardFile.For(request with { Files = contents.Files }, _hub, context.Log);
            IPushTarget target = hub.OpenPush(request with { Files = card.Files });
            await using (target.ConfigureAwait(false))
                return await RunAsync(target, card.Files).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{request.RepoId} could not be pushed to "
                + $"'{_hub}'{(hub.Definition.Path is string folder ? $" ({folder})" : "")}");
        }
    }

    private IPushHub Check()
    {
        if (context.FindMistakes(_reference, _hub) is [HubException mistake, ..])
            throw mistake;
        if (request.Workers is < 1 or > 64)
            throw new HubException(WiseCodes.InvalidValue, $"Workers is {request.Workers}; it must be 1 to 64.");
        if (request.ChunkSize is < PushRequest.SmallestChunk or > PushRequest.LargestChunk)
            throw new HubException(WiseCodes.InvalidValue,
                $"ChunkSize is {request.ChunkSize}; it must be 65536 (64 KiB) to 1073741824 (1 GiB).");
        if (context.HubOfReference(_hub) is not IPushHub hub)
        {
            throw new HubException(WiseCodes.CannotBePushedTo,
                $"The hub '{_hub}' (protocol {context.Config.Find(_hub).Protocol}) cannot be pushed to: it only gives files. "
                + "Name another with Hub (WisePushHub).");
        }
        if (!context.Reaches(hub.Definition))
            throw new HubException(WiseCodes.OfflineAndMissing,
                $"{request.RepoId} cannot be pushed to '{_hub}': no network may be used ({context.OfflineReason}).");
        hub.Check(_reference);
        if (request.Files.Count == 0 && !request.Prune)
            throw new HubException(WiseCodes.InvalidPush, $"{request.RepoId}: there are no files to push.");
        SelectedFiles.CheckNames(_reference, PushSet.Combine(request.Files).Select(f => f.PathInRepo), option: null);
        return hub;
    }

    private async Task<PushResult> RunAsync(IPushTarget target, IReadOnlyList<PushFile> sources)
    {
        PushMemory memory = PushMemory.Read(request, context.Log);
        // The branch is asked for while the files are read.
        Task<PushBase> look = target.LookAsync(cancel);
        List<LocalFile> files;
        PushBase seen;
        try
        {
            files = await HashAsync(sources, memory).ConfigureAwait(false);
        }
        finally
        {
            // Before a failure is told: nothing may go on behind it.
            await ((Task)look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!request.DryRun)
                memory.Save();
        }
        seen = await look.ConfigureAwait(false);
        PushChanges changes = Compare(seen, files, target);
        bool isThere = changes is { Sent.Count: 0, Deleted.Count: 0 } && seen.Commit is not null;
        if (isThere && (!request.Force || request.DryRun))
        {
            context.Log.Info($"{request.RepoId}: '{_hub}' already has exactly "
                + $"{(files.Count == 1 ? "this file" : $"these {files.Count} files")} at {seen.Commit}; no commit.");
            return Result(seen.Commit!, false, seen, files, changes);
        }
        if (request.DryRun)
            return Plan(seen, files, changes);
        PushBase parent = await target.PrepareAsync(seen, cancel).ConfigureAwait(false);
        if (parent != seen)
            changes = Compare(parent, files, target);
        // What the branch has may be damaged at the hub: whoever forces a push wants each content looked at.
        IReadOnlyList<LocalFile> toSend = request.Force ? files : changes.Sent;
        var progress = new PushProgress(context.Log, context.Time, toSend) { Remember = memory.Save };
        if (toSend.Count > 0)
        {
            context.Log.Info($"Pushing {Count(toSend.Count)}, {ByteSize.Show(toSend.Sum(f => f.Size))}, "
                + $"of {request.RepoId} to '{_hub}' …");
            await target.SendAsync(parent, toSend, progress, cancel).ConfigureAwait(false);
        }
        foreach (LocalFile file in toSend)
            file.RequireUnchanged();
        memory.Save();
        if (isThere)
        {
            context.Log.Info($"{request.RepoId}: '{_hub}' has exactly these files at {seen.Commit}; "
                + $"{Count(progress.FilesSent)} had to be sent again; no commit.");
            return Result(seen.Commit!, false,
                seen, files, changes) with
            { FilesSent = progress.FilesSent, BytesSent = progress.BytesSent };
        }
        PushedCommit commit = await target.CommitAsync(parent, changes, cancel).ConfigureAwait(false);
        PushResult result = Result(commit.Commit, commit.Commit != parent.Commit, seen,
            [.. files.Where(f => !commit.LeftOut.Contains(f.PathInRepo))], changes) with
        {
            Url = commit.Url,
            PullRequestUrl = commit.PullRequestUrl,
            FilesSent = progress.FilesSent,
            BytesSent = progress.BytesSent,
        };
        if (!result.Changed)
        {
            context.Log.Info($"{request.RepoId}: what '{_hub}' takes of this push it has at {commit.Commit}; no commit.");
            return result;
        }
        context.Log.Info($"{request.RepoId}: pushed to '{_hub}' as "
            + $"{commit.Commit}{(commit.PullRequestUrl is Uri proposal ? $", proposed at {proposal}" : "")}: {Summary(result)}; "
            + $"sent {ByteSize.Show(result.BytesSent)} in "
            + $"{progress.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s.");
        return result;
    }

    private async Task<List<LocalFile>> HashAsync(IReadOnlyList<PushFile> sources, PushMemory memory)
    {
        var read = new LocalFile[sources.Count];
        // The digest of a temporary file need not be remembered: the next one lies elsewhere.
        var forgotten = new PushMemory(null, context.Log);
        await Parallel.ForAsync(0, read.Length,
            new ParallelOptions { MaxDegreeOfParallelism = System.Environment.ProcessorCount, CancellationToken = cancel },
            (i, token) =>
            {
                PushFile file = sources[i];
                read[i] = LocalFile.Read(file, file.IsTemporary ? forgotten : memory, context.Time, token);
                return ValueTask.CompletedTask;
            }).ConfigureAwait(false);
        List<LocalFile> files = [.. read];
        Utf8Ordinal.Sort(files, f => f.PathInRepo);
        return files;
    }

    private PushChanges Compare(PushBase parent, List<LocalFile> files, IPushTarget target)
    {
        Dictionary<string, TreeEntry> there = parent.Files.ToDictionary(f => f.Path, StringComparer.Ordinal);
        var sent = new List<LocalFile>();
        foreach (LocalFile file in files)
        {
            if (!there.TryGetValue(file.PathInRepo, out TreeEntry? known) || !IsSame(file, known))
                sent.Add(file);
        }
        HashSet<string> named = [.. files.Select(f => f.PathInRepo)];
        List<TreeEntry> deleted =
            [.. parent.Files.Where(f => request.Prune && !named.Contains(f.Path) && !target.IsReserved(f.Path))];
        HashSet<string> gone = [.. deleted.Select(f => f.Path), .. sent.Select(f => f.PathInRepo)];
        List<TreeEntry> kept = [.. parent.Files.Where(f => !gone.Contains(f.Path))];
        // What stays and what is new must fit together, or nobody could restore it on every system. Bad names that the repo has
        // already are its owner's affair: they were there before, and this push neither makes nor touches them.
        SelectedFiles.CheckAdded(_reference, kept.Select(f => f.Path),
            sent.Select(f => f.PathInRepo).Where(p => !there.ContainsKey(p)));
        return new PushChanges(sent, deleted, kept);
    }

    private bool IsSame(LocalFile file, TreeEntry known) => (known.Size is null || known.Size == file.Size)
        && (known.Sha256 is Digest sha256 ? sha256 == file.Sha256
            // Of a file in LFS a list may only say what its pointer is.
            : known.Oid is string oid && (oid == file.PointerOid || oid == file.GitOid(cancel)));

    private PushResult Plan(PushBase seen, List<LocalFile> files, PushChanges changes)
    {
        PushResult result = Result(seen.Commit ?? "", true, seen, files, changes);
        context.Log.Info($"{request.RepoId}: a push to '{_hub}' ({request.Revision}, "
            + $"{(seen.Commit is null ? "which has no commit yet" : $"now {seen.Commit}")}) would be {Summary(result)}; "
            + $"at most {ByteSize.Show(changes.Sent.Sum(f => f.Size))} to send.");
        foreach (PushStep step in result.Steps.Where(s => s.Action != PushAction.Keep))
            context.Log.Info($"  {step.Action.ToString().ToLowerInvariant(),-6}  "
                + $"{PathRules.Printable(step.PathInRepo)}{(step.Size is long size ? $"  {ByteSize.Show(size)}" : "")}");
        return result;
    }

    private static PushResult Result(string commit, bool changed, PushBase seen, List<LocalFile> files, PushChanges changes)
    {
        HashSet<string> sent = [.. changes.Sent.Select(f => f.PathInRepo)], before = [.. seen.Files.Select(f => f.Path)];
        List<PushStep> steps = [.. files.Select(f => new PushStep(f.PathInRepo, !sent.Contains(f.PathInRepo) ? PushAction.Keep
            : before.Contains(f.PathInRepo) ? PushAction.Change : PushAction.Add, f.Size)),
            .. changes.Deleted.Select(f => new PushStep(f.Path, PushAction.Delete, f.Size))];
        Utf8Ordinal.Sort(steps, s => s.PathInRepo);
        return new PushResult { Commit = commit, Changed = changed, Steps = steps };
    }

    private static string Summary(PushResult result)
    {
        (PushAction Action, string Word)[] kinds = [(PushAction.Add, "new"), (PushAction.Change, "changed"),
            (PushAction.Delete, "deleted"), (PushAction.Keep, "unchanged")];
        return string.Join(", ", kinds.Where(k => result.Count(k.Action) > 0).Select(k => $"{result.Count(k.Action)} {k.Word}"));
    }

    private static string Count(int files) => files == 1 ? "1 file" : $"{files} files";
}
