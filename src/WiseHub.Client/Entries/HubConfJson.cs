using System.Text.Json;

namespace WiseHub.Client.Entries;

/// <summary>
/// <c>hubconf.json</c>: entries that are declared instead of programmed (docs/entries.md). Parsed strictly: an unknown key is an
/// error.
/// </summary>
internal static class HubConfJson
{
    private static readonly string[] RootKeys = ["version", "dependencies", "entries"];
    private static readonly string[] EntryKeys = ["name", "summary", "files", "dependencies", "pretrained"];

    /// <exception cref="HubException">WISE1045.</exception>
    public static List<HubEntry> Read(byte[] bytes, string where)
    {
        using var json = new StrictJson(bytes, where, WiseCodes.MalformedEntries,
            EntryMessages.SeeEntriesPage);
        long? version = json.Integer(json.Root, "version");
        if (version > 1)
            throw json.Wrong(EntryMessages.NewerVersion(version), json.Root);
        if (version != 1)
            throw json.Wrong(ModelMessages.VersionMissing, json.Root);
        json.OnlyKeys(json.Root, RootKeys);
        List<string> shared = [.. json.Strings(json.Root, "dependencies")];
        var entries = new List<HubEntry>();
        foreach (JsonElement element in json.Array(json.Root, "entries"))
        {
            json.OnlyKeys(element, EntryKeys);
            string name = json.RequiredString(element, "name");
            if (!IsName(name))
                throw json.Wrong(EntryMessages.InvalidName(name), element.GetProperty("name"));
            if (entries.Exists(e => e.Name == name))
                throw json.Wrong(EntryMessages.EntryTwice(name), element);
            entries.Add(new HubEntry(name, EntryKind.Files)
            {
                Summary = json.String(element, "summary"),
                Files = [.. json.Strings(element, "files")],
                Dependencies = [.. shared.Concat(json.Strings(element, "dependencies")).Distinct(StringComparer.Ordinal)],
                PretrainedUrl = json.String(element, "pretrained"),
            });
        }
        return entries;
    }

    private static bool IsName(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
