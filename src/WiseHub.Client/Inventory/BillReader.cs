using System.Globalization;
using System.Security.Cryptography;
using WiseHub.Client.Configuration;
using WiseHub.Client.Context;
using WiseHub.Client.Files;
using WiseHub.Client.Hubs;
using WiseHub.Client.Restoring;
using WiseHub.Client.Store;

namespace WiseHub.Client.Inventory;

/// <summary>Gathers what a list of materials says about repos: from the lock file, the cache and the configuration.</summary>
internal sealed class BillReader
{
    private readonly ClientContext _context;

    // The hubs that everybody has: built in, or declared by the project. The user's own configuration and the environment only
    // say how this machine reaches them, and the text must not differ between machines.
    private readonly Dictionary<string, HubDefinition> _known;

    public BillReader(ClientContext context)
    {
        _context = context;
        _known = context.Protocols.All.SelectMany(p => p.BuiltIn)
            .ToDictionary(h => h.Name, StringComparer.OrdinalIgnoreCase);
        if (context.Config.Project is ConfigFile project)
        {
            // A mirror or default hub of the file may be one of the user's own.
            var all = new Dictionary<string, HubDefinition>(context.Config.Hubs, StringComparer.OrdinalIgnoreCase);
            ConfigFile.Read(project.Path, all, isUsersOwn: false, context.Environment, context.Protocols);
            foreach (string name in project.Declared)
                _known[name] = all[name];
        }
    }

    /// <summary>The seconds of <c>SOURCE_DATE_EPOCH</c> as a time; null without it.</summary>
    /// <exception cref="HubException">WISE6040: the variable is malformed.</exception>
    public static DateTimeOffset? TimeOf(Func<string, string?> environment)
    {
        if (environment("SOURCE_DATE_EPOCH") is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : throw InventoryMessages.WrongEpoch(text);
    }

    /// <summary>Describes an entry of a lock file. Makes no request.</summary>
    public BillEntry Read(LockEntry locked)
    {
        var entry = new BillEntry(locked.Key, locked.Commit,
            [.. locked.Files.Select(f => new BillFile(f.Path, f.Size, f.Sha256, f.Waived))])
        {
            Selections = [.. locked.Selections.Select(LockFile.TextOf)],
            License = locked.License,
            Gate = locked.Gate,
            Signature = locked.Signature,
            Address = AddressOf(locked.Key, locked.Commit),
        };
        return entry.CardFile is BillFile card ? entry with { Facts = CachedFacts(card) } : entry;
    }

    /// <summary>Resolves a repo and lists its files with the digests that the hub states. Reads only the card.</summary>
    public async Task<BillEntry> ListAsync(IHub hub, RepoReference repo, CancellationToken cancel)
    {
        using HubRun run = _context.BeginRun();
        IHubCommit commit = await run.ResolveAsync(hub, repo, cancel).ConfigureAwait(false);
        CommitFacts? facts = await commit.FactsAsync(mayAsk: true, cancel).ConfigureAwait(false);
        IReadOnlyList<TreeEntry> all = await commit.ListAsync(cancel).ConfigureAwait(false);
        List<TreeEntry> files = [.. await commit.DescribeAsync(all, [.. all.Where(f => repo.Files.Matches(f.Path))], cancel)
            .ConfigureAwait(false)];
        Utf8Ordinal.Sort(files, f => f.Path);
        var key = new LockKey(repo.RepoType, repo.RepoId, hub.Definition.Name, repo.Revision, repo.Config);
        var entry = new BillEntry(key, commit.Id, [.. files.Select(f => new BillFile(f.Path, f.Size, f.Sha256))])
        {
            Selections = [LockFile.TextOf(repo.Files)],
            Gate = facts?.Gate,
            Address = AddressOf(key, commit.Id),
        };
        CardFacts card = entry.CardFile is BillFile file
            ? CardFacts.Read(await new FileBeginning(_context, run, cancel).ReadAsync(
                hub, repo, commit.Id, files.First(f => f.Path == file.Path), CardFacts.LargestCard).ConfigureAwait(false))
            : CardFacts.None;
        return entry with { Facts = card, License = facts is { License.Count: > 0 } ? facts.License : card.StatedLicense };
    }

    private RepoAddress AddressOf(LockKey key, string commit)
    {
        string name = key.Hub.Split(';')[0];
        HubDefinition? hub = _context.Protocols.Reserved(name) ?? _known.GetValueOrDefault(name);
        if (hub is null)
            return RepoAddress.Unknown;
        var reference = new RepoReference
        {
            RepoId = key.RepoId,
            RepoType = key.RepoType,
            Revision = commit,
            Config = key.Config,
            Hubs = [name],
        };
        HubProtocol protocol = _context.Protocols.Of(hub);
        return RepoAddress.Of(protocol, hub, OpenForPages(protocol, hub, reference), reference);
    }

    private IHub? OpenForPages(HubProtocol protocol, HubDefinition hub, RepoReference reference)
    {
        // A lock file is input: an id that no hub can have has no page.
        if (reference.Validate(protocol.AllowsAnyId).Count > 0)
            return null;
        if (_context.Config.Find(hub.Name).IsSamePlace(hub))
            return _context.Hub(hub.Name);
        // The environment or the user has moved it.
        return protocol.PageOrigins(hub).Any() ? protocol.Open(hub, _context) : null;
    }

    // The digest in the lock file says what the card is, so that its facts are the same on every machine that has it.
    private CardFacts CachedFacts(BillFile card)
    {
        if (card is not { Sha256: Digest digest, Size: long size } || size > CardFacts.LargestCard
            || _context.Store.Blobs.Look(digest, size) == BlobState.Missing)
            return CardFacts.None;
        try
        {
            byte[] bytes = ContendedFiles.OfSystem.Read(_context.Store.Blobs.PathOf(digest));
            return Digest.FromBytes(SHA256.HashData(bytes)) == digest ? CardFacts.Read(bytes) : CardFacts.None;
        }
        catch (Exception e) when (IoFailures.IsFileSystem(e))
        {
            // Removed since the look: the same as never there.
            return CardFacts.None;
        }
    }
}
