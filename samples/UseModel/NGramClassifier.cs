using System.Text.Json;

namespace UseModel;

/// <summary>A label with its probability.</summary>
internal readonly record struct Score(string Label, double Probability);

/// <summary>
/// The model: every known n-gram has a vector, a text is the average of its n-grams' vectors, and a linear layer with softmax
/// turns the average into probabilities. All sums run in a fixed order in double precision.
/// </summary>
internal sealed class NGramClassifier
{
    public const string EmbeddingTensor = "embedding.weight";
    public const string OutputTensor = "output.weight";
    public const string BiasTensor = "output.bias";

    private readonly Dictionary<string, int> _indexes;

    /// <summary>A model with all weights zero.</summary>
    public NGramClassifier(IReadOnlyList<string> labels, IReadOnlyList<int> orders, IReadOnlyList<string> vocabulary, int dimension)
    {
        Labels = labels;
        Orders = orders;
        Vocabulary = vocabulary;
        Dimension = dimension;
        Embedding = new double[vocabulary.Count * dimension];
        Output = new double[labels.Count * dimension];
        Bias = new double[labels.Count];
        _indexes = new Dictionary<string, int>(vocabulary.Count, StringComparer.Ordinal);
        foreach (string gram in vocabulary)
        {
            if (!_indexes.TryAdd(gram, _indexes.Count))
                throw new InvalidDataException($"The vocabulary holds '{gram}' twice.");
        }
    }

    public IReadOnlyList<string> Labels { get; }

    /// <summary>The lengths of the n-grams.</summary>
    public IReadOnlyList<int> Orders { get; }

    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>The length of an n-gram's vector.</summary>
    public int Dimension { get; }

    /// <summary>[vocabulary, dimension], row by row.</summary>
    public double[] Embedding { get; }

    /// <summary>[labels, dimension], row by row.</summary>
    public double[] Output { get; }

    /// <summary>[labels].</summary>
    public double[] Bias { get; }

    /// <summary>Reads a trained model.</summary>
    /// <exception cref="InvalidDataException">The three files are damaged or do not belong together.</exception>
    public static NGramClassifier Load(string weightsPath, string vocabularyPath, string configPath)
    {
        NGramClassifier model;
        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(configPath));
            JsonElement root = config.RootElement;
            string[] labels = [.. root.GetProperty("labels").EnumerateArray().Select(label => label.GetString() ?? "")];
            int[] orders = [.. root.GetProperty("ngram_orders").EnumerateArray().Select(order => order.GetInt32())];
            int dimension = root.GetProperty("dimension").GetInt32();
            if (labels.Length == 0 || orders.Any(order => order < 1) || dimension < 1)
                throw new InvalidDataException($"{configPath} has no labels, or an n-gram order or dimension below 1.");
            model = new NGramClassifier(labels, orders, File.ReadAllLines(vocabularyPath), dimension);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{configPath} cannot be read: {e.Message}", e);
        }

        SafetensorsFile weights = SafetensorsFile.Open(weightsPath);
        Fill(model.Embedding, weights.ReadSingles(EmbeddingTensor, model.Vocabulary.Count, model.Dimension));
        Fill(model.Output, weights.ReadSingles(OutputTensor, model.Labels.Count, model.Dimension));
        Fill(model.Bias, weights.ReadSingles(BiasTensor, model.Labels.Count));
        return model;
    }

    /// <summary>All labels with their probabilities, the most probable first; empty if the text has no known n-gram.</summary>
    public IReadOnlyList<Score> Classify(string text)
    {
        int[] indexes = IndexesOf(text);
        if (indexes.Length == 0)
            return [];
        double[] average = new double[Dimension];
        double[] probabilities = new double[Labels.Count];
        Average(indexes, average);
        Predict(average, probabilities);
        return [.. Labels.Select((label, i) => new Score(label, probabilities[i])).OrderByDescending(score => score.Probability)];
    }

    /// <summary>The vocabulary indexes of the text's known n-grams.</summary>
    public int[] IndexesOf(string text)
    {
        List<int> indexes = [];
        foreach (string gram in NGrams.Of(text, Orders))
        {
            if (_indexes.TryGetValue(gram, out int index))
                indexes.Add(index);
        }
        return [.. indexes];
    }

    /// <summary>First half of the forward pass: the average of the n-grams' vectors.</summary>
    public void Average(int[] indexes, double[] average)
    {
        Array.Clear(average);
        foreach (int index in indexes)
        {
            for (int d = 0; d < Dimension; d++)
                average[d] += Embedding[index * Dimension + d];
        }
        for (int d = 0; d < Dimension; d++)
            average[d] /= indexes.Length;
    }

    /// <summary>Second half of the forward pass: the linear layer and softmax.</summary>
    public void Predict(double[] average, double[] probabilities)
    {
        for (int l = 0; l < probabilities.Length; l++)
        {
            probabilities[l] = Bias[l];
            for (int d = 0; d < Dimension; d++)
                probabilities[l] += Output[l * Dimension + d] * average[d];
        }
        double largest = probabilities.Max();
        double sum = 0;
        for (int l = 0; l < probabilities.Length; l++)
        {
            probabilities[l] = Math.Exp(probabilities[l] - largest);
            sum += probabilities[l];
        }
        for (int l = 0; l < probabilities.Length; l++)
            probabilities[l] /= sum;
    }

    private static void Fill(double[] weights, float[] values)
    {
        for (int i = 0; i < weights.Length; i++)
            weights[i] = values[i];
    }
}
