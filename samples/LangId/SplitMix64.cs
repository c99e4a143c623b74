namespace LangId;

/// <summary>Sebastiano Vigna's SplitMix64: the same numbers for the same seed in every version of .NET, unlike System.Random.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>From 0 up to, not including, the bound.</summary>
    public int NextInt(int bound) => (int)(Next() % (ulong)bound);

    /// <summary>From -1 up to, not including, 1.</summary>
    public double NextSigned() => (Next() >> 11) * (1.0 / (1UL << 52)) - 1;

    private ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
