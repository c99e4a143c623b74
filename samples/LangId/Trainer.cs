using UseModel;

namespace LangId;

/// <summary>
/// Trains by stochastic gradient descent on one thread in a fixed order, so the same sentences give the same weights. The weights
/// are rounded at the end, so that a different last bit of another CPU's Math.Exp does not reach the file.
/// </summary>
internal static class Trainer
{
    public const int VocabularySize = 8192;
    public const int Dimension = 16;
    public const int Epochs = 120;
    public const double LearningRate = 1.0;

    /// <summary>The percentage of a sentence's n-grams that each step leaves out, so that the model learns to work with few.</summary>
    public const int LeftOutPercent = 85;

    /// <summary>The weights are multiples of this.</summary>
    public const double WeightStep = 1.0 / 4096;
    private const ulong Seed = 20250101;

    private static readonly int[] Orders = [1, 2, 3];

    public static NGramClassifier Train(IReadOnlyList<Example> examples)
    {
        string[] labels = [.. examples.Select(example => example.Label).Distinct().Order(StringComparer.Ordinal)];
        NGramClassifier model = new(labels, Orders, ChooseVocabulary(examples), Dimension);
        SplitMix64 random = new(Seed);
        for (int i = 0; i < model.Embedding.Length; i++)
            model.Embedding[i] = random.NextSigned() / Dimension;

        (int[] Indexes, int Label)[] inputs =
            [.. examples.Select(example => (model.IndexesOf(example.Text), Array.IndexOf(labels, example.Label)))];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            double rate = LearningRate * (Epochs - epoch) / Epochs;
            Shuffle(inputs, random);
            foreach ((int[] indexes, int label) in inputs)
            {
                int[] kept = [.. indexes.Where(_ => random.NextInt(100) >= LeftOutPercent)];
                if (kept.Length > 0)
                    Step(model, kept, label, rate);
            }
        }

        Round(model.Embedding);
        Round(model.Output);
        Round(model.Bias);
        return model;
    }

    // Every single character, because Chinese and Japanese have many characters that each occur in few sentences; then the longer
    // n-grams that occur in the most sentences. Ties are broken by ordinal order.
    private static string[] ChooseVocabulary(IReadOnlyList<Example> examples) =>
        [.. examples.SelectMany(example => NGrams.Of(example.Text, Orders).Distinct())
            .CountBy(gram => gram)
            .OrderByDescending(count => count.Key.Length == 1 ? int.MaxValue : count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)
            .Take(VocabularySize)
            .Select(count => count.Key)];

    private static void Step(NGramClassifier model, int[] indexes, int label, double rate)
    {
        double[] average = new double[Dimension];
        double[] error = new double[model.Labels.Count];
        double[] gradient = new double[Dimension];
        model.Average(indexes, average);
        model.Predict(average, error);
        error[label] -= 1;

        for (int l = 0; l < error.Length; l++)
        {
            model.Bias[l] -= rate * error[l];
            for (int d = 0; d < Dimension; d++)
            {
                gradient[d] += error[l] * model.Output[l * Dimension + d];
                model.Output[l * Dimension + d] -= rate * error[l] * average[d];
            }
        }
        foreach (int index in indexes)
        {
            for (int d = 0; d < Dimension; d++)
                model.Embedding[index * Dimension + d] -= rate * gradient[d] / indexes.Length;
        }
    }

    private static void Shuffle<T>(T[] items, SplitMix64 random)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static void Round(double[] weights)
    {
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Math.Round(weights[i] / WeightStep) * WeightStep;
    }
}
