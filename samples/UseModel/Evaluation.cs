using System.Globalization;

namespace UseModel;

/// <summary>A sentence and the label it should get.</summary>
internal readonly record struct Example(string Label, string Text)
{
    /// <summary>Reads lines of the form "label, tab, sentence"; empty lines are skipped.</summary>
    /// <exception cref="InvalidDataException">A line has another form, or the file is empty.</exception>
    public static IReadOnlyList<Example> ReadTsv(string path)
    {
        List<Example> examples = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (line.Split('\t') is not [{ Length: > 0 } label, { Length: > 0 } text])
                throw new InvalidDataException($"{path}({number}): expected a label, one tab and a sentence.");
            examples.Add(new Example(label, text));
        }
        return examples.Count > 0 ? examples : throw new InvalidDataException($"{path} holds no examples.");
    }
}

/// <summary>The labels that a model found for labelled sentences.</summary>
internal sealed class Evaluation
{
    private Evaluation(IReadOnlyList<(Example Example, string Answer)> answers) => Answers = answers;

    /// <summary>Every example with the most probable label; "?" if the model knows none of its n-grams.</summary>
    public IReadOnlyList<(Example Example, string Answer)> Answers { get; }

    public static Evaluation Of(NGramClassifier model, IEnumerable<Example> examples) =>
        new([.. examples.Select(example => (example, model.Classify(example.Text) is [var best, ..] ? best.Label : "?"))]);

    /// <summary>For example "97.3 % (253 of 260)".</summary>
    public override string ToString()
    {
        int correct = Answers.Count(answer => answer.Answer == answer.Example.Label);
        return string.Create(CultureInfo.InvariantCulture, $"{100.0 * correct / Answers.Count:F1} % ({correct} of {Answers.Count})");
    }
}
