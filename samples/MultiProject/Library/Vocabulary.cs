using System.Text.Json;

namespace MultiProject.Library;

/// <summary>The labels of the language model, and the number of its n-grams.</summary>
public sealed record Vocabulary(IReadOnlyList<string> Labels, int NGrams)
{
    /// <summary>Reads it from the files that the model reference brought into the output.</summary>
    public static Vocabulary Load()
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(WiseModels.Langid.Path("config.json")));
        string[] labels = [.. config.RootElement.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!)];
        return new Vocabulary(labels, File.ReadLines(WiseModels.Langid.Path("vocab.txt")).Count());
    }
}
