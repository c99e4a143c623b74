using System.Text.Json;
using System.Text.RegularExpressions;
using WiseHub.Testing;

namespace WiseHub.Tool.Tests;

/// <summary>Each message and help text exists in English and in Chinese, with the same holes.</summary>
public sealed partial class TranslationTests
{
    public static TheoryData<string> Projects =>
        ["WiseHub.Client", "WiseHub.Build", "WiseHub.Tool", "WiseHub.Extensions.Hosting", "WiseHub.EntryHost"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Each_text_has_a_translation_and_each_translation_a_text(string project)
    {
        IReadOnlyList<string> texts = SourceTexts.Keys(project);
        Assert.NotEmpty(texts);
        Dictionary<string, string> translations = Translations(project);
        // Lines for the file, to be completed.
        Assert.Equal("", string.Join('\n', texts.Where(t => !translations.ContainsKey(t)).Select(t => $"  {Json(t)}: \"\",")));
        Assert.Equal("", string.Join('\n', translations.Keys.Except(texts)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_translation_has_the_holes_of_its_text(string project) =>
        Assert.All(Translations(project), t => Assert.Equal((t.Key, Holes(t.Key)), (t.Key, Holes(t.Value))));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_translation_keeps_options_codes_and_names(string project) =>
        Assert.All(Translations(project), t => Assert.All(Name().Matches(t.Key), n => Assert.Contains(n.Value, t.Value,
            StringComparison.Ordinal)));

    // A plain string would stay English.
    [Theory]
    [MemberData(nameof(Projects))]
    public void The_sentences_of_message_and_help_files_are_texts(string project) =>
        Assert.Empty(SourceTexts.Untranslated(project));

    private static string Holes(string text) => string.Join(' ', Hole().Matches(text.Replace("{{", "", StringComparison.Ordinal))
        .Select(m => m.Value).Distinct().Order(StringComparer.Ordinal));

    private static string Json(string text) =>
        "\"" + JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";

    private static Dictionary<string, string> Translations(string project) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(
            File.ReadAllBytes(RepoFiles.At("src", project, "Localization", "zh.json")))!;

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();

    [GeneratedRegex("--[a-z][a-z-]+|WISE[A-Z_0-9]+|Wise[A-Z][a-zA-Z]+|[a-z.]+\\.json")]
    private static partial Regex Name();
}
