using UseModel;
using WiseHub.Extensions.Hosting;

namespace ServeModel;

/// <summary>A language and how probable it is, from 0 to 1.</summary>
internal readonly record struct Language(string Code, double Probability);

/// <summary>Recognizes languages, from when the model is there.</summary>
internal sealed class Languages(IWiseModels models)
{
    private const int Most = 3;
    private const int Digits = 4;

    // The weights are read once, by the first request.
    private readonly Lazy<Task<NGramClassifier>> _classifier = new(async () =>
    {
        string folder = await models.GetAsync(WiseModels.Langid.Model);
        return NGramClassifier.Load(
            Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "vocab.txt"), Path.Combine(folder, "config.json"));
    });

    /// <summary>The most probable languages of a text; empty if the model knows none of its n-grams.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancel">Ends the wait for the model.</param>
    public async Task<Language[]> OfAsync(string text, CancellationToken cancel)
    {
        NGramClassifier classifier = await _classifier.Value.WaitAsync(cancel);
        return [.. classifier.Classify(text).Take(Most)
            .Select(score => new Language(score.Label, Math.Round(score.Probability, Digits)))];
    }
}
