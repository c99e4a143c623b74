using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>A <c>WiseModelReference</c> item, parsed and checked.</summary>
internal sealed record ModelItem(ITaskItem Item, RepoReference Reference, string Alias, string TargetPath)
{
    private static readonly string[] CopyValues = ["IfDifferent", "Always", "Never"];

    // Metadata that have no effect on a model without files in the output.
    private static readonly string[] PlacingMetadata =
        [Names.TargetPath, Names.LinkMode, Names.CopyToOutputDirectory, Names.CopyToPublishDirectory];

    public required string CopyToOutputDirectory { get; init; }

    public required string CopyToPublishDirectory { get; init; }

    public required LinkMode LinkMode { get; init; }

    /// <summary>Where a program finds the files.</summary>
    public required ModelPlace Place { get; init; }

    /// <summary>Reads all items, and reports the mistakes in each.</summary>
    /// <param name="items">The references.</param>
    /// <param name="defaultLinkMode">The link mode of items without one.</param>
    /// <param name="parse">Parses an id or a URL, and a flag that requests unpacking.</param>
    /// <param name="mistake">Receives each mistake with its item.</param>
    public static List<ModelItem> ReadAll(IEnumerable<ITaskItem> items, LinkMode defaultLinkMode,
        Func<string, bool, RepoReference> parse, Action<HubException, ITaskItem> mistake)
    {
        var models = new List<ModelItem>();
        foreach (ITaskItem item in items)
        {
            try
            {
                models.Add(Read(item, defaultLinkMode, parse));
            }
            catch (HubException e)
            {
                mistake(e, item);
            }
        }
        return models;
    }

    /// <summary>Reports duplicate aliases. An alias names a folder and a class, so it must be unique, ignoring case.</summary>
    public static void CheckAliases(IEnumerable<ModelItem> models, Action<HubException, ITaskItem> mistake)
    {
        foreach (var same in models.GroupBy(m => m.Alias, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            mistake(BuildMessages.SameAlias(same.Select(m => m.Item.ItemSpec), same.Key), same.Last().Item);
        }
    }

    private static ModelItem Read(ITaskItem item, LinkMode defaultLinkMode, Func<string, bool, RepoReference> parse)
    {
        string include = Include(item);
        RepoReference named = parse(include, Flag(item, Names.Unpack));
        string type = Meta(item, Names.RepoType), revision = Meta(item, Names.Revision), digest = Meta(item, Names.Sha256);
        RepoType repoType = named.RepoType;
        if (type.Length > 0 && !RepoTypes.TryParse(type, out repoType))
            throw BuildMessages.WrongValue(Names.RepoType, type, BuildMessages.Types);
        if (revision.Length > 0 && named.Revision is not null && named.Revision != revision)
            throw BuildMessages.TwoRevisions(include, named.Revision, revision);
        Digest sha256 = default;
        if (digest.Length > 0 && !Digest.TryParse(digest, out sha256))
            throw BuildMessages.MalformedDigest(include, digest);
        List<string> allow = List(item, Names.AllowPatterns), ignore = List(item, Names.IgnorePatterns),
            hubs = List(item, Names.Hub);
        RepoReference reference = named with
        {
            RepoType = repoType,
            Revision = revision.Length > 0 ? revision : named.Revision,
            Config = Meta(item, Names.Config) is { Length: > 0 } config ? config : null,
            Hubs = hubs.Count > 0 ? hubs : named.Hubs,
            Files = allow.Count > 0 || ignore.Count > 0 ? new FileSelection(allow, ignore) : named.Files,
            RequiredPaths = allow.Count > 0 || ignore.Count > 0 ? [] : named.RequiredPaths,
            Sha256 = digest.Length > 0 ? sha256 : null,
            Waive = List(item, Names.Waive),
            Optional = Flag(item, Names.Optional),
            Fallback = Flag(item, Names.Fallback),
        };
        string alias = Meta(item, Names.Alias) is { Length: > 0 } given ? given : reference.DefaultAlias;
        if (alias.Length > 0 && alias.Contains('/', StringComparison.Ordinal) || PathNames.RejectSegment(alias) is not null)
            throw BuildMessages.InvalidAlias(include, alias, PathNames.RejectSegment(alias) ?? BuildMessages.HasSlash);
        string target = Meta(item, Names.TargetPath).Replace('\\', '/').TrimEnd('/') is { Length: > 0 } path
            ? path : "models/" + alias;
        if (target != "." && PathNames.Reject(target) is string reason)
            throw BuildMessages.InvalidTargetPath(include, target, reason, alias);
        return new ModelItem(item, reference, alias, target == "." ? "" : target)
        {
            CopyToOutputDirectory = Copy(item, Names.CopyToOutputDirectory),
            CopyToPublishDirectory = Copy(item, Names.CopyToPublishDirectory),
            LinkMode = Meta(item, Names.LinkMode) is not { Length: > 0 } mode ? defaultLinkMode
                : TryReadLinkMode(mode) ?? throw BuildMessages.WrongValue(Names.LinkMode, mode, BuildMessages.LinkModes),
            Place = ReadPlace(item),
        };
    }

    private static ModelPlace ReadPlace(ITaskItem item)
    {
        string fetch = Meta(item, Names.Fetch);
        bool atRunTime = fetch.Equals("AtRunTime", StringComparison.OrdinalIgnoreCase);
        if (fetch.Length > 0 && !atRunTime && !fetch.Equals("AtBuild", StringComparison.OrdinalIgnoreCase))
            throw BuildMessages.WrongValue(Names.Fetch, fetch, BuildMessages.FetchTimes);
        bool embed = Flag(item, Names.Embed);
        string? other = Array.Find(PlacingMetadata, name => Meta(item, name).Length > 0
            && !Meta(item, name).Equals("Never", StringComparison.OrdinalIgnoreCase));
        if ((embed || atRunTime) && other is not null)
            throw BuildMessages.NotPlaced(item.ItemSpec, embed ? "Embed" : "Fetch=\"AtRunTime\"", other);
        if (embed && atRunTime)
            throw BuildMessages.EmbedAtRunTime(item.ItemSpec);
        return embed ? ModelPlace.Assembly : atRunTime ? ModelPlace.RunTime
            : Copy(item, Names.CopyToOutputDirectory) == "Never" ? ModelPlace.Cache : ModelPlace.Output;
    }

    // MSBuild may have changed slashes in the unescaped form. The escapes of a URL look like MSBuild's, but must stay: %2F is
    // not '/'.
    private static string Include(ITaskItem item)
    {
        if (item is not ITaskItem2 { EvaluatedIncludeEscaped: string escaped })
            return item.ItemSpec.Trim();
        return (escaped.Contains("://", StringComparison.Ordinal)
            ? escaped.Replace("%3f", "?", StringComparison.OrdinalIgnoreCase) : Unescape(escaped)).Trim();
    }

    /// <summary>Parses a link mode; null for an unknown one.</summary>
    public static LinkMode? TryReadLinkMode(string text) => text.Trim().ToUpperInvariant() switch
    {
        "" or "AUTO" => LinkMode.Auto,
        "CLONE" => LinkMode.Clone,
        "HARDLINK" => LinkMode.Hardlink,
        "SYMLINK" => LinkMode.Symlink,
        "COPY" => LinkMode.Copy,
        _ => null,
    };

    /// <summary>
    /// Escapes a value for MSBuild, so that <c>%</c>, <c>;</c> and wildcards in file names are kept.
    /// </summary>
    public static string Escape(string value) =>
        value.AsSpan().IndexOfAny(Special) < 0 ? value
        : string.Concat(value.Select(c => Special.Contains(c) ? $"%{(int)c:x2}" : c.ToString()));

    /// <summary>Reverts MSBuild's escapes.</summary>
    public static string Unescape(string value) =>
        value.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(value) : value;

    // https://learn.microsoft.com/visualstudio/msbuild/msbuild-special-characters
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("%;*?@$()'");

    private static string Copy(ITaskItem item, string name)
    {
        string value = Meta(item, name);
        if (value.Length == 0)
            return "IfDifferent";
        if (value.Equals("PreserveNewest", StringComparison.OrdinalIgnoreCase))
            throw BuildMessages.PreserveNewest(item.ItemSpec, name);
        return Array.Find(CopyValues, v => v.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw BuildMessages.WrongValue(name, value, BuildMessages.CopyModes);
    }

    private static bool Flag(ITaskItem item, string name)
    {
        string value = Meta(item, name);
        return value.Length > 0
            && (bool.TryParse(value, out bool flag) ? flag : throw BuildMessages.WrongValue(name, value, BuildMessages.Booleans));
    }

    private static string Meta(ITaskItem item, string name) => item.GetMetadata(name).Trim();

    private static List<string> List(ITaskItem item, string name) =>
        [.. Meta(item, name).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
