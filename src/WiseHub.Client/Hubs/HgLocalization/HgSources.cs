using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using WiseHub.Client.Hubs.S3;

namespace WiseHub.Client.Hubs.HgLocalization;

/// <summary>
/// Where copies may be, in the order in which they are asked: folders of this machine, the bucket with credentials,
/// its public archives.
/// </summary>
internal sealed class HgSources(HgSettings settings, Bucket? bucket, IHubContext context)
{
    // One look at each place a run: the files of a copy are located one by one.
    private readonly ConcurrentDictionary<(HgCopyName, string), Lazy<Task<HgCopy?>>> _looks = new();

    /// <summary>The places of a hub, with a new look at each of them.</summary>
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

    /// <summary>Every copy of that name, the preferred first; a place is asked when the ones before it do not do.</summary>
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

    /// <summary>What to say when no place has it.</summary>
    public async Task<HubException> NotFoundAsync(HgCopyName name, CancellationToken cancel)
    {
        var looked = new List<string>();
        if (Local.FolderOf(name, isPublic: false) is string folder)
            looked.Add(folder);
        if (Private is not null)
            looked.Add(Private.WhereOf(name));
        if (Public is not null)
            looked.Add(Urls.Show(Public.AddressOf(Settings.Layout.PublicKey(name.Type))));
        string why = context.Offline && bucket is not null ? " Its bucket was not asked, because the network must not be used."
            : bucket is not null && Private is null ? " Without credentials only what is published can be seen; "
                + "set HGLOC_AWS_ACCESS_KEY_ID and HGLOC_AWS_SECRET_ACCESS_KEY, or "
                + $"{Settings.Definition.TokenVariable}, to see the rest."
            : "";
        IReadOnlyList<HgCopyInfo> others = await OthersAsync(name, cancel).ConfigureAwait(false);
        string has = others.Count == 0 ? "" : $" It has {string.Join("; ", others.Take(10).Select(o => o.Name))}.";
        return new HubException(others.Any(o => o.Id == name.Id) ? WiseCodes.RevisionNotFound : WiseCodes.RepoNotFound,
            $"{name}: the hub '{Settings.Definition.Name}' has no such copy ({string.Join(", ", looked)}).{has}{why} Id, "
            + "configuration and revision must be written as they were when it was uploaded.");
    }

    // The manifest was read a moment ago, and the cache has it.
    private async Task<IReadOnlyList<HgCopyInfo>> OthersAsync(HgCopyName name, CancellationToken cancel)
    {
        IEnumerable<HgCopyInfo> local = Local.List(name.Type);
        HgManifest? published = Public is null ? null : await Public.ManifestAsync(name.Type, cancel).ConfigureAwait(false);
        IEnumerable<HgCopyInfo> all = local.Concat((published?.Entries ?? []).Select(
            e => new HgCopyInfo(name.Type, e.Name.Id, e.Name.Config, e.Name.Revision, IsPublic: true, IdIsGuessed: false)));
        return [.. all.DistinctBy(c => c.Name).OrderBy(c => c.Id == name.Id ? 0 : 1)];
    }
}
