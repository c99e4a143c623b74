using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace WiseHub.Client;

/// <summary>
/// What the front matter of a <c>README.md</c> says about license and origin. For showing only: it checks nothing, and a card
/// that is no valid YAML has no facts.
/// </summary>
public sealed class CardFacts
{
    /// <summary>The largest card that is read, in bytes.</summary>
    public const int LargestCard = 1_000_000;

    // Cards with several licences have two or three of them.
    private const int MostLicenses = 16, LongestLicense = 128;

    // The front matter of the largest cards in use, those with evaluation results, has about 100 kB.
    private const int LargestFrontMatter = 256_000;

    private CardFacts(IReadOnlyDictionary<string, string[]> values)
    {
        License = values.GetValueOrDefault("license") ?? [];
        StatedLicense = LicenseOf(License, values.GetValueOrDefault("license_name")?.FirstOrDefault());
        Tags = values.GetValueOrDefault("tags") ?? [];
        BaseModels = values.GetValueOrDefault("base_model") ?? [];
        Datasets = values.GetValueOrDefault("datasets") ?? [];
        Task = values.GetValueOrDefault("pipeline_tag")?.FirstOrDefault();
    }

    /// <summary>A card without facts.</summary>
    public static CardFacts None { get; } = new(new Dictionary<string, string[]>());

    /// <summary>The values of <c>license</c>.</summary>
    public IReadOnlyList<string> License { get; }

    /// <summary>
    /// The licences by their own names: <c>license_name</c> in place of <c>other</c>. Names that cannot be a text of one line are
    /// left out.
    /// </summary>
    public IReadOnlyList<string> StatedLicense { get; }

    /// <summary>The values of <c>tags</c>.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>The values of <c>base_model</c>.</summary>
    public IReadOnlyList<string> BaseModels { get; }

    /// <summary>The values of <c>datasets</c>: what the model was trained on.</summary>
    public IReadOnlyList<string> Datasets { get; }

    /// <summary>The value of <c>pipeline_tag</c>, such as <c>text-classification</c>; null if there is none.</summary>
    public string? Task { get; }

    /// <summary>Reads a card.</summary>
    /// <param name="readme">The bytes of the file, or its beginning.</param>
    public static CardFacts Read(ReadOnlySpan<byte> readme)
    {
        string text = Encoding.UTF8.GetString(readme).TrimStart('\uFEFF').TrimStart().ReplaceLineEndings("\n");
        int end = text.IndexOf("\n---", StringComparison.Ordinal);
        return !text.StartsWith("---\n", StringComparison.Ordinal) || end < 4 || end > LargestFrontMatter
            ? None : Parse(text[4..(end + 1)]);
    }

    /// <summary>
    /// The licences of a card by their own names (https://huggingface.co/docs/hub/repositories-licenses): a licence that the hub
    /// has no identifier for is <c>other</c>, with a name.
    /// </summary>
    internal static IReadOnlyList<string> LicenseOf(IEnumerable<string> license, string? name) =>
        [.. license.Select(l => l == "other" && name is not null ? name : l).Select(l => l.Trim())
            .Where(l => l.Length is > 0 and <= LongestLicense && !l.Any(c => char.IsControl(c) || char.IsSurrogate(c)))
            .Distinct(StringComparer.Ordinal).Take(MostLicenses)];

    /// <summary>Describes what changed; empty if nothing did.</summary>
    /// <param name="before">The older card.</param>
    /// <param name="after">The newer card.</param>
    public static IReadOnlyList<string> Changes(CardFacts before, CardFacts after) =>
        [.. Change("license", before.License, after.License), .. ChangesOfOrigin(before, after)];

    /// <summary>The same without the license.</summary>
    internal static IReadOnlyList<string> ChangesOfOrigin(CardFacts before, CardFacts after) =>
    [
        .. Change("base_model", before.BaseModels, after.BaseModels),
        .. Change("tags", [.. before.Tags.Except(after.Tags)], [.. after.Tags.Except(before.Tags)]),
    ];

    private static IEnumerable<string> Change(string key, IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        before.SequenceEqual(after) ? [] : [$"{key} {Show(before)} → {Show(after)}"];

    private static string Show(IReadOnlyList<string> values) => values.Count == 0 ? "(none)" : string.Join(", ", values);

    // Events, not nodes: an alias is not expanded, and nesting costs nothing.
    private static CardFacts Parse(string yaml)
    {
        var values = new Dictionary<string, string[]>(StringComparer.Ordinal);
        try
        {
            var parser = new Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _) || !parser.TryConsume<MappingStart>(out _))
                return None;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                string? key = parser.TryConsume<Scalar>(out Scalar? name) ? name.Value : null;
                if (key is null)
                    parser.SkipThisAndNestedEvents();
                string[] found = ReadValues(parser);
                if (key is not null)
                    values.TryAdd(key, found);
            }
        }
        catch (Exception e) when (CardYaml.IsMalformed(e))
        {
            return None;
        }
        return new CardFacts(values);
    }

    private static string[] ReadValues(Parser parser)
    {
        if (parser.TryConsume<Scalar>(out Scalar? single))
            return single.Value.Length > 0 ? [single.Value] : [];
        var values = new List<string>();
        if (!parser.TryConsume<SequenceStart>(out _))
        {
            parser.SkipThisAndNestedEvents();
            return [];
        }
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (parser.TryConsume<Scalar>(out Scalar? item))
                values.Add(item.Value);
            else
                parser.SkipThisAndNestedEvents();
        }
        return [.. values];
    }
}
