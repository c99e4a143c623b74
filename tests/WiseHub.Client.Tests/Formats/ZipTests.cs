using System.IO.Compression;
using WiseHub.Client.Formats;
using static WiseHub.Client.Tests.Formats.FormatFiles;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Zip files: what the directory says, what the local headers say, and what is in the files.</summary>
public sealed class ZipTests
{
    private const string PyTorch = "pytorch Code pickle", Data = "zip Data";

    private static readonly byte[] Note = "a note\n"u8.ToArray();

    private static string Reason(string path, byte[] bytes) => Verdicts.Of(path, bytes).Reason?.ToString() ?? "";

    private static ZipPart[] Notes => [new("a.txt", Note), new("b/c.txt", Note)];

    [Fact]
    public void A_regular_zip_of_data_is_data()
    {
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(("a.txt", Note), ("b.png", Png), ("c.json", "{}"u8.ToArray()))));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a.txt", Note) { IsDeflated = true })));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a.txt", Note) { HasDescriptor = true },
            new ZipPart("b.txt", Note) { IsDeflated = true, HasDescriptor = true }, new ZipPart("d/", []))));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(Notes, [], [], Note, [])));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(Notes, [], [], [], [], is64: true)));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(Array.Empty<ZipPart>())));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_zip_of_another_writer_is_regular(CompressionLevel level)
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (int size in new[] { 0, 10, 100_000 })
            {
                using Stream entry = zip.CreateEntry($"\u6587/{size}.txt", level).Open();
                entry.Write(Bytes(new string('x', size)));
            }
        }
        Assert.Equal(Data, Verdicts.Show("x.zip", bytes.ToArray()));
    }

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.bin")]
    [InlineData("model.zip")]
    [InlineData("model.safetensors")]
    public void A_PyTorch_file_is_one_whatever_its_name(string path)
    {
        FormatVerdict verdict = Verdicts.Of(path, TestZip.Of(("archive/data.pkl", Pickle), ("archive/data/0", Random(1, 100)),
            ("archive/version", "3\n"u8.ToArray())));
        Assert.Equal(("pytorch", "pickle", "posix.system"),
            (verdict.Format.Id, verdict.Format.Waiver, Assert.Single(verdict.Imports)));
    }

    [Fact]
    public void A_TorchScript_program_is_one() => Assert.Equal("torchscript Code pickle", Verdicts.Show("m.bin", TestZip.Of(
        ("m/data.pkl", Pickle), ("m/code/__torch__.py", Note), ("m/constants.pkl", Pickle))));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pickle_of_any_name_in_a_zip_is_found(bool isDeflated)
    {
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a.txt", Note),
            new ZipPart("config.json", Pickle) { IsDeflated = isDeflated })));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("config", TextPickle) { IsDeflated = isDeflated })));
    }

    [Fact]
    public void A_Keras_model_is_one()
    {
        byte[] zip = TestZip.Of(("metadata.json", "{}"u8.ToArray()), ("config.json", "{}"u8.ToArray()),
            ("model.weights.h5", Hdf5));
        Assert.Equal("keras Code keras", Verdicts.Show("m.keras", zip));
        Assert.Equal("keras Code keras", Verdicts.Show("m.dat", zip));
    }

    [Fact]
    public void An_npz_is_data_unless_it_has_objects()
    {
        Assert.Equal("numpy Data", Verdicts.Show("a.npz", TestZip.Of(("x.npy", FloatNpy), ("y.npy", FloatNpy))));
        Assert.Equal("numpy Code pickle", Verdicts.Show("a.npz", TestZip.Of(("x.npy", FloatNpy), ("y.npy", ObjectNpy))));
        Assert.Equal(PyTorch, Verdicts.Show("a.npz", TestZip.Of(("x.npy", FloatNpy), ("y.npy", Pickle))));
        Assert.Equal("numpy Unknown", Verdicts.Show("a.npz", TestZip.Of(("x.npy", Random(1, 50)))));
    }

    // CVE-2025-1944.
    [Fact]
    public void A_name_that_differs_in_the_local_header_is_refused()
    {
        byte[] zip = TestZip.Of(new ZipPart("m/data.pkl", Pickle) { LocalName = "m/data.txt" });
        Assert.Equal(PyTorch, Verdicts.Show("m.bin", zip));
        Assert.Equal("its zip directory differs from its local headers at 'm/data.pkl'", Reason("m.bin", zip));
        Assert.Equal(PyTorch, Verdicts.Show("m.bin", TestZip.Of(new ZipPart("m/data.txt", Note) { LocalName = "m/data.pkl" })));
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a.txt", Note) { LocalName = "b.txt" })));
    }

    // CVE-2025-1945.
    [Theory]
    [InlineData(0x1)]
    [InlineData(0x20)]
    [InlineData(0x40)]
    [InlineData(0x2000)]
    [InlineData(0x8000)]
    public void Flags_do_not_hide_a_pickle(int flags)
    {
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { Flags = flags })));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { Flags = flags, IsDeflated = true })));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { LocalFlags = flags })));
        byte[] note = TestZip.Of(new ZipPart("a", Note) { Flags = flags });
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", note));
        Assert.Equal("'a' is marked as encrypted, or with unknown flags", Reason("x.zip", note));
    }

    // CVE-2025-10156.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wrong_checksum_does_not_hide_a_pickle(bool isDeflated)
    {
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { Crc = 1, IsDeflated = isDeflated })));
        byte[] note = TestZip.Of(new ZipPart("a", Note) { Crc = 1, IsDeflated = isDeflated });
        Assert.Equal(("zip Unknown", "the checksum of 'a' is wrong"), (Verdicts.Show("x.zip", note), Reason("x.zip", note)));
        Assert.Equal(PyTorch, Verdicts.Show("x.pt", note));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(93)]
    public void A_method_that_is_not_read_is_unknown(int method)
    {
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("data.pkl", Random(1, 9)) { Method = method })));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { Method = method })));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Pickle) { LocalMethod = 8 })));
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Note) { Method = method })));
        Assert.Equal(PyTorch, Verdicts.Show("x.pth", TestZip.Of(new ZipPart("a", Note) { Method = method })));
    }

    [Fact]
    public void Bytes_outside_the_files_are_seen()
    {
        byte[][] zips =
        [
            TestZip.Of(Notes, Note, [], [], []), TestZip.Of(Notes, [], Note, [], []), TestZip.Of(Notes, [], [], [], Note),
            TestZip.Of(Notes[0], Notes[1] with { Before = Note }),
            TestZip.Of(Notes[0], new ZipPart("x", Note) { IsInDirectory = false }),
        ];
        Assert.All(zips, zip =>
        {
            Assert.Equal(FormatRisk.Unknown, Verdicts.Of("x.zip", zip).Risk);
            Assert.Equal(FormatRisk.Code, Verdicts.Of("x.pt", zip).Risk);
        });
        Assert.Equal("bytes lie before, between or behind the files of its zip directory", Reason("x.zip", zips[1]));
    }

    [Fact]
    public void A_file_that_is_not_in_the_directory_is_looked_into()
    {
        Assert.Equal(PyTorch, Verdicts.Show("x.zip",
            TestZip.Of(new ZipPart("a", Pickle) { IsInDirectory = false }, new ZipPart("b", Note))));
        Assert.Equal(PyTorch, Verdicts.Show("x.zip",
            TestZip.Of(new ZipPart("a", Pickle) { IsInDirectory = false, IsDeflated = true }, new ZipPart("b", Note))));
    }

    [Theory]
    [InlineData("../a.txt")]
    [InlineData("/a.txt")]
    [InlineData("a/../../b")]
    [InlineData("a\\b")]
    [InlineData("C:a")]
    [InlineData("a\0.txt")]
    public void A_name_that_leads_out_is_seen(string name) =>
        Assert.Contains("leads out of its folder", Reason("x.zip", TestZip.Of((name, Note))), StringComparison.Ordinal);

    [Fact]
    public void A_name_that_is_there_twice_is_seen() =>
        Assert.Equal("'a' is twice in its zip directory", Reason("x.zip", TestZip.Of(("a", Note), ("a", Note))));

    [Fact]
    public void A_wrong_size_is_seen()
    {
        Assert.Equal("the size of 'a' is wrong",
            Reason("x.zip", TestZip.Of(new ZipPart("a", Note) { IsDeflated = true, Size = 3 })));
        Assert.Equal("its zip directory differs from its local headers at 'a'",
            Reason("x.zip", TestZip.Of(new ZipPart("a", Note) { LocalSize = 3 })));
    }

    [Fact]
    public void Another_name_in_Unicode_is_seen()
    {
        byte[] extra = [0x75, 0x70, 6, 0, 1, 0, 0, 0, 0, (byte)'b'];
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a", Note) { Extra = extra })));
    }

    // Two directories: one reader takes the last, another the first.
    [Fact]
    public void Several_ends_are_seen()
    {
        byte[] inner = TestZip.Of(Notes), comment = [.. inner[^22..]];
        Assert.Equal("its zip directory is missing or cut off", Reason("x.zip", TestZip.Of(Notes)[..^3]));
        Assert.Equal("it has several ends of a zip directory", Reason("x.zip", TestZip.Of(Notes, [], [], comment, [])));
    }

    [Fact]
    public void A_zip_that_is_cut_off_is_searched()
    {
        byte[] zip = TestZip.Of(new ZipPart("a.txt", Note), new ZipPart("b", Pickle) { IsDeflated = true });
        Assert.Equal(PyTorch, Verdicts.Show("x.zip", zip[..^30]));
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", TestZip.Of(Notes)[..^30]));
    }

    [Fact]
    public void A_zip_in_a_zip_is_looked_into()
    {
        byte[] bad = TestZip.Of(("x", Pickle)), good = TestZip.Of(Notes);
        foreach (bool isDeflated in new[] { false, true })
        {
            Assert.Equal(PyTorch, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("in.zip", bad) { IsDeflated = isDeflated })));
            Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("in.zip", good) { IsDeflated = isDeflated })));
        }
        byte[] deep = good;
        for (int i = 0; i < 5; i++)
            deep = TestZip.Of(new ZipPart("in", deep) { IsDeflated = true });
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", deep));
        Assert.Contains("nested too deep", Reason("x.zip", deep), StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_of_unknown_files_is_unknown()
    {
        byte[] zip = TestZip.Of(("a.txt", Note), ("b.dat", Random(1, 99)));
        Assert.Equal("zip Unknown", Verdicts.Show("x.zip", zip));
        Assert.Equal("its file 'b.dat' is: unknown format", Reason("x.zip", zip));
        Assert.Equal("pickle Code pickle", Verdicts.Show("x.ckpt", zip));
    }

    [Fact]
    public void A_zip_of_scripts_or_programs_is_code()
    {
        Assert.Equal("script Code script", Verdicts.Show("x.zip", TestZip.Of(("a.py", Note))));
        Assert.Equal("elf Code program", Verdicts.Show("x.zip", TestZip.Of(("a", Elf))));
    }

    // A llamafile.
    [Fact]
    public void A_program_that_is_also_a_zip_is_a_program()
    {
        Assert.Equal("elf Code program", Verdicts.Show("m", TestZip.Of(Notes, Elf, [], [], [])));
        Assert.Equal("pe Code program", Verdicts.Show("m", TestZip.Of(Notes, [.. "MZqFpD='\n"u8, .. new byte[64]], [], [], [])));
    }

    [Fact]
    public void A_zip_behind_data_is_seen()
    {
        byte[] safetensors = TestZip.Of([new ZipPart("m/data.pkl", Pickle)], Safetensors, [], [], []);
        Assert.Equal(PyTorch, Verdicts.OfWhole("model.safetensors", safetensors));
        Assert.Equal(PyTorch, Verdicts.OfWhole("model.gguf", TestZip.Of([new ZipPart("x", Pickle)], Gguf, [], [], [])));
        Assert.Equal("unknown Unknown", Verdicts.OfWhole("a.png", TestZip.Of(Notes, Png, [], [], [])));
        Assert.Equal(PyTorch, Verdicts.OfWhole("a.pt", TestZip.Of(Notes, Png, [], [], [])));
        // Where PyTorch looks at the end, the beginning does not tell.
        Assert.Null(FormatJudge.FromBeginning("a.pt", Gguf, 1000));
    }

    [Fact]
    public void A_bomb_is_not_unpacked()
    {
        byte[] zip = TestZip.Of(new ZipPart("a.txt", new byte[20 << 20]) { IsDeflated = true });
        Assert.Equal("it is compressed more than zip files of models are, as decompression bombs are", Reason("x.zip", zip));
    }

    [Fact]
    public void A_large_text_in_a_zip_is_data()
    {
        byte[] text = Bytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"line {i}\n")));
        Assert.Equal(Data, Verdicts.Show("x.zip", TestZip.Of(new ZipPart("a.csv", text) { IsDeflated = true })));
    }

    [Fact]
    public void The_beginning_of_a_large_zip_tells_of_a_pickle()
    {
        byte[] zip = TestZip.Of(("m/data.pkl", Pickle), ("m/data/0", Random(2, 5000)));
        FormatVerdict? verdict = FormatJudge.FromBeginning("m.bin", zip.AsSpan(0, 1000), zip.Length);
        Assert.Equal(("pytorch", "posix.system"), (verdict?.Format.Id, Assert.Single(verdict!.Imports)));
        byte[] deflated = TestZip.Of(new ZipPart("x", Pickle) { IsDeflated = true, HasDescriptor = true },
            new("y", Random(3, 5000)));
        Assert.Equal("pytorch", FormatJudge.FromBeginning("m.bin", deflated.AsSpan(0, 1000), deflated.Length)?.Format.Id);
        byte[] data = TestZip.Of(("a.txt", Note), ("b", Random(2, 5000)));
        Assert.Null(FormatJudge.FromBeginning("m.zip", data.AsSpan(0, 1000), data.Length));
        Assert.Null(FormatJudge.FromBeginning("m.pt", data.AsSpan(0, 1000), data.Length));
    }

    // Each header is tried as two files: the work must not multiply.
    [Fact]
    public void Thousands_of_headers_take_little_time()
    {
        byte[] header = TestZip.Of(new ZipPart("a", []))[..31];
        // Each name is as long as can be, and holds the next headers.
        byte[] greedy = [.. header[..26], 255, 255, 0, 0];
        Refuse([.. Enumerable.Repeat(header, 60_000).SelectMany(h => h)]);
        Refuse([.. Enumerable.Repeat(greedy, 60_000).SelectMany(h => h)]);
        // Behind each is what is costly to look through.
        foreach (byte[] content in new[] { Hdf5, "text"u8.ToArray(), "cab\nfoo\nX"u8.ToArray() })
            Refuse([.. Enumerable.Repeat((byte[])[.. header, .. content], 20_000).SelectMany(h => h)]);
    }

    private static void Refuse(byte[] file)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal("zip Unknown", Verdicts.OfWhole("x.zip", file));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
