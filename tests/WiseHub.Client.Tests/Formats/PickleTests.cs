using WiseHub.Client.Formats;
using static WiseHub.Client.Tests.Formats.FormatFiles;

namespace WiseHub.Client.Tests.Formats;

/// <summary>Pickles, whatever they are named and however they hide.</summary>
public sealed class PickleTests
{
    private const string Refused = "pickle Code pickle";

    private static string Imports(byte[] bytes, string path = "x.json") => string.Join(' ', Verdicts.Of(path, bytes).Imports);

    [Theory]
    [InlineData("model.pkl")]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    [InlineData("vocab.txt")]
    [InlineData("model.bin")]
    [InlineData("README")]
    public void A_pickle_is_one_whatever_its_name(string path)
    {
        Assert.Equal(Refused, Verdicts.Show(path, Pickle));
        Assert.Equal(Refused, Verdicts.Show(path, TextPickle));
    }

    [Fact]
    public void The_imports_are_named() => Assert.Equal(["posix.system"], Verdicts.Of("a.bin", Pickle).Imports);

    [Fact]
    public void The_imports_of_a_text_pickle_are_named() => Assert.Equal("posix.system", Imports(TextPickle));

    [Theory]
    [InlineData("pkgutil", "resolve_name")]
    [InlineData("torch.utils.bottleneck.__main__", "run_cprofile")]
    [InlineData("asyncio.unix_events", "_UnixSubprocessTransport._start")]
    [InlineData("pip", "main")]
    [InlineData("_osx_support", "_read_output")]
    public void No_list_of_names_decides(string module, string name)
    {
        byte[] pickle = ReducePickle(module, name, "x");
        Assert.Equal(Refused, Verdicts.Show("weights.dat", pickle));
        Assert.Equal($"{module}.{name}", Imports(pickle));
    }

    // GHSA-9gvj-pp9x-gcfr: the texts come from the memo, not from the opcodes before.
    [Fact]
    public void Names_through_the_memo_are_found()
    {
        byte[] pickle = [0x80, 4, .. ShortText("os"), 0x94, (byte)'0', .. ShortText("system"), (byte)'q', 9, (byte)'0',
            (byte)'h', 0, (byte)'h', 9, 0x93, .. ShortText("id"), 0x85, (byte)'R', (byte)'.'];
        Assert.Equal("os.system", Imports(pickle));
        // No magic: the names alone make it one.
        Assert.Equal(Refused, Verdicts.Show("x.dat", pickle[2..]));
    }

    [Fact]
    public void Names_that_are_computed_are_refused()
    {
        byte[] pickle = [.. "cbuiltins\nstr\nVos\n"u8, 0x85, (byte)'R', .. "Vsystem\n"u8, 0x93, .. "Vid\n"u8, 0x85, .. "R."u8];
        FormatVerdict verdict = Verdicts.Of("x.json", pickle);
        Assert.Equal((FormatRisk.Code, "it computes the names of what it imports"), (verdict.Risk, verdict.Reason?.ToString()));
    }

    [Theory]
    // INST, with and without arguments.
    [InlineData("(Vid\nios\nsystem\n.")]
    [InlineData("(ios\ngetpid\n.")]
    // OBJ.
    [InlineData("(cos\nsystem\nVid\no.")]
    // BUILD with a text, whose __setstate__ is called.
    [InlineData("cos\nenviron\n(tRVx\nb.")]
    // Lines with blanks and other numbers in them, as Python takes them.
    [InlineData("I0x1F\n0cos\nsystem\np 0 \n(Vid\ntR.")]
    [InlineData("I01\n0L5L\n0F1e5\n0S\"x\"  \n0cos\nsystem\n(S'id'\ntR.")]
    // A function that was stored, and popped first.
    [InlineData("cos\nsystem\np7\n0g7\n(Vid\ntR.")]
    // A duplicate; a mark that is dropped.
    [InlineData("cos\nsystem\n2(NN1(Vid\ntR0.")]
    public void A_pickle_of_protocol_0_is_found(string pickle) => Assert.Equal(Refused, Verdicts.Show("x.txt", Bytes(pickle)));

    [Theory]
    // An import alone runs the module; the value may be the only one.
    [InlineData("cevil\nx\n.")]
    [InlineData("cevil\nx\n.\n")]
    public void An_import_without_a_call_is_found(string pickle) => Assert.Equal(Refused, Verdicts.Show("x.txt", Bytes(pickle)));

    [Fact]
    public void An_import_with_text_behind_it_is_found_unless_its_name_is_that_of_a_text()
    {
        Assert.Equal(Refused, Verdicts.Show("x.dat", Bytes("cevil\nx\n.and more")));
        Assert.Equal("text Data", Verdicts.Show("x.txt", Bytes("cevil\nx\n.and more")));
    }

    // nullifAI: the loader has run the first pickle when it finds the error.
    [Theory]
    [InlineData("\0\xff\xff")]
    [InlineData("broken")]
    [InlineData("")]
    public void A_pickle_that_breaks_after_its_call_is_found(string tail)
    {
        byte[] broken = [.. TextPickle[..^1], .. Bytes(tail)];
        Assert.Equal(Refused, Verdicts.Show("x.txt", broken));
        Assert.Equal(Refused, Verdicts.Show("x.txt", [.. Pickle[..^1], .. Bytes(tail)]));
    }

    [Fact]
    public void A_second_pickle_behind_the_first_is_followed()
    {
        byte[] harmless = [0x80, 2, (byte)'N', (byte)'.'];
        Assert.Equal("posix.system", Imports([.. harmless, .. harmless, .. TextPickle]));
        Assert.Equal(Refused, Verdicts.Show("x.json", [.. "I1\n."u8, .. TextPickle]));
    }

    [Fact]
    public void A_pickle_of_numbers_is_a_pickle() =>
        Assert.Equal(Refused, Verdicts.Show("x.dat", [0x80, 3, (byte)']', (byte)'q', 0, (byte)'K', 1, (byte)'a', (byte)'.']));

    [Theory]
    [InlineData(0x82, new byte[] { 7 }, "copyreg.extension_7")]
    [InlineData(0x83, new byte[] { 1, 1 }, "copyreg.extension_257")]
    [InlineData(0x84, new byte[] { 0, 0, 1, 0 }, "copyreg.extension_65536")]
    public void An_extension_code_is_an_import(int opcode, byte[] code, string import) =>
        Assert.Equal(import, Imports([0x80, 2, (byte)opcode, .. code, .. "(Vid\ntR."u8]));

    // One of 20,000 files with random bytes begins so. Picklers write the magic first since there are such codes.
    [Theory]
    [InlineData(new byte[] { 0x82, 7, (byte)'.' })]
    [InlineData(new byte[] { 0x83, 1, 1, (byte)'.' })]
    [InlineData(new byte[] { 0x84, 0, 0, 1, 0, (byte)'.' })]
    [InlineData(new byte[] { 0x82, 7, (byte)'}', 0x81, (byte)'.' })]
    public void An_extension_code_without_the_magic_is_no_pickle(byte[] code) =>
        Assert.Equal("unknown", Verdicts.Of("x.bin", [.. code, .. Random(1, 2000)]).Format.Id);

    [Fact]
    public void Random_bytes_are_no_pickle()
    {
        for (int seed = 0; seed < 100_000; seed++)
        {
            string format = Verdicts.Of("x.bin", Random(seed, 64)).Format.Id;
            Assert.True(format is not ("pickle" or "pytorch" or "joblib"), $"{seed}: {format}");
        }
    }

    [Theory]
    [InlineData(0x81)]
    [InlineData(0x92)]
    public void NEWOBJ_is_a_call(int opcode)
    {
        byte[] arguments = opcode == 0x92 ? [.. ")}"u8] : [.. ")"u8];
        Assert.Equal(Refused, Verdicts.Show("x.dat", [.. "cos\nsystem\n"u8, .. arguments, (byte)opcode, (byte)'.']));
    }

    [Fact]
    public void At_most_20_imports_are_named_in_ordinal_order()
    {
        string pickle = string.Concat(Enumerable.Range(10, 30).Reverse().Select(i => $"cmod\nf{i}\n0")) + "N.";
        IReadOnlyList<string> imports = Verdicts.Of("x.pkl", [0x80, 2, .. Bytes(pickle)]).Imports;
        Assert.Equal(Enumerable.Range(10, 20).Select(i => $"mod.f{i}"), imports);
    }

    // torch.save before version 1.6.
    [Fact]
    public void The_magic_number_of_old_PyTorch_is_known()
    {
        byte[] magic = [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'];
        byte[] file = [.. magic, 0x80, 2, (byte)'M', 0xE9, 3, (byte)'.', .. Pickle, .. Random(1, 4000)];
        FormatVerdict verdict = Verdicts.Of("x.bin", file);
        Assert.Equal("pytorch", verdict.Format.Id);
        Assert.Contains("posix.system", verdict.Imports);
    }

    [Fact]
    public void A_magic_number_that_is_computed_is_a_pickle()
    {
        byte[] file = [0x80, 2, .. "cbuiltins\nint\n(V119547037146038801333356\ntR."u8, .. TextPickle];
        Assert.Equal("builtins.int posix.system", Imports(file));
    }

    // joblib writes an array behind the BUILD of its wrapper; the opcodes go on behind it.
    [Fact]
    public void Imports_behind_the_array_of_joblib_are_found()
    {
        byte[] wrapper = [0x80, 3, .. "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81"u8[..^2], 0x81, .. "}b"u8];
        byte[] file = [.. wrapper, .. Random(3, 50_000), .. "cposix\nsystem\n"u8, .. "(Vid\ntR."u8];
        FormatVerdict verdict = Verdicts.Of("x.dat", file);
        Assert.Equal("joblib", verdict.Format.Id);
        Assert.Contains("posix.system", verdict.Imports);
        Assert.Contains("joblib.numpy_pickle.NumpyArrayWrapper", verdict.Imports);
    }

    [Fact]
    public void Imports_of_STACK_GLOBAL_behind_an_array_are_found()
    {
        byte[] file = [.. Pickle[..^1], 0, .. new byte[70_000], .. ShortText("nt"), 0x94, .. ShortText("popen"), 0x93];
        Assert.Equal("nt.popen posix.system", Imports(file));
    }

    [Theory]
    [InlineData("m.pkl")]
    [InlineData("m.pickle")]
    [InlineData("m.p")]
    [InlineData("m.PT")]
    [InlineData("a/m.pth")]
    [InlineData("m.ckpt")]
    [InlineData("pytorch_model.bin")]
    [InlineData("pytorch_model-00001-of-00002.bin")]
    [InlineData("training_args.bin")]
    [InlineData("adapter_model.bin")]
    [InlineData("optimizer.bin")]
    [InlineData("rng_state_0.pth")]
    [InlineData("open_clip_pytorch_model.bin")]
    [InlineData("checkpoint.pth.tar")]
    [InlineData("m.pkl.gz")]
    [InlineData("m.pkl. ")]
    public void Unknown_content_with_the_name_of_a_pickle_is_one(string path)
    {
        Assert.Equal(Refused, Verdicts.Show(path, Random(5, 3000)));
        Assert.Equal(Refused, Verdicts.Show(path, "just text"u8.ToArray()));
        Assert.Equal("unknown Unknown", Verdicts.Show("m.weights", Random(5, 3000)));
    }

    [Fact]
    public void Data_with_the_name_of_a_pickle_stays_data()
    {
        Assert.Equal("safetensors Data", Verdicts.Show("pytorch_model.bin", Safetensors));
        Assert.Equal("gguf Data", Verdicts.Show("m.pt", Gguf));
        Assert.Equal("empty Data", Verdicts.Show("m.pkl", []));
    }

    [Fact]
    public void Eight_bytes_make_no_safetensors_where_a_loader_unpickles() =>
        Assert.Equal(Refused, Verdicts.Show("m.pt", [20, 0, 0, 0, 0, 0, 0, 0, (byte)'{', .. Random(7, 100)]));

    // Lengths of headers whose first bytes are the magic of a pickle, or opcodes.
    [Theory]
    [InlineData(0x0280)]
    [InlineData(0x0480)]
    [InlineData(0x10280)]
    [InlineData(0x9C78)]
    [InlineData(0x2856)]
    public void A_safetensors_header_of_any_length_is_data(int length)
    {
        byte[] header = Bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}".PadRight(length));
        Assert.Equal("safetensors Data", Verdicts.Show("model.safetensors",
            [.. BitConverter.GetBytes((long)length), .. header, 7]));
    }

    // A text opcode swallows the first line of a header that is no JSON.
    [Fact]
    public void A_pickle_inside_a_safetensors_header_is_found()
    {
        byte[] header = [.. "{\n"u8, .. TextPickle, .. new byte[100]];
        byte[] file = [(byte)'V', 0, 0, 0, 0, 0, 0, 0, .. header];
        Assert.Equal(Refused, Verdicts.Show("model.safetensors", file));
    }

    [Fact]
    public void A_pickle_inside_the_first_line_of_a_zip_or_image_is_found()
    {
        Assert.Equal(Refused, Verdicts.Show("x.zip", [.. "PK\x3\x4 anything\n"u8, .. TextPickle]));
        Assert.Equal(Refused, Verdicts.Show("x.gguf", [.. "GGUF\x3\0\0\0\0"u8, .. TextPickle]));
    }

    // What was read of it must not end the walk.
    [Fact]
    public void A_long_run_of_opcodes_does_not_hide_the_import()
    {
        byte[] file = [.. Enumerable.Repeat((byte)'N', 200_000), .. "cos\nsystem\n(Vid\ntR."u8];
        Assert.Equal(Refused, Verdicts.Show("x.dat", file));
        byte[] memo = [.. Enumerable.Range(0, 300_000).SelectMany(i => Bytes($"Np{i}\n0")), .. "cos\nsystem\n(Vid\ntR."u8];
        Assert.Equal(Refused, Verdicts.Show("x.dat", memo));
    }

    [Fact]
    public void Long_arguments_are_skipped_and_not_kept()
    {
        byte[] file = [(byte)'X', 0, 0, 16, 0, .. new byte[1 << 20], (byte)'0', .. TextPickle];
        Assert.Equal(Refused, Verdicts.Show("x.dat", file));
        long before = GC.GetAllocatedBytesForCurrentThread();
        FormatJudge.FromBeginning("x.dat", [(byte)'X', 255, 255, 255, 127, 1, 2, 3], long.MaxValue);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Bytes_that_end_in_an_argument_leave_the_question_open() =>
        Assert.Null(FormatJudge.FromBeginning("x.dat", [(byte)'X', 255, 255, 255, 0, 1, 2, 3], 1 << 30));
}
