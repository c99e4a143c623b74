namespace WiseHub.Client.Tests;

public sealed class ModelFileChoiceTests
{
    // A file is "path" or "path=size".
    private static ModelFileChoice Choose(string files) => ModelFileChoice.Of([.. files.Split((char[])[' ', '\n'],
        StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('=')).Select(f =>
            new TreeEntry(f[0], f.Length > 1 ? long.Parse(f[1], System.Globalization.CultureInfo.InvariantCulture) : 10, null,
                null))]);

    private static string Chosen(string files) => string.Join(' ', Choose(files).Chosen.Select(f => f.Path));

    [Theory]
    // The usual model of a text encoder, with every format beside it.
    [InlineData("config.json model.safetensors pytorch_model.bin tf_model.h5 flax_model.msgpack rust_model.ot onnx/model.onnx "
        + "onnx/config.json openvino/openvino_model.bin openvino/openvino_model.xml README.md vocab.txt .gitattributes",
        "README.md config.json model.safetensors vocab.txt")]
    [InlineData("model.safetensors model.fp16.safetensors model_int8.safetensors config.json", "config.json model.safetensors")]
    [InlineData("model.fp16.safetensors model.fp32.safetensors", "model.fp32.safetensors")]
    [InlineData("pytorch_model.bin training_args.bin optimizer.pt config.json", "config.json pytorch_model.bin")]
    [InlineData("a.pt b.ckpt=7 config.json", "a.pt b.ckpt config.json")]
    [InlineData("model.safetensors checkpoint-500/model.safetensors checkpoint-500/config.json runs/x/events.txt",
        "model.safetensors")]
    // Sharded weights with their index; the other format has one, too.
    [InlineData("model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json "
        + "pytorch_model-00001-of-00002.bin pytorch_model-00002-of-00002.bin pytorch_model.bin.index.json config.json",
        "config.json model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json")]
    [InlineData("model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json "
        + "model-00001-of-00001.fp16.safetensors model.safetensors.index.fp16.json",
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors model.safetensors.index.json")]
    [InlineData("consolidated.safetensors model-00001-of-00002.safetensors model-00002-of-00002.safetensors params.json",
        "model-00001-of-00002.safetensors model-00002-of-00002.safetensors params.json")]
    [InlineData("original/consolidated.00.pth original/params.json model.safetensors LICENSE", "LICENSE model.safetensors")]
    // ONNX.
    [InlineData("config.json onnx/model.onnx onnx/model.onnx_data onnx/model_fp16.onnx onnx/model_fp16.onnx_data "
        + "onnx/model_quantized.onnx onnx/model_q4.onnx", "config.json onnx/model.onnx onnx/model.onnx_data")]
    [InlineData("onnx/encoder_model.onnx onnx/encoder_model_fp16.onnx onnx/decoder_model.onnx onnx/decoder_model_quantized.onnx "
        + "onnx/decoder_model_merged.onnx onnx/decoder_model_merged_q4.onnx onnx/decoder_with_past_model.onnx",
        "onnx/decoder_model_merged.onnx onnx/encoder_model.onnx")]
    [InlineData("model_quantized.onnx model_fp16.onnx", "model_fp16.onnx")]
    // Pipelines and sentence transformers.
    [InlineData("model_index.json v1-5.safetensors unet/config.json unet/diffusion_pytorch_model.safetensors "
        + "unet/diffusion_pytorch_model.fp16.safetensors unet/diffusion_pytorch_model.bin vae/config.json "
        + "vae/diffusion_pytorch_model.safetensors text_encoder/model.safetensors tokenizer/vocab.json",
        "model_index.json text_encoder/model.safetensors tokenizer/vocab.json unet/config.json "
            + "unet/diffusion_pytorch_model.safetensors vae/config.json vae/diffusion_pytorch_model.safetensors")]
    [InlineData("modules.json model.safetensors 1_Pooling/config.json 2_Dense/model.safetensors 2_Dense/config.json "
        + "onnx/model.onnx", "1_Pooling/config.json 2_Dense/config.json 2_Dense/model.safetensors model.safetensors "
        + "modules.json")]
    // Two models that are not variants of each other.
    [InlineData("text_encoder.safetensors text_encoder_2.safetensors", "text_encoder.safetensors text_encoder_2.safetensors")]
    // Data is not a companion.
    [InlineData("model.safetensors corpus.json=200000000 vocab.json=2000000", "model.safetensors vocab.json")]
    public void The_smallest_useful_files_are_chosen(string files, string expected) => Assert.Equal(expected, Chosen(files));

    [Theory]
    [InlineData("README.md m-Q2_K.gguf=2 m-Q4_K_M.gguf=4 m-Q8_0.gguf=8 m-f16.gguf=16", "README.md m-Q4_K_M.gguf", "Q4_K_M",
        "F16 Q2_K Q8_0")]
    [InlineData("m.Q8_0.gguf=8 m.IQ3_XS.gguf=3 m.Q5_K_S.gguf=5", "m.IQ3_XS.gguf", "IQ3_XS", "Q5_K_S Q8_0")]
    [InlineData("m-Q4_K_M/m-Q4_K_M-00001-of-00002.gguf m-Q4_K_M/m-Q4_K_M-00002-of-00002.gguf m-Q2_K.gguf=1",
        "m-Q4_K_M/m-Q4_K_M-00001-of-00002.gguf m-Q4_K_M/m-Q4_K_M-00002-of-00002.gguf", "Q4_K_M", "Q2_K")]
    [InlineData("m-Q4_K_M.gguf mmproj-m-Q8_0.gguf=1 mmproj-m-f16.gguf=2 m-imatrix.gguf", "m-Q4_K_M.gguf mmproj-m-f16.gguf",
        "Q4_K_M", "")]
    [InlineData("model.gguf config.json", "config.json model.gguf", null, "")]
    public void One_quantisation_of_GGUF_is_chosen(string files, string expected, string? quantisation, string others)
    {
        ModelFileChoice choice = Choose(files);
        Assert.Equal((expected, quantisation, others), (string.Join(' ', choice.Chosen.Select(f => f.Path)), choice.Quantisation,
            string.Join(' ', choice.OtherQuantisations)));
    }

    [Theory]
    [InlineData("config.json weights.npz code.py")]
    [InlineData("")]
    [InlineData("config.json model.safetensors")]
    public void Without_known_weights_and_without_anything_to_leave_out_no_patterns_are_needed(string files)
    {
        ModelFileChoice choice = Choose(files);
        Assert.Equal(("", "", files), (string.Join(' ', choice.Patterns),
            string.Join(' ', choice.LeftOut.Select(l => l.What)), string.Join(' ', choice.Chosen.Select(f => f.Path))
                is var all && files.Split(' ').Order(StringComparer.Ordinal).SequenceEqual(all.Split(' ')) ? files : all));
    }

    [Fact]
    public void What_is_left_out_is_counted_by_kind_the_largest_first() => Assert.Equal(
        ["pickle weights 2 150", "ONNX weights 2 90", "other variants of the weights 1 50", "training state 1 20",
            "other files 2 11", "texts of other variants 1 3"],
        Choose("model.safetensors=100 model.fp16.safetensors=50 pytorch_model.bin=100 old.pt=50 onnx/model.onnx=60 "
            + "onnx/model.onnx_data=30 onnx/config.json=3 optimizer.pt=20 .gitattributes=1 a.png=10")
            .LeftOut.Select(l => $"{l.What} {l.Files} {l.Size}"));

    [Theory]
    [InlineData("config.json model.safetensors x.bin", "config.json model.safetensors")]
    [InlineData("model-00001-of-00003.safetensors model-00002-of-00003.safetensors model-00003-of-00003.safetensors "
        + "model.safetensors.index.json x.bin", "model-?????-of-00003.safetensors model.safetensors.index.json")]
    [InlineData("model.safetensors a[1].txt b;c.txt x.bin", "a[[]1].txt b?c.txt model.safetensors")]
    // A part that is missing in the repo leaves one file, which is named.
    [InlineData("model-00001-of-00002.safetensors x.bin", "model-00001-of-00002.safetensors")]
    public void Patterns_select_exactly_the_chosen_files(string files, string patterns)
    {
        ModelFileChoice choice = Choose(files);
        Assert.Equal(patterns, string.Join(' ', choice.Patterns));
        var selection = new FileSelection(choice.Patterns, []);
        Assert.Equal(choice.Chosen.Select(f => f.Path),
            files.Split(' ').Where(selection.Matches).Order(Utf8Ordinal.Instance));
    }

    [Fact]
    public void The_order_of_the_list_does_not_matter()
    {
        string[] files = ["b-Q2_K.gguf=5", "a-Q2_K.gguf=5", "config.json", "x/a-Q2_K.gguf=5"];
        Assert.Equal(Chosen(string.Join(' ', files)), Chosen(string.Join(' ', files.Reverse())));
    }
}
