using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// The places of copies, in the order of the search: folders of this machine, the bucket with credentials, its public
/// archives.
/// </summary>
internal sealed class HgSources(HgSettings settings, Bucket? bucket, IHubContext context)
{
    // Each place is searched once in a run, although the files of a copy are located one by one.
    private readonly ConcurrentDictionary<(HgCopyName, string), Lazy<Task<HgCopy?>>> _looks = new();

    /// <summary>The places of a hub, not searched yet.</summary>
    public static HgSources Of(HgSettings settings, IHubContext context) => new(
        settings,
        settings.Bucket is null ? null : BucketProtocol.Open(context, settings.Definition),
        context);

    public HgSettings Settings { get; } = settings;

    public HgLocalStore Local { get; } = new(settings);

    public HgPrivateBucket? Private { get; } = bucket is null || bucket.IsAnonymous || context.Offline ? null
        : new HgPrivateBucket(settings, bucket);

    public HgPublicBucket? Public { get; } = bucket is null || context.Offline ? null
        : new HgPublicBucket(settings, bucket, context);

    /// <summary>Finds the copies of a name, the preferred first. A place is searched only if the caller asks for more.</summary>
    public async IAsyncEnumerable<HgCopy> FindAllAsync(
        HgCopyName name, IHubRun run, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await LookAsync("public folder", () => Local.FindAsync(name, isPublic: true, cancel)).ConfigureAwait(false)
            is HgCopy fetched)
            yield return fetched;
        if (await LookAsync("folder", () => Local.FindAsync(name, isPublic: false, cancel)).ConfigureAwait(false) is HgCopy local)
            yield return local;
        if (Private is not null
            && await LookAsync("private", () => Private.FindAsync(name, cancel)).ConfigureAwait(false) is HgCopy stored)
            yield return stored;
        if (Public is not null
            && await LookAsync("public", () => Public.FindAsync(name, run, cancel)).ConfigureAwait(false) is HgCopy published)
            yield return published;

        Task<HgCopy?> LookAsync(string place, Func<Task<HgCopy?>> look) =>
            _looks.GetOrAdd((name, place), _ => new Lazy<Task<HgCopy?>>(look)).Value;
    }

    /// <summary>Words that no place has the copy.</summary>
    public async Task<HubException> NotFoundAsync(HgCopyName name, CancellationToken cancel)
    {
        var looked = new List<string>();
        if (Local.FolderOf(name, isPublic: false) is string folder)
            looked.Add(folder);
        if (Private is not null)
            looked.Add(Private.WhereOf(name));
        if (Public is not null)
            looked.Add(Urls.Show(Public.AddressOf(Settings.Layout.PublicKey(name.Type))));
        string unseen = context.Offline && bucket is not null ? HgMessages.BucketNotAsked
            : bucket is not null && Private is null ? HgMessages.OnlyPublicVisible(Settings.Definition.TokenVariable) : "";
        return HgMessages.NotFound(
            name, Settings.Definition, looked, await OthersAsync(name, cancel).ConfigureAwait(false), unseen);
    }

    // The manifest comes from the cache, because it was read a moment ago.
    private async Task<IReadOnlyList<HgCopyInfo>> OthersAsync(HgCopyName name, CancellationToken cancel)
    {
        IEnumerable<HgCopyInfo> local = Local.List(name.Type);
        HgManifest? published = Public is null ? null : await Public.ManifestAsync(name.Type, cancel).ConfigureAwait(false);
        IEnumerable<HgCopyInfo> all = local.Concat((published?.Entries ?? []).Select(
            e => new HgCopyInfo(name.Type, e.Name.Id, e.Name.Config, e.Name.Revision, IsPublic: true, IdIsGuessed: false)));
        return [.. all.DistinctBy(c => c.Name).OrderBy(c => c.Id == name.Id ? 0 : 1)];
    }
}
