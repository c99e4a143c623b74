using System.Text;

namespace DetectSpeech;

/// <summary>Audio and probabilities as lines of block characters, one column for every few windows.</summary>
internal static class Plot
{
    private const int MostColumns = 64;
    private const string Blocks = " ▁▂▃▄▅▆▇█";

    public static void Write(TextWriter writer, float[] audio, IReadOnlyList<float> probabilities, IReadOnlyList<Stretch> stretches)
    {
        int perColumn = Math.Max(1, (probabilities.Count + MostColumns - 1) / MostColumns);
        int columns = (probabilities.Count + perColumn - 1) / perColumn;
        double seconds = Vad.Time(perColumn);
        float[] loudness = [.. Enumerable.Range(0, columns).Select(c => Loudness(audio, c * perColumn, perColumn))];
        float loudest = Math.Max(loudness.DefaultIfEmpty().Max(), float.Epsilon);

        WriteRow("loudness", c => Block(loudness[c] / loudest));
        WriteRow("probability", c => Block(probabilities.Skip(c * perColumn).Take(perColumn).Average()));
        WriteRow("speech", c => stretches.Any(s => s.Start < (c + 0.5) * seconds && (c + 0.5) * seconds < s.End) ? '━' : ' ');

        // The mark of a second is at the column in which it begins.
        StringBuilder scale = new();
        for (int second = 0; second * 1.0 / seconds < columns; second++)
        {
            int column = (int)Math.Round(second / seconds);
            if (column >= scale.Length)
                scale.Append(' ', column - scale.Length).Append('╵').Append(second);
        }
        writer.WriteLine($"{"seconds",-11}  {scale}");

        void WriteRow(string name, Func<int, char> at) =>
            writer.WriteLine($"{name,-11}  {string.Concat(Enumerable.Range(0, columns).Select(at))}".TrimEnd());
    }

    // The root of the mean square.
    private static float Loudness(float[] audio, int firstWindow, int windows)
    {
        int start = firstWindow * Vad.Window;
        ReadOnlySpan<float> part = audio.AsSpan(start, Math.Min(windows * Vad.Window, audio.Length - start));
        double sum = 0;
        foreach (float sample in part)
            sum += sample * sample;
        return (float)Math.Sqrt(sum / part.Length);
    }

    private static char Block(float share) => Blocks[(int)Math.Round(share * (Blocks.Length - 1))];
}
