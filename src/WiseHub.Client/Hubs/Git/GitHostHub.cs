using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using WiseHub.Client.Archives;
using WiseHub.Client.Contents;
using WiseHub.Client.Credentials;
using WiseHub.Client.Files;
using WiseHub.Client.Http;
using WiseHub.Client.Store;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// A host of git repositories (GitHub, GitLab, Gitea, Forgejo, cgit, or anything that git can clone): a commit comes as one
/// archive, or through the local git, and what LFS keeps comes straight from the LFS server (docs/git.md).
/// </summary>
internal sealed class GitHostHub(HubDefinition definition, HubConnection connection, IHubContext context) : IPushHub, IDisposable
{
    // 4,000 pull requests make a megabyte; the largest repos of GitHub list some 30 MB.
    private const int MostRefBytes = 64 << 20;

    private const int NamesShown = 10;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConcurrentDictionary<string, Commit> _commits = new(StringComparer.Ordinal);
    private readonly GitTool _git = new(context.Environment);
    private readonly RepoStore _store = context.Store.ForHub(definition);
    private readonly Lock _making = new();
    private GitPackSource? _packs;

    public HubDefinition Definition { get; } = definition;

    private IHubLog Log => context.Log;

    private bool UsesGit => Definition.Git().Transport != GitTransport.Https;

    /// <summary>What is known of one commit in this process.</summary>
    private sealed record Commit(
        IGitContents Contents, Dictionary<string, (GitEntry File, LfsPointer? Pointer)> Files, LfsLocator Lfs) : IDisposable
    {
        public void Dispose()
        {
            Contents.Dispose();
            Lfs.Dispose();
        }
    }

    public void Check(RepoReference reference)
    {
        if (GitAddress.RejectHost(Definition.Endpoint!) is string reason)
            throw new HubException(WiseCodes.InvalidGitHost,
                $"The hub '{Definition.Name}': '{Definition.Endpoint!.Host}' is not a host: {reason}. Correct its endpoint.")
            { Reference = reference };
        if (GitAddress.IsSsh(Definition.Endpoint!) != (Definition.Git().Transport == GitTransport.Ssh)
            && GitAddress.IsSsh(Definition.Endpoint!))
            throw new HubException(WiseCodes.InvalidGitHost,
                $"The hub '{Definition.Name}' has an ssh:// endpoint, which only \"transport\": \"ssh\" can use.")
            { Reference = reference };
        if (reference.Config is not null)
            throw new HubException(WiseCodes.ConfigNotSupported, $"The hub '{Definition.Name}' is a git host, "
                + $"which has no dataset configurations. Use AllowPatterns=\"{reference.Config}/*\".")
            { Reference = reference };
        if (Definition.Endpoint!.Host == "github.com")
            reference.RefuseSubgroups(Definition.Name);
        if (reference.RepoId.EndsWith(".git", StringComparison.OrdinalIgnoreCase))
            throw new HubException(WiseCodes.MalformedRepoId,
                $"'{reference.RepoId}' is not a repo id of '{Definition.Name}': leave out '.git'.")
            { Reference = reference };
    }

    public async Task<string> ResolveAsync(RepoReference reference, CancellationToken cancel)
    {
        if (reference.Revision is string commit && CommitId.IsCommit(commit))
            return commit;
        GitRefs refs = UsesGit ? await RefsByGitAsync(reference, cancel).ConfigureAwait(false)
            : await RefsByHttpAsync(reference, cancel).ConfigureAwait(false);
        if (refs.IsEmpty)
            throw new HubException(WiseCodes.RevisionNotFound,
                $"{reference} on '{Definition.Name}' has no commit yet. Push files to it first.");
        if (reference.Revision is string name && refs.IsAmbiguous(name))
            Log.Info($"{reference}: '{name}' is a branch and a tag; taking the branch. refs/tags/{name} names the tag.");
        return refs.Find(reference.Revision) ?? throw new HubException(WiseCodes.RevisionNotFound,
            $"{reference} on '{Definition.Name}' has no branch or tag '{reference.Revision ?? "HEAD, main or master"}'. "
            + $"Look at {PageOf(reference)}; a commit is written with all its 40 characters.");
    }

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        Commit known = await CommitAsync(reference, commit, cancel).ConfigureAwait(false);
        WarnAboutSkipped(reference, known.Contents);
        return [.. known.Files.Values.Select(f => f.Pointer is null
            ? new TreeEntry(f.File.Path, known.Contents.SizeOf(f.File), f.File.Oid.Length == 40 ? f.File.Oid : null, null)
            : new TreeEntry(f.File.Path, f.Pointer.Size, null, f.Pointer.Sha256))];
    }

    /// <summary>Over HTTP the list says only of small files how large they are.</summary>
    /// <inheritdoc/>
    public async Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        RepoReference reference, IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        if (wanted.All(f => f.Size is not null))
            return wanted;
        Commit known = await CommitAsync(reference, reference.Revision!, cancel).ConfigureAwait(false);
        await known.Contents.PrepareAsync([.. wanted.Where(f => f.Size is null && known.Files.ContainsKey(f.Path))
            .Select(f => known.Files[f.Path].File)], cancel).ConfigureAwait(false);
        return [.. wanted.Select(
            f => f.Size is null && known.Files.TryGetValue(f.Path, out (GitEntry File, LfsPointer? Pointer) found)
                ? f with { Size = known.Contents.SizeOf(found.File) } : f)];
    }

    public async Task<BlobLocation> LocateAsync(RepoReference reference, string commit, TreeEntry file, CancellationToken cancel)
    {
        Commit known = await CommitAsync(reference, commit, cancel).ConfigureAwait(false);
        if (!known.Files.TryGetValue(file.Path, out (GitEntry File, LfsPointer? Pointer) found))
            throw new HubException(WiseCodes.FileNotFound,
                $"{reference} on '{Definition.Name}': commit {commit} has no file '{file.Path}'.");
        if (found.Pointer is null)
        {
            // The others are wanted, too, and they come together.
            if (known.Contents.SizeOf(found.File) is null)
                await known.Contents.PrepareAsync([found.File, .. known.Files.Values.Where(f => f.Pointer is null
                    && reference.Files.Matches(f.File.Path)).Select(f => f.File)], cancel).ConfigureAwait(false);
            return new BlobLocation
            {
                Hub = Definition.Name,
                Open = token => known.Contents.OpenAsync(found.File, token),
                Inside = known.Contents.PlaceOf(found.File),
                WasFetched = known.Contents.WereFetched,
            };
        }
        (Uri uri, Credential? credential) = await known.Lfs.LocateAsync(found.Pointer, file.Path, cancel).ConfigureAwait(false);
        return new BlobLocation
        {
            Hub = Definition.Name,
            Uri = uri,
            Credential = credential,
            Explain = (response, token) => ReadErrorAsync(reference with { Revision = commit }, response, token),
        };
    }

    // GitHub's form, which most others redirect from or have, too.
    public Uri? FileUrl(RepoReference reference, string path) => GitAddress.IsSsh(Definition.Endpoint!) ? null
        : new Uri($"{PageOf(reference)}/blob/{Escape(reference.Revision ?? "HEAD")}/{Escape(path)}");

    public IPushTarget OpenPush(PushRequest request) => OpenPush(request, hasPages: !GitAddress.IsSsh(Definition.Endpoint!));

    // Whatever gives the files of a commit, a new one is made by the local git.
    public IPushTarget OpenPush(PushRequest request, bool hasPages)
    {
        var reference = new RepoReference { RepoId = request.RepoId, RepoType = request.RepoType, Revision = request.Revision };
        var place = new GitRemote(Definition, GitAddress.Url(Definition, request.RepoId), CredentialOfGit)
        {
            Lfs = token => LfsServerAsync(reference, "upload", token),
            ReadGitError = e => Explain(reference, e),
            ReadResponseError = (response, token) => ReadErrorAsync(reference, response, token),
            CreateAsync = token => new GitHostAdmin(Definition, connection, Remedy).CreateAsync(request.RepoId, request.Private,
                token),
            PageOf = commit => !hasPages ? null : new Uri($"{PageOf(reference)}/commit/{commit}"),
            Remedy = Definition.Git().Transport == GitTransport.Ssh ? "Give the key of this user the right to write on the host."
                : Remedy.Replace("read access", "write access", StringComparison.Ordinal),
        };
        return new GitPush(place, _git, context, request);
    }

    public void Dispose()
    {
        foreach (Commit commit in _commits.Values)
            commit.Dispose();
        _gate.Dispose();
    }

    private static string Escape(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private string PageOf(RepoReference reference) =>
        GitAddress.IsSsh(Definition.Endpoint!) ? GitAddress.Url(Definition, reference.RepoId)
            : $"{Urls.Show(Definition.Endpoint!).TrimEnd('/')}/{reference.RepoId}";

    private Uri RepoUri(RepoReference reference, string rest) =>
        new(GitAddress.HttpPlace(Definition, reference.RepoId).AbsoluteUri + rest);

    // Made when it is needed: it looks at this hub's own members.
    private GitPackSource Packs
    {
        get
        {
            lock (_making)
                return _packs ??= new GitPackSource(Definition, connection, context, () => Credential, ReadErrorAsync)
                { LookForPlace = RefsByHttpAsync };
        }
    }

    private async Task<GitRefs> RefsByHttpAsync(RepoReference reference, CancellationToken cancel)
    {
        Uri uri = RepoUri(reference, "/info/refs?service=git-upload-pack");
        using HubResponse response = await connection.SendAsync(new HubRequest(uri), Credential, MostRefBytes,
            cancel).ConfigureAwait(false);
        if (!response.IsSuccess)
            throw await ReadErrorAsync(reference, response, cancel).ConfigureAwait(false);
        try
        {
            GitRefs refs = GitRefs.ParseAdvertisement(response.Body);
            WarnIfRenamed(reference, uri, response.Uri);
            return refs;
        }
        catch (FormatException e)
        {
            throw new HubException(WiseCodes.UnexpectedAnswer,
                $"The hub '{Definition.Name}' answered {Urls.Show(uri)} in an unexpected way: {e.Message}. "
                + "Check that its endpoint is a git host with smart HTTP.", e);
        }
    }

    private void WarnIfRenamed(RepoReference reference, Uri asked, Uri answered)
    {
        string path = answered.AbsolutePath;
        if (answered != asked && path.EndsWith("/info/refs", StringComparison.Ordinal))
            Packs.Moved(reference.RepoId, new Uri(answered.GetLeftPart(UriPartial.Authority) + path[..^"/info/refs".Length]));
        if (Urls.SameOrigin(asked, answered) && !path.Equals(asked.AbsolutePath, StringComparison.OrdinalIgnoreCase)
            && path.EndsWith("/info/refs", StringComparison.Ordinal))
        {
            string id = Uri.UnescapeDataString(path[Definition.Endpoint!.AbsolutePath.TrimEnd('/').Length..^"/info/refs".Length])
                .Trim('/');
            if (id.EndsWith(".git", StringComparison.Ordinal))
                id = id[..^4];
            // Some hosts redirect to the address without ".git".
            if (!id.Equals(reference.RepoId, StringComparison.OrdinalIgnoreCase))
                Log.Warning(WiseCodes.RepoRenamed, $"{reference} is now called {id} on '{Definition.Name}'. "
                    + "Change the reference: the old name may go away or be taken by somebody else.", reference);
        }
    }

    private async Task<GitRefs> RefsByGitAsync(RepoReference reference, CancellationToken cancel)
    {
        await _git.CheckAsync(cancel).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Definition.TotalTimeout, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        string url = GitAddress.Url(Definition, reference.RepoId);
        var remote = new GitRun { Url = url, Credential = CredentialOfGit };
        try
        {
            string[] names = reference.Revision is string name
                ? [$"refs/heads/{name}", $"refs/tags/{name}", $"refs/tags/{name}^{{}}", name]
                : ["HEAD", "refs/heads/main", "refs/heads/master"];
            GitRefs refs = GitRefs.ParseListing(await _git.GitAsync(
                ["ls-remote", "--symref", "--quiet", "--", url, .. names], remote, both.Token).ConfigureAwait(false));
            if (!refs.IsEmpty)
                return refs;
            // Nothing of that name, or nothing at all.
            return GitRefs.ParseListing(await _git.GitAsync(
                ["ls-remote", "--quiet", "--", url], remote, both.Token).ConfigureAwait(false));
        }
        catch (GitFailure e)
        {
            throw Explain(reference, e);
        }
        catch (FormatException e)
        {
            throw new HubException(WiseCodes.GitFailed,
                $"{reference} on '{Definition.Name}' ({url}): {e.Message}. Update git.", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HubException(WiseCodes.HubUnreachable,
                $"The hub '{Definition.Name}' gave no response to git at {url} within "
                + $"{Definition.TotalTimeout.TotalSeconds} s (totalTimeout). Check the network, and a proxy.", e);
        }
    }

    // Git hosts take a token as the password of any user; GitHub's documents have this name for it. user:password
    // is what others have.
    private Credential? Credential =>
        Definition.Endpoint is not Uri host || GitAddress.IsSsh(host)
            || connection.Find(host, SecretKind.Token) is not Secret secret
            ? null
            : secret.User is string user ? Credential.Basic(host, user, secret.Value)
            : secret.Value.Split(':', 2) is [{ Length: > 0 } name, var password] ? Credential.Basic(host, name, password)
            : Credential.Basic(host, host.Host == "github.com" ? "x-access-token" : "oauth2", secret.Value);

    private string Remedy => connection.Remedy(Definition.Endpoint!, SecretKind.Token);

    // Over ssh a key says who asks.
    private Credential? CredentialOfGit => Definition.Git().Transport == GitTransport.Ssh ? null : Credential;

    private async Task<Commit> CommitAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        string key = $"{reference.RepoId}@{commit}";
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_commits.TryGetValue(key, out Commit? known) && known.Contents.IsThere)
                return known;
            known?.Dispose();
            _commits.TryRemove(key, out _);
            IGitContents contents = UsesGit ? await ByGitAsync(reference, commit, cancel).ConfigureAwait(false)
                : await ByHttpAsync(reference, commit, cancel).ConfigureAwait(false);
            var files = new Dictionary<string, (GitEntry, LfsPointer?)>(contents.Files.Count, StringComparer.Ordinal);
            foreach (GitEntry file in contents.Files)
                files[file.Path] = (file, await PointerAsync(contents, file, cancel).ConfigureAwait(false));
            // As the engine will want them.
            List<LfsPointer> pointers =
                [.. files.Values.Select(f => f.Item2).OfType<LfsPointer>().OrderByDescending(p => p.Size)];
            var lfs = new LfsLocator($"{reference} on '{Definition.Name}'", connection, context.Time,
                token => LfsServerAsync(reference, "download", token),
                (response, token) => ReadErrorAsync(reference, response, token), pointers);
            return _commits[key] = new Commit(contents, files, lfs);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<LfsPointer?> PointerAsync(IGitContents contents, GitEntry file, CancellationToken cancel)
    {
        // The shortest has a line of 30 bytes, one of 76, and a size. What is not on this machine is larger than any.
        if (contents.SizeOf(file) is not (>= 100 and < LfsPointer.MaxBytes and long size))
            return null;
        byte[] content = new byte[size];
        using Stream stream = await contents.OpenAsync(file, cancel).ConfigureAwait(false);
        await stream.ReadExactlyAsync(content, cancel).ConfigureAwait(false);
        return LfsPointer.Parse(content);
    }

    /// <summary>
    /// A commit by git's protocol over HTTP; where the host does not speak a form of it that we know, by the local git.
    /// </summary>
    private async Task<IGitContents> ByHttpAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        try
        {
            (List<GitEntry> entries, List<GitPack> packs) =
                await Packs.CommitAsync(reference, commit, cancel).ConfigureAwait(false);
            return new GitHttpCommit(entries, packs, token => TryArchiveAsync(reference, commit, token),
                (oids, token) => Packs.BlobsAsync(reference, commit, oids, token), Log, reference.ToString());
        }
        // The local git may know a credential helper.
        catch (HubException e)
            when (e.Code is WiseCodes.GitProtocolUnusable or WiseCodes.UnexpectedAnswer or WiseCodes.TokenNeeded)
        {
            try
            {
                IGitContents contents = await ByGitAsync(reference, commit, cancel).ConfigureAwait(false);
                Log.Info($"{reference}: the hub '{Definition.Name}' did not give the commit by HTTP alone, "
                    + $"so that the local git fetched it. \"transport\": \"git\" in {HubNames.ConfigFile} does so at once.");
                return contents;
            }
            catch (HubException missing) when (missing.Code == WiseCodes.GitMissing)
            {
                throw e;
            }
        }
    }

    /// <summary>The archive of a commit, from the place that this kind of host has for it; null where there is none.</summary>
    private async Task<ArchiveFile?> TryArchiveAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        string memory = Path.Combine(_store.Root, "archive-form"),
            record = Path.Combine(_store.RepoFolder(reference), "archives", commit);
        string? remembered = Remembered(memory);
        foreach (ArchiveForm form in ArchiveForm.Of(Definition, remembered))
        {
            Uri uri = form.Uri(Definition.Endpoint!, reference.RepoId, commit);
            try
            {
                string path = await ArchiveAsync(reference, commit, form, uri, record, cancel).ConfigureAwait(false);
                ArchiveFile archive = await context.Archives.OpenAsync($"{Definition.Name} {uri}", Urls.Show(uri),
                    new ArchiveRules { SkipLinks = true }, _ => Task.FromResult(path), cancel).ConfigureAwait(false);
                if (form.Name != remembered)
                    AtomicFile.Write(memory, Encoding.ASCII.GetBytes(form.Name));
                Remember(record, path);
                return archive;
            }
            // Not where this kind of host has it, or something else instead of it. Git itself has everything that an archive has.
            catch (HubException e) when (e.Code is WiseCodes.RepoNotFound or WiseCodes.RevisionNotFound
                or WiseCodes.ArchiveUnreadable or WiseCodes.UnexpectedAnswer or WiseCodes.RedirectRefused
                or WiseCodes.TokenNeeded or WiseCodes.TokenRefused or WiseCodes.Forbidden or WiseCodes.CollidingFileNames
                or WiseCodes.ArchiveTooLarge or WiseCodes.HubUnreachable or WiseCodes.RateLimited)
            {
                Log.Detail($"{reference}: no archive that can be used: {e.Message}");
            }
        }
        return null;
    }

    private async Task<string> ArchiveAsync(
        RepoReference reference, string commit, ArchiveForm form, Uri uri, string record, CancellationToken cancel)
    {
        if (Recall(record) is string kept)
            return kept;
        Credential? credential = form.IsGitLab && Credential is Credential own
            ? Credential.Header(own.Origin, "PRIVATE-TOKEN", own.Token) : Credential;
        var place = new BlobLocation
        {
            Hub = Definition.Name,
            Uri = uri,
            Credential = credential,
            Explain = (response, token) => ReadErrorAsync(reference with { Revision = commit }, response, token),
        };
        Log.Info($"Fetching the archive of {reference} at {commit} from {Definition.Name} …");
        return (await context.FetchAsync(new WantedBlob($"{reference} (archive)", null, null, null,
            [new BlobSource(Definition.Name, _ => Task.FromResult(place))]), cancel).ConfigureAwait(false)).Path;
    }

    private static string? Remembered(string path) =>
        File.Exists(path) ? Encoding.UTF8.GetString(ContendedFiles.OfSystem.Read(path)).Trim() : null;

    /// <summary>The archive of a commit that came before, if it still is in the cache.</summary>
    private string? Recall(string record)
    {
        string[] parts = Remembered(record)?.Split(' ') ?? [];
        return parts.Length == 2 && Digest.TryParse(parts[0], out Digest sha256)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long size)
            && context.Store.Blobs.Verify(sha256, size) ? context.Store.Blobs.PathOf(sha256) : null;
    }

    private static void Remember(string record, string path)
    {
        string text = $"{Path.GetFileName(Path.GetDirectoryName(path))}{Path.GetFileName(path)} "
            + $"{new FileInfo(path).Length.ToString(CultureInfo.InvariantCulture)}";
        if (Remembered(record) != text)
            AtomicFile.Write(record, Encoding.ASCII.GetBytes(text));
    }

    private async Task<IGitContents> ByGitAsync(RepoReference reference, string commit, CancellationToken cancel)
    {
        await _git.CheckAsync(cancel).ConfigureAwait(false);
        Log.Info($"Fetching commit {commit} of {reference} from {Definition.Name} with git …");
        try
        {
            return await GitRepository.FetchAsync(_git, GitAddress.Url(Definition, reference.RepoId), commit, CredentialOfGit,
                Definition.StallTimeout ?? new HttpSettings().StallTimeout, cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw Explain(reference with { Revision = commit }, e);
        }
    }

    private async Task<LfsServer> LfsServerAsync(RepoReference reference, string operation, CancellationToken cancel)
    {
        if (Definition.Git().Transport != GitTransport.Ssh)
            return new LfsServer(RepoUri(reference, "/info/lfs"), Credential);
        // https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md
        (IReadOnlyList<string> destination, string path) = GitAddress.SshOf(Definition, reference.RepoId);
        string said;
        try
        {
            said =
                await _git.SshAsync([.. destination, $"git-lfs-authenticate '{path}' {operation}"], cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw new HubException(WiseCodes.LfsUnusable, $"{reference} on '{Definition.Name}': ssh git-lfs-authenticate failed: "
                + $"{e.Message}. The host has no LFS over ssh, or the key may not "
                + $"{(operation == "upload" ? "write to" : "read")} the repo.", e);
        }
        try
        {
            using JsonDocument json = JsonDocument.Parse(said);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("href", out JsonElement href) && href.ValueKind == JsonValueKind.String
                && Uri.TryCreate(href.GetString(), UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                && uri.UserInfo.Length == 0)
            {
                KeyValuePair<string, string>[] headers = json.RootElement.TryGetProperty("header", out JsonElement header)
                    && header.ValueKind == JsonValueKind.Object
                    ? [.. header.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String)
                        .Select(h => KeyValuePair.Create(h.Name, h.Value.GetString()!))]
                    : [];
                return new LfsServer(uri, headers.Length == 0 ? null : Credential.Given(uri, headers));
            }
        }
        catch (JsonException)
        {
            // Told below: what it said may have a secret.
        }
        throw new HubException(WiseCodes.LfsUnusable, $"{reference} on '{Definition.Name}': ssh git-lfs-authenticate answered "
            + "something else than the address of an LFS server. Ask the operator of the host.");
    }

    private void WarnAboutSkipped(RepoReference reference, IGitContents contents)
    {
        if (contents.Links.Where(reference.Files.Matches).ToList() is { Count: > 0 } links)
        {
            Log.Warning(WiseCodes.GitLinkSkipped, $"{reference}: {Names(links)} "
                + $"{(links.Count == 1 ? "is a symbolic link, which is" : "are symbolic links, which are")} left out: "
                + $"a link may lead anywhere. Reference the file that it leads to, or leave it out with {context.ExcludeOption}.",
                reference);
        }
        if (contents.Submodules is { Count: > 0 } modules)
            Log.Info($"{reference} has submodules ({Names(modules)}), which are left out. Reference their repos on their own.");
    }

    private static string Names(IReadOnlyList<string> paths) =>
        string.Join(", ", paths.Take(NamesShown).Select(p => $"'{string.Concat(p.Select(c => char.IsControl(c) ? '?' : c))}'"))
        + (paths.Count > NamesShown ? $" and {paths.Count - NamesShown} more" : "");

    private async Task<HubException> ReadErrorAsync(RepoReference reference, HubResponse response, CancellationToken cancel)
    {
        string said = await response.ErrorDetailAsync(cancel).ConfigureAwait(false);
        string where = $"{reference} on '{Definition.Name}' ({Urls.Show(response.Uri)}, "
            + $"{(int)response.Status}{(said.Length > 0 ? $": \"{said}\"" : "")})";
        bool isCommit = reference.Revision is string revision && CommitId.IsCommit(revision);
        return response.Status switch
        {
            // GitHub and others hide what a stranger may not see behind this.
            HttpStatusCode.Unauthorized when Credential is null => new HubException(WiseCodes.TokenNeeded,
                $"{where}: the repo does not exist, or it is private and no token was sent. {SetToken}"),
            HttpStatusCode.Unauthorized => new HubException(WiseCodes.TokenRefused,
                $"{where}: the hub refused the token, or the repo does not exist. Check the name. {Remedy}"),
            HttpStatusCode.Forbidden => new HubException(WiseCodes.Forbidden,
                $"{where}: access is forbidden. Check the rights of the token, and whether the host limits strangers. {Remedy}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone when isCommit => new HubException(WiseCodes.RevisionNotFound,
                $"{where}: there is no such repo or commit. Check both on {PageOf(reference)}. {SetToken}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new HubException(WiseCodes.RepoNotFound,
                $"{where}: there is no such repo. Check the name and the hub's endpoint. {SetToken}"),
            _ => new HubException(WiseCodes.UnexpectedAnswer, $"{where}: unexpected response. Check the endpoint of the hub."),
        };
    }

    private string SetToken =>
        Credential is null ? $"If it is private: {Remedy}" : $"If it is private, the token in use may not see it. {Remedy}";

    // By the words of git 2.39 to 2.51 and OpenSSH; what is not known is shown as it is.
    private HubException Explain(RepoReference reference, GitFailure failure)
    {
        string said = failure.Message,
            where = $"{reference} on '{Definition.Name}' ({GitAddress.Url(Definition, reference.RepoId)}): git says: {said}.";
        bool Says(params string[] words) => words.Any(w => said.Contains(w, StringComparison.OrdinalIgnoreCase));
        return Says("Permission denied (", "Host key verification failed") ? Error(WiseCodes.TokenRefused,
            "Check that the key of this user may read the repo, and that the host's key is in known_hosts; "
            + "try it with ssh by hand.")
            : Says("could not read Username", "could not read Password", "terminal prompts disabled", "Authentication failed",
                "error: 401") ? Credential is null ? Error(WiseCodes.TokenNeeded, SetToken)
                    : Error(WiseCodes.TokenRefused, $"Check the name. {Remedy}")
            : Says("error: 403") ? Error(WiseCodes.Forbidden, $"Check the rights of the token. {Remedy}")
            : Says("not our ref", "unadvertised object", "Not a valid object name", "bad object")
                && reference.Revision is string gone && CommitId.IsCommit(gone)
                ? GitProblems.CommitGone(reference, Definition, gone, said, failure)
            : Says("couldn't find remote ref", "not our ref", "unadvertised object", "Not a valid object name", "bad object")
                ? Error(WiseCodes.RevisionNotFound, $"Look at {PageOf(reference)}.")
            : Says("Could not resolve", "unable to access", "Connection refused", "Connection timed out", "Operation too slow",
                "early EOF", "Network is unreachable", "No route to host", "RPC failed", "unexpected disconnect")
                && !Says("not found", "error: 404") ? Error(WiseCodes.HubUnreachable,
                    "Check the network, a proxy, certificates (http.sslCAInfo), and the endpoint in wisehub.json.")
            : Says("not found", "does not exist", "not appear to be a git repository", "error: 404", "no such repository")
                ? Error(WiseCodes.RepoNotFound, $"Check the name and the hub's endpoint. {SetToken}")
            : Error(WiseCodes.GitFailed, "Try the same with git by hand.");

        HubException Error(string code, string remedy) => new(code, $"{where} {remedy}", failure);
    }
}
