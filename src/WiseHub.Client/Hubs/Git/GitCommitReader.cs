using WiseHub.Client.Contents;
using WiseHub.Client.Http;
using WiseHub.Client.Transfer;

namespace WiseHub.Client.Hubs.Git;

/// <summary>
/// A commit of a git host. The commit is opened at the first use, and again if the cache has lost a part of it since. LFS
/// contents come from the LFS server.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="git">The local git.</param>
/// <param name="context">Cache and log.</param>
/// <param name="run">The run that the commit is opened for.</param>
/// <param name="reference">The repo and the wanted files.</param>
/// <param name="commit">The id of the commit.</param>
/// <param name="movedTo">The URL that the host redirects the repo to, if it is known already.</param>
internal sealed class GitCommitReader(GitHost host, GitTool git, IHubContext context, IHubRun run,
    RepoReference reference, string commit, Uri? movedTo) : IHubCommit
{
    private readonly SemaphoreSlim _gate = new(1);
    private Files? _files;

    /// <summary>The files of the open commit.</summary>
    private sealed record Files(
        IGitContents Contents, Dictionary<string, (GitEntry File, LfsPointer? Pointer)> ByPath, LfsLocator Lfs) : IDisposable
    {
        public void Dispose()
        {
            Contents.Dispose();
            Lfs.Dispose();
        }
    }

    public string Id => commit;

    public async Task<IReadOnlyList<TreeEntry>> ListAsync(CancellationToken cancel)
    {
        Files open = await OpenAsync(cancel).ConfigureAwait(false);
        WarnAboutSkipped(open.Contents);
        return [.. open.ByPath.Values.Select(f => f.Pointer is null
            ? new TreeEntry(f.File.Path, open.Contents.SizeOf(f.File), f.File.Oid.Length == 40 ? f.File.Oid : null, null)
            : new TreeEntry(f.File.Path, f.Pointer.Size, null, f.Pointer.Sha256))];
    }

    /// <summary>Over HTTP, the list has the sizes of small files only.</summary>
    /// <inheritdoc/>
    public async Task<IReadOnlyList<TreeEntry>> DescribeAsync(
        IReadOnlyList<TreeEntry> tree, IReadOnlyList<TreeEntry> wanted, CancellationToken cancel)
    {
        if (wanted.All(f => f.Size is not null))
            return wanted;
        Files open = await OpenAsync(cancel).ConfigureAwait(false);
        await open.Contents.PrepareAsync([.. wanted.Where(f => f.Size is null && open.ByPath.ContainsKey(f.Path))
            .Select(f => open.ByPath[f.Path].File)], cancel).ConfigureAwait(false);
        return [.. wanted.Select(
            f => f.Size is null && open.ByPath.TryGetValue(f.Path, out (GitEntry File, LfsPointer? Pointer) found)
                ? f with { Size = open.Contents.SizeOf(found.File) } : f)];
    }

    public IReadOnlyList<BlobSource> Locate(TreeEntry file) =>
        [new BlobSource(host.Definition.Name, token => LocateAsync(file, token))];

    public void Dispose()
    {
        _files?.Dispose();
        _gate.Dispose();
    }

    private async Task<BlobLocation> LocateAsync(TreeEntry file, CancellationToken cancel)
    {
        Files open = await OpenAsync(cancel).ConfigureAwait(false);
        if (!open.ByPath.TryGetValue(file.Path, out (GitEntry File, LfsPointer? Pointer) found))
            throw GitMessages.FileNotFound(reference, host.Definition.Name, commit, file.Path);
        if (found.Pointer is null)
        {
            // One request brings the other wanted files, too.
            if (open.Contents.SizeOf(found.File) is null)
                await open.Contents.PrepareAsync([found.File, .. open.ByPath.Values.Where(f => f.Pointer is null
                    && reference.Files.Matches(f.File.Path)).Select(f => f.File)], cancel).ConfigureAwait(false);
            return new BlobLocation
            {
                Hub = host.Definition.Name,
                Open = token => open.Contents.OpenAsync(found.File, token),
                Inside = open.Contents.PlaceOf(found.File),
                WasFetched = open.Contents.WereFetched,
            };
        }
        (Uri uri, Credential? credential) = await open.Lfs.LocateAsync(found.Pointer, file.Path, cancel).ConfigureAwait(false);
        return new BlobLocation
        {
            Hub = host.Definition.Name,
            Uri = uri,
            Credential = credential,
            ReadError = (response, token) => host.ReadErrorAsync(reference with { Revision = commit }, response, token),
        };
    }

    private async Task<Files> OpenAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_files is { Contents.IsThere: true })
                return _files;
            _files?.Dispose();
            _files = null;
            IGitContents contents = host.UsesGit ? await ByGitAsync(cancel).ConfigureAwait(false)
                : await ByHttpAsync(cancel).ConfigureAwait(false);
            var files = new Dictionary<string, (GitEntry, LfsPointer?)>(contents.Files.Count, StringComparer.Ordinal);
            foreach (GitEntry file in contents.Files)
                files[file.Path] = (file, await PointerAsync(contents, file, cancel).ConfigureAwait(false));
            // In the order of the downloads, the largest first.
            List<LfsPointer> pointers =
                [.. files.Values.Select(f => f.Item2).OfType<LfsPointer>().OrderByDescending(p => p.Size)];
            var discovery = new LfsDiscovery(host, git);
            var lfs = new LfsLocator($"{reference} on '{host.Definition.Name}'", host.Connection, context.Time,
                token => discovery.FindAsync(reference, "download", token),
                (response, token) => host.ReadErrorAsync(reference, response, token), pointers);
            return _files = new Files(contents, files, lfs);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<LfsPointer?> PointerAsync(IGitContents contents, GitEntry file, CancellationToken cancel)
    {
        // The shortest pointer has a line of 30 bytes, one of 76, and a size. Files of unknown size are larger than any pointer.
        if (contents.SizeOf(file) is not (>= 100 and < LfsPointer.MaxBytes and long size))
            return null;
        byte[] content = new byte[size];
        using Stream stream = await contents.OpenAsync(file, cancel).ConfigureAwait(false);
        await stream.ReadExactlyAsync(content, cancel).ConfigureAwait(false);
        return LfsPointer.Parse(content);
    }

    /// <summary>
    /// Reads a commit by git's protocol over HTTP, or by the local git if the host has no supported form of the protocol.
    /// </summary>
    private async Task<IGitContents> ByHttpAsync(CancellationToken cancel)
    {
        var packs = new GitPackSource(host, context, run, reference, commit)
        {
            Place = movedTo,
            FindPlaceAsync = async token =>
            (await new GitRefReader(host, git, context).ByHttpAsync(reference, token).ConfigureAwait(false)).MovedTo
        };
        try
        {
            (List<GitEntry> entries, List<GitPack> known) =
                await packs.CommitAsync(cancel).ConfigureAwait(false);
            return new GitHttpCommit(entries, known,
                token => new GitArchives(host, context, run).TryOpenAsync(reference, commit, token),
                packs.BlobsAsync, context.Log, reference.ToString());
        }
        // The local git may have a credential helper, so it is tried before a missing token is reported.
        catch (HubException e)
            when (e.Code is WiseCodes.GitProtocolUnusable or WiseCodes.UnexpectedAnswer or WiseCodes.TokenNeeded)
        {
            try
            {
                IGitContents contents = await ByGitAsync(cancel).ConfigureAwait(false);
                context.Log.Info(GitMessages.FetchedWithGit(reference, host.Definition.Name));
                return contents;
            }
            catch (HubException missing) when (missing.Code == WiseCodes.GitMissing)
            {
                throw e;
            }
        }
    }

    private async Task<IGitContents> ByGitAsync(CancellationToken cancel)
    {
        await git.CheckAsync(cancel).ConfigureAwait(false);
        context.Log.Info(GitMessages.FetchingWithGit(reference, commit, host.Definition.Name));
        try
        {
            return await GitRepository.FetchAsync(git, GitAddress.Url(host.Definition, reference.RepoId), commit,
                host.CredentialOfGit,
                host.Definition.StallTimeout ?? new HttpSettings().StallTimeout, cancel).ConfigureAwait(false);
        }
        catch (GitFailure e)
        {
            throw host.ToError(reference with { Revision = commit }, e);
        }
    }

    private void WarnAboutSkipped(IGitContents contents)
    {
        if (contents.Links.Where(reference.Files.Matches).ToList() is { Count: > 0 } links)
        {
            context.Log.Warning(WiseCodes.GitLinkSkipped,
                GitMessages.LinksSkipped(reference, Names(links), links.Count == 1, context.ExcludeOption), reference);
        }
        if (contents.Submodules is { Count: > 0 } modules)
            context.Log.Info(GitMessages.SubmodulesSkipped(reference, Names(modules)));
    }

    private static string Names(IReadOnlyList<string> paths) =>
        NameList.Some([.. paths.Select(p => $"'{string.Concat(p.Select(c => char.IsControl(c) ? '?' : c))}'")]);
}
