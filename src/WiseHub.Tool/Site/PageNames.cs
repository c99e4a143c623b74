using System.Security.Cryptography;
using System.Text;
using WiseHub.Client;

namespace WiseHub.Tool.Site;

/// <summary>
/// The folders of the pages of repos: <c>models/owner/name</c>. Every name works as a folder on every system and in a URL without
/// escapes. A name that does not, or that differs from another only by case, gets <c>~</c> and eight digits of its sha256.
/// </summary>
internal static class PageNames
{
    private const string NoOwner = "_";
    private const char Subgroup = '@';
    private const int HashDigits = 8;
    // Beside a hash, the name only helps people.
    private const int MostBeforeHash = 40;
    private const int MostPlain = 100;

    /// <summary>The folder of each repo, relative to the site.</summary>
    public static Dictionary<(RepoType Type, string Id), string> For(IEnumerable<(RepoType Type, string Id)> repos)
    {
        var folders = new Dictionary<(RepoType Type, string Id), string>();
        foreach (IGrouping<RepoType, (RepoType Type, string Id)> type in repos.Distinct().GroupBy(r => r.Type))
        {
            ILookup<string, string> names = type.ToLookup(r => OwnerOf(r.Id), r => NameOf(r.Id), StringComparer.Ordinal);
            Dictionary<string, string> owners = Unclashed(names.Select(g => g.Key), PlainOwner);
            foreach (IGrouping<string, string> owner in names)
            {
                foreach ((string name, string folder) in Unclashed(owner, n => IsPlain(n) ? n : null))
                    folders[(type.Key, owner.Key + name)] = $"{type.Key.ToPlural()}/{owners[owner.Key]}/{folder}";
            }
        }
        return folders;
    }

    /// <summary>The owner of an id with its <c>/</c>; empty without an owner.</summary>
    public static string OwnerOf(string id) => id[..(id.LastIndexOf('/') + 1)];

    /// <summary>The last part of an id.</summary>
    public static string NameOf(string id) => id[(id.LastIndexOf('/') + 1)..];

    private static string? PlainOwner(string owner)
    {
        if (owner.Length == 0)
            return NoOwner;
        string folder = owner[..^1].Replace('/', Subgroup);
        return owner[..^1].Split('/').All(IsPlain) && folder != NoOwner && folder.Length <= MostPlain ? folder : null;
    }

    private static Dictionary<string, string> Unclashed(IEnumerable<string> names, Func<string, string?> plain)
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (IGrouping<string, string> alike in names.GroupBy(n => n.ToUpperInvariant(), StringComparer.Ordinal))
        {
            bool isAlone = alike.Count() == 1;
            foreach (string name in alike)
                folders[name] = (isAlone || !name.Any(char.IsUpper) ? plain(name) : null) ?? Hashed(name);
        }
        return folders;
    }

    private static bool IsPlain(string name) => name.Length is > 0 and <= MostPlain && name.All(IsPlain)
        && name[0] is not ('.' or '-') && PathNames.RejectSegment(name) is null;

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';

    private static string Hashed(string name)
    {
        string readable = string.Concat(name.TrimEnd('/').Take(MostBeforeHash).Select(c => IsPlain(c) ? c : '-')).Trim('.', '-');
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashDigits];
        return $"{readable.Replace('.', '-')}~{hash}";
    }
}
