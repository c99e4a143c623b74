using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using UseModel;

namespace LangId;

/// <summary>Writes the four files of the model's repository. Nothing in them depends on the time or the machine.</summary>
internal static class ModelFiles
{
    public const string Weights = "model.safetensors";
    public const string Vocabulary = "vocab.txt";
    public const string Config = "config.json";
    public const string Card = "README.md";

    public static IReadOnlyList<string> Names { get; } = [Weights, Vocabulary, Config, Card];

    public static void Write(string folder, NGramClassifier model, int sentences, Evaluation training, Evaluation heldOut)
    {
        Directory.CreateDirectory(folder);
        WriteWeights(Path.Combine(folder, Weights), model);
        WriteText(Path.Combine(folder, Vocabulary), string.Concat(model.Vocabulary.Select(gram => gram + '\n')));
        WriteText(Path.Combine(folder, Config), ConfigOf(model));
        WriteText(Path.Combine(folder, Card), CardOf(model, sentences, training, heldOut));
    }

    private static void WriteWeights(string path, NGramClassifier model)
    {
        (string Name, double[] Values, int[] Shape)[] tensors =
        [
            (NGramClassifier.EmbeddingTensor, model.Embedding, [model.Vocabulary.Count, model.Dimension]),
            (NGramClassifier.OutputTensor, model.Output, [model.Labels.Count, model.Dimension]),
            (NGramClassifier.BiasTensor, model.Bias, [model.Labels.Count]),
        ];

        using MemoryStream header = new();
        using (Utf8JsonWriter json = new(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "langid-ngram");
            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, double[] values, int[] shape) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                WriteNumbers(json, "shape", shape.Select(n => (long)n));
                WriteNumbers(json, "data_offsets", [offset, offset += values.Length * sizeof(float)]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces up to a multiple of 8 keep the tensors aligned.
        while (header.Length % 8 != 0)
            header.WriteByte((byte)' ');

        using FileStream file = File.Create(path);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, (ulong)header.Length);
        file.Write(number);
        header.WriteTo(file);
        foreach (double weight in tensors.SelectMany(tensor => tensor.Values))
        {
            BinaryPrimitives.WriteSingleLittleEndian(number, (float)weight);
            file.Write(number[..sizeof(float)]);
        }
    }

    private static string ConfigOf(NGramClassifier model)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("model_type", "langid-ngram");
            json.WriteStartArray("labels");
            foreach (string label in model.Labels)
                json.WriteStringValue(label);
            json.WriteEndArray();
            WriteNumbers(json, "ngram_orders", model.Orders.Select(order => (long)order));
            json.WriteString("word_boundary", NGrams.Boundary.ToString());
            json.WriteNumber("vocabulary_size", model.Vocabulary.Count);
            json.WriteNumber("dimension", model.Dimension);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray()) + "\n";
    }

    private static string CardOf(NGramClassifier model, int sentences, Evaluation training, Evaluation heldOut) =>
        string.Create(CultureInfo.InvariantCulture, $$"""
        ---
        license: mit
        language:
        {{string.Join('\n', model.Labels.Select(label => "- " + label))}}
        tags:
        - language-identification
        - character-ngrams
        pipeline_tag: text-classification
        ---
        # acme/langid

        Tells in which of {{model.Labels.Count}} languages a sentence is written. A text is the average of the vectors of its character
        n-grams (lengths {{string.Join(", ", model.Orders)}}; lower case; every word between two `{{NGrams.Boundary}}`), followed by a linear layer and softmax.

        | file | what it holds |
        | --- | --- |
        | `{{Weights}}` | `{{NGramClassifier.EmbeddingTensor}}` [{{model.Vocabulary.Count}}, {{model.Dimension}}], `{{NGramClassifier.OutputTensor}}` [{{model.Labels.Count}}, {{model.Dimension}}], `{{NGramClassifier.BiasTensor}}` [{{model.Labels.Count}}]; float32 |
        | `{{Vocabulary}}` | one n-gram a line; line number minus one is the row in `{{NGramClassifier.EmbeddingTensor}}` |
        | `{{Config}}` | labels, n-gram lengths, dimensions |

        ## Training

        {{sentences}} sentences, written for this purpose, in `samples/LangId/data/train.tsv`. The vocabulary is {{model.Vocabulary.Count}} n-grams: all
        single characters, then those found in the most sentences. Stochastic gradient descent, {{Trainer.Epochs}} epochs, learning rate {{Trainer.LearningRate:0.0}} falling to 0. Every step
        leaves out {{Trainer.LeftOutPercent}} % of the sentence's n-grams, so that short texts work too; this share and the number of epochs were chosen by
        cross-validation on the training sentences. The seed is fixed, there is one thread, and the weights are rounded to multiples of
        1/{{1 / Trainer.WeightStep:0}}, so training again gives the same bytes.

        ## Accuracy

        | sentences | accuracy |
        | --- | --- |
        | `train.tsv` | {{training}} |
        | `heldout.tsv`, not trained on | {{heldOut}} |

        Both files have the same author and similar subjects, and training sentences were added after a first look at held-out mistakes:
        expect less on other texts, and much less on names and on texts of one or two words.
        A text in any other language gets one of these labels all the same.

        """).ReplaceLineEndings("\n");

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    // UTF-8 without a byte order mark.
    private static void WriteText(string path, string text) => File.WriteAllText(path, text);
}
