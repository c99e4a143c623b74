namespace WiseHub.Client.Tests;

/// <summary>The facts of headers.</summary>
public sealed class HeaderFactsTests
{
    private static HeaderFacts? Of(byte[] file) => HeaderSamples.Facts("m", file);

    [Fact]
    public void Facts_of_safetensors_are_its_tensors_and_metadata()
    {
        HeaderFacts facts = Of(HeaderSamples.TwoTensors)!;
        Assert.Equal(("safetensors", true, 2, 9, "pt"),
            (facts.Format, facts.IsComplete, facts.Tensors, facts.Parameters, facts.Metadata["format"]));
        Assert.Equal([new TensorTypeCount("F32", 1, 6), new TensorTypeCount("BF16", 1, 3)], facts.Types);
    }

    [Fact]
    public void Facts_of_safetensors_have_architecture_and_license_of_its_ModelSpec() => Assert.Equal(("flux-1", "mit"),
        Of(HeaderSamples.Safetensors("{\"__metadata__\":{\"modelspec.architecture\":\"flux-1\","
            + "\"modelspec.license\":\"mit\"}}", 0)) is HeaderFacts f ? (f.Architecture, f.License) : default);

    [Fact]
    public void Facts_of_GGUF_have_architecture_quantisation_and_license() => Assert.Equal(
        ("GGUF", "llama", "Q4_K_M", "mit", 519),
        Of(HeaderSamples.Llama) is HeaderFacts f ? (f.Format, f.Architecture, f.Quantisation, f.License, f.Parameters) : default);

    [Fact]
    public void Facts_of_ONNX_have_producer_operators_and_external_data() => Assert.Equal(
        ("ONNX", "pytorch 2.1", 8, "ai.onnx", "acme.ops", "m.onnx_data"),
        Of(HeaderSamples.Onnx) is HeaderFacts f
            ? (f.Format, f.Producer, f.IrVersion, f.Opsets[0].Domain, f.CustomDomains[0], f.ExternalFiles[0].Location) : default);

    [Fact]
    public void A_file_without_header_and_one_with_a_false_header_have_no_facts()
    {
        Assert.Null(Of("text"u8.ToArray()));
        Assert.Null(Of(HeaderSamples.TwoTensors[..^1]));
    }

    [Theory]
    [InlineData("a/m.safetensors", "safetensors")]
    [InlineData("M.GGUF", "GGUF")]
    [InlineData("m.onnx", "ONNX")]
    [InlineData("m.onnx_data", null)]
    [InlineData("m.safetensors.index.json", null)]
    public void The_name_of_a_file_tells_its_format(string path, string? format) =>
        Assert.Equal(format, HeaderFacts.FormatOf(path));
}
