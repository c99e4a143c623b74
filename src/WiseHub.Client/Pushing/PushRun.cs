using WiseHub.Client.Contents;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;
using WiseHub.Client.Signatures;

namespace WiseHub.Client.Pushing;

/// <summary>
/// Runs one push: hash changed files, compare them with the branch, send missing contents, and commit last. Without changes, it
/// makes no commit. If someone else pushed meanwhile, it fails and nothing becomes visible.
/// </summary>
internal sealed class PushRun(ClientContext context, PushRequest request, CancellationToken cancel)
{
    private readonly RepoReference _reference =
        new() { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
    private readonly string _hub = request.Hub ?? context.DefaultHub;

    public async Task<PushResult> RunAsync()
    {
        IPushHub hub = Check();
        // Before anything is read or sent, because its password may be wrong.
        using ModelSigningKey? key = request.SignKey is SigningKey named ? ModelSigningKey.Read(named) : null;
        try
        {
            using GivenContents contents = await GivenContents.WriteAsync(request.Files, cancel).ConfigureAwait(false);
            using CardFile card = CardFile.For(request with { Files = contents.Files }, _hub, context.Log);
            IReadOnlyList<PushFile> files = request.SignKey is null ? card.Files
                : [.. card.Files.Where(f => f.PathInRepo != FolderSigning.FileName)];
            using PushSignature? signature = key is null ? null
                : new PushSignature(context, hub, _reference, request, key, cancel);
            IPushTarget target = hub.OpenPush(request with { Files = files });
            await using (target.ConfigureAwait(false))
                return await RunAsync(target, files, signature).ConfigureAwait(false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, PushMessages.NotPushed(request.RepoId, _hub, hub.Definition.Path));
        }
    }

    private IPushHub Check()
    {
        if (context.FindMistakes(_reference, _hub) is [HubException mistake, ..])
            throw mistake;
        if (request.Workers is < 1 or > 64)
            throw PushMessages.InvalidWorkers(request.Workers);
        if (request.ChunkSize is < PushRequest.SmallestChunk or > PushRequest.LargestChunk)
            throw PushMessages.InvalidChunkSize(request.ChunkSize.Value);
        if (context.HubOfReference(_hub) is not IPushHub hub)
        {
            throw PushMessages.HubReadOnly(_hub, context.Config.Find(_hub).Protocol);
        }
        if (!context.Reaches(hub.Definition))
            throw PushMessages.NetworkDisabled(request.RepoId, _hub, context.OfflineReason);
        hub.Check(_reference);
        if (request.Files.Count == 0 && !request.Prune)
            throw PushMessages.NothingToPush(request.RepoId);
        SelectedFiles.CheckNames(_reference, PushSet.Combine(request.Files).Select(f => f.PathInRepo), option: null);
        return hub;
    }

    private async Task<PushResult> RunAsync(IPushTarget target, IReadOnlyList<PushFile> sources, PushSignature? signature)
    {
        PushMemory memory = PushMemory.Read(request, context.Log);
        // The branch is requested while the files are read.
        Task<PushBase> look = target.LookAsync(cancel);
        List<LocalFile> read;
        PushBase seen;
        try
        {
            read = await FileHashing.ReadAsync(sources, memory, context.Log, context.Time, cancel).ConfigureAwait(false);
        }
        finally
        {
            // Even before a failure is reported, because no request may outlive the push.
            await ((Task)look).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!request.DryRun)
                memory.Save();
        }
        seen = await look.ConfigureAwait(false);
        (List<LocalFile> files, PushChanges changes) = await CompareAsync(seen, read, target, signature).ConfigureAwait(false);
        if (signature is null)
            WarnOfOldSignature(files, changes);
        bool isUpToDate = changes is { Sent.Count: 0, Deleted.Count: 0 } && seen.Commit is not null;
        if (isUpToDate && (!request.Force || request.DryRun))
        {
            context.Log.Info(PushMessages.AlreadyThere(request.RepoId, _hub, files.Count, seen.Commit));
            return Result(seen.Commit!, false, seen, files, changes);
        }
        if (request.DryRun)
            return Plan(seen, files, changes);
        PushBase parent = await target.PrepareAsync(seen, cancel).ConfigureAwait(false);
        if (parent != seen)
            (files, changes) = await CompareAsync(parent, read, target, signature).ConfigureAwait(false);
        // The hub's copy may be damaged: a forced push checks every content.
        IReadOnlyList<LocalFile> toSend = request.Force ? files : changes.Sent;
        var progress = new PushProgress(context.Log, context.Time, toSend) { Remember = memory.Save };
        if (toSend.Count > 0)
        {
            context.Log.Info(PushMessages.Started(request.RepoId, _hub, toSend.Count, toSend.Sum(f => f.Size)));
            await target.SendAsync(parent, toSend, progress, cancel).ConfigureAwait(false);
        }
        foreach (LocalFile file in toSend)
            file.RequireUnchanged();
        memory.Save();
        if (isUpToDate)
        {
            context.Log.Info(PushMessages.SentAgain(request.RepoId, _hub, progress.FilesSent, seen.Commit));
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
            context.Log.Info(PushMessages.NothingChanged(request.RepoId, _hub, commit.Commit));
            return result;
        }
        context.Log.Info(PushMessages.Pushed(request.RepoId, _hub, result, progress.Elapsed));
        if (signature is not null && commit.LeftOut.Count > 0)
        {
            context.Log.Warning(WiseCodes.SignatureOutdated, PushMessages.SignatureListsMore(request.RepoId, _hub,
                [.. commit.LeftOut.Order(Utf8Ordinal.Instance)]));
        }
        return result;
    }

    // Compares the files with the branch, together with their signature.
    private async Task<(List<LocalFile> Files, PushChanges Changes)> CompareAsync(
        PushBase parent, List<LocalFile> read, IPushTarget target, PushSignature? signature)
    {
        PushChanges changes = Compare(parent, read, target);
        if (signature is null)
            return (read, changes);
        List<LocalFile> files = [.. read, await signature.MakeAsync(parent, read, changes).ConfigureAwait(false)];
        Utf8Ordinal.Sort(files, f => f.PathInRepo);
        return (files, Compare(parent, files, target));
    }

    private void WarnOfOldSignature(List<LocalFile> files, PushChanges changes)
    {
        if (files.Find(f => f.PathInRepo == FolderSigning.FileName) is LocalFile pushed && changes.Sent.Contains(pushed))
        {
            if (PushSignature.FindOthers(pushed, files, changes) is { Count: > 0 } others)
                context.Log.Warning(WiseCodes.SignatureOutdated, PushMessages.SignatureListsOthers(request.RepoId, others));
        }
        else if (changes.Kept.Any(f => f.Path == FolderSigning.FileName) && changes.Sent.Select(f => f.PathInRepo)
            .Concat(changes.Deleted.Select(f => f.Path)).Any(p => !SignatureVerifier.IsOfGit(p)))
        {
            context.Log.Warning(WiseCodes.SignatureOutdated, PushMessages.SignatureKept(request.RepoId));
        }
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
        // Kept and new files must have compatible names, or the repo could not be restored on every system. Existing bad names
        // are the owner's responsibility: this push neither adds nor changes them.
        SelectedFiles.CheckAdded(_reference, kept.Select(f => f.Path),
            sent.Select(f => f.PathInRepo).Where(p => !there.ContainsKey(p)));
        return new PushChanges(sent, deleted, kept);
    }

    private bool IsSame(LocalFile file, TreeEntry known) => (known.Size is null || known.Size == file.Size)
        && (known.Sha256 is Digest sha256 ? sha256 == file.Sha256
            // For a file in LFS, the list may only have the git id of its pointer.
            : known.Oid is string oid && (oid == file.PointerOid || oid == file.GitOid(cancel)));

    private PushResult Plan(PushBase seen, List<LocalFile> files, PushChanges changes)
    {
        PushResult result = Result(seen.Commit ?? "", true, seen, files, changes);
        context.Log.Info(PushMessages.Planned(request, _hub, seen.Commit, result, changes.Sent.Sum(f => f.Size)));
        foreach (PushStep step in result.Steps.Where(s => s.Action != PushAction.Keep))
            context.Log.Info(PushMessages.PlannedStep(step));
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
}
