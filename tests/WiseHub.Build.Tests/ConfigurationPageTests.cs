using System.Text.Json;
using System.Text.RegularExpressions;
using WiseHub.Client;
using WiseHub.Testing;

namespace WiseHub.Build.Tests;

/// <summary>docs/configuration.md lists the keys of wisehub.json that the code knows, each for the right hubs.</summary>
public sealed partial class ConfigurationPageTests : IDisposable
{
    private const string HgLocalization = "hg-localization";

    // Row of the table: key, for, meaning.
    private static readonly Dictionary<string, string> Keys = File.ReadLines(RepoFiles.At("docs/configuration.md"))
        .SkipWhile(l => l != "| key | for | meaning |").Skip(2).TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('|'))
        .ToDictionary(cells => cells[1].Trim(' ', '`'), cells => cells[2].Trim());

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_page_lists_all_top_level_keys()
    {
        // It has a code of its own, which the page names.
        IEnumerable<string> known = Known("""{ "nosuch": 1 }""").Where(k => k != "policy");
        Assert.Equal(Join(known), Join(Keys.Where(k => k.Value == "the file").Select(k => k.Key)));
    }

    [Fact]
    public void The_page_lists_the_keys_of_each_protocol()
    {
        string[] all = [.. KnownOfHubs()];
        foreach (string protocol in Known("""{ "hubs": { "x": { "protocol": "nosuch" } } }""").Where(p => p != HgLocalization))
        {
            bool IsFor(string hubs) => hubs == "all hubs" || hubs.Contains($"`{protocol}`", StringComparison.Ordinal);
            IEnumerable<string> listed = Keys.Where(k => IsFor(k.Value)).Select(k => k.Key);
            Assert.Equal((protocol, Accepted(protocol, all)), (protocol, Join(listed)));
        }
    }

    [Fact]
    public void The_page_of_hg_localization_lists_its_keys()
    {
        string page = File.ReadAllText(RepoFiles.At("docs/hg-localization.md"));
        IEnumerable<string> own = Accepted(HgLocalization, KnownOfHubs()).Split(' ')
            .Where(k => Keys.GetValueOrDefault(k) != "all hubs");
        Assert.Equal([], own.Where(k => !page.Contains($"`{k}`", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void A_configuration_on_a_page_can_be_read(string page, int line, string text)
    {
        using JsonDocument json = JsonDocument.Parse(text);
        HubConfig config = Load(text);
        IEnumerable<string> declared = json.RootElement.TryGetProperty("hubs", out JsonElement hubs)
            ? hubs.EnumerateObject().Select(h => h.Name) : [];
        Assert.Equal([], declared.Where(h => !config.Hubs.ContainsKey(h)).Select(h => $"{page}({line}): {h}"));
    }

    public static TheoryData<string, int, string> Configurations =>
    [
        .. Pages.All.SelectMany(Snippet.ReadAll)
            .Where(s => s.Language == "json" && (s.Text.Contains("\"hubs\"", StringComparison.Ordinal)
                || s.Text.Contains("\"policy\"", StringComparison.Ordinal)))
            .Select(s => (s.Page, s.Line, s.Text)),
    ];

    private HubConfig Load(string text)
    {
        _temp.Write("wisehub.json", text);
        return HubConfig.Load(_temp["wisehub.json"], TestEnvironment.Empty);
    }

    /// <summary>What a message about something unknown lists as known.</summary>
    private string[] Known(string text)
    {
        string message = Assert.Throws<HubException>(() => Load(text)).Message;
        return KnownOnes().Match(message).Groups[1].Value.Split(", ");
    }

    private string[] KnownOfHubs() => Known("""{ "hubs": { "x": { "protocol": "store", "nosuch": 1 } } }""");

    private string Accepted(string protocol, IEnumerable<string> keys) => Join(keys.Where(key =>
    {
        // No key can be an array, so an error comes in any case.
        string rest = key == "protocol" ? "" : $", \"{key}\": []";
        string hub = $$"""{ "hubs": { "x": { "protocol": "{{protocol}}"{{rest}} } } }""";
        return Record.Exception(() => Load(hub)) is not HubException e
            || !e.Message.Contains("is not a known key", StringComparison.Ordinal);
    }));

    private static string Join(IEnumerable<string> keys) => string.Join(' ', keys.Order(StringComparer.Ordinal));

    [GeneratedRegex("(?:keys|protocols) are ([^.]+)\\.")]
    private static partial Regex KnownOnes();
}
