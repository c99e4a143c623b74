namespace DetectSpeech;

/// <summary>A stretch of speech, in seconds.</summary>
internal readonly record struct Stretch(double Start, double End);

/// <summary>What the model expects, and what its probabilities mean. The numbers are those of Silero's own programs.</summary>
internal static class Vad
{
    /// <summary>The samples of one window: 32 ms.</summary>
    public const int Window = 512;

    /// <summary>The samples before a window that the model hears again.</summary>
    public const int Context = 64;

    // Speech begins at one probability and ends below a lower one, so that a stretch does not fall apart.
    private const float Begins = 0.5f;
    private const float Ends = 0.35f;
    private const double ShortestSpeech = 0.25;
    private const double ShortestSilence = 0.1;

    /// <summary>The time at which a window begins, in seconds.</summary>
    public static double Time(int window) => (double)window * Window / WavFile.Rate;

    /// <summary>The stretches of speech in the probabilities of all windows.</summary>
    public static IReadOnlyList<Stretch> Stretches(IReadOnlyList<float> probabilities)
    {
        List<Stretch> stretches = [];
        int? begin = null, silence = null;
        for (int window = 0; window < probabilities.Count; window++)
        {
            if (probabilities[window] >= Begins)
                (begin, silence) = (begin ?? window, null);
            else if (probabilities[window] < Ends && begin is not null)
                silence ??= window;
            if (silence is int end && Time(window + 1 - end) >= ShortestSilence)
                Close(end);
        }
        Close(silence ?? probabilities.Count);
        return stretches;

        void Close(int end)
        {
            if (begin is int first && Time(end - first) >= ShortestSpeech)
                stretches.Add(new Stretch(Time(first), Time(end)));
            (begin, silence) = (null, null);
        }
    }
}
