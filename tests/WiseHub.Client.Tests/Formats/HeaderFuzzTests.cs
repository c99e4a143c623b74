using System.Globalization;
using System.Text;
using WiseHub.Client.Formats;

namespace WiseHub.Client.Tests;

/// <summary>Headers are input of strangers: changed files never cause another exception, and never cost memory.</summary>
public sealed class HeaderFuzzTests
{
    // More inputs for a longer search.
    private static readonly int Inputs =
        int.Parse(Environment.GetEnvironmentVariable("WISEHUB_FUZZ_INPUTS") ?? "20000", CultureInfo.InvariantCulture);

    // The buffer is rented, and names are short; what else is made has about the size of the file.
    private const long MostAllocated = 200_000;

    public static TheoryData<string> Names => ["m.safetensors", "m.gguf", "m.onnx", "m.safetensors.index.json"];

    private static byte[] Sample(string name) => name switch
    {
        "m.safetensors" => HeaderSamples.TwoTensors,
        "m.gguf" => HeaderSamples.Llama,
        "m.onnx" => HeaderSamples.Onnx,
        _ => Encoding.UTF8.GetBytes(HeaderSamples.Index),
    };

    private static HeaderFault? Check(string name, byte[] file)
    {
        using var stream = new MemoryStream(file);
        HeaderInspection inspection = ModelHeaderCheck.Inspect(name, stream, file.Length);
        Assert.True(inspection.Fault is null || inspection is { Facts: null, Companions.Count: 0 });
        return inspection.Fault;
    }

    private static void Tolerate(Action read)
    {
        try
        {
            read();
        }
        catch (HubException e)
        {
            Assert.Equal(WiseCodes.HeaderUnreadable, e.Code);
        }
    }

    private static void ReadBeginnings(byte[] file)
    {
        Tolerate(() => SafetensorsHeader.Read(file));
        Tolerate(() => GgufHeader.Read(file));
        Tolerate(() => OnnxHeader.Read(file, null));
        Tolerate(() => OnnxHeader.Read(file, file.Length));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_file_that_is_cut_off_is_a_fault(string name)
    {
        byte[] file = Sample(name);
        for (int length = 0; length < file.Length; length++)
        {
            // An ONNX model may end between two fields.
            if (Check(name, file[..length]) is null)
                Assert.Equal("m.onnx", name);
            ReadBeginnings(file[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_beginning_of_a_right_file_has_a_fault(string name)
    {
        byte[] file = Sample(name);
        for (int length = 0; length <= file.Length; length++)
            Assert.Null(ModelHeaderCheck.OfBeginning(name, file.AsSpan(0, length), file.Length));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_changed_byte_gives_a_fault_or_a_right_file(string name)
    {
        byte[] file = Sample(name);
        int faults = 0;
        for (int at = 0; at < file.Length; at++)
        {
            byte old = file[at];
            foreach (byte changed in (byte[])[(byte)~old, (byte)(old ^ 1), (byte)(old ^ 0x80), 0, 0xFF])
            {
                file[at] = changed;
                faults += Check(name, file) is null ? 0 : 1;
                ReadBeginnings(file);
            }
            file[at] = old;
        }
        Assert.InRange(faults, 50, file.Length * 5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_files_never_cause_another_exception_and_never_cost_memory(string name)
    {
        // Not for secrets; a seed repeats a failure.
#pragma warning disable CA5394
        var random = new Random(1);
        byte[] sample = Sample(name);
        for (int i = 0; i < Inputs; i++)
        {
            List<byte> changed = [.. sample];
            for (int changes = random.Next(1, 5); changes > 0 && changed.Count > 0; changes--)
            {
                int at = random.Next(changed.Count);
                switch (random.Next(5))
                {
                    case 0:
                        changed[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        changed[at] ^= (byte)(1 << random.Next(8));
                        break;
                    case 2:
                        changed.RemoveRange(at, Math.Min(changed.Count - at, random.Next(1, 9)));
                        break;
                    case 3:
                        changed.InsertRange(at, changed.GetRange(at, Math.Min(changed.Count - at, random.Next(1, 33))));
                        break;
                    default:
                        changed[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0;
                        break;
                }
            }
#pragma warning restore CA5394
            byte[] file = [.. changed];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Check(name, file);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MostAllocated, $"{allocated} bytes for input {i}");
            ReadBeginnings(file);
        }
    }
}
