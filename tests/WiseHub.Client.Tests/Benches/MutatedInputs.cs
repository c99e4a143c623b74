using System.Globalization;

namespace WiseHub.Client.Tests;

/// <summary>
/// Inputs that are nearly right, for a parser of what strangers write: it must read each or refuse it by an error of ours, soon
/// and without much memory.
/// </summary>
internal static class MutatedInputs
{
    private const int Seed = 20261130;

    /// <summary>The number of inputs a parser: the variable WISEHUB_FUZZ_INPUTS, or 20,000.</summary>
    public static int Count { get; } = int.Parse(
        Environment.GetEnvironmentVariable("WISEHUB_FUZZ_INPUTS") ?? "20000", CultureInfo.InvariantCulture);

    /// <summary>Tries a parser.</summary>
    /// <param name="seeds">Inputs that are right.</param>
    /// <param name="words">Pieces that are put in.</param>
    /// <param name="read">The parser.</param>
    /// <param name="isExpected">Says whether a code of ours may be the answer.</param>
    /// <param name="inputs">The number of inputs; null for <see cref="Count"/>.</param>
    public static void Try(byte[][] seeds, byte[][] words, Action<byte[]> read, Func<string, bool> isExpected, int? inputs = null)
    {
        // CA5394: the same inputs each time, not secret ones.
#pragma warning disable CA5394
        // What is loaded once counts for none of the inputs.
        foreach (byte[] seed in seeds)
            Read(read, seed, isExpected);
        var random = new Random(Seed);
        for (int i = 0; i < (inputs ?? Count); i++)
        {
            List<byte> input = [.. seeds[random.Next(seeds.Length)]];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                int at = random.Next(input.Count + 1), length = Math.Min(random.Next(1, 9), input.Count - at);
                switch (random.Next(6))
                {
                    case 0 when at < input.Count:
                        input[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 1 when at < input.Count:
                        input[at] = (byte)random.Next(256);
                        break;
                    case 2:
                        input.RemoveRange(at, length);
                        break;
                    case 3:
                        input.InsertRange(at, input.GetRange(at, length));
                        break;
                    case 4:
                        input.InsertRange(at, words[random.Next(words.Length)]);
                        break;
                    case 5 when random.Next(8) == 0:
                        input.RemoveRange(at, input.Count - at);
                        break;
                }
            }
            byte[] bytes = [.. input];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Read(read, bytes, isExpected);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (1 << 20) + 100 * bytes.Length,
                $"{allocated} bytes for input {i}: {Convert.ToBase64String(bytes)}");
        }
#pragma warning restore CA5394
    }

    private static void Read(Action<byte[]> read, byte[] input, Func<string, bool> isExpected)
    {
        try
        {
            read(input);
        }
        catch (HubException e)
        {
            Assert.True(isExpected(e.Code), $"{e.Code}: {e.Message}");
        }
    }
}
