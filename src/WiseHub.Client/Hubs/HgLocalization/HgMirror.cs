using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Writes commits of other hubs into a bucket of hg_localization, as copies under the id, configuration and revision of the
/// reference, because that tool has no commits. Our list beside the files names the commit and its hub, so the copy stands for
/// that commit only. A copy is always complete, so the bucket cannot hold a part of a commit, nor the content of a URL.
/// </summary>
internal sealed class HgMirror(HgLocalizationHub hub, IHubContext context) : IMirrorTarget
{
    public HubDefinition Definition => hub.Definition;

    // The bucket holds copies by name, but no file lists of other hubs.
    public Task<IReadOnlyList<TreeEntry>?> FindListAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<TreeEntry>?>(null);

    /// <exception cref="HubException">
    /// WISE3064; WISE1013, WISE1018, WISE1035: it cannot hold such a repo; WISE1036: it has no bucket or no keys; WISE2050,
    /// WISE2051, WISE2055, or a code of the bucket.
    /// </exception>
    public async Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel)
    {
        if (commit is not { HasName: true, Reference: RepoReference reference })
            throw HgMessages.HasNoPlace(commit, Definition.Name, HgMessages.UrlHasNoId);
        hub.Check(reference);
        Dictionary<string, string> sources = Sources(commit);
        HgSettings settings = hub.Settings;
        Bucket bucket = settings.Bucket is null ? throw Missing(commit, HgMessages.NoBucketToMirrorTo)
            : BucketProtocol.Open(context, settings.Definition);
        if (bucket.IsAnonymous)
            throw Missing(commit, HgMessages.NoKeysToMirror);
        try
        {
            (int files, long bytes, bool isNew) = await new HgUpload(settings, bucket, bucket.Uploads, context.Log, context.Time)
                .MirrorAsync(HgCopyName.Of(reference), commit, sources, cancel).ConfigureAwait(false);
            return new MirrorOutcome(files, bytes, isNew, IsNewRevision: false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, HgMessages.NotMirrored(commit.RepoId, Definition.Name));
        }
    }

    private Dictionary<string, string> Sources(MirroredCommit commit)
    {
        Dictionary<string, string> contents = commit.Contents.DistinctBy(c => c.Sha256.Hex)
            .ToDictionary(c => c.Sha256.Hex, c => c.Path, StringComparer.Ordinal);
        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TreeEntry file in commit.Files)
        {
            if (!HgFile.IsContent(file.Path))
                throw HgMessages.HasNoPlace(commit, Definition.Name, HgMessages.ReservedName(file.Path));
            sources[file.Path] = file.Sha256 is Digest digest && contents.TryGetValue(digest.Hex, out string? path) ? path
                : throw HgMessages.HasNoPlace(
                    commit, Definition.Name, HgMessages.PartOfCommit(file.Path, commit.Files.Count));
        }
        return sources;
    }

    private HubException Missing(MirroredCommit commit, string reason) =>
        HgMessages.CannotMirror(commit.RepoId, Definition.Name, reason);
}
