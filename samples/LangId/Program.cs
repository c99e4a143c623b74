using System.Diagnostics;
using System.Globalization;
using LangId;
using UseModel;
using WiseHub.Client;

string? configPath = null;
string? outputFolder = null;
switch (args)
{
    case []:
        break;
    case ["--output", string folder]:
        outputFolder = folder;
        break;
    case [string path] when !path.StartsWith('-'):
        configPath = path;
        break;
    default:
        Console.WriteLine("LangId                 train, and publish to the hub 'local' of samples/wisehub.json");
        Console.WriteLine("LangId WISEHUB.JSON    train, and publish to the hub 'local' of that configuration");
        Console.WriteLine("LangId --output DIR    train, and only write the files to DIR");
        return args is ["--help" or "-h" or "-?"] ? 0 : 2;
}

try
{
    string data = Path.Combine(AppContext.BaseDirectory, "data");
    IReadOnlyList<Example> trainSet = Example.ReadTsv(Path.Combine(data, "train.tsv"));
    IReadOnlyList<Example> heldOutSet = Example.ReadTsv(Path.Combine(data, "heldout.tsv"));
    if (trainSet.IntersectBy(heldOutSet.Select(example => example.Text), example => example.Text).Any())
        throw new InvalidDataException("A held-out sentence is in the training data.");

    Stopwatch watch = Stopwatch.StartNew();
    NGramClassifier model = Trainer.Train(trainSet);
    string message = $"Train on {trainSet.Count} sentences in {model.Labels.Count} languages";
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{message}: {watch.Elapsed.TotalSeconds:F1} s"));

    Evaluation training = Evaluation.Of(model, trainSet);
    Evaluation heldOut = Evaluation.Of(model, heldOutSet);
    Report.Write(model.Labels, training, heldOut);

    if (outputFolder is not null)
    {
        ModelFiles.Write(outputFolder, model, trainSet.Count, training, heldOut);
        return 0;
    }

    DirectoryInfo temporary = Directory.CreateTempSubdirectory("langid-");
    try
    {
        ModelFiles.Write(temporary.FullName, model, trainSet.Count, training, heldOut);
        Console.WriteLine(await Publish.ToLocalHubAsync(configPath ?? FindSamplesConfig(), temporary.FullName, message));
        return 0;
    }
    finally
    {
        temporary.Delete(recursive: true);
    }
}
catch (Exception e) when (e is HubException or IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static string FindSamplesConfig()
{
    for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        string path = Path.Combine(folder.FullName, "wisehub.json");
        if (File.Exists(path))
            return path;
    }
    throw new FileNotFoundException($"No wisehub.json above {AppContext.BaseDirectory}; give its path as the argument.");
}
