using Microsoft.Build.Framework;
using WiseHub.Client;

namespace WiseHub.Build;

/// <summary>One <c>WiseModelReference</c> item, read and checked.</summary>
internal sealed record ModelItem(ITaskItem Item, RepoReference Reference, string Alias, string TargetPath)
{
    private static readonly string[] CopyValues = ["IfDifferent", "Always", "Never"];

    public required string CopyToOutputDirectory { get; init; }

    public required string CopyToPublishDirectory { get; init; }

    public required LinkMode LinkMode { get; init; }

    /// <summary>Reads all items, telling every mistake of each.</summary>
    /// <param name="items">The references.</param>
    /// <param name="defaultLinkMode"><c>$(WiseLinkMode)</c>.</param>
    /// <param name="parse">Reads an id or a URL, and whether what is there is to be unpacked.</param>
    /// <param name="mistake">Told of each mistake with its item.</param>
    public static List<ModelItem> ReadAll(IEnumerable<ITaskItem> items, string defaultLinkMode,
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

    /// <summary>An alias is a folder of the output and a class: it must be one reference's own, ignoring case.</summary>
    public static void CheckAliases(IEnumerable<ModelItem> models, Action<HubException, ITaskItem> mistake)
    {
        foreach (var same in models.GroupBy(m => m.Alias, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1))
        {
            mistake(new HubException(WiseCodes.InvalidAlias,
                $"{string.Join(" and ", same.Select(m => $"'{m.Item.ItemSpec}'"))} have the same alias '{same.Key}' (case is "
                + "ignored). Give one an Alias of its own."), same.Last().Item);
        }
    }

    private static ModelItem Read(ITaskItem item, string defaultLinkMode, Func<string, bool, RepoReference> parse)
    {
        string include = Include(item);
        RepoReference named = parse(include, Flag(item, Names.Unpack));
        string type = Meta(item, Names.RepoType), revision = Meta(item, Names.Revision), digest = Meta(item, Names.Sha256);
        RepoType repoType = named.RepoType;
        if (type.Length > 0 && !RepoTypes.TryParse(type, out repoType))
            throw Wrong(Names.RepoType, type, "model, dataset, code or space");
        if (revision.Length > 0 && named.Revision is not null && named.Revision != revision)
            throw new HubException(WiseCodes.InvalidValue,
                $"'{include}' names the revision '{named.Revision}', but Revision is '{revision}'. Leave one out.");
        Digest sha256 = default;
        if (digest.Length > 0 && !Digest.TryParse(digest, out sha256))
            throw new HubException(WiseCodes.MalformedDigest,
                $"'{include}': Sha256 '{digest}' is not 64 hexadecimal characters.");
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
            Optional = Flag(item, Names.Optional),
            Fallback = Flag(item, Names.Fallback),
        };
        string alias = Meta(item, Names.Alias) is { Length: > 0 } given ? given : reference.DefaultAlias;
        if (alias.Length > 0 && alias.Contains('/', StringComparison.Ordinal) || PathNames.RejectSegment(alias) is not null)
            throw new HubException(WiseCodes.InvalidAlias, $"'{include}': the alias '{alias}' cannot be a folder name: "
                + $"{PathNames.RejectSegment(alias) ?? "it has a '/'"}. Give it another Alias.");
        string target = Meta(item, Names.TargetPath).Replace('\\', '/').TrimEnd('/') is { Length: > 0 } path
            ? path : "models/" + alias;
        if (target != "." && PathNames.Reject(target) is string reason)
            throw new HubException(WiseCodes.InvalidTargetPath, $"'{include}': the TargetPath '{target}' must be a folder below "
                + $"the output: {reason}. Write for example models/{alias}.");
        return new ModelItem(item, reference, alias, target == "." ? "" : target)
        {
            CopyToOutputDirectory = Copy(item, Names.CopyToOutputDirectory),
            CopyToPublishDirectory = Copy(item, Names.CopyToPublishDirectory),
            LinkMode = ReadLinkMode(Meta(item, Names.LinkMode) is { Length: > 0 } mode ? mode : defaultLinkMode),
        };
    }

    // MSBuild may have changed slashes in the unescaped form. A URL has escapes of its own, which are the same
    // characters: %2F is no '/'.
    private static string Include(ITaskItem item)
    {
        if (item is not ITaskItem2 { EvaluatedIncludeEscaped: string escaped })
            return item.ItemSpec.Trim();
        return (escaped.Contains("://", StringComparison.Ordinal)
            ? escaped.Replace("%3f", "?", StringComparison.OrdinalIgnoreCase) : Unescape(escaped)).Trim();
    }

    /// <exception cref="HubException">WISE1004.</exception>
    public static LinkMode ReadLinkMode(string text) => text.Trim().ToUpperInvariant() switch
    {
        "" or "AUTO" => LinkMode.Auto,
        "CLONE" => LinkMode.Clone,
        "HARDLINK" => LinkMode.Hardlink,
        "SYMLINK" => LinkMode.Symlink,
        "COPY" => LinkMode.Copy,
        _ => throw Wrong(Names.LinkMode, text, "auto, clone, hardlink, symlink or copy"),
    };

    /// <summary>
    /// A value as MSBuild's own escaped form, so that <c>%</c>, <c>;</c> and wildcards in file names stay what they are.
    /// </summary>
    public static string Escape(string value) =>
        value.AsSpan().IndexOfAny(Special) < 0 ? value
        : string.Concat(value.Select(c => Special.Contains(c) ? $"%{(int)c:x2}" : c.ToString()));

    /// <summary>The value behind MSBuild's escaped form.</summary>
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
            throw new HubException(WiseCodes.InvalidValue, $"'{item.ItemSpec}': {name} cannot be PreserveNewest, "
                + "which keeps a stale file after a rollback. Write IfDifferent, or leave it out.");
        return Array.Find(CopyValues, v => v.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong(name, value, "IfDifferent, Always or Never");
    }

    private static bool Flag(ITaskItem item, string name)
    {
        string value = Meta(item, name);
        return value.Length > 0 && (bool.TryParse(value, out bool flag) ? flag : throw Wrong(name, value, "true or false"));
    }

    private static string Meta(ITaskItem item, string name) => item.GetMetadata(name).Trim();

    private static List<string> List(ITaskItem item, string name) =>
        [.. Meta(item, name).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static HubException Wrong(string name, string value, string allowed) =>
        new(WiseCodes.InvalidValue, $"{name} is '{value}'; it must be {allowed}.");
}
