using System.Globalization;
using WiseHub.Client.Formats;
using static WiseHub.Client.Tests.Formats.FormatFiles;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Whatever the bytes are, there is a verdict, soon and without much memory.</summary>
public sealed class FormatFuzzTests
{
    private const int Seed = 20261130;

    private static int Inputs => int.Parse(Environment.GetEnvironmentVariable("WISEHUB_FUZZ_INPUTS") ?? "20000",
        CultureInfo.InvariantCulture);

    private static readonly (string Path, byte[] Bytes)[] Samples =
    [
        ("a.pkl", Pickle), ("a.txt", TextPickle), ("a.npy", FloatNpy), ("a.npy", ObjectNpy), ("a.onnx", Onnx), ("a.gguf", Gguf),
        ("a.zip", TestZip.Of(("m/data.pkl", Pickle), ("b.txt", "text"u8.ToArray()))),
        ("a.zip", TestZip.Of([new ZipPart("b.txt", "text"u8.ToArray()) { IsDeflated = true, HasDescriptor = true }],
            [], [], [], [], is64: true)),
        ("a.zip", TestZip.Of(("in.zip", TestZip.Of(("b.npy", FloatNpy))))),
        ("a.tar", Tar(("a.txt", "text"u8.ToArray()), ("b.bin", Random(1, 100)))), ("a.gz", Gzip(Pickle)), ("a.z", Zlib(Onnx)),
        ("a.h5", Hdf5), ("a.safetensors", Safetensors), ("a.png", Png), ("a.json", "{\"a\":[1,2]}"u8.ToArray()),
    ];

    private static void Mutate(Random random, List<byte> bytes)
    {
        for (int change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(bytes.Count - at, 20) + 1));
                    break;
                case 3:
                    bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(256), random.Next(1, 20)));
                    break;
                default:
                    byte[] other = Samples[random.Next(Samples.Length)].Bytes;
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, random.Next(other.Length - from)));
                    break;
            }
        }
    }

    [Fact]
    public void Mutated_files_get_a_verdict()
    {
        var random = new Random(Seed);
        for (int i = 0; i < Inputs; i++)
        {
            (string path, byte[] sample) = Samples[random.Next(Samples.Length)];
            var bytes = new List<byte>(sample);
            Mutate(random, bytes);
            byte[] input = [.. bytes];
            using var file = new MemoryStream(input);
            long before = GC.GetAllocatedBytesForCurrentThread();
            FormatVerdict verdict = FormatJudge.OfFile(path, file, CancellationToken.None);
            FormatVerdict? beginning = FormatJudge.FromBeginning(path, input.AsSpan(0, input.Length / 2), input.Length);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
            Assert.NotNull(verdict.Format);
            // Code that the beginning shows is in the whole. A few bytes may look like anything.
            Assert.False(input.Length >= 128 && beginning?.Risk == FormatRisk.Code && verdict.Risk == FormatRisk.Data,
                $"{i}: {beginning} {verdict}");
        }
    }

    [Fact]
    public void A_pickle_with_a_magic_is_never_data()
    {
        var random = new Random(Seed);
        for (int i = 0; i < Inputs; i++)
        {
            var bytes = new List<byte>(Pickle);
            Mutate(random, bytes);
            if (bytes.Count < 20 || bytes[0] != 0x80)
                continue;
            using var file = new MemoryStream([.. bytes]);
            Assert.NotEqual(FormatRisk.Data, FormatJudge.OfFile("a.dat", file, CancellationToken.None).Risk);
        }
    }

    [Fact]
    public void Mutated_configurations_get_findings()
    {
        var random = new Random(Seed);
        byte[][] samples =
        [
            """{"auto_map":{"AutoModel":"modeling_x.Model","AutoTokenizer":["a/b--t.Slow",null]},"x":NaN}"""u8.ToArray(),
            """{"chat_template":[{"name":"a","template":"{{ x.__class__ }}{% include 'y' %}"}]}"""u8.ToArray(),
            "{% for m in messages %}{{ m['content']|attr('\\x5f') }}{% endfor %}"u8.ToArray(),
        ];
        for (int i = 0; i < Inputs; i++)
        {
            var bytes = new List<byte>(samples[random.Next(samples.Length)]);
            Mutate(random, bytes);
            foreach (string path in new[] { "a.json", "a.jinja" })
                Assert.InRange(CodeReferences.Of(path, bytes.ToArray()).Count, 0, CodeReferences.MostFindings);
        }
    }
}
