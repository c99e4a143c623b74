namespace WiseHub.Benchmarks.Reporting;

/// <summary>The values of a repeated measurement, in the order of the rounds.</summary>
internal sealed record Samples(IReadOnlyList<double> Values)
{
    public double Median { get; } = MedianOf(Values);

    public double Low { get; } = Values.Min();

    public double High { get; } = Values.Max();

    /// <summary>These values divided by others, round by round, because a slow round slows both.</summary>
    public Samples Over(Samples other) => new([.. Values.Zip(other.Values, (a, b) => a / b)]);

    public Samples Times(double factor) => new([.. Values.Select(v => v * factor)]);

    private static double MedianOf(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
