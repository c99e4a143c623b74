using System.Globalization;
using System.Text;

const int Shown = 3;

Console.OutputEncoding = Encoding.UTF8;
try
{
    NGramClassifier model = NGramClassifier.Load(
        WiseModels.Langid.Path("model.safetensors"),
        WiseModels.Langid.Path("vocab.txt"),
        WiseModels.Langid.Path("config.json"));

    switch (args)
    {
        case ["--evaluate", string path]:
            Console.WriteLine($"model: acme/langid@{WiseModels.Langid.Commit}");
            Console.WriteLine($"accuracy: {Evaluation.Of(model, Example.ReadTsv(path))}");
            return 0;
        case ["--evaluate", ..] or ["--help" or "-h" or "-?", ..]:
            Console.WriteLine("UseModel [TEXT ...]         the language of every text, or of a few built-in ones");
            Console.WriteLine("UseModel --evaluate FILE    the accuracy over lines of the form: label, tab, sentence");
            return args[0] == "--evaluate" ? 2 : 0;
        case []:
            Print("Wo bekomme ich hier eine Tasse Kaffee?");
            Print("The quick brown fox jumps over the lazy dog.");
            Print("Aujourd'hui, le marché est ouvert jusqu'à midi.");
            Print("El mercado está abierto hasta el mediodía.");
            Print("今日の天気はどうですか。");
            return 0;
        default:
            Array.ForEach(args, Print);
            return 0;
    }

    void Print(string text)
    {
        IEnumerable<string> scores = model.Classify(text).Take(Shown)
            .Select(score => string.Create(CultureInfo.InvariantCulture, $"{score.Label} {100 * score.Probability,5:F1} %"));
        Console.WriteLine(text);
        Console.WriteLine("  " + string.Join("   ", scores.DefaultIfEmpty("the model knows none of its n-grams")));
    }
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
