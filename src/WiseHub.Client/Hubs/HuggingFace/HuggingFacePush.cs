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
/// Publishes to a Hugging Face hub (docs/protocols/huggingface.md#uploads): the hub says which files LFS keeps, those go there
/// first, and one commit names them and carries the bytes of the others.
/// </summary>
internal sealed class HuggingFacePush(HuggingFaceHub hub, HubConnection connection, PushRequest request, IHubLog log,
    TimeProvider time)
    : IPushTarget
{
    // Section 6.1.
    private const int MostInPreupload = 256, SampleSize = 512;

    // What git over HTTP takes as one object there; its own users need an agent of the hub's for more
    // (docs/protocols/huggingface.md#the-transfer-agent-of-git-lfs).
    private const long MostByPlainGit = 5_000_000_000;

    // A card is text for people.
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

    // The hub makes one with each repo, and adds to it what LFS keeps.
    public bool IsReserved(string path) => path == GitAttributes.FileName;

    public async Task<PushBase> LookAsync(CancellationToken cancel)
    {
        if (!request.RepoId.Contains('/', StringComparison.Ordinal))
            _reference =
                _reference with { RepoId = $"{(await _admin.WhoAmIAsync(cancel).ConfigureAwait(false)).Name}/{request.RepoId}" };
        try
        {
            return await SeeAsync(cancel).ConfigureAwait(false);
        }
        catch (HubException e) when (e.Code == WiseCodes.RevisionNotFound && !request.CreatePullRequest)
        {
            _missing = Missing.Branch;
            return PushBase.Empty;
        }
        catch (HubException e) when (e.Code == WiseCodes.RepoNotFound)
        {
            _missing = request.CreateRepo && !request.CreatePullRequest ? Missing.Repo
                : throw new HubException(WiseCodes.PushRepoMissing,
                    $"{e.Message} Or have the push make it, with CreateRepo (WisePushCreateRepo, wisehub upload --create).", e);
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
                log.Info($"{_reference.RepoId}: made the {(request.Private ? "private " : "")}repo {made.Url}.");
        }
        try
        {
            // A new repo has a commit of the hub's own on its default branch.
            return _missing == Missing.Repo ? await SeeAsync(cancel).ConfigureAwait(false)
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
            log.Warning(WiseCodes.IgnoredByHub, $"{_reference.RepoId}: '{file.PathInRepo}' is left out, "
                + "because .gitignore of the repo names it. Change that file, or leave the path out of the push.");
            progress.Done(file, file.Size);
        }
        List<LocalFile> lfs = [.. files.Where(f => _modes[f.PathInRepo] == Mode.Lfs)];
        if (lfs.Find(f => f.Size > MostByPlainGit) is LocalFile large)
        {
            log.Info($"{_reference.RepoId}: '{large.PathInRepo}' has {ByteSize.Show(large.Size)}. This push sends it in parts; "
                + $"who pushes files over {ByteSize.Show(MostByPlainGit)} by git itself runs 'wisehub lfs "
                + "enable-largefiles' in the clone first.");
        }
        if (lfs.Count == 0)
            return;
        // The lfs server knows the branch by its plain name; a proposal has none yet.
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

    private async Task<PushBase> SeeAsync(CancellationToken cancel)
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
            // Somebody else made it just now; the commit's parent tells whether that matters.
            return await SeeAsync(cancel).ConfigureAwait(false);
        }
        PushBase made = await SeeAsync(cancel).ConfigureAwait(false);
        log.Info($"{_reference.RepoId}: made the branch '{request.Revision}' on '{hub.Definition.Name}' from the default "
            + $"branch, at {made.Commit}.");
        return made;
    }

    private async Task AskModesAsync(LocalFile[] files, string? ignore, string? attributes, CancellationToken cancel)
    {
        var body = new JsonObject
        {
            ["files"] = new JsonArray([.. files.Select(
                f => (JsonNode)new JsonObject { ["path"] = f.PathInRepo, ["sample"] = Sample(f), ["size"] = f.Size })]),
        };
        // What the commit itself will bring decides, where it brings any.
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
                throw hub.Unexpected(uri, $"it does not say how '{file.PathInRepo}' is to be sent");
            // LFS has no empty contents.
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
                    $"{card.SourcePath}: the hub '{hub.Definition.Name}' says of the front matter: {warning}");
            return;
        }
        // Servers that stand for the hub may not have this.
        if (response.Status != HttpStatusCode.BadRequest)
        {
            log.Detail($"{Urls.Show(response.Uri)} answered {(int)response.Status}: the front matter of README.md was not "
                + "checked before the push.");
            return;
        }
        string said = await response.ErrorTextAsync(cancel).ConfigureAwait(false);
        IReadOnlyList<string> errors = Errors(connection.Credential?.Hide(said) ?? said);
        throw new HubException(WiseCodes.CardRefused,
            $"{_reference.RepoId}: the hub '{hub.Definition.Name}' refuses the front matter of {card.SourcePath}: "
            + $"{(errors.Count > 0 ? string.Join(' ', errors) : "it does not say why")} Correct it; nothing was sent.")
        { File = card.SourcePath };
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
            // An explanation that is none.
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
            throw IoFailures.ToHubException(e, $"{file.SourcePath} cannot be read");
        }
    }
}
