using WiseHub.Client.Files;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Writes commits of other hubs into a bucket of hg_localization, as copies under the id, configuration and revision of the
/// reference: that tool knows no commits. Our list beside the files says which commit of which hub a copy is, so that it answers
/// for that one only. A copy is a whole, so that a part of a commit has no place there; nor has the content of a URL.
/// </summary>
internal sealed class HgMirror(HgLocalizationHub hub, IHubContext context) : IMirrorTarget
{
    public HubDefinition Definition => hub.Definition;

    // The bucket has copies by name, and does not know the file lists of other hubs.
    public Task<IReadOnlyList<TreeEntry>?> FindListAsync(RepoReference reference, string commit, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<TreeEntry>?>(null);

    /// <exception cref="HubException">
    /// WISE3064; WISE1013, WISE1018, WISE1035: it cannot have such a repo; WISE1036: it has no bucket or no keys; WISE2050,
    /// WISE2051, WISE2055, or a code of the bucket.
    /// </exception>
    public async Task<MirrorOutcome> WriteAsync(MirroredCommit commit, CancellationToken cancel)
    {
        if (commit is not { HasName: true, Reference: RepoReference reference })
            throw NoPlace(commit, "the content of a URL has no id there");
        hub.Check(reference);
        Dictionary<string, string> sources = Sources(commit);
        HgSettings settings = hub.Settings;
        Bucket bucket = settings.Bucket is null ? throw Missing(commit, "it has no bucket; a local tree is not written to")
            : BucketProtocol.Open(context, settings.Definition);
        if (bucket.IsAnonymous)
            throw Missing(commit,
                $"no credentials for its bucket were found. Set {HgSettings.KeyVariable} and {HgSettings.SecretVariable}");
        try
        {
            (int files, long bytes, bool isNew) = await new HgUpload(settings, bucket, bucket.Uploads, context.Log, context.Time)
                .MirrorAsync(HgCopyName.Of(reference), commit, sources, cancel).ConfigureAwait(false);
            return new MirrorOutcome(files, bytes, isNew, IsNewRevision: false);
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            throw IoFailures.ToHubException(e, $"{commit.RepoId} could not be written to '{Definition.Name}'");
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
                throw NoPlace(commit, $"'{file.Path}' is the name of a file that is not content there");
            sources[file.Path] = file.Sha256 is Digest digest && contents.TryGetValue(digest.Hex, out string? path) ? path
                : throw NoPlace(commit, $"a copy is a whole, and '{file.Path}' of {commit.Files.Count} files is not at hand");
        }
        return sources;
    }

    private HubException NoPlace(MirroredCommit commit, string why) => new(WiseCodes.MirrorHasNoPlace,
        $"{commit.RepoId}: '{Definition.Name}' (hg_localization) cannot take commit {commit.Commit}: {why}. "
        + "Mirror all files of the repo, or name a mirror that is a store.");

    private HubException Missing(MirroredCommit commit, string what) =>
        new(WiseCodes.HgSettingMissing, $"{commit.RepoId} cannot be mirrored to '{Definition.Name}': {what}.");
}
