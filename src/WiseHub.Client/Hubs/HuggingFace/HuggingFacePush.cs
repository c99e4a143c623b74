using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using WiseHub.Client.Contents;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Hubs.Git;

namespace WiseHub.Client.Hubs.HuggingFace;

/// <summary>
/// Pushes to a Hugging Face hub (docs/protocols/huggingface.md#uploads). The hub decides which files go to LFS; they are uploaded
/// first. One commit then names them and carries the bytes of the other files.
/// </summary>
internal sealed class HuggingFacePush(HuggingFaceHub hub, HubConnection connection, PushRequest request, IHubLog log,
    TimeProvider time)
    : IPushTarget
{
    // docs/protocols/huggingface.md#uploads
    private const int MostInPreupload = 256, SampleSize = 512;

    // The largest file that plain git-lfs can push there; larger ones need the hub's transfer agent
    // (docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
    private const long MostByPlainGit = 5_000_000_000;

    // A larger README.md is no model card, and is not sent for validation.
    private const long MostCard = 4 << 20;

    private const int MostAnswerBytes = 16 << 20;

    private readonly HuggingFaceAdmin _admin = new(hub, connection);
    private readonly ConcurrentDictionary<string, Mode> _modes = new(StringComparer.Ordinal);
    private RepoReference _reference =
        new() { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
    private Missing _missing;
    private PushProgress? _progress;

    private enum Mode { Regular, Lfs, Ignored }

    private enum Missing { Nothing, Branch, Repo }

    // The hub creates this file with each repo, and adds rules for LFS files to it.
    public bool IsReserved(string path) => path == GitAttributes.FileName;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        if (!request.RepoId.Contains('/', StringComparison.Ordinal))
            _reference =
                _reference with { RepoId = $"{(await _admin.WhoAmIAsync(cancel).ConfigureAwait(false)).Name}/{request.RepoId}" };
        try
        {
            return await ReadBranchAsync(cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RevisionNotFound && !request.CreatePullRequest)
        {
            _missing = Missing.Branch;
            return PushBase.Empty;
        }
        catch (HubException e) when (e.Code == WiseCodes.RepoNotFound)
        {
            _missing = request.CreateRepo && !request.CreatePullRequest ? Missing.Repo
                : throw HuggingFaceMessages.RepoToPushToMissing(e);
            return PushBase.Empty;
        }
    }

    public async Task<PushBase> PrepareAsync(PushBase seen, CancellationToken cancel)
    {
        if (_missing == Missing.Nothing)
            return seen;
        if (_missing == Missing.Repo)
        {
            CreatedRepo made = await _admin.CreateRepoAsync(new CreateRepoRequest
            {
                RepoId = _reference.RepoId,
                RepoType = request.RepoType,
                Private = request.Private,
                ExistsIsFine = true
            }, cancel).ConfigureAwait(false);
            if (made.IsNew)
                log.Info(HuggingFaceMessages.RepoCreated(_reference.RepoId, request.Private, made.Url));
        }
        try
        {
            // The hub makes a first commit on the default branch of a new repo.
            return _missing == Missing.Repo ? await ReadBranchAsync(cancel).ConfigureAwait(false)
                : await BranchAsync(cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RevisionNotFound && _missing == Missing.Repo)
        {
            return await BranchAsync(cancel).ConfigureAwait(false);
        }
    }

    public async Task SendAsync(PushBase parent, IReadOnlyList<LocalFile> files, PushProgress progress, CancellationToken cancel)
    {
        _progress = progress;
        if (files.FirstOrDefault(f => f.PathInRepo == "README.md") is LocalFile card)
            await CheckCardAsync(card, cancel).ConfigureAwait(false);
        (string? ignore, string? attributes) = (Text(files, ".gitignore"), Text(files, GitAttributes.FileName));
        await Parallel.ForEachAsync(files.Chunk(MostInPreupload),
            new ParallelOptions { MaxDegreeOfParallelism = request.Workers, CancellationToken = cancel },
            async (some, token) => await AskModesAsync(some,
                ignore, attributes, token).ConfigureAwait(false)).ConfigureAwait(false);
        foreach (LocalFile file in files.Where(f => _modes[f.PathInRepo] == Mode.Ignored))
        {
            log.Warning(WiseCodes.IgnoredByHub, HuggingFaceMessages.FileIgnored(_reference.RepoId, file.PathInRepo));
            progress.Done(file, file.Size);
        }
        List<LocalFile> lfs = [.. files.Where(f => _modes[f.PathInRepo] == Mode.Lfs)];
        if (lfs.Find(f => f.Size > MostByPlainGit) is LocalFile large)
            log.Info(HuggingFaceMessages.LargeFile(_reference.RepoId, large.PathInRepo, large.Size, MostByPlainGit));
        if (lfs.Count == 0)
            return;
        // The LFS server wants the branch by its plain name; a new pull request has no branch yet.
        var upload = new LfsUpload($"{_reference.RepoId} on '{hub.Definition.Name}'", connection.Http, time, log,
            _ => Task.FromResult(new LfsServer(hub.Page(_reference, ".git/info/lfs"), connection.Credential)),
            request.CreatePullRequest ? null : request.Revision,
            (response, token) => hub.ReadErrorAsync(_reference, null, response, token, writing: true))
        { Rewrite = hub.OnEndpoint, BatchSize = 256 };
        await upload.UploadAsync(lfs, progress, request.Workers, cancel).ConfigureAwait(false);
    }

    public async Task<PushedCommit> CommitAsync(PushBase parent, PushChanges changes, CancellationToken cancel)
    {
        HashSet<string> ignored = [.. _modes.Where(m => m.Value == Mode.Ignored).Select(m => m.Key)];
        List<CommitChange> lines = [.. changes.Deleted.Select(f => new CommitChange(f.Path, null, CommitLine.Deleted(f.Path))),
            .. changes.Sent.Where(f => !ignored.Contains(f.PathInRepo)).Select(f => new CommitChange(f.PathInRepo, f,
                _modes[f.PathInRepo] == Mode.Lfs ? CommitLine.Lfs(f) : CommitLine.Regular(f)))];
        PushedCommit made = lines.Count == 0 ? new PushedCommit(parent.Commit!)
            : await new HuggingFaceCommit(hub, connection, _reference, request, log, _progress)
                .MakeAsync(parent.Commit, lines, cancel).ConfigureAwait(false);
        return made with { LeftOut = ignored };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<PushBase> ReadBranchAsync(CancellationToken cancel)
    {
        string commit = await hub.CommitOfAsync(_reference, cancel).ConfigureAwait(false);
        return new PushBase(commit, await hub.ListAsync(_reference, commit, cancel).ConfigureAwait(false));
    }

    private async Task<PushBase> BranchAsync(CancellationToken cancel)
    {
        try
        {
            await _admin.CreateBranchAsync(_reference with { Revision = null }, request.Revision, cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.ExistsAlready)
        {
            // Another push has just created it; the parent of our commit detects a conflict.
            return await ReadBranchAsync(cancel).ConfigureAwait(false);
        }
        PushBase made = await ReadBranchAsync(cancel).ConfigureAwait(false);
        log.Info(HuggingFaceMessages.BranchCreated(_reference.RepoId, request.Revision, hub.Definition.Name, made.Commit));
        return made;
    }

    private async Task AskModesAsync(LocalFile[] files, string? ignore, string? attributes, CancellationToken cancel)
    {
        var body = new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(
                f => (JsonNode)new JsonObject { ["path"] = f.PathInRepo, ["sample"] = Sample(f), ["size"] = f.Size })]),
        };
        // If the push itself has these files, they decide.
        if (ignore is not null)
            body["gitIgnore"] = ignore;
        if (attributes is not null)
            body["gitAttributes"] = attributes;
        Uri uri = hub.Api(_reference,
            $"/preupload/{Uri.EscapeDataString(request.Revision)}{(request.CreatePullRequest ? "?create_pr=1" : "")}");
        using HubResponse response = await hub.SendAsync(_reference, HubRequest.WithJson(uri, body),
            writing: true, cancel).ConfigureAwait(false);
        using JsonDocument json = response.Json(hub.Unexpected);
        if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("files", out JsonElement items)
            && items.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in items.EnumerateArray())
            {
                if (StrictJson.Text(item, "path") is string path && StrictJson.Text(item, "uploadMode") is "lfs" or "regular")
                {
                    _modes[path] = item.TryGetProperty("shouldIgnore", out JsonElement isIgnored)
                        && isIgnored.ValueKind == JsonValueKind.True
                        ? Mode.Ignored
                        : StrictJson.Text(item, "uploadMode") == "lfs" ? Mode.Lfs : Mode.Regular;
                }
            }
        }
        foreach (LocalFile file in files)
        {
            if (!_modes.TryGetValue(file.PathInRepo, out Mode mode))
                throw hub.Unexpected(uri, (Text)$"it does not give an upload mode for '{file.PathInRepo}'");
            // LFS cannot hold empty files.
            if (file.Size == 0 && mode == Mode.Lfs)
                _modes[file.PathInRepo] = Mode.Regular;
        }
    }

    private async Task CheckCardAsync(LocalFile card, CancellationToken cancel)
    {
        if (card.Size > MostCard)
            return;
        var body = new JsonObject { ["content"] = Read(card, ReadText), ["repoType"] = request.RepoType.ToText() };
        using HubResponse response = await connection.SendAsync(HubRequest.WithJson(hub.At("/api/validate-yaml"), body),
            connection.Credential,
            MostAnswerBytes, cancel).ConfigureAwait(false);
        if (response.IsSuccess)
        {
            using JsonDocument json = response.Json(hub.Unexpected);
            foreach (string warning in Messages(json.RootElement, "warnings"))
                log.Warning(WiseCodes.CardDoubtful,
                    HuggingFaceMessages.CardWarning(card.SourcePath, hub.Definition.Name, warning));
            return;
        }
        // Mirrors of the hub may not have this endpoint.
        if (response.Status != HttpStatusCode.BadRequest)
        {
            log.Detail(HuggingFaceMessages.CardNotChecked(response.Uri, response.Status));
            return;
        }
        string said = await response.ErrorTextAsync(cancel).ConfigureAwait(false);
        IReadOnlyList<string> errors = Errors(connection.Credential?.Hide(said) ?? said);
        throw HuggingFaceMessages.CardRefused(_reference.RepoId, hub.Definition.Name, card.SourcePath, errors);
    }

    private static IReadOnlyList<string> Errors(string text)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return [.. Messages(json.RootElement, "errors")];
        }
        catch (JsonException)
        {
            // The response explains nothing.
            return [];
        }
    }

    private static IEnumerable<string> Messages(JsonElement root, string list) => root.ValueKind != JsonValueKind.Object
        || !root.TryGetProperty(list, out JsonElement items) || items.ValueKind != JsonValueKind.Array
        ? []
        : items.EnumerateArray().Select(i => StrictJson.Text(i, "message")).OfType<string>()
            .Select(m => string.Concat(m.Take(500).Select(c => char.IsControl(c) ? ' ' : c)));

    private static string? Text(IReadOnlyList<LocalFile> files, string path) =>
        files.FirstOrDefault(f => f.PathInRepo == path) is LocalFile file && file.Size <= GitAttributes.MaxBytes
            ? Read(file, ReadText) : null;

    private static string Sample(LocalFile file) => Read(file, path =>
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> sample = stackalloc byte[SampleSize];
        return Convert.ToBase64String(sample[..RandomAccess.Read(handle, sample, 0)]);
    });

    private static string ReadText(string path) => ContendedFiles.OfSystem.ReadText(path);

    private static T Read<T>(LocalFile file, Func<string, T> read)
    {
        try
        {
            return read(file.SourcePath);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, (Text)$"{file.SourcePath} cannot be read");
        }
    }
}
