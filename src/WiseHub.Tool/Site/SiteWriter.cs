using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>What a run wrote.</summary>
internal sealed record SiteResult(string Folder, int Repos, int Commits, int Pages, int Written, int Removed);

/// <summary>Writes the site of a hub: the pages of the repos first, and the list of all repos last.</summary>
internal sealed class SiteWriter(HubClient client, string hub, string title, string folder)
{
    private static readonly string[] Assets = ["icon.svg", "site.css", "site.js"];

    /// <exception cref="HubException">WISE1095, WISE1096, WISE1101, or any code of a listing.</exception>
    public async Task<SiteResult> WriteAsync(CancellationToken cancel)
    {
        if (client.Mirrors.IsBundle(hub))
            throw SiteMessages.NotABundle(hub);
        MirrorListing listing = await client.Mirrors.ListAsync(hub, cancel).ConfigureAwait(false);
        IReadOnlyList<SiteRepo> repos = SiteRepo.Of(listing);
        HashSet<Digest> there = [.. listing.Digests];
        var pages = new SitePages(title, hub, r => client.FindMistakes([r]).Count == 0, there.Contains);
        List<string> paths =
        [
            SitePages.IndexName, .. Assets.Select(a => $"{SitePages.AssetsFolder}/{a}"),
            .. repos.SelectMany(r => r.Commits.Select(c => SitePages.PathOf(r, c)).Prepend(SitePages.PathOf(r))),
        ];
        SiteFolder site = SiteFolder.Open(folder, paths);
        foreach (string asset in Assets)
            site.Write($"{SitePages.AssetsFolder}/{asset}", Asset(asset));
        var entries = new List<IndexEntry>();
        foreach (SiteRepo repo in repos)
        {
            foreach (MirrorCommit commit in repo.Commits)
            {
                cancel.ThrowIfCancellationRequested();
                SiteCard card = await SiteCard.ReadAsync(client, hub, commit, SitePages.LinksToFiles(commit), cancel)
                    .ConfigureAwait(false);
                site.Write(SitePages.PathOf(repo, commit), Bytes(pages.Commit(repo, commit, card, isMain: false)));
                if (commit != repo.Main)
                    continue;
                site.Write(SitePages.PathOf(repo), Bytes(pages.Commit(repo, commit, card, isMain: true)));
                // The list needs the words of a card, not its text.
                entries.Add(new IndexEntry(repo, card with { Html = default }));
            }
        }
        site.Write(SitePages.IndexName, Bytes(pages.Index(entries)));
        site.Finish();
        return new SiteResult(folder, repos.Count, listing.Commits.Count, paths.Count, site.Written, site.Removed);
    }

    private static byte[] Bytes(string page) => Encoding.UTF8.GetBytes(page);

    private static byte[] Asset(string name)
    {
        using Stream resource = typeof(SiteWriter).Assembly.GetManifestResourceStream($"site/{name}")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
