using WiseHub.Client.Formats;
using static WiseHub.Client.Tests.Formats.FormatFiles;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Formats by their magic, and what is inside the others.</summary>
public sealed class OtherFormatTests
{
    private static readonly byte[] Note = "a note\n"u8.ToArray();

    public static TheoryData<string, byte[], string> Known => new()
    {
        { "a.gguf", Gguf, "gguf Data" },
        { "a.safetensors", Safetensors, "safetensors Data" },
        { "a.onnx", Onnx, "onnx Data" },
        { "a.dat", Onnx, "onnx Data" },
        { "a.tflite", [28, 0, 0, 0, .. "TFL3"u8, .. new byte[20]], "tflite Data" },
        { "a.pte", [28, 0, 0, 0, .. "ET12"u8, .. new byte[20]], "executorch Data" },
        // specificationVersion 7, a description, mlProgram (502).
        { "a.mlmodel", [8, 7, 0x12, 1, 0, 0xB2, 0x1F, 1, 0], "coreml Data" },
        // One piece: "<unk>", its score, its type.
        { "spm.model", [0x0A, 14, 0x0A, 5, .. "<unk>"u8, 0x15, 0, 0, 0, 0, 0x18, 2], "sentencepiece Data" },
        { "a.parquet", [.. "PAR1"u8, 1, 2, 3, 4, .. "PAR1"u8], "parquet Data" },
        { "a.arrow", [.. "ARROW1\0\0"u8, 1, 2, 3], "arrow Data" },
        { "a.png", Png, "image Data" },
        { "a.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "image Data" },
        { "a.webp", [.. "RIFF"u8, 9, 0, 0, 0, .. "WEBP"u8, 0], "image Data" },
        { "a.gif", [.. "GIF89a"u8, 1, 0], "image Data" },
        { "a.wav", [.. "RIFF"u8, 9, 0, 0, 0, .. "WAVE"u8, 0], "audio Data" },
        { "a.flac", [.. "fLaC"u8, 0, 0], "audio Data" },
        { "a.ogg", [.. "OggS"u8, 0, 2], "audio Data" },
        { "a.mp3", [.. "ID3"u8, 4, 0], "audio Data" },
        { "a.mp3", [0xFF, 0xFB, 0x90, 0x64], "audio Data" },
        { "a.mp4", [0, 0, 0, 24, .. "ftypisom"u8, 0], "video Data" },
        { "a.webm", [0x1A, 0x45, 0xDF, 0xA3, 1], "video Data" },
        { "a.pdf", Bytes("%PDF-1.7\n\xE2"), "pdf Data" },
        { "a.ttf", [0, 1, 0, 0, 0, 12], "font Data" },
        { "a.hdf", Hdf5, "hdf5 Data" },
        { "a.npy", FloatNpy, "numpy Data" },
        { "a.7z", [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, 0], "7z Unknown" },
        { "a.xz", [0xFD, .. "7zXZ"u8, 0, 1], "xz Unknown" },
        { "a.zst", [0x28, 0xB5, 0x2F, 0xFD, 0], "zstd Unknown" },
        { "a.lz4", [4, 0x22, 0x4D, 0x18, 0], "lz4 Unknown" },
        { "a.bz2", [.. "BZh9"u8, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], "bzip2 Unknown" },
        { "a.rar", Bytes("Rar!\x1a\x07\x01\0"), "rar Unknown" },
        { "a.dat", Random(11, 500), "unknown Unknown" },
        { "a.txt", Elf, "elf Code program" },
        { "a.json", [.. "MZ"u8, 0x90, 0, 3, 0], "pe Code program" },
        { "a.bin", [0xCF, 0xFA, 0xED, 0xFE, 7, 0], "macho Code program" },
        { "a.bin", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0], "macho Code program" },
        { "a.bin", [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52], "program Code program" },
        { "a.jar", TestZip.Of(("a.txt", Note)), "program Code program" },
        { "a.bin", Bytes("\0asm\x01\0\0\0"), "program Code program" },
        { "a.bin", [0xA7, 0x0D, (byte)'\r', (byte)'\n', 0, 0, 0, 0, .. new byte[20]], "program Code program" },
        { "a/saved_model.pb", Random(12, 50), "savedmodel Code savedmodel" },
        { "keras_metadata.pb", Random(12, 50), "savedmodel Code savedmodel" },
        { "a.dat", [8, 1, 0x12, 2, 1, 2], "savedmodel Code savedmodel" },
        // A graph with one node: name "x", op "ReadFile".
        { "graph.pb", [0x0A, 13, 0x0A, 1, (byte)'x', 0x12, 8, .. "ReadFile"u8], "savedmodel Code savedmodel" },
        { "m.h5", Hdf5, "keras Code keras" },
        { "m.keras", Random(13, 50), "keras Code keras" },
        { "m.joblib", Random(14, 50), "joblib Code pickle" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void The_bytes_tell(string path, byte[] bytes, string expected) => Assert.Equal(expected, Verdicts.Show(path, bytes));

    [Fact]
    public void An_empty_file_is_data() => Assert.Equal("empty Data", Verdicts.Show("a.py", []));

    [Fact]
    public void Large_files_are_known_by_their_beginning()
    {
        foreach ((string path, byte[] bytes) in new[] { ("a.gguf", Gguf), ("a.safetensors", Safetensors), ("a.npy", FloatNpy) })
            Assert.Equal(path[2..] == "npy" ? FormatRisk.Unknown : FormatRisk.Data,
                FormatJudge.FromBeginning(path, bytes, 1L << 40)?.Risk);
        // The graph is longer than the beginning.
        byte[] onnx = [8, 8, 0x12, 4, .. "test"u8, 0x3A, 0x80, 0x80, 0x80, 0x10, .. Random(1, 500)];
        Assert.Equal("onnx", FormatJudge.FromBeginning("a.onnx", onnx, 1L << 30)?.Format.Id);
        Assert.Null(FormatJudge.FromBeginning("a.txt", Note, 1L << 30));
        Assert.Null(FormatJudge.FromBeginning("a.tar", Tar(("a", Note)).AsSpan(0, 600), 1L << 30));
        Assert.Null(FormatJudge.FromBeginning("a.csv.gz", Gzip(Note), 1L << 30));
        Assert.Equal("pickle", FormatJudge.FromBeginning("a.pkl", Note, 1L << 30)?.Format.Id);
        Assert.Null(FormatJudge.FromBeginning("a.bin", [], 1));
    }

    [Theory]
    [InlineData("model_config")]
    [InlineData("keras_version")]
    [InlineData("{\"class_name\": \"Lambda\"}")]
    public void An_HDF5_file_with_the_attributes_of_Keras_is_a_model(string attribute)
    {
        byte[] file = [.. Hdf5, .. new byte[65_530 - 96], .. Bytes(attribute), .. new byte[70_000]];
        Assert.Equal("keras Code keras", Verdicts.Show("weights.dat", file));
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void An_HDF5_file_behind_other_bytes_is_one(int offset)
    {
        Assert.Equal("hdf5 Data", Verdicts.Show("a.dat", [.. Random(1, offset), .. Hdf5]));
        byte[] model = [.. Hdf5, .. "model_config"u8];
        Assert.Equal("keras Code keras", Verdicts.Show("a.dat", [.. Random(1, offset), .. model]));
        byte[] image = [.. Png, .. new byte[offset - Png.Length], .. Hdf5];
        using var file = new MemoryStream(image);
        FormatVerdict verdict = FormatJudge.OfFile("a.png", file, TestContext.Current.CancellationToken);
        Assert.Equal((FormatRisk.Unknown, "it is an HDF5 file as well"), (verdict.Risk, verdict.Reason?.ToString()));
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': [('a', [('b', 'O')])], 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': 'object', 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': 'f4,O', 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': '\\x4f', 'fortran_order': False, 'shape': (1,)}", "numpy Unknown")]
    [InlineData("{'descr': '<f4', 'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "numpy Code pickle")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", "numpy Unknown")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "numpy Unknown")]
    [InlineData("{'descr': 'xyz', 'fortran_order': False, 'shape': (1,)}", "numpy Unknown")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "numpy Unknown")]
    [InlineData("", "numpy Unknown")]
    [InlineData("{'descr': [(('title O', 'a'), '<f4', (2,)), ('O', '<M8[ns]')], 'fortran_order': True, 'shape': ()}",
        "numpy Data")]
    [InlineData("{\"descr\": \"<U1\", \"fortran_order\": False, \"shape\": (1L,), }", "numpy Data")]
    public void A_NumPy_header_is_read_strictly(string header, string expected) =>
        Assert.Equal(expected, Verdicts.Show("a.npy", Npy(header, 4)));

    [Fact]
    public void A_second_array_behind_the_first_is_seen() =>
        Assert.Equal("numpy Unknown", Verdicts.Show("a.npy", [.. FloatNpy, .. ObjectNpy]));

    [Fact]
    public void A_compressed_pickle_is_found()
    {
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.gz", Gzip(Pickle)));
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.dat", Zlib(Pickle)));
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.dat", Zlib(TextPickle)));
        Assert.Equal("pickle Code pickle", Verdicts.Show("model.z", Zlib(Random(1, 50))));
        Assert.Equal("pickle Code pickle", Verdicts.Show("m.pkl", [0x5D, 0, 0, 0x80, 0]));
        FormatVerdict verdict = Verdicts.Of("a.json.gz", Gzip(Pickle));
        Assert.Equal(("posix.system", "its content is: Python pickle"),
            (Assert.Single(verdict.Imports), verdict.Reason?.ToString()));
    }

    [Fact]
    public void A_compressed_pickle_that_breaks_is_found()
    {
        byte[] packed = Gzip([.. Pickle, .. Random(1, 60_000)]);
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.dat", packed[..30_000]));
        packed[40_000] ^= 1;
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.dat", packed));
    }

    [Fact]
    public void Compressed_data_are_data()
    {
        Assert.Equal("gzip Data", Verdicts.Show("a.csv.gz", Gzip(Note)));
        Assert.Equal("gzip Data", Verdicts.Show("a.csv.gz", Gzip(Bytes(new string('x', 300_000)))));
        Assert.Equal("zlib Data", Verdicts.Show("a.dat", Zlib(Note)));
        Assert.Equal("gzip Data", Verdicts.Show("a.tgz", Gzip(Tar(("a.txt", Note)))));
        Assert.Equal("gzip Unknown", Verdicts.Show("a.gz", Gzip(Random(1, 50))));
        Assert.Equal("gzip Unknown", Verdicts.Show("a.gz", [0x1F, 0x8B, 8, 0]));
    }

    [Fact]
    public void A_gzip_bomb_is_not_unpacked_to_its_end()
    {
        FormatVerdict verdict = Verdicts.Of("a.gz", Gzip(Bytes(new string('x', 65 << 20))));
        Assert.Equal((FormatRisk.Unknown, "its content is larger than 67.1 MB and was not read to its end"),
            (verdict.Risk, verdict.Reason?.ToString()));
    }

    [Fact]
    public void A_tar_is_what_its_files_are()
    {
        Assert.Equal("tar Data", Verdicts.Show("a.tar", Tar(("a.txt", Note), ("d/b.png", Png))));
        FormatVerdict verdict = Verdicts.Of("a.tar", Tar(("a.txt", Note), ("b.txt", Pickle)));
        Assert.Equal(("pickle", "posix.system", "its file 'b.txt' is: Python pickle"),
            (verdict.Format.Id, Assert.Single(verdict.Imports), verdict.Reason?.ToString()));
        Assert.Equal("pickle Code pickle", Verdicts.Show("a.tar.gz", Gzip(Tar(("b.txt", Pickle)))));
        Assert.Equal("script Code script", Verdicts.Show("a.tar", Tar(("b.py", Note))));
        Assert.Equal("tar Unknown", Verdicts.Show("a.tar", Tar(("b", Random(1, 600)))));
    }

    [Fact]
    public void A_tar_that_begins_like_data_is_a_tar() =>
        Assert.Equal("pickle Code pickle", Verdicts.OfWhole("a.gguf", Tar(("GGUF\u0003", Pickle))));

    [Fact]
    public void A_tar_with_bytes_behind_it_or_broken_headers_is_unknown()
    {
        byte[] tar = Tar(("a.txt", Note), ("b.txt", Note));
        Assert.Equal("tar Unknown", Verdicts.Show("a.tar", [.. tar, 1]));
        tar[1024] ^= 1;
        Assert.Equal("tar Unknown", Verdicts.Show("a.tar", tar));
        Assert.Equal("pickle Code pickle", Verdicts.Show("checkpoint.pth.tar", tar));
    }

    // nullifAI: PyTorch's format in another container.
    [Fact]
    public void A_7z_with_the_name_of_a_model_is_refused() =>
        Assert.Equal("pickle Code pickle", Verdicts.Show("model.pt", [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, 0]));

    [Fact]
    public void Every_format_has_a_name()
    {
        foreach (System.Reflection.PropertyInfo property in typeof(FileFormats).GetProperties())
        {
            var format = (FileFormat)property.GetValue(null)!;
            Assert.Equal(format.Id == "unknown", format.Name.ToString() == "unknown format");
            Assert.Equal(format.Risk == FormatRisk.Code, format.Waiver is not null);
        }
    }
}
