using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;

Console.OutputEncoding = Encoding.UTF8;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--help" or "-h" or "-?", ..] or [_, _, ..])
{
    Console.WriteLine("DetectSpeech [FILE]    where speech is in a wav file (16 kHz, mono, 16 bits), or in a built-in one");
    return args.Length > 1 ? 2 : 0;
}
try
{
    string path = args is [string file] ? file : Path.Combine(AppContext.BaseDirectory, "data", "two-sentences.wav");
    float[] audio = WavFile.Read(path);

    // One window after the other: the model hears the end of the window before, and passes its state on.
    using InferenceSession model = new(WiseModels.SileroVad.Files.SileroVad16kOp15Onnx);
    using RunOptions options = new();
    float[] input = new float[Vad.Context + Vad.Window];
    float[] state = new float[2 * 128];
    List<float> probabilities = [];
    for (int start = 0; start < audio.Length; start += Vad.Window)
    {
        input.AsSpan(Vad.Window).CopyTo(input);
        Span<float> window = input.AsSpan(Vad.Context);
        window.Clear();
        audio.AsSpan(start, Math.Min(Vad.Window, audio.Length - start)).CopyTo(window);

        using OrtValue inputValue = OrtValue.CreateTensorValueFromMemory(input, [1, input.Length]);
        using OrtValue stateValue = OrtValue.CreateTensorValueFromMemory(state, [2, 1, 128]);
        using OrtValue rate = OrtValue.CreateTensorValueFromMemory<long>([WavFile.Rate], []);
        using IDisposableReadOnlyCollection<OrtValue> outputs =
            model.Run(options, ["input", "state", "sr"], [inputValue, stateValue, rate], ["output", "stateN"]);
        probabilities.Add(outputs[0].GetTensorDataAsSpan<float>()[0]);
        outputs[1].GetTensorDataAsSpan<float>().CopyTo(state);
    }

    IReadOnlyList<Stretch> stretches = Vad.Stretches(probabilities);
    Console.WriteLine($"{Path.GetFileName(path)}: {(double)audio.Length / WavFile.Rate:F2} s, {probabilities.Count} windows");
    Plot.Write(Console.Out, audio, probabilities, stretches);
    foreach (Stretch stretch in stretches)
        Console.WriteLine($"speech from {stretch.Start:F2} s to {stretch.End:F2} s");
    if (stretches.Count == 0)
        Console.WriteLine("no speech");
    return 0;
}
catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
